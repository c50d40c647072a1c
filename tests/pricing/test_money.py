"""Pence: parsed, shown, split and rounded, and never lost."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing import money

pytestmark = pytest.mark.once

pence = st.integers(min_value=0, max_value=money.LARGEST_PENCE)


@settings(deadline=None)
@given(pence)
def test_what_is_shown_can_be_read_again(amount: int) -> None:
    assert money.parse(money.show(amount)) == amount


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("£1,250.00", 125_000),
        ("£1,250", 125_000),
        ("4.5", 450),
        (" 4.05 ", 405),
        ("50p", 50),
        ("£0", 0),
        ("1,000,000", 100_000_000),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, expected: int) -> None:
    assert money.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "four pounds",
        "4.505",
        "1,25",
        "-4",
        "£4 a week",
        "4,5",
        "£99999999999",
        "£" + "9" * 5000,
        "٤",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        money.parse(text)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert 0 <= money.parse(text) <= money.LARGEST_PENCE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("£4.50 per session", (450, "session")),
        ("4.5", (450, "one_off")),
        ("£1,250", (125_000, "one_off")),
        ("50p", (50, "one_off")),
        ("£3 a week", (300, "week")),
        ("free", (0, "one_off")),
        ("Free of charge", (0, "one_off")),
        ("£3 - £5", (500, "one_off")),
        ("£3-£5 per session", (500, "session")),
        ("£3 to £5 an hour", (500, "hour")),
        ("£4.50 per child (aged 5) per session", (450, "session")),
        ("First session free, then £5 per session", (500, "session")),
        ("Annual membership £25 and £3 per session", (300, "session")),
        ("£6/session", (600, "session")),
        ("£3.50ph", (350, "hour")),
        ("£10.00pw", (1_000, "week")),
        ("£30 pcm", (3_000, "month")),
        ("£85 a day", (8_500, "day")),
        ("£125 per 10 week course", (12_500, "course")),
        ("£40 per term", (4_000, "course")),
        ("20p per item", (20, "one_off")),
        ("Adults £5, children £3", (500, "one_off")),
        ("£9 per head", (900, "place")),
        ("£250 a place", (25_000, "place")),
        ("5 pounds an hour", (500, "hour")),
        ("4.50 per session", (450, "session")),
        ("£5 each. Open all day.", (500, "one_off")),
    ],
)
def test_a_price_is_read_with_its_unit(text: str, expected: tuple[int, str]) -> None:
    assert money.parse_price(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "donations welcome", "Ages 5 to 11", "sugar-free snacks", "free parking", "-£3", "£2.505",
     "2 hours a week", "please ask", "£99999999999", "£" + "9" * 5000],
)  # fmt: skip
def test_words_without_a_figure_are_no_price(text: str) -> None:
    assert money.parse_price(text) is None


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_plausible_price_or_none(text: str) -> None:
    price = money.parse_price(text)
    assert price is None or 0 <= price[0] <= money.LARGEST_PENCE


@settings(deadline=None)
@given(pence, st.lists(st.integers(min_value=0, max_value=10_000), min_size=1).filter(any))
def test_parts_add_up_to_the_whole(amount: int, weights: list[int]) -> None:
    parts = money.split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        exact = amount * weight / sum(weights)
        assert abs(part - exact) <= 1
        assert weight or not part


@pytest.mark.parametrize(
    ("amount", "weights"), [(100, []), (100, [0, 0]), (100, [1, -1]), (-1, [1])]
)
def test_what_cannot_be_split_is_refused(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError):
        money.split(amount, weights)


def test_the_penny_over_goes_to_the_largest_remainder_and_the_earlier() -> None:
    assert money.split(100, [1, 1, 1]) == [34, 33, 33]
    assert money.split(101, [1, 2]) == [34, 67]


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_a_half_goes_up(numerator: int, denominator: int) -> None:
    rounded = money.round_half_up(numerator, denominator)
    assert 0 <= 2 * numerator + denominator - 2 * denominator * rounded < 2 * denominator


def test_rounding_by_example() -> None:
    assert [money.round_half_up(one, 2) for one in (1, 3, 5, -1, -3)] == [1, 2, 3, 0, -1]
    with pytest.raises(ValueError):
        money.round_half_up(1, 0)


def test_below_nothing_is_shown_with_its_sign() -> None:
    assert money.show(-1_234) == "-£12.34"
    assert money.show(125_000) == "£1,250.00"
