"""A request beside one of which its asker may not know."""

from django.db import migrations, models
from django.db.models import Q

OPEN = ["signposted", "soft_referred", "applied", "hard_referred", "commissioned", "booked"]


class Migration(migrations.Migration):
    dependencies = [("referrals", "0006_buying")]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="is_apart",
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveConstraint(model_name="referral", name="referrals_referral_one_open"),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=Q(rung__in=OPEN, is_confidential=False, is_apart=False),
                fields=("person", "service"),
                name="referrals_referral_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=Q(rung__in=OPEN, is_apart=True),
                fields=("person", "service", "referrer"),
                name="referrals_referral_one_open_apart",
            ),
        ),
    ]
