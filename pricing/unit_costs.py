"""What one unit costs the agency: staff, overheads and materials over the volume (report 4.7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from cms.models import Service
from pricing import money, prices, uprating
from pricing.models import Price, PriceUnit, StaffLine, UnitCost
from pricing.uprating import Amount

HUNDRED_PERCENT = 10_000
"""In basis points."""


@dataclass(frozen=True)
class Time:
    """Whose time goes in: minutes of a grade or role, at pence an hour."""

    role: str
    minutes: int
    rate_pence_per_hour: int


@dataclass(frozen=True)
class Beside:
    """A price and what one unit costs, in the prices of one year where that can be."""

    price: Amount
    cost: Amount
    cost_as_built: Amount
    gap_pence: int | None

    @property
    def is_uprated(self) -> bool:
        """Tell whether the cost was taken to the year of the price."""
        return self.cost != self.cost_as_built


@transaction.atomic
def build(
    *,
    service: Service,
    staff: Sequence[Time],
    overhead_basis_points: int,
    units: int,
    price_year: str,
    source: str,
    built_on: date,
    by: str,
    unit: PriceUnit = PriceUnit.SESSION,
    materials_pence: int = 0,
) -> UnitCost:
    """Build and keep a unit cost with what it was built from. Raises prices.PriceRefused."""
    if units < 1:
        raise prices.PriceRefused(_("Say how many it makes: one at least."))
    if not staff and not materials_pence:
        raise prices.PriceRefused(_("Say whose time goes into it, or what materials cost."))
    pence = amount(
        staff=staff,
        overhead_basis_points=overhead_basis_points,
        materials_pence=materials_pence,
        units=units,
    )
    if pence > money.LARGEST_PENCE:
        raise prices.PriceRefused(_("One unit cannot cost that much. Check the amounts."))
    built = UnitCost.objects.create(
        service=service,
        unit=unit,
        overhead_basis_points=overhead_basis_points,
        materials_pence=materials_pence,
        units=units,
        amount_pence=pence,
        price_year=price_year,
        source=source,
        built_on=built_on,
        built_by=by,
    )
    StaffLine.objects.bulk_create(
        StaffLine(
            unit_cost=built,
            role=line.role,
            minutes=line.minutes,
            rate_pence_per_hour=line.rate_pence_per_hour,
            position=position,
        )
        for position, line in enumerate(staff)
    )
    return built


def amount(
    *, staff: Iterable[Time], overhead_basis_points: int, materials_pence: int, units: int
) -> int:
    """Return the pence of one unit: time at its rate with overheads on top, and materials.

    Rounded once, at the end, a half going up.
    """
    time = sum(line.minutes * line.rate_pence_per_hour for line in staff)
    return money.round_half_up(
        time * (HUNDRED_PERCENT + overhead_basis_points) + materials_pence * 60 * HUNDRED_PERCENT,
        60 * HUNDRED_PERCENT * units,
    )


def beside(*, price: Price, built: UnitCost | None) -> Beside | None:
    """Return a price beside what one unit costs: as built, else as told with the price, or None.

    A cost of another year is uprated to the price's year; where that year has no deflator yet
    there is no gap, for two years are not taken off one another.
    """
    if built is None and price.cost_pence is None:
        return None
    year = uprating.year_in(price.price_year) or price.price_year
    told = Amount(price.cost_pence or 0, year)
    if built is not None:
        told = Amount(built.amount_pence, uprating.year_in(built.price_year) or built.price_year)
    try:
        cost = uprating.uprate(told, to_year=year)
    except uprating.NoDeflator:
        cost = told
    asked = Amount(price.amount_pence, year)
    try:
        gap = (asked - cost).pence
    except uprating.MixedPriceYears:
        gap = None
    return Beside(price=asked, cost=cost, cost_as_built=told, gap_pence=gap)
