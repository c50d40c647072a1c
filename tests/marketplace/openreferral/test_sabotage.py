"""Each guarantee of the feed has a twin: with the guard switched off, its test goes red."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet

from cms.models import Service
from marketplace.openreferral import entries, narrowing, published, records, written
from tests.marketplace.openreferral import test_feed, test_feed_filters, test_round_trip
from tests.marketplace.openreferral.feeding import Fed

pytestmark = pytest.mark.once

Test = Callable[[Fed], None]


def everything(**_asked: Any) -> QuerySet[Service]:
    """Return every entry, whatever was asked."""
    return Service.objects.all()


GUARDS: list[tuple[Any, str, Any, Test]] = [
    (
        records,
        "ALONE",
        (),
        test_feed.test_a_draft_a_mentors_own_and_what_is_nobody_elses_stay_here,
    ),
    (
        records,
        "name_of",
        lambda row: row.name,
        test_feed.test_a_draft_a_mentors_own_and_what_is_nobody_elses_stay_here,
    ),
    (
        published,
        "offered",
        everything,
        test_feed.test_what_ended_is_told_to_whoever_asks_what_changed,
    ),
    (
        published,
        "status",
        lambda row, on: published.ACTIVE,
        test_feed.test_what_ended_is_told_to_whoever_asks_what_changed,
    ),
    (
        narrowing,
        "for_ages",
        lambda asked: [],
        test_feed_filters.test_search_finds_by_the_sites_own_words_and_with_other_filters,
    ),
    (
        entries,
        "keeps",
        lambda name, value: True,
        test_round_trip.test_what_is_confidential_here_stays_so_whatever_a_feed_says,
    ),
    (
        written,
        "uuid_of",
        lambda source_id: None,
        test_round_trip.test_what_comes_home_is_not_there_twice,
    ),
]


@pytest.mark.parametrize(
    ("room", "guard", "off", "test"), GUARDS, ids=[guard for _room, guard, *_rest in GUARDS]
)
def test_without_the_guard_its_test_goes_red(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, room: Any, guard: str, off: Any, test: Test
) -> None:
    monkeypatch.setattr(room, guard, off)
    with pytest.raises((AssertionError, KeyError)):
        test(fed)
