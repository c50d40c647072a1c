"""Amounts in the prices of a year, and taking them to another year. Imports no Django.

By HM Treasury's GDP deflators, as gathered by Public Health England for its workbook "Parents with
problem alcohol and drug use" (2021). Its index ends with 2020/21; after that it gives each year's
change, from which the index goes on here.
"""

import csv
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

DEFLATORS = Path(__file__).parent / "data" / "gdp_deflators.csv"
FACTORS = Path(__file__).parent / "data" / "market_forces_factors.csv"

_YEARS = re.compile(r"(?P<first>(?:19|20)\d\d)(?:(?:/| to (?:19|20)?)(?P<second>\d\d))?(?![\d-])")


class MixedPriceYears(ValueError):
    """Amounts of two price years are not added: one of them is uprated first."""


class NoDeflator(ValueError):
    """Nobody has published how prices moved in that year."""


@dataclass(frozen=True)
class Amount:
    """Pence in the prices of one financial year, such as 2900 of "2012/13"."""

    pence: int
    price_year: str

    def __add__(self, other: "Amount") -> "Amount":
        """Add an amount of the same year. Raises MixedPriceYears."""
        self._must_be_of_one_year(other)
        return Amount(self.pence + other.pence, self.price_year)

    def __sub__(self, other: "Amount") -> "Amount":
        """Take off an amount of the same year. Raises MixedPriceYears."""
        self._must_be_of_one_year(other)
        return Amount(self.pence - other.pence, self.price_year)

    def _must_be_of_one_year(self, other: "Amount") -> None:
        if other.price_year != self.price_year:
            raise MixedPriceYears(f"{self.price_year} and {other.price_year}: uprate one first")


def year_in(words: str) -> str | None:
    """Return the financial year of a price year in words, or None where it says none.

    A calendar year is taken as the financial year that begins in it, of which it has nine months:
    "2013" is "2013/14". Several years, or a year that is only guessed, are none.
    """
    found = _YEARS.match(words.strip())
    if found is None:
        return None
    first, second = int(found["first"]), found["second"]
    if second is not None and (first + 1) % 100 != int(second):
        return None
    return name(first)


def name(first: int) -> str:
    """Return the financial year that begins in April of a year: 2012 is "2012/13"."""
    return f"{first}/{(first + 1) % 100:02d}"


@functools.cache
def index() -> Mapping[str, Decimal]:
    """Return the price level of each financial year, 2019/20 being 100."""
    levels: dict[str, Decimal] = {}
    level = Decimal(0)
    for row in csv.DictReader(DEFLATORS.read_text(encoding="utf-8").splitlines()):
        year = year_in(row["financial_year"])
        assert year is not None
        told = row["deflator_2019_20_eq_100"]
        level = level * (1 + Decimal(row["pct_change"]) / 100) if told == "-" else Decimal(told)
        levels[year] = level
    return levels


def years() -> tuple[str, ...]:
    """Return the years between which amounts can be taken, the latest first."""
    return tuple(sorted(index(), reverse=True))


def factor(*, from_year: str, to_year: str) -> Decimal:
    """Return how much dearer all is in one year than in another. Raises NoDeflator."""
    levels = index()
    for year in (from_year, to_year):
        if year not in levels:
            raise NoDeflator(year)
    return levels[to_year] / levels[from_year]


def uprate(amount: Amount, *, to_year: str) -> Amount:
    """Return an amount in the prices of another year, half a penny going up. Raises NoDeflator."""
    if amount.price_year == to_year:
        return amount
    there = factor(from_year=amount.price_year, to_year=to_year)
    return Amount(times(amount.pence, there), to_year)


@functools.cache
def market_forces() -> Mapping[str, Decimal]:
    """Return how much dearer or cheaper each area is than all of England: its factor by name."""
    rows = csv.DictReader(FACTORS.read_text(encoding="utf-8").splitlines())
    return {row["utla_name"]: Decimal(row["mff_index"]) for row in rows}


def times(pence: int, by: Decimal) -> int:
    """Return pence times a factor, rounded to a penny, a half going up."""
    return int((pence * by).quantize(Decimal(1), rounding=ROUND_HALF_UP))
