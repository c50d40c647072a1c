"""What one unit costs the agency, built from hours, rates and overheads (report 4.7)."""

from datetime import date

from cms.models import Service
from pricing import money
from pricing.models import UnitCost

HUNDRED_PERCENT = 10_000
"""In basis points."""


def build(
    *,
    service: Service,
    direct_minutes: int,
    rate_pence_per_hour: int,
    overhead_basis_points: int,
    units: int,
    price_year: str,
    source: str,
    built_on: date,
) -> UnitCost:
    """Build and keep a unit cost with what it was built from."""
    return UnitCost.objects.create(
        service=service,
        direct_minutes=direct_minutes,
        rate_pence_per_hour=rate_pence_per_hour,
        overhead_basis_points=overhead_basis_points,
        units=units,
        amount_pence=amount(
            direct_minutes=direct_minutes,
            rate_pence_per_hour=rate_pence_per_hour,
            overhead_basis_points=overhead_basis_points,
            units=units,
        ),
        price_year=price_year,
        source=source,
        built_on=built_on,
    )


def amount(
    *, direct_minutes: int, rate_pence_per_hour: int, overhead_basis_points: int, units: int
) -> int:
    """Return the pence of one unit: direct time at its rate, overheads on top, over the units."""
    return money.round_half_up(
        direct_minutes * rate_pence_per_hour * (HUNDRED_PERCENT + overhead_basis_points),
        60 * HUNDRED_PERCENT * units,
    )
