import uuid
from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone


def fill(apps, schema_editor):
    """Give what was promised before its household, its person, and how long was given."""
    promise = apps.get_model("referrals", "Promise")
    for row in promise.objects.select_related("referral").iterator():
        row.family_id = row.referral.family_id
        row.person_id = row.referral.person_id
        row.is_confidential = row.referral.is_confidential
        made_on = timezone.localdate(row.made_at)
        given = weekdays(made_on, row.due_on)
        row.working_days = given
        row.amber_on = min(later(made_on, -(-given * 80 // 100)), row.due_on)
        # What was chased when it was late already counts as told: nobody is told of it twice.
        if row.chased_at and timezone.localdate(row.chased_at) > row.due_on:
            row.late_told_at = row.chased_at
        row.save()
    if schema_editor.connection.vendor == "postgresql":
        # Else the columns just filled could not be made to be required in the same step.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def weekdays(start, end):
    """Count the weekdays after one day, up to another: a migration knows of no bank holiday."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(1 for day in days if day.weekday() < 5)


def later(day, count):
    """Return the day so many weekdays after another."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0003_criteria"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("family_away", "The family is away"),
                            ("family_asked", "The family asked to wait"),
                            ("illness", "Somebody in the family is ill"),
                            ("papers", "A paper is needed that somebody else has to send"),
                            ("other_service", "Another service has to finish first"),
                        ],
                        max_length=16,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("paused_by", models.CharField(max_length=64)),
                ("paused_at", models.DateTimeField()),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="referrals.referral",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_on", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(ends_on__gte=F("starts_on")),
                        name="referrals_pause_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            reason__in=[
                                "family_away",
                                "family_asked",
                                "illness",
                                "papers",
                                "other_service",
                            ]
                        ),
                        name="referrals_pause_reason_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Take",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("advocate", "Advocate"),
                            ("lead_professional", "Lead professional"),
                            ("intake_worker", "Intake worker"),
                            ("provider_worker", "Provider worker"),
                            ("commissioner", "Commissioner"),
                            ("finance", "Finance officer"),
                            ("editor", "Catalogue editor"),
                            ("administrator", "Administrator"),
                            ("family", "Family member"),
                        ],
                        max_length=32,
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                ("put_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takes",
                        to="cms.organisation",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takes",
                        to="referrals.referral",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(put_back_at__isnull=True),
                        fields=("referral", "organisation", "role"),
                        name="referrals_take_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(put_back_at__isnull=True) | Q(put_back_at__gte=F("taken_at")),
                        name="referrals_take_put_back_after_taken",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="promise", name="referrals_promise_one_open_a_kind"),
        migrations.AddField(
            "promise",
            "family",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promises",
                to="budgets.family",
            ),
        ),
        migrations.AddField(
            "promise",
            "person",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promises",
                to="budgets.person",
            ),
        ),
        migrations.AddField("promise", "is_confidential", models.BooleanField(default=False)),
        migrations.AddField(
            "promise",
            "worker",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promises",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "promise",
            "words",
            models.CharField(blank=True, max_length=200, verbose_name="about what"),
        ),
        migrations.AddField("promise", "working_days", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("promise", "amber_on", models.DateField(null=True)),
        migrations.AddField("promise", "nudged_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("promise", "late_told_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("promise", "escalated_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "promise",
            "family",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promises",
                to="budgets.family",
            ),
        ),
        migrations.AlterField(
            "promise",
            "person",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promises",
                to="budgets.person",
            ),
        ),
        migrations.AlterField("promise", "working_days", models.PositiveSmallIntegerField()),
        migrations.AlterField("promise", "amber_on", models.DateField()),
        migrations.AlterField(
            "promise",
            "kind",
            models.CharField(
                choices=[
                    ("answer", "give an answer"),
                    ("decide", "decide if you can have it"),
                    ("assess", "work out how much support you need"),
                    ("offer_time", "offer you a time"),
                    ("approve", "say yes or no to the cost"),
                    ("call_back", "call you back"),
                    ("write_up", "write it up"),
                    ("attend", "be there"),
                    ("say_yes", "say yes or no"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            "promise",
            "referral",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promises",
                to="referrals.referral",
            ),
        ),
        migrations.AddConstraint(
            "promise",
            models.UniqueConstraint(
                condition=Q(ended_at__isnull=True, kept_at__isnull=True, worker__isnull=True),
                fields=("referral", "kind"),
                name="referrals_promise_one_open_a_kind",
            ),
        ),
        migrations.AddConstraint(
            "promise",
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "answer",
                        "decide",
                        "assess",
                        "offer_time",
                        "approve",
                        "call_back",
                        "write_up",
                        "attend",
                        "say_yes",
                    ]
                ),
                name="referrals_promise_kind_known",
            ),
        ),
        migrations.AddConstraint(
            "promise",
            models.CheckConstraint(
                condition=Q(referral__isnull=False)
                | Q(kind__in=("call_back", "write_up", "attend")),
                name="referrals_promise_steps_are_of_a_referral",
            ),
        ),
        migrations.AddConstraint(
            "promise",
            models.CheckConstraint(
                condition=Q(amber_on__lte=F("due_on")), name="referrals_promise_amber_before_late"
            ),
        ),
        migrations.AddConstraint(
            "promise",
            models.CheckConstraint(
                condition=Q(escalated_at__isnull=True) | Q(late_told_at__isnull=False),
                name="referrals_promise_told_before_escalated",
            ),
        ),
    ]
