"""Adds the retention rule of what somebody waits to hear of."""

import json
from pathlib import Path

from django.db import migrations

RULES = Path(__file__).resolve().parent.parent / "data" / "retention.json"


def add(apps, schema_editor):
    rule = apps.get_model("rights", "RetentionRule")
    for said in json.loads(RULES.read_text(encoding="utf-8"))["rules"]:
        rule.objects.get_or_create(code=said["code"], defaults=said)


class Migration(migrations.Migration):
    dependencies = [("rights", "0005_rules_of_criteria")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
