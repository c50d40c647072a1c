"""Amounts of two price years are never added; uprating takes one to the year of the other."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing import published, uprating
from pricing.uprating import Amount

pytestmark = pytest.mark.once

YEARS = st.sampled_from(uprating.years())


def test_two_years_are_neither_added_nor_taken_off() -> None:
    old, new = Amount(2_900, "2012/13"), Amount(3_100, "2013/14")
    with pytest.raises(uprating.MixedPriceYears):
        old + new
    with pytest.raises(uprating.MixedPriceYears):
        new - old
    assert (uprating.uprate(old, to_year="2013/14") + new).price_year == "2013/14"
    assert new + Amount(1, "2013/14") == Amount(3_101, "2013/14")
    assert new - Amount(1, "2013/14") == Amount(3_099, "2013/14")


@pytest.mark.parametrize(
    ("pence", "from_year", "to_year", "expected"),
    [
        (2_900, "2012/13", "2012/13", 2_900),
        (10_000, "2019/20", "2018/19", 9_784),  # 97.835625
        (10_000, "2019/20", "2020/21", 10_706),  # 107.06207…
        # After the index ends each year's change goes on: 107.062… × 0.98386… × 0.99859…
        (10_000, "2019/20", "2022/23", 10_519),
        (10_000, "1955/56", "2019/20", 248_701),
        (0, "2002/03", "2024/25", 0),
    ],
)
def test_worked_examples(pence: int, from_year: str, to_year: str, expected: int) -> None:
    assert uprating.uprate(Amount(pence, from_year), to_year=to_year).pence == expected


def test_half_a_penny_goes_up() -> None:
    assert [uprating.times(1, Decimal(by)) for by in ("0.5", "1.5", "0.49")] == [1, 2, 0]


def test_a_year_without_a_deflator_is_refused_by_name() -> None:
    assert uprating.years()[0] == "2024/25"
    with pytest.raises(uprating.NoDeflator, match="2026/27"):
        uprating.uprate(Amount(1, "2012/13"), to_year="2026/27")
    with pytest.raises(uprating.NoDeflator, match="1901/02"):
        uprating.uprate(Amount(1, "1901/02"), to_year="2012/13")


@given(st.integers(0, 10_000_000), YEARS, YEARS)
def test_there_and_back_is_a_penny_or_two_at_most(pence: int, one: str, other: str) -> None:
    there = uprating.uprate(Amount(pence, one), to_year=other)
    back = uprating.uprate(there, to_year=one)
    # What rounding lost, at most half a penny of the other year and half of this.
    most = 1 + uprating.factor(from_year=other, to_year=one) / 2
    assert abs(back.pence - pence) <= most


@pytest.mark.parametrize(
    ("words", "year"),
    [
        ("2012/13", "2012/13"),
        ("2012 to 2013", "2012/13"),
        ("1999/00", "1999/00"),
        ("2020/21 prices (rounded)", "2020/21"),
        ("2013", "2013/14"),
        ("2025 prices", "2025/26"),
        ("2009-11", None),
        ("2012/15", None),
        ("c.2015 (page undated)", None),
        ("trial 2009-2013, publ 2019", None),
        ("", None),
    ],
)
def test_a_year_in_words_is_a_financial_year_or_none(words: str, year: str | None) -> None:
    assert uprating.year_in(words) == year


def test_the_local_factor_of_leicestershire() -> None:
    assert round(uprating.market_forces()["Leicestershire"], 4) == Decimal("0.9605")


def test_all_published_figures_are_there_as_they_were_published() -> None:
    costs = published.costs()
    assert len(costs) == 130
    support = costs[0]
    assert (support.pence, support.price_year, support.confidence) == (2_900, "2012/13", "High")
    assert all(cost.source for cost in costs)
    (unknown,) = [cost for cost in costs if cost.pence is None]
    assert unknown.theme == "Mentoring"
    assert unknown.uprated(to_year="2024/25") is None


def test_a_published_figure_is_found_by_its_words_and_uprated() -> None:
    found = published.find(words="family support worker SS18", kind="service_price")
    assert [cost.pence for cost in found] == [2_900]
    there = found[0].uprated(to_year="2019/20", by=uprating.market_forces()["Leicestershire"])
    # £29.00 / 0.881213 is £32.91, times 0.960545… is £31.61.
    assert there == Amount(3_161, "2019/20")
    assert published.find(words="family support worker SS18", kind="avoidable_event") == []


def test_a_figure_of_no_clear_year_is_not_uprated() -> None:
    unclear = [cost for cost in published.costs() if uprating.year_in(cost.price_year) is None]
    assert unclear
    assert all(cost.uprated(to_year="2024/25") is None for cost in unclear)
