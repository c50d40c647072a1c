import django.utils.timezone
from django.db import migrations, models


def changed_at(**first: object) -> models.DateTimeField:
    """Return when a row was last changed: what the feed tells of a service is of these rows."""
    return models.DateTimeField(
        auto_now=True, db_index=True, editable=False, verbose_name="last changed", **first
    )


class Migration(migrations.Migration):
    dependencies = [("cms", "0012_unmet")]

    operations = [
        # Nobody knows when what is there was changed: it counts from the day this is installed.
        *(
            migrations.AddField(
                model_name=name,
                name="changed_at",
                field=changed_at(default=django.utils.timezone.now),
                preserve_default=False,
            )
            for name in ("organisation", "place", "term")
        ),
        migrations.AlterField(model_name="service", name="changed_at", field=changed_at()),
    ]
