"""What families, doctors and workers type, and what they should find in the demonstration place.

`golden.csv` was written from what people say, not from the entries: the words, the same typed in a
hurry, and the services that a good worker would name (any one of them is right).
"""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from cms import searches
from cms.models import Listing
from marketplace.management.demonstration import catalogue
from marketplace.management.demonstration.stage import Stage

ON = date(2026, 6, 3)
GOLDEN = Path(__file__).with_name("golden.csv")
FIRST = 3


@pytest.fixture(scope="module", autouse=True)
def _place(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Put up the catalogue of the demonstration place once, and take it down again."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        catalogue.build(Stage(on=ON, families=0))
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def rows() -> list[dict[str, str]]:
    """Return the golden searches."""
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def missed(column: str) -> list[str]:
    """Return what was searched for and not found among the first three, with what was."""
    failed = []
    for row in rows():
        asked = searches.Asked(words=row[column])
        found = searches.find(asked=asked, on=ON, per_page=FIRST, facets=False)
        slugs = [listing.service.source_id for listing in found.rows]
        if not {*slugs} & {*row["expected"].split()}:
            failed.append(
                f"{row[column]}: {slugs}, not {row['expected']} {found.understood.mended}"
            )
    return failed


def test_there_are_two_hundred_each_with_a_misspelt_twin() -> None:
    golden = rows()
    assert len({row["words"] for row in golden}) == 200
    assert all(row["misspelt"] and row["misspelt"] != row["words"] for row in golden)
    listed = {*Listing.objects.values_list("service__source_id", flat=True)}
    assert listed >= {slug for row in golden for slug in row["expected"].split()}


@pytest.mark.parametrize(("column", "least"), [("words", 180), ("misspelt", 170)])
def test_the_service_that_was_meant_is_among_the_first_three(column: str, least: int) -> None:
    failed = missed(column)
    assert 200 - len(failed) >= least, "\n".join(failed)
