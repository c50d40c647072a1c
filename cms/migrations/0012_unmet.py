from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cms", "0011_editing")]

    operations = [
        migrations.AddField(
            model_name="glossaryentry",
            name="is_linked",
            field=models.BooleanField(
                default=True,
                help_text="Not for a word that people also say and mean something else by.",
                verbose_name="linked where it is used",
            ),
        ),
        migrations.CreateModel(
            name="UnmetSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(db_index=True, verbose_name="day")),
                (
                    "terms",
                    models.CharField(blank=True, max_length=500, verbose_name="what should change"),
                ),
                (
                    "words",
                    models.CharField(blank=True, max_length=200, verbose_name="words of ours"),
                ),
                ("kind", models.CharField(blank=True, max_length=100, verbose_name="kinds")),
                ("district", models.CharField(blank=True, max_length=100, verbose_name="district")),
                (
                    "filters",
                    models.CharField(blank=True, max_length=200, verbose_name="also narrowed by"),
                ),
                ("count", models.PositiveIntegerField(default=1, verbose_name="how often")),
            ],
            options={
                "verbose_name": "search that found nothing",
                "verbose_name_plural": "searches that found nothing",
                "ordering": ["-day", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["day", "terms", "words", "kind", "district", "filters"],
                        name="cms_unmetsearch_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("count__gte", 1)), name="cms_unmetsearch_was_made"
                    ),
                ],
            },
        ),
    ]
