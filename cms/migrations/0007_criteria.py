import django.db.models.deletion
import modelcluster.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0006_keepers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Band",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                        default="is",
                        max_length=10,
                        verbose_name="comparison",
                    ),
                ),
                ("value", models.JSONField(blank=True, default=list, verbose_name="value")),
                (
                    "units",
                    models.PositiveSmallIntegerField(
                        help_text="In units of the price: sessions, hours or days.",
                        verbose_name="how much",
                    ),
                ),
                (
                    "sentence",
                    models.CharField(
                        help_text="What people read: “Twelve sessions where a home could be lost.”",
                        max_length=255,
                        verbose_name="sentence",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "how much by need",
                "verbose_name_plural": "how much by need",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CriteriaVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "from_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="in force from"),
                ),
                ("set_by", models.CharField(blank=True, max_length=64, verbose_name="set by")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("content", models.JSONField(default=dict, verbose_name="content")),
            ],
            options={
                "ordering": ["service", "number"],
            },
        ),
        migrations.AddField(
            model_name="process",
            name="interaction",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Steps with the same number are one appointment. Empty: by itself.",
                null=True,
                verbose_name="done together",
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("county_council", "County council"),
                    ("district_council", "District council"),
                    ("nhs_commissioner", "NHS commissioner"),
                    ("nhs_trust", "NHS trust"),
                    ("police", "Police"),
                    ("youth_justice", "Youth justice service"),
                    ("gp_practice", "GP practice"),
                    ("school", "School or college"),
                    ("housing", "Housing association"),
                    ("charity", "Charity or community group"),
                    ("mentors_group", "Mentors' group"),
                    ("sole_trader", "Sole trader"),
                    ("other", "Other"),
                ],
                default="other",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="process",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("interaction__isnull", True),
                    (
                        "step__in",
                        (
                            "check_eligibility",
                            "take_application",
                            "decide_eligibility",
                            "assess",
                            "diagnose",
                        ),
                    ),
                    _connector="OR",
                ),
                name="cms_process_money_and_times_stand_alone",
                violation_error_message="Setting money aside and agreeing a time are not done together with others.",
            ),
        ),
        migrations.AddField(
            model_name="band",
            name="service",
            field=modelcluster.fields.ParentalKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="bands", to="cms.service"
            ),
        ),
        migrations.AddField(
            model_name="criteriaversion",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="criteria_versions",
                to="cms.service",
            ),
        ),
        migrations.AddConstraint(
            model_name="band",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("operator__in", ["between", "at_least", "at_most", "is", "one_of"])
                ),
                name="cms_band_operator_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="band",
            constraint=models.CheckConstraint(
                condition=models.Q(("units__gte", 1)),
                name="cms_band_gives_something",
                violation_error_message="Give at least one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="criteriaversion",
            constraint=models.UniqueConstraint(
                fields=("service", "number"), name="cms_criteria_version_numbered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="criteriaversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_at__isnull", True), ("number", 1)),
                    models.Q(("from_at__isnull", False), ("number__gt", 1)),
                    _connector="OR",
                ),
                name="cms_criteria_version_only_the_first_has_no_beginning",
            ),
        ),
    ]
