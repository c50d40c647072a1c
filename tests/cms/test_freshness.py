"""How old a check is, to the day: calendar months, every boundary on both sides."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cms import catalogue, freshness
from cms.freshness import Stage
from cms.models import Service
from tests.cms.conftest import Shelf

ORDER = [*Stage]


@pytest.mark.once
@pytest.mark.parametrize(
    ("checked", "asked", "chased", "marked", "stopped"),
    [
        ("2025-03-15", "2025-09-15", "2025-12-15", "2026-03-15", "2026-06-15"),
        # The last of a month that has no 31st: the corresponding date rule.
        ("2025-08-31", "2026-02-28", "2026-05-31", "2026-08-31", "2026-11-30"),
        ("2023-08-31", "2024-02-29", "2024-05-31", "2024-08-31", "2024-11-30"),
        ("2024-02-29", "2024-08-29", "2024-11-29", "2025-02-28", "2025-05-29"),
        ("2025-11-30", "2026-05-30", "2026-08-30", "2026-11-30", "2027-02-28"),
        ("2025-12-31", "2026-06-30", "2026-09-30", "2026-12-31", "2027-03-31"),
        # Around the days on which the clocks change.
        ("2025-04-26", "2025-10-26", "2026-01-26", "2026-04-26", "2026-07-26"),
        ("2025-09-29", "2026-03-29", "2026-06-29", "2026-09-29", "2026-12-29"),
    ],
)
def test_each_stage_begins_on_its_day_and_not_the_day_before(
    checked: str, asked: str, chased: str, marked: str, stopped: str
) -> None:
    counted_from = date.fromisoformat(checked)
    for before, reached, begins in zip(
        ORDER, ORDER[1:], (asked, chased, marked, stopped), strict=False
    ):
        day = date.fromisoformat(begins)
        for days, stage in ((-1, before), (0, reached), (1, reached)):
            on = day + timedelta(days=days)
            assert freshness.stage(counted_from=counted_from, on=on) == stage, on


@pytest.mark.once
def test_the_day_of_the_check_and_one_that_lies_ahead_are_fresh() -> None:
    day = date(2026, 6, 3)
    for checked in (day, day + timedelta(days=400)):
        assert freshness.stage(counted_from=checked, on=day) == Stage.FRESH


@pytest.mark.once
def test_the_latest_check_so_many_months_old_is_the_months_turned_round() -> None:
    """For every day of four years: what the database is asked is what the days say."""
    for number in range(4 * 366):
        on = date(2023, 12, 1) + timedelta(days=number)
        for months in freshness.MONTHS.values():
            latest = freshness.last_check(months=months, on=on)
            assert freshness.months_after(latest, months) <= on
            assert freshness.months_after(latest + timedelta(days=1), months) > on


@pytest.mark.parametrize("months", freshness.MONTHS.values())
def test_the_database_finds_what_is_so_old(shelf: Shelf, months: int) -> None:
    checked = date(2025, 8, 31)
    begins = freshness.months_after(checked, months)
    catalogue.check(service=shelf.swimming, on=checked)
    for days, is_found in ((-1, False), (0, True), (1, True)):
        found = Service.objects.unchecked_for(months, begins + timedelta(days=days))
        assert found.filter(pk=shelf.swimming.pk).exists() is is_found


def test_what_nobody_has_checked_counts_from_the_day_it_came(shelf: Shelf) -> None:
    Service.objects.filter(pk=shelf.swimming.pk).update(checked_on=None, added_on=date(2025, 3, 15))
    entry = Service.objects.get(pk=shelf.swimming.pk)
    old, fresh = date(2026, 6, 15), date(2025, 9, 14)
    assert freshness.state(entry, old).stage == Stage.STOPPED
    assert freshness.state(entry, fresh).stage == Stage.FRESH
    assert freshness.state(entry, fresh).sentence == "Nobody has checked this page yet."
    assert entry in Service.objects.unchecked_for(freshness.STOP_MONTHS, old)
    assert entry not in Service.objects.unchecked_for(freshness.ASK_MONTHS, fresh)


@pytest.mark.once
def test_an_entry_that_is_not_kept_yet_is_fresh() -> None:
    assert freshness.state(Service(name="New"), date(2026, 6, 3)).is_fresh


@pytest.mark.once
def test_the_words_say_when_and_warn_from_twelve_months_on() -> None:
    entry = Service(name="Drop-in", checked_on=date(2025, 6, 3), added_on=date(2020, 1, 1))
    late = freshness.state(entry, date(2026, 6, 2))
    marked = freshness.state(entry, date(2026, 6, 3))
    stopped = freshness.state(entry, date(2026, 9, 3))
    assert late.sentence == "This page was last checked on Tuesday 3 June 2025."
    assert (late.mark, late.is_due, late.next_on) == ("", True, date(2026, 6, 3))
    assert marked.mark.startswith("Nobody has checked this page since June 2025.")
    assert marked.may_be_commissioned
    assert stopped.is_marked
    assert not stopped.may_be_commissioned
    assert stopped.next_on is None
    assert len({stage.label for stage in Stage}) == len(Stage)


def test_a_draft_does_not_carry_when_an_entry_came(shelf: Shelf) -> None:
    Service.objects.filter(pk=shelf.swimming.pk).update(added_on=date(2020, 1, 1))
    assert catalogue.publish(service=shelf.swimming).added_on == date(2020, 1, 1)
    assert timezone.localdate() != date(2020, 1, 1)
