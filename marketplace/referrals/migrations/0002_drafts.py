import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OPEN = ("signposted", "soft_referred", "applied", "hard_referred", "commissioned", "booked")


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0002_households"),
        ("cms", "0001_initial"),
        ("referrals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("why", models.JSONField(blank=True, default=dict)),
                ("answers", models.JSONField(blank=True, default=dict)),
                ("is_confidential", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("discarded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="budgets.family",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="cms.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="budgets.person",
                    ),
                ),
                (
                    "referrals",
                    models.ManyToManyField(
                        blank=True, related_name="drafts", to="referrals.referral"
                    ),
                ),
                (
                    "services",
                    models.ManyToManyField(blank=True, related_name="+", to="cms.service"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("question", models.SlugField(max_length=60)),
                ("asked", models.CharField(max_length=255)),
                ("before", models.JSONField(blank=True, null=True)),
                ("after", models.JSONField(blank=True, null=True)),
                ("why", models.CharField(blank=True, max_length=500)),
                ("actor_reference", models.CharField(max_length=64)),
                ("organisation", models.UUIDField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="referrals.application",
                    ),
                ),
            ],
            options={"ordering": ["at", "pk"]},
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(
                fields=("application", "question", "at"), name="referrals_amendment_once"
            ),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                condition=models.Q(("discarded_at__isnull", True), ("sent_at__isnull", True)),
                fields=["author"],
                name="referrals_draft_unfinished",
            ),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["saved_at"], name="referrals_draft_saved"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_at__isnull", True), ("discarded_at__isnull", True), _connector="OR"
                ),
                name="referrals_draft_sent_or_discarded",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(("saved_at__gte", models.F("started_at"))),
                name="referrals_draft_saved_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", True), ("discarded_at__isnull", True)),
                    models.Q(("answers", {}), ("why", {})),
                    _connector="OR",
                ),
                name="referrals_draft_keeps_nothing_once_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_confidential", False), ("rung__in", OPEN)),
                fields=("person", "service"),
                name="referrals_referral_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_confidential", True), ("rung__in", OPEN)),
                fields=("person", "service", "referrer"),
                name="referrals_referral_one_open_in_confidence",
            ),
        ),
    ]
