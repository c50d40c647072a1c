import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("authority", "0003_lineages")]

    operations = [
        migrations.AlterField(
            model_name="cover",
            name="reference",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name="rule",
            name="lineage",
            field=models.UUIDField(db_index=True, default=uuid.uuid4, editable=False),
        ),
        migrations.RemoveField(model_name="use", name="rule"),
        migrations.AlterField(model_name="use", name="lineage", field=models.UUIDField()),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.UniqueConstraint(
                condition=models.Q(("family__isnull", False)),
                fields=("lineage", "family", "year"),
                name="authority_use_one_a_family_and_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="use",
            constraint=models.UniqueConstraint(
                condition=models.Q(("family__isnull", True)),
                fields=("lineage", "year"),
                name="authority_use_one_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ended"), _negated=True),
                    ("ended_on__isnull", False),
                    _connector="OR",
                ),
                name="authority_agreement_ended_on_a_day",
            ),
        ),
    ]
