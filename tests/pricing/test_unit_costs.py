"""A unit cost shows what it was built from, and stands beside the price in the same year."""

from datetime import date

import pytest

from cms.models import Service
from pricing import prices, unit_costs
from pricing.models import Price, UnitCost
from pricing.unit_costs import Time
from tests.pricing.test_prices import FIGURES


@pytest.mark.once
@pytest.mark.parametrize(
    ("staff", "overhead", "materials", "units", "expected"),
    [
        ([Time("Worker", 60, 3_000)], 0, 0, 1, 3_000),
        ([Time("Worker", 90, 3_000)], 2_000, 0, 1, 5_400),  # an hour and a half at £30, 20 % on top
        ([Time("Worker", 600, 2_950)], 1_550, 0, 12, 2_839),  # £34.0725, ten hours over twelve
        ([Time("Worker", 1, 30)], 0, 0, 1, 1),  # half a penny goes up
        ([Time("Worker", 0, 3_000)], 2_000, 0, 1, 0),
        # Two grades, a tenth on top, £60 of materials, eight places: (£90 + £20 × 1.1 … ) / 8.
        ([Time("Lead", 120, 4_500), Time("Helper", 60, 2_000)], 1_000, 6_000, 8, 2_263),
        ([], 1_000, 999, 2, 500),
    ],
)
def test_time_at_its_rate_with_overheads_and_materials_over_the_volume(
    staff: list[Time], overhead: int, materials: int, units: int, expected: int
) -> None:
    pence = unit_costs.amount(
        staff=staff, overhead_basis_points=overhead, materials_pence=materials, units=units
    )
    assert pence == expected


def build(service: Service, **figures: object) -> UnitCost:
    """Build a unit cost of £54.00 in the prices of 2012/13, or what is said instead."""
    given: dict[str, object] = {
        "staff": [Time("Worker", 60, 3_000), Time("Driver", 30, 3_000)],
        "overhead_basis_points": 2_000,
        "units": 1,
        "price_year": "2012/13",
        "source": "Unit Costs of Health and Social Care",
        "built_on": date(2026, 6, 3),
        "by": "colin",
        **figures,
    }
    return unit_costs.build(service=service, **given)  # type: ignore[arg-type]


def test_what_it_was_built_from_is_kept(service: Service) -> None:
    cost = UnitCost.objects.get(pk=build(service, materials_pence=600, units=2).pk)
    assert (cost.amount_pence, cost.materials_pence, cost.units) == (3_000, 600, 2)
    assert [(line.role, line.minutes) for line in cost.staff_lines.all()] == [
        ("Worker", 60),
        ("Driver", 30),
    ]
    assert (cost.price_year, cost.built_by) == ("2012/13", "colin")


@pytest.mark.parametrize(
    "wrong",
    [{"units": 0}, {"staff": []}, {"staff": [Time("Gold", 60, 99_999_999_999)]}],
)
def test_what_cannot_be_a_unit_cost_is_refused_and_not_kept(
    service: Service, wrong: dict[str, object]
) -> None:
    with pytest.raises(prices.PriceRefused):
        build(service, **wrong)
    assert not UnitCost.objects.exists()


def test_beside_its_price_a_cost_is_uprated_to_the_prices_year(service: Service) -> None:
    price = Price(**{**FIGURES, "service": service, "price_year": "2019/20"})
    seen = unit_costs.beside(price=price, built=build(service))
    assert seen is not None
    # 2012/13 stood at 88.1213 where 2019/20 is 100: £54.00 / 0.881213 = £61.28.
    assert (seen.cost_as_built.pence, seen.cost.pence, seen.gap_pence) == (5_400, 6_128, -3_628)
    assert seen.is_uprated


def test_there_is_no_gap_between_years_that_cannot_be_compared(service: Service) -> None:
    price = Price(**{**FIGURES, "service": service, "price_year": "2026/27"})
    seen = unit_costs.beside(price=price, built=build(service))
    assert seen is not None
    assert (seen.cost.price_year, seen.gap_pence) == ("2012/13", None)


def test_a_cost_told_with_the_price_stands_beside_it_until_one_is_built(service: Service) -> None:
    price = Price(**{**FIGURES, "service": service, "cost_pence": 2_900})
    seen = unit_costs.beside(price=price, built=None)
    assert seen is not None
    assert (seen.gap_pence, seen.is_uprated) == (-400, False)
    assert unit_costs.beside(price=Price(**FIGURES), built=None) is None
