import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0002_households"),
        ("cms", "0007_criteria"),
        ("referrals", "0002_drafts"),
    ]

    operations = [
        migrations.CreateModel(
            name="TurnedAway",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("referral", models.UUIDField(blank=True, null=True)),
                ("is_confidential", models.BooleanField(default=False)),
                ("fact", models.SlugField(verbose_name="fact")),
                (
                    "operator",
                    models.CharField(
                        choices=[
                            ("between", "is between"),
                            ("at_least", "is at least"),
                            ("at_most", "is at most"),
                            ("is", "is"),
                            ("one_of", "is one of"),
                        ],
                        max_length=10,
                        verbose_name="comparison",
                    ),
                ),
                ("sentence", models.CharField(max_length=255, verbose_name="who it is for")),
                (
                    "point",
                    models.CharField(
                        choices=[
                            ("told", "before it was asked for"),
                            ("check", "when it was checked"),
                            ("decide", "when it was decided"),
                            ("decline", "when the service said no"),
                        ],
                        max_length=8,
                        verbose_name="when",
                    ),
                ),
                (
                    "age_band",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not known"),
                            ("under_5", "under 5"),
                            ("5_to_10", "5 to 10"),
                            ("11_to_15", "11 to 15"),
                            ("16_to_17", "16 to 17"),
                            ("18_to_24", "18 to 24"),
                            ("25_to_64", "25 to 64"),
                            ("65_and_over", "65 and over"),
                        ],
                        max_length=12,
                        verbose_name="age",
                    ),
                ),
                ("district", models.CharField(blank=True, max_length=100, verbose_name="district")),
                ("organisation", models.UUIDField(blank=True, null=True)),
                ("key", models.UUIDField(editable=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("units", models.PositiveSmallIntegerField(verbose_name="units")),
                (
                    "units_by_facts",
                    models.PositiveSmallIntegerField(verbose_name="units by what is known"),
                ),
                (
                    "sentence",
                    models.CharField(blank=True, max_length=255, verbose_name="criterion"),
                ),
                ("bands", models.JSONField(blank=True, default=list, verbose_name="bands shown")),
                ("reason", models.TextField(blank=True, verbose_name="why another amount")),
                ("assessed_at", models.DateTimeField()),
                (
                    "referral",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessment",
                        to="referrals.referral",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="turnedaway",
            name="family",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="turned_away",
                to="budgets.family",
            ),
        ),
        migrations.AddField(
            model_name="turnedaway",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="turned_away",
                to="budgets.person",
            ),
        ),
        migrations.AddField(
            model_name="turnedaway",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="turned_away",
                to="cms.service",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("units__gte", 1)), name="referrals_assessment_gives_something"
            ),
        ),
        migrations.AddIndex(
            model_name="turnedaway",
            index=models.Index(fields=["service", "at"], name="referrals_turned_away_service"),
        ),
        migrations.AddConstraint(
            model_name="turnedaway",
            constraint=models.UniqueConstraint(
                fields=("key", "service", "person", "fact", "operator"),
                name="referrals_turned_away_once_a_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="turnedaway",
            constraint=models.CheckConstraint(
                condition=models.Q(("point__in", ["told", "check", "decide", "decline"])),
                name="referrals_turned_away_point_is_known",
            ),
        ),
    ]
