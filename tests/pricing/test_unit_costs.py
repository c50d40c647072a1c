"""A unit cost shows what it was built from."""

from datetime import date

import pytest

from cms.models import Service
from pricing import unit_costs


@pytest.mark.parametrize(
    ("minutes", "rate", "overhead", "units", "expected"),
    [
        (60, 3_000, 0, 1, 3_000),
        (90, 3_000, 2_000, 1, 5_400),  # an hour and a half at £30, 20 % on top
        (600, 2_950, 1_550, 12, 2_839),  # £34.0725 an hour, ten hours over twelve sessions
        (1, 30, 0, 1, 1),  # half a penny goes up
        (0, 3_000, 2_000, 1, 0),
    ],
)
def test_hours_at_a_rate_with_overheads_over_units(
    minutes: int, rate: int, overhead: int, units: int, expected: int
) -> None:
    amount_pence = unit_costs.amount(
        direct_minutes=minutes,
        rate_pence_per_hour=rate,
        overhead_basis_points=overhead,
        units=units,
    )
    assert amount_pence == expected


def test_what_it_was_built_from_is_kept(service: Service) -> None:
    cost = unit_costs.build(
        service=service,
        direct_minutes=90,
        rate_pence_per_hour=3_000,
        overhead_basis_points=2_000,
        units=1,
        price_year="2012/13",
        source="Unit Costs of Health and Social Care",
        built_on=date(2026, 6, 3),
    )
    cost.refresh_from_db()
    assert (cost.amount_pence, cost.direct_minutes, cost.price_year) == (5_400, 90, "2012/13")
