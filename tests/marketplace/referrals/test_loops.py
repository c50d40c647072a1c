"""Circles: A to B to A. The pure search against trying every way there is."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.referrals import endings, loops, referrals
from marketplace.referrals.loops import Hop
from marketplace.referrals.models import EndReason, Referral, Rung
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing

DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(day: int) -> datetime:
    """Return noon on a day of the year."""
    return DAY + timedelta(days=day)


def hop(source: str, target: str, left: int, asked: int) -> Hop:
    """Return a hop between two services."""
    return Hop(source, target, at(left), at(asked))


def every_way(hops: list[Hop], within: timedelta) -> set[tuple[Any, datetime, int]]:
    """Return by brute force, of each return, where to, when, and how short the shortest way is."""
    found: dict[tuple[Any, datetime], int] = {}
    for size in range(2, min(len(hops), loops.LONGEST) + 1):
        for walk in permutations(hops, size):
            joined = all(
                one.target == two.source and one.asked_at <= two.left_at
                for one, two in pairwise(walk)
            )
            places = [one.source for one in walk]
            closes = walk[-1].target == walk[0].source and len(set(places)) == len(places)
            if joined and closes and walk[-1].asked_at - walk[0].left_at <= within:
                key = (walk[0].source, walk[-1].asked_at)
                found[key] = min(size, found.get(key, size))
    return {(place, moment, size) for (place, moment), size in found.items()}


HOPS = st.lists(
    st.builds(
        lambda pair, left, wait: hop(pair[0], pair[1], left, left + wait),
        st.permutations("ABCD").map(lambda letters: letters[:2]),
        st.integers(0, 400),
        st.integers(0, 60),
    ),
    max_size=6,
)


@pytest.mark.once
@settings(max_examples=40, deadline=None)
@given(HOPS)
def test_the_search_finds_what_trying_every_way_finds(hops: list[Hop]) -> None:
    found = {(loop.services[0], loop.closed_at, loop.length) for loop in loops.circles(hops)}
    assert found == every_way(hops, loops.WITHIN)


@pytest.mark.once
@pytest.mark.soak
@settings(max_examples=3000, deadline=None)
@given(HOPS)
def test_the_search_finds_what_trying_every_way_finds_again_and_again(hops: list[Hop]) -> None:
    found = {(loop.services[0], loop.closed_at, loop.length) for loop in loops.circles(hops)}
    assert found == every_way(hops, loops.WITHIN)


@pytest.mark.once
def test_a_circle_is_there_and_back() -> None:
    (loop,) = loops.circles([hop("A", "B", 1, 2), hop("B", "A", 10, 11)])
    assert loop.services == ("A", "B", "A")
    assert loop.length == 2
    assert (loop.began_at, loop.closed_at) == (at(1), at(11))


@pytest.mark.once
def test_no_circle_is_closed_after_a_year_nor_back_in_time() -> None:
    assert loops.circles([hop("A", "B", 1, 2), hop("B", "A", 10, 367)]) == []
    assert loops.circles([hop("A", "B", 1, 20), hop("B", "A", 10, 11)]) == []
    assert loops.circles([hop("A", "B", 1, 2), hop("B", "C", 10, 12)]) == []


@pytest.mark.once
def test_the_twin_without_the_year_finds_the_old_circle() -> None:
    old = [hop("A", "B", 1, 2), hop("B", "A", 10, 367)]
    assert len(loops.circles(old, within=timedelta(days=5000))) == 1


def sent_round(cast: Cast, **fields: Any) -> list[Referral]:
    """Send Jamie from the family support to the mentor and back, by their own answers."""
    first = climbing.climb(
        cast,
        to=Rung.APPLIED,
        referral=climbing.refer(cast, service=cast.family_support, **fields),
    )
    said: dict[str, Any] = {"reason": EndReason.WRONG_SERVICE, "words": "Try a mentor."}
    by = cast.by(cast.ingrid)
    endings.decline(
        referral=first, alternatives=[cast.mentor], by=by, at=cast.later(days=1), **said
    )
    second = climbing.refer(cast, service=cast.mentor, at=cast.later(days=2), **fields)
    second = referrals.check_eligibility(
        referral=second, answers={}, by=cast.by(cast.amira), at=cast.later(days=2)
    )
    endings.decline(
        referral=second, alternatives=[cast.family_support], by=by, at=cast.later(days=3), **said
    )
    third = climbing.refer(cast, service=cast.family_support, at=cast.later(days=4), **fields)
    return [first, second, third]


def test_somebody_who_was_sent_round_is_spotted_and_counted(cast: Cast) -> None:
    sent_round(cast)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        (found,) = loops.of(Referral.objects.all())
    assert len(seen) == 1
    assert [one.name for one in found.loop.services] == [
        cast.family_support.name,
        cast.mentor.name,
        cast.family_support.name,
    ]
    assert found.person == cast.jamie
    since = cast.later(days=-30)
    assert loops.counted(owner=cast.county, since=since) == [(cast.family_support.name, 1)]
    assert loops.counted(owner=cast.nhs, since=since) == []


def test_two_needs_or_two_people_are_no_circle(cast: Cast) -> None:
    said = {"rung": Rung.DECLINED, "end_reason": EndReason.NO_PLACE}
    for number, (person, service, need) in enumerate(
        (
            (cast.jamie, cast.mentor, cast.need),
            (cast.fred, cast.family_support, cast.need),
            (cast.jamie, cast.family_support, None),
            (cast.jamie, cast.mentor, cast.need),
        )
    ):
        moment = cast.later(days=number)
        factories.referral(
            cast, person, service=service, need=need, asked_at=moment, ended_at=moment, **said
        )
    assert loops.of(Referral.objects.all()) == []


def test_whoever_stopped_it_herself_was_not_sent_on(cast: Cast) -> None:
    for number, service in enumerate((cast.mentor, cast.family_support, cast.mentor)):
        moment = cast.later(days=number)
        factories.referral(
            cast, cast.jamie, service=service, asked_at=moment, ended_at=moment,
            rung=Rung.WITHDRAWN, end_reason=EndReason.CHANGED_MIND,
        )  # fmt: skip
    assert loops.of(Referral.objects.all()) == []
