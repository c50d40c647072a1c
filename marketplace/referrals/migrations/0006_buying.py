"""What has to be said before buying, how a yes was told, and levels of approval."""

import datetime

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

WEEK = datetime.timedelta(days=7)  # five working days, where no bank holiday falls


def fill(apps, schema_editor):
    """Say of what was there before what its forms asked: why, and that the yes was told."""
    referrals = apps.get_model("referrals", "Referral").objects
    referrals.filter(is_charged_to_plan=True).update(weighed_at=F("asked_at"))
    for pk, said in referrals.filter(yes_how="told_advocate").values_list("pk", "yes_at"):
        day = timezone.localdate(said)
        referrals.filter(pk=pk).update(yes_told_on=day, yes_through="unknown")
    approvals = apps.get_model("referrals", "Approval").objects
    for pk, asked in approvals.values_list("pk", "asked_at"):
        approvals.filter(pk=pk).update(due_on=timezone.localdate(asked) + WEEK)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_endings")]

    operations = [
        migrations.AddField(
            model_name="approval",
            name="due_on",
            field=models.DateField(default=datetime.date(2026, 4, 1)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="approval",
            name="level",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="approval",
            name="limit_pence",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="approval",
            name="overdue_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="approval",
            name="raised_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="approval",
            name="rule",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="beside",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asked_beside",
                to="referrals.referral",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="met_by",
            field=models.CharField(
                blank=True, max_length=200, verbose_name="what would help with that"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="weighed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="yes_through",
            field=models.CharField(
                blank=True,
                choices=[
                    ("face_to_face", "Face to face"),
                    ("phone", "On the phone"),
                    ("message", "In a message or letter"),
                    ("unknown", "It was not written down how"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="yes_told_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=Q(is_charged_to_plan=False) | Q(weighed_at__isnull=False),
                name="referrals_referral_charged_only_when_weighed",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=(
                    Q(yes_how="told_advocate", yes_told_on__isnull=False) & ~Q(yes_through="")
                )
                | (~Q(yes_how="told_advocate") & Q(yes_told_on__isnull=True, yes_through="")),
                name="referrals_referral_told_yes_says_how_and_when",
            ),
        ),
    ]
