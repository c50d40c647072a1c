"""Promises: clocks in working days, kept, chased, and never closing anything by themselves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets import history
from marketplace.notices import working_days
from marketplace.notices.models import Notice
from marketplace.referrals import commissions, nudges, promises, referrals
from marketplace.referrals.models import Promise, PromiseKind, Rung
from tests.cast import Cast
from tests.marketplace.referrals import climbing

DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 6, 3), 3, date(2026, 6, 8)),  # Wednesday to Monday
        (date(2026, 6, 5), 1, date(2026, 6, 8)),  # Friday
        (date(2026, 6, 6), 1, date(2026, 6, 8)),  # Saturday
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # Good Friday and Easter Monday
        (date(2026, 12, 24), 1, date(2026, 12, 29)),  # Christmas; Boxing Day's substitute
        (date(2026, 6, 3), 0, date(2026, 6, 3)),
    ],
)
def test_working_days_leave_out_weekends_and_bank_holidays(
    day: date, count: int, expected: date
) -> None:
    assert working_days.after(day, count) == expected


@given(DAYS, st.integers(0, 40))
def test_so_many_working_days_after_are_so_many_between(day: date, count: int) -> None:
    end = working_days.after(day, count)
    assert working_days.between(day, end) == count
    assert count == 0 or working_days.is_working_day(end)


@given(DAYS, st.integers(0, 60))
def test_counting_day_by_day_agrees(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    counted, day = 0, start
    while day < end:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in working_days.bank_holidays():
            counted += 1
    assert working_days.between(start, end) == counted


def promise(made: datetime, due: date) -> Promise:
    """Return a promise that is not saved."""
    return Promise(kind=PromiseKind.ANSWER, made_at=made, due_on=due)


@pytest.mark.parametrize(
    ("day", "light", "left"),
    [
        (date(2026, 6, 3), "green", 5),
        (date(2026, 6, 8), "green", 2),
        (date(2026, 6, 9), "amber", 1),  # four of five working days are gone: 80 %
        (date(2026, 6, 10), "amber", 0),
        (date(2026, 6, 11), "late", 0),
    ],
)
def test_a_promise_turns_amber_at_four_fifths_and_late_the_day_after(
    day: date, light: str, left: int
) -> None:
    made = promise(datetime(2026, 6, 3, 9, tzinfo=UTC), date(2026, 6, 10))
    clock = promises.clock(made, day=day)
    assert (clock.light, clock.working_days_left) == (light, left)
    assert clock.is_late == (light == "late")


def test_each_rung_says_whose_turn_it_is(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert owed(referral.pk) == {"decide": cast.county.pk}
    referrals.decide_eligibility(referral=referral, by=cast.by(cast.ingrid), at=cast.at)
    assert owed(referral.pk) == {"say_yes": None}  # the family's turn
    climbing.say_yes(cast, referral)
    assert owed(referral.pk) == {"answer": cast.county.pk}
    commissions.commission(referral=referral, by=cast.by(cast.ingrid), at=cast.at)
    assert owed(referral.pk) == {"offer_time": cast.mentors.pk}
    climbing.book(cast, referral)
    assert owed(referral.pk) == {}


def owed(referral: int) -> dict[str, int | None]:
    """Return the open promises of a referral, and whose they are."""
    return dict(
        Promise.objects.open().filter(referral=referral).values_list("kind", "organisation")
    )


def test_cancelling_gives_the_ball_back_to_the_family(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    commissions.cancel(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert owed(referral.pk) == {"say_yes": None}


def test_chasing_tells_whoever_promised_and_is_written_down(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    (open_promise,) = Promise.objects.open()
    promises.chase(promise=open_promise, by=cast.by(cast.amira), at=cast.later(days=9))
    told = Notice.objects.filter(kind="promise_late").values_list("user", flat=True)
    assert set(told) == {cast.dev.pk}
    assert climbing.verbs(referral)[-1] == "chased"
    assert climbing.again(referral).rung == Rung.COMMISSIONED


def test_what_was_kept_is_not_chased(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    (kept,) = Promise.objects.open()
    climbing.book(cast, referral)
    before = climbing.trace(referral)
    with pytest.raises(promises.NotOwed):
        promises.chase(promise=kept, by=cast.by(cast.amira), at=cast.at)
    assert climbing.trace(referral) == before


def test_the_sweep_nudges_once_when_late_and_closes_nothing(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    late = cast.later(days=30)
    assert nudges.sweep(at=cast.at) == 0
    assert nudges.sweep(at=late) == 1
    assert nudges.sweep(at=late) == 0
    assert climbing.again(referral).rung == Rung.COMMISSIONED
    event = history.of(referral.reference).last()
    assert event is not None
    assert (event.verb, event.actor_kind) == ("chased", "clock")
