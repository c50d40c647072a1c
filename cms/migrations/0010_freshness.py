import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cms", "0009_mentors")]

    operations = [
        # Nobody knows when what is there came: it counts from the day this is installed.
        migrations.AddField(
            model_name="service",
            name="added_on",
            field=models.DateField(
                auto_now_add=True, default=django.utils.timezone.now, verbose_name="added on"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="problem",
            name="answer",
            field=models.CharField(
                blank=True,
                help_text="Whoever told us reads this.",
                max_length=500,
                verbose_name="what was done",
            ),
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("asked", "Asked to check it"),
                            ("chased", "Chased"),
                            ("marked", "Told that it is marked"),
                            ("stopped", "Told that it cannot be bought"),
                        ],
                        max_length=8,
                    ),
                ),
                ("counted_from", models.DateField()),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="cms.organisation",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("written_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="cms.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "ordering": ["written_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["email"],
                        name="cms_reminder_unsent",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service", "counted_from", "stage"),
                        name="cms_reminder_once_a_stage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["asked", "chased", "marked", "stopped"])),
                        name="cms_reminder_stage_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("email", ""), ("organisation__isnull", False)),
                            models.Q(
                                ("organisation__isnull", True),
                                models.Q(("email", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="cms_reminder_to_people_or_to_an_address",
                    ),
                ],
            },
        ),
    ]
