"""Who fits: points with their reasons, the wrong age never, and no Django."""

import itertools
import subprocess
import sys

import pytest

from marketplace.referrals.matching import (
    POINTS,
    Because,
    Hours,
    Match,
    Offered,
    Wanted,
    kilometres,
    match,
    rank,
)

pytestmark = pytest.mark.once

THURSDAY = Hours(3, 16 * 60, 18 * 60)
WANTED = Wanted(
    terms=frozenset({1, 2}),
    age=13,
    interests=frozenset({5}),
    languages=frozenset({7}),
    hours=(THURSDAY,),
    point=(52.54, -1.37),
)


def becauses(found: Match | None) -> list[Because]:
    return [reason.because for reason in found.reasons] if found else []


def test_every_kind_of_reason_counts_and_the_weightiest_comes_first() -> None:
    everything = Offered(
        key=1,
        terms=frozenset({1, 2}),
        lived=frozenset({1}),
        interests=frozenset({5}),
        languages=frozenset({7}),
        hours=(THURSDAY,),
        points=((52.54, -1.38),),
    )
    found = match(WANTED, everything)
    assert set(becauses(found)) == set(Because)
    assert becauses(found)[0] == Because.LIVED
    assert found is not None
    assert found.score == sum(reason.points for reason in found.reasons)


def test_to_have_been_there_outweighs_any_heap_of_the_same_small_thing() -> None:
    lived = match(WANTED, Offered(key=1, lived=frozenset({1})))
    many = Wanted(interests=frozenset(range(100)))
    likes = match(many, Offered(key=2, interests=frozenset(range(100))))
    assert lived is not None
    assert likes is not None
    assert lived.score > likes.score


@pytest.mark.parametrize(
    ("low", "high", "fits"),
    [(None, None, True), (13, 13, True), (14, None, False), (None, 12, False), (0, 13, True)],
)
def test_nobody_of_the_wrong_age_fits(low: int | None, high: int | None, fits: bool) -> None:
    offered = Offered(key=1, terms=frozenset({1}), minimum_age=low, maximum_age=high)
    assert (match(WANTED, offered) is not None) is fits


def test_to_be_near_and_free_is_not_enough() -> None:
    assert match(WANTED, Offered(key=1, hours=(THURSDAY,), points=((52.54, -1.37),))) is None


@pytest.mark.parametrize(
    ("hours", "shared"),
    [
        (Hours(3, 17 * 60 + 30, 20 * 60), True),
        (Hours(3, 17 * 60 + 31, 20 * 60), False),
        (Hours(4, 16 * 60, 18 * 60), False),
    ],
)
def test_half_an_hour_on_the_same_day_is_time_to_meet(hours: Hours, shared: bool) -> None:
    assert THURSDAY.overlaps(hours) is hours.overlaps(THURSDAY) is shared


def test_equal_ones_come_in_one_order_whatever_order_they_came_in() -> None:
    offers = [Offered(key=key, terms=frozenset({1})) for key in (3, 1, 2)]
    orders = {
        tuple(found.key for found in rank(WANTED, given))
        for given in itertools.permutations(offers)
    }
    assert orders == {(1, 2, 3)}


def test_one_thing_more_in_common_is_never_worth_less() -> None:
    for because, (points, most) in POINTS.items():
        assert points > 0, because
        assert most > 0, because
    fewer = match(WANTED, Offered(key=1, terms=frozenset({1})))
    more = match(WANTED, Offered(key=1, terms=frozenset({1, 2})))
    assert fewer is not None
    assert more is not None
    assert more.score > fewer.score


def test_a_mile_is_a_mile() -> None:
    hinckley, leicester = (52.541, -1.373), (52.636, -1.133)
    assert kilometres(hinckley, leicester) == pytest.approx(19.4, abs=0.5)


def test_it_needs_no_django() -> None:
    said = "import sys, marketplace.referrals.matching; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
