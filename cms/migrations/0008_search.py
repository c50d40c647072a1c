import django.db.models.deletion
from django.db import migrations, models

SETS = ("needs", "issues", "barriers", "visions", "categories", "audiences", "languages")


class Migration(migrations.Migration):
    dependencies = [("cms", "0007_criteria")]

    operations = [
        migrations.RemoveIndex(model_name="listing", name="cms_listing_point"),
        *(
            migrations.RemoveField(model_name="listing", name=name)
            for name in ("words", "name_words", "terms")
        ),
        *(
            migrations.AddField(
                model_name="listing", name=name, field=models.TextField(default=" ")
            )
            for name in (*SETS, "interests")
        ),
        migrations.AddField(
            model_name="listing", name="is_offered", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="listing", name="offered_until", field=models.DateField(null=True)
        ),
        migrations.AddField(
            model_name="listing", name="step_free", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="listing",
            name="traits",
            field=models.CharField(default=" ", max_length=60),
        ),
        migrations.AddField(
            model_name="listing",
            name="hours",
            field=models.CharField(default=" ", max_length=120),
        ),
        migrations.AlterField(
            model_name="listing", name="kind", field=models.CharField(max_length=10)
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stem", models.CharField(max_length=40)),
                ("points", models.PositiveSmallIntegerField()),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to="cms.listing",
                    ),
                ),
            ],
            options={"verbose_name": "word said", "verbose_name_plural": "words said"},
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["stem", "listing", "points"], name="cms_mention_found"),
        ),
        migrations.AddField(
            model_name="term",
            name="also_said",
            field=models.TextField(
                blank=True,
                help_text=(
                    "Other words that people look for it by: kicked out of school, bunking off."
                ),
                verbose_name="also said",
            ),
        ),
    ]
