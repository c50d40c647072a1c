"""What we export we import back without loss."""

import json
from typing import Any

from django.utils import timezone

from cms.models import (
    Listing,
    Organisation,
    Place,
    Problem,
    Service,
    Term,
)  # fmt: skip
from marketplace.openreferral import files, imports
from pricing.models import Price
from tests.marketplace.openreferral.conftest import BY
from tests.marketplace.openreferral.feeding import Fed, get

LISTS = ("services", "organizations", "taxonomy_terms", "service_at_locations")


def export() -> dict[str, dict[str, Any]]:
    """Return all that the feed tells, each record by its id; when it changed is of each copy."""
    told = {}
    for name in LISTS:
        query = "?format=ndjson" + ("&full=true" if name.startswith("service") else "")
        rows = [json.loads(line) for line in get(f"/{name}{query}").getvalue().splitlines()]
        told[name] = {row["id"]: without_moments(row) for row in rows}
    return told


def without_moments(value: Any) -> Any:
    """Return a record without when it changed, and its lists in one order."""
    if isinstance(value, dict):
        return {
            name: without_moments(one) for name, one in value.items() if name != "last_modified"
        }
    if isinstance(value, list):
        rows = [without_moments(one) for one in value]
        is_of_ids = all(isinstance(one, dict) and "id" in one for one in rows)
        return sorted(rows, key=lambda one: one["id"]) if is_of_ids else rows
    return value


def empty() -> None:
    """Take everything out of the catalogue."""
    for model in (Price, Listing, Problem):
        model.objects.all().delete()
    for row in Service.objects.all():
        row.delete()
    Place.objects.all().delete()
    Organisation.objects.all().delete()
    Term.objects.filter(parent__isnull=False).delete()
    Term.objects.all().delete()


def bring(told: dict[str, dict[str, Any]]) -> imports.ImportReport:
    """Import what was exported, from one file."""
    bundle = {name: [*rows.values()] for name, rows in told.items()}
    content = json.dumps(bundle).encode()
    return imports.import_feed(
        feed=files.read(content=content), source="elsewhere", by=BY, at=timezone.now()
    )


def test_an_export_imported_into_an_empty_catalogue_exports_the_same(fed: Fed) -> None:
    before = export()
    assert all(before.values())
    empty()
    assert not any(export().values())
    report = bring(before)
    assert report.created == len(before["services"])
    assert report.refused == 0
    assert export() == before
    again = bring(before)
    assert (again.created, again.updated, again.unchanged) == (0, 0, report.created)
    assert {problem.code for problem in report.problems} <= {"check_not_seen", "no_taxonomy"}


def test_what_comes_home_is_not_there_twice(fed: Fed) -> None:
    before, services = export(), Service.objects.count()
    report = bring(before)
    assert (report.created, report.kept) == (0, len(before["services"]))
    assert Service.objects.count() == services
    assert export() == before


def test_a_loss_would_be_seen(fed: Fed) -> None:
    before = export()
    service = Service.objects.get(name="Swimming for two")
    for change in ({"wait_days": 3}, {"places_at_once": None}, {"description": "Else."}):
        kept = {name: getattr(service, name) for name in change}
        Service.objects.filter(pk=service.pk).update(**change)
        assert export() != before
        Service.objects.filter(pk=service.pk).update(**kept)
    assert export() == before


def test_what_is_confidential_here_stays_so_whatever_a_feed_says(fed: Fed) -> None:
    before = export()
    empty()
    bring(before)
    (ref, record) = next(
        (ref, row) for ref, row in before["services"].items()
        if row["alongside"].get("is_confidential")
    )  # fmt: skip
    record["alongside"]["is_confidential"] = False
    record["name"] = "Another name"
    report = bring(before)
    assert report.updated == 1
    found = Service.objects.get(reference=ref)
    assert found.name == "Another name"
    assert found.is_confidential
