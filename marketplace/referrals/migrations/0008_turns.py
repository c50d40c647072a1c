"""In what order what was typed on one page was saved."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_apart")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="page",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="turn",
            field=models.BigIntegerField(default=0),
        ),
    ]
