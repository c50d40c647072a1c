"""Pauses: a listed reason, an end that is said, and a clock that goes on by itself."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from cms.models import Service
from marketplace.notices import working_days
from marketplace.referrals import approvals, endings, nudges, pauses, promises, referrals
from marketplace.referrals.models import Approval, Pause, PauseReason, Promise, Referral, Rung
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing

IN_A_WEEK = 7


@pytest.fixture
def handed_over(cast: Cast) -> Referral:
    """Return a referral that waits for the county's decision, in five working days."""
    Service.objects.filter(pk=cast.mentor.pk).update(answer_days=5)
    referral = climbing.climb(cast, to=Rung.APPLIED)
    return referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)


def pause(
    cast: Cast, referral: Referral, *, days: int = IN_A_WEEK, who: str = "amira", after: int = 0
) -> Pause:
    """Put a referral on hold for a number of days."""
    at = cast.later(days=after)
    return pauses.pause(
        referral=referral,
        reason=PauseReason.FAMILY_AWAY,
        ends_on=(at + timedelta(days=days)).date(),
        by=cast.by(cast.users[who]),
        at=at,
    )


def due_on(referral: Referral) -> date:
    """Return by when the first thing is due."""
    return Promise.objects.open().filter(referral=referral).earliest("due_on").due_on


def test_what_is_due_is_due_later_by_as_many_working_days(
    cast: Cast, handed_over: Referral
) -> None:
    assert due_on(handed_over) == date(2026, 6, 10)
    pause(cast, handed_over)  # Wednesday to Wednesday: five working days
    assert due_on(handed_over) == date(2026, 6, 16)
    assert climbing.verbs(handed_over)[-1] == "pause"


def test_it_goes_on_by_itself(cast: Cast, handed_over: Referral) -> None:
    pause(cast, handed_over)
    promise = Promise.objects.open().get(referral=handed_over)
    during = promises.clock(promise, day=cast.later(days=3).date())
    assert (during.light, during.paused_until) == ("green", date(2026, 6, 10))
    after = promises.clock(promise, day=date(2026, 6, 10))
    assert (after.light, after.paused_until) == ("green", None)
    assert promises.clock(promise, day=date(2026, 6, 17)).is_late


def test_a_paused_clock_nudges_nobody(cast: Cast, handed_over: Referral) -> None:
    long_ago = cast.day - timedelta(days=9)
    late = Promise.objects.filter(referral=handed_over)
    late.update(made_at=cast.later(days=-30), due_on=long_ago, amber_on=long_ago)
    pause(cast, handed_over)
    assert nudges.sweep(at=cast.later(days=6)) == 0
    assert nudges.sweep(at=cast.later(days=7)) == 1


def test_that_test_goes_red_when_pauses_are_not_asked_for(
    cast: Cast, handed_over: Referral, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(Promise.objects.all()), "running", lambda found, day: found.open())
    with pytest.raises(AssertionError):
        test_a_paused_clock_nudges_nobody(cast, handed_over)


def asked_approval(cast: Cast) -> Approval:
    """Return what waits for a commissioner's yes, for five working days."""
    referral = climbing.limited(cast, limit_commission_pence=100)
    return approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)


def test_the_clock_of_an_approval_stops_too(cast: Cast) -> None:
    approval = asked_approval(cast)
    assert approval.due_on == date(2026, 6, 10)
    pause(cast, approval.referral)
    assert Approval.objects.get().due_on == date(2026, 6, 16)
    assert approvals.sweep(at=cast.later(days=8)) == 0
    pauses.go_on(referral=approval.referral, by=cast.by(cast.amira), at=cast.later(days=2))
    assert Approval.objects.get().due_on == date(2026, 6, 11)
    assert approvals.sweep(at=cast.later(days=10)) == 1


def test_an_approval_that_was_late_before_goes_up_only_when_the_clock_goes_on(cast: Cast) -> None:
    approval = asked_approval(cast)
    pause(cast, approval.referral, after=8)
    assert Approval.objects.get().due_on == approval.due_on
    assert approvals.sweep(at=cast.later(days=9)) == 0
    assert approvals.sweep(at=cast.later(days=16)) == 1


