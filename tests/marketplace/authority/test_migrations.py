"""The migration to lineages keeps every penny of the running totals, on a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = [pytest.mark.soak, pytest.mark.once]

SCRIPT = """
import datetime, django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

for room in ("cms", "budgets"):
    call_command("migrate", room, verbosity=0)
call_command("migrate", "authority", "0001", verbosity=0)
loader = MigrationExecutor(connection).loader
below = [*loader.graph.leaf_nodes("cms"), *loader.graph.leaf_nodes("budgets")]
apps = loader.project_state([("authority", "0001_initial"), *below]).apps
get = apps.get_model
day = datetime.date(2026, 4, 1)
owner = get("cms", "Organisation").objects.create(name="Owner", kind="charity")
family = get("budgets", "Family").objects.create(
    name="Home", created_at=datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)
)
agreement = get("authority", "Agreement").objects.create(
    owner=owner, holder=None, valid_from=day, state="suspended",
    owner_signed_at=datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC),
)
get("authority", "Cover").objects.create(agreement=agreement, kind="owner", valid_from=day)
get("authority", "Cover").objects.create(agreement=agreement, kind="owner", valid_from=day)
rules = [
    get("authority", "Rule").objects.create(
        agreement=agreement, role="family", step=step, valid_from=start, valid_to=end,
    )
    for step, start, end in (
        ("commission", day, datetime.date(2026, 6, 1)),
        ("commission", datetime.date(2026, 6, 1), None),
        ("book", day, None),
    )
]
Use = get("authority", "Use")
for rule, amount in zip(rules, (100, 30, 7), strict=True):
    Use.objects.create(rule=rule, family=family, year=2026, amount_pence=amount)
    Use.objects.create(rule=rule, family=None, year=2026, amount_pence=amount)
call_command("migrate", "authority", verbosity=0)

from marketplace.authority.models import Cover, Rule, Suspension, Use
first, second, other = Rule.objects.order_by("pk")
assert first.lineage == second.lineage != other.lineage
found = Use.objects.values_list("lineage", "family__name", "amount_pence")
assert sorted(found, key=str) == sorted(
    [(rule.lineage, name, amount) for rule, amount in ((first, 130), (other, 7))
     for name in ("Home", None)], key=str,
)
assert Suspension.objects.get().starts_on == day
assert len(set(Cover.objects.values_list("reference", flat=True))) == 2
print("every penny is there")
"""


def test_versions_of_a_rule_become_one_lineage_and_their_totals_one(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/old.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "every penny is there" in done.stdout, done.stderr
