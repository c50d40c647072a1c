import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LEAD, ADVOCATE = "lead_professional", "advocate"


def route(apps, schema_editor):
    """Say of what was asked for before by which way it came, as far as it is on record."""
    referral = apps.get_model("referrals", "Referral")
    membership = apps.get_model("people", "Membership")
    asked = referral.objects.filter(referrer__isnull=False)
    asked.filter(referrer_organisation__isnull=True).update(route="family")
    asked.filter(referrer_organisation__kind="school").update(route="school")
    rest = asked.filter(route="other_service")
    for role, name in ((LEAD, "lead"), (ADVOCATE, "advocate")):
        held = membership.objects.filter(role=role)
        found = rest.filter(
            referrer__in=held.values("user"),
            referrer_organisation__in=held.values("organisation"),
        )
        found.update(route=name)


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0002_households"),
        ("cms", "0006_keepers"),
        ("people", "0003_people_in_full"),
        ("referrals", "0004_promises"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Catchment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("district", models.CharField(blank=True, max_length=100, unique=True)),
            ],
            options={
                "ordering": ["district"],
            },
        ),
        migrations.CreateModel(
            name="Ending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "goal_met",
                    models.CharField(
                        choices=[
                            ("met", "It helped a lot"),
                            ("partly", "It helped a bit"),
                            ("not_met", "It did not help"),
                        ],
                        max_length=8,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("as_planned", "We did all of it"),
                            ("enough", "We had enough help before the end"),
                            ("not_right", "It was not right for us"),
                            ("life_changed", "Something else in our life changed"),
                            ("they_stopped", "They could not go on"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "next",
                    models.CharField(
                        choices=[
                            ("nothing", "Nothing more for now"),
                            ("on_our_own", "We go on by ourselves"),
                            ("more", "More of the same"),
                            ("something_else", "Something else"),
                            ("talk", "We want to talk about it first"),
                        ],
                        max_length=16,
                    ),
                ),
                ("next_words", models.TextField(blank=True)),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("signed_in", "Said yes on this site"),
                            ("told_advocate", "Told the advocate"),
                        ],
                        max_length=16,
                    ),
                ),
                ("told_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Enquiry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("advocate", "An advocate"),
                            ("lead", "A lead worker"),
                            ("family", "The family, signed in"),
                            ("self", "Somebody for herself, without a sign-in"),
                            ("gp", "A GP practice"),
                            ("school", "A school"),
                            ("other_service", "Another service"),
                        ],
                        max_length=16,
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=100)),
                ("last_name", models.CharField(blank=True, max_length=100)),
                ("born_on", models.DateField(blank=True, null=True)),
                ("phone", models.CharField(blank=True, max_length=50)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("contact_words", models.CharField(blank=True, max_length=300)),
                ("postcode", models.CharField(blank=True, max_length=8)),
                ("district", models.CharField(blank=True, max_length=100)),
                ("words", models.TextField(blank=True)),
                ("worries", models.JSONField(blank=True, default=dict)),
                ("is_for_self", models.BooleanField(default=True)),
                ("is_confidential", models.BooleanField(default=False)),
                ("consent_how", models.CharField(max_length=16)),
                ("consented_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("chased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("referred", "We asked services for them"),
                            ("advocate", "They have somebody on their side now"),
                            ("advised", "We answered, and that was enough"),
                            ("has_help", "Somebody helps them already"),
                            ("not_wanted", "They do not want it any more"),
                            ("not_reached", "We could not reach them"),
                            ("asked_twice", "They asked twice"),
                        ],
                        max_length=16,
                    ),
                ),
                ("end_words", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "enquiries",
            },
        ),
        migrations.AddField(
            model_name="referral",
            name="reopen_note",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="reopened_from",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reopened_as",
                to="referrals.referral",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="route",
            field=models.CharField(
                choices=[
                    ("advocate", "An advocate"),
                    ("lead", "A lead worker"),
                    ("family", "The family, signed in"),
                    ("self", "Somebody for herself, without a sign-in"),
                    ("gp", "A GP practice"),
                    ("school", "A school"),
                    ("other_service", "Another service"),
                ],
                default="other_service",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="catchment",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="catchments",
                to="cms.organisation",
            ),
        ),
        migrations.AddField(
            model_name="ending",
            name="referral",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ending",
                to="referrals.referral",
            ),
        ),
        migrations.AddField(
            model_name="ending",
            name="told_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="budgets.person"
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enquiries",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="family",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enquiries",
                to="budgets.family",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="from_organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enquiries_sent",
                to="cms.organisation",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enquiries",
                to="cms.organisation",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enquiries",
                to="budgets.person",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="taken_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="enquiry",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to="referrals.enquiry",
            ),
        ),
        migrations.RunPython(route, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "route__in",
                        ["advocate", "lead", "family", "self", "gp", "school", "other_service"],
                    )
                ),
                name="referrals_referral_route_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(("goal_met__in", ["met", "partly", "not_met"])),
                name="referrals_ending_goal_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "why__in",
                        ["as_planned", "enough", "not_right", "life_changed", "they_stopped"],
                    ),
                    ("next__in", ["nothing", "on_our_own", "more", "something_else", "talk"]),
                ),
                name="referrals_ending_why_and_next_known",
            ),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(
                fields=["organisation", "closed_at"], name="referrals_enquiry_inbox"
            ),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(fields=["from_organisation"], name="referrals_enquiry_from"),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "route__in",
                        ["advocate", "lead", "family", "self", "gp", "school", "other_service"],
                    )
                ),
                name="referrals_enquiry_route_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_at__isnull", True), ("taken_by__isnull", True)),
                    models.Q(("taken_at__isnull", False), ("taken_by__isnull", False)),
                    _connector="OR",
                ),
                name="referrals_enquiry_taken_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("end", "")),
                    models.Q(
                        ("closed_at__isnull", False),
                        models.Q(("end", ""), _negated=True),
                        ("closed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="referrals_enquiry_closed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("family__isnull", True), ("person__isnull", True)),
                    models.Q(("family__isnull", False), ("person__isnull", False)),
                    _connector="OR",
                ),
                name="referrals_enquiry_linked_to_somebody_at_home",
            ),
        ),
    ]
