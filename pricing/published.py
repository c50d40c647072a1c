"""Published unit costs to compare with: read from a file of figures, as they were published."""

import csv
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from pricing import uprating
from pricing.uprating import Amount

FIGURES = Path(__file__).parent / "data" / "published_unit_costs.csv"


@dataclass(frozen=True)
class PublishedCost:
    """One published figure with where it is from; pence is None where no figure was found."""

    number: int
    kind: str
    theme: str
    item: str
    unit: str
    pence: int | None
    price_year: str
    who_pays: str
    confidence: str
    source: str
    is_derived: bool

    @property
    def amount(self) -> Amount | None:
        """Return the figure in the prices of its year; None without a figure or a clear year."""
        year = uprating.year_in(self.price_year)
        return None if self.pence is None or year is None else Amount(self.pence, year)

    def uprated(self, *, to_year: str, by: Decimal = Decimal(1)) -> Amount | None:
        """Return the figure in another year's prices and times a local factor, or None."""
        if self.amount is None:
            return None
        try:
            there = uprating.uprate(self.amount, to_year=to_year)
        except uprating.NoDeflator:
            return None
        return Amount(uprating.times(there.pence, by), there.price_year)


@functools.cache
def costs() -> tuple[PublishedCost, ...]:
    """Return every published figure, in the order of the file."""
    rows = csv.DictReader(FIGURES.read_text(encoding="utf-8").splitlines())
    return tuple(
        PublishedCost(
            number=number,
            kind=row["kind"],
            theme=row["theme"],
            item=row["item"],
            unit=row["unit"],
            pence=_pence(row["cost_gbp"]),
            price_year=row["price_year"],
            who_pays=row["who_pays"],
            confidence=row["confidence"],
            source=row["source"],
            is_derived=row["status"] == "derived",
        )
        for number, row in enumerate(rows, start=1)
    )


def find(*, words: str = "", kind: str = "") -> Sequence[PublishedCost]:
    """Return the figures whose theme, item, unit or source has every word, and are of a kind."""
    wanted = words.lower().split()
    return [
        cost
        for cost in costs()
        if kind in ("", cost.kind) and all(word in _text(cost) for word in wanted)
    ]


def _text(cost: PublishedCost) -> str:
    return f"{cost.theme} {cost.item} {cost.unit} {cost.who_pays} {cost.source}".lower()


def _pence(pounds: str) -> int | None:
    if not pounds:
        return None
    return int((Decimal(pounds) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
