"""Loads the retention rules of data/retention.json; a later change of the file needs another such migration."""

import json
from pathlib import Path

from django.db import migrations

RULES = Path(__file__).resolve().parent.parent / "data" / "retention.json"


def load(apps, schema_editor):
    rule = apps.get_model("rights", "RetentionRule")
    for said in json.loads(RULES.read_text(encoding="utf-8"))["rules"]:
        rule.objects.update_or_create(code=said["code"], defaults=said)


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
