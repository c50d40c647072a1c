import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cms", "0013_feed")]

    operations = [
        migrations.CreateModel(
            name="Sheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=150, verbose_name="file")),
                ("content", models.BinaryField()),
                ("heads", models.JSONField(default=list)),
                ("mapping", models.JSONField(default=dict)),
                ("brought_by", models.CharField(max_length=64)),
                ("brought_at", models.DateTimeField()),
                ("imported_at", models.DateTimeField(null=True)),
                ("outcome", models.JSONField(default=dict)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="cms.organisation",
                        verbose_name="whose services these are",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of services",
                "verbose_name_plural": "files of services",
                "ordering": ["-brought_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="NotDuplicate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("said_by", models.CharField(max_length=64)),
                ("said_at", models.DateTimeField()),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cms.service",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cms.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "two that are not one",
                "verbose_name_plural": "pairs that are not one",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second"), name="cms_not_duplicate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="cms_not_duplicate_in_order",
                    ),
                ],
            },
        ),
    ]