def test_with_that_clock_forgotten_those_tests_go_red(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "reckon_anew", lambda *, referral: None)
    with pytest.raises(AssertionError):
        test_the_clock_of_an_approval_stops_too(cast)


def test_what_was_late_before_stays_late(cast: Cast, handed_over: Referral) -> None:
    before = due_on(handed_over)
    pause(cast, handed_over, after=12)
    assert due_on(handed_over) == before


def test_it_can_go_on_sooner(cast: Cast, handed_over: Referral) -> None:
    pause(cast, handed_over, days=14)
    by = cast.by(cast.ingrid)
    pauses.go_on(referral=handed_over, by=by, at=cast.later(days=2))
    assert due_on(handed_over) == date(2026, 6, 11)  # one working day was lost
    assert not Pause.objects.on(cast.later(days=2).date()).exists()
    with pytest.raises(pauses.IsNotPaused):
        pauses.go_on(referral=handed_over, by=by, at=cast.later(days=2))


def test_what_is_promised_while_it_is_on_hold_counts_from_its_end(
    cast: Cast, handed_over: Referral
) -> None:
    pause(cast, handed_over)
    referrals.decide_eligibility(
        referral=handed_over, by=cast.by(cast.ingrid), at=cast.later(days=1)
    )
    given = Promise.objects.open().get(referral=handed_over)
    on = cast.later(days=1).date()
    spans = [(cast.day, date(2026, 6, 10))]
    assert given.due_on == working_days.after(on, given.working_days, without=spans)
    assert given.due_on > working_days.after(on, given.working_days)


def test_twenty_working_days_in_all_and_no_more(cast: Cast, handed_over: Referral) -> None:
    before = climbing.trace(handed_over)
    with pytest.raises(pauses.NotThatDay, match="20 more"):
        pause(cast, handed_over, days=29)
    assert climbing.trace(handed_over) == before
    pause(cast, handed_over, days=14)  # ten
    with pytest.raises(pauses.NotThatDay, match="10 more"):
        pause(cast, handed_over, days=15, after=14)
    pause(cast, handed_over, days=14, after=14)
    assert pauses.left(referral=handed_over) == 0


@pytest.mark.parametrize("days", [0, -1, 40_000])
def test_the_day_it_goes_on_is_to_come_and_near(
    cast: Cast, handed_over: Referral, days: int
) -> None:
    with pytest.raises(pauses.NotThatDay):
        pause(cast, handed_over, days=days)
    assert not Pause.objects.exists()


def test_it_is_paused_once_at_a_time(cast: Cast, handed_over: Referral) -> None:
    pause(cast, handed_over)
    with pytest.raises(pauses.IsPaused):
        pause(cast, handed_over, days=3)


@pytest.mark.parametrize("who", ["amira", "fred_user", "ingrid", "dev"])
def test_the_familys_side_and_the_services_pause(
    cast: Cast, handed_over: Referral, who: str
) -> None:
    assert pause(cast, handed_over, who=who).paused_by == str(cast.users[who].reference)


@pytest.mark.parametrize("who", ["nadia", "olive_user", "lena", "colin", "sam"])
def test_nobody_else_does(cast: Cast, handed_over: Referral, who: str) -> None:
    with pytest.raises(pauses.NotYours):
        pause(cast, handed_over, who=who)


def test_what_has_ended_is_not_paused(cast: Cast, handed_over: Referral) -> None:
    endings.withdraw(referral=handed_over, by=cast.by(cast.amira), at=cast.at)
    with pytest.raises(pauses.HasEnded):
        pause(cast, handed_over)


def test_a_reason_that_is_not_listed_is_refused_by_the_database(cast: Cast) -> None:
    referral = factories.referral(cast, cast.jamie)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.pause(cast, referral, reason="too_busy")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.pause(cast, referral, ends_on=cast.day - timedelta(days=1))
