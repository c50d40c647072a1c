"""Adds the retention rules of what was assessed and of whom criteria turned away."""

import json
from pathlib import Path

from django.db import migrations

RULES = Path(__file__).resolve().parent.parent / "data" / "retention.json"


def add(apps, schema_editor):
    rule = apps.get_model("rights", "RetentionRule")
    for said in json.loads(RULES.read_text(encoding="utf-8"))["rules"]:
        rule.objects.get_or_create(code=said["code"], defaults=said)


class Migration(migrations.Migration):
    dependencies = [("rights", "0004_rules_of_endings")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
