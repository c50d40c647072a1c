"""Two prices for one day, asked for at one moment: refused, by the lock and then by the database.

The same race on both databases: PostgreSQL is safe by its row lock and, without it, by the
exclusion constraint; SQLite by its one writer and, written past the verb, by its trigger.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from cms.models import Service
from pricing import constraints
from pricing.models import Price
from tests.budgets.test_races import AT_ONCE, race
from tests.pricing.test_prices import FIGURES, JUNE, MAY, set_price

pytestmark = pytest.mark.django_db(transaction=True)


def overlaps() -> int:
    """Count the pairs of prices of one unit that hold on one day."""
    rows = list(Price.objects.order_by("pk"))
    return sum(
        one.valid_from < (other.valid_to or one.valid_from.max)
        and other.valid_from < (one.valid_to or one.valid_from.max)
        for place, one in enumerate(rows)
        for other in rows[place + 1 :]
    )


def carelessly(service: Service, gate: threading.Barrier) -> Callable[[int], object]:
    """Look whether the day is free, then write, with no lock between: what a guard alone does."""

    def act(number: int) -> Any:
        is_free = not Price.objects.on(MAY).filter(service=service).exists()
        gate.wait(timeout=20)
        if not is_free:
            return None
        figures = {**FIGURES, "amount_pence": number, "valid_from": MAY, "valid_to": JUNE}
        with transaction.atomic():
            return Price.objects.create(service=service, **figures)

    return act


def test_of_eight_first_prices_for_one_day_none_overlaps(service: Service) -> None:
    ends = race(lambda number: set_price(service, amount_pence=number, valid_from=MAY))
    assert all(isinstance(end, Price) for end in ends), ends
    assert Price.objects.count() == 1
    assert overlaps() == 0


def test_past_the_lock_the_database_refuses_all_but_one(service: Service) -> None:
    ends = race(carelessly(service, threading.Barrier(AT_ONCE)))
    written = [end for end in ends if isinstance(end, Price)]
    refused = [end for end in ends if isinstance(end, DatabaseError)]
    assert (len(written), len(refused)) == (1, AT_ONCE - 1), ends
    assert overlaps() == 0


def test_without_the_constraint_prices_would_overlap(service: Service) -> None:
    constraints.lift()
    try:
        ends = race(carelessly(service, threading.Barrier(AT_ONCE)))
        assert sum(isinstance(end, Price) for end in ends) > 1, ends
        assert overlaps() > 0
    finally:
        Price.objects.all().delete()
        constraints.install()
    assert constraints.installed(connection) == constraints.EXPECTED[connection.vendor]
