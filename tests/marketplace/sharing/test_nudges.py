"""Reviews that are late: the owner is told, then one level up; and somebody asks to be rung."""

from datetime import timedelta
from typing import Any

import pytest

from budgets import history
from marketplace.notices.models import Notice
from marketplace.people.models import Membership, User
from marketplace.people.roles import AdvocateKind
from marketplace.sharing import calls, nights, nudges, safeguards, sharing
from marketplace.sharing.models import Call, Reason, Safeguard
from tests import factories
from tests.cast import Cast
from tests.marketplace.sharing import keeping

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[User]:
    """Return who was told of something on this site, in order."""
    found = Notice.objects.filter(kind=kind, channel="in_app").order_by("pk")
    return [notice.user for notice in found.select_related("user")]


def of_county(cast: Cast) -> Safeguard:
    """Open a concern that Ingrid answers for at the county, to be looked at on Friday."""
    return keeping.concern(
        cast,
        owner=cast.ingrid,
        organisation=cast.county,
        by=cast.by(cast.ingrid),
        review_on=cast.day + timedelta(days=2),
    )


def sees(cast: Cast, user: User, safeguard: Safeguard, **later: float) -> bool:
    """Tell whether somebody sees a concern."""
    rows = Safeguard.objects.filter(pk=safeguard.pk)
    return sharing.visible(rows, user=user, at=cast.later(**later)).exists()


def test_the_owner_is_told_on_the_day_and_managers_two_working_days_later(cast: Cast):
    safeguard = of_county(cast)
    # Friday, Saturday, Sunday, Monday: one working day; Tuesday: two.
    counts = [nudges.nightly(at=cast.later(days=days)) for days in range(1, 8)]
    assert counts == [0, 1, 0, 0, 0, 1, 0]
    assert told("safeguard_review_due") == [cast.ingrid]
    assert told("safeguard_review_late") == [cast.colin, cast.helena, cast.adam]
    assert [event.verb for event in history.of(safeguard.reference)] == [
        "opened",
        "nudged",
        "escalated",
    ]


def test_managers_see_that_one_concern_until_it_is_looked_at(cast: Cast):
    safeguard = of_county(cast)
    assert not sees(cast, cast.colin, safeguard)
    for days in (2, 6):
        nudges.nightly(at=cast.later(days=days))
    assert sees(cast, cast.colin, safeguard, days=6)
    safeguards.review(
        safeguard=safeguard,
        words="She is safe.",
        review_on=cast.day + timedelta(days=30),
        by=cast.by(cast.ingrid),
        at=cast.later(days=6, hours=1),
    )
    assert not sees(cast, cast.colin, safeguard, days=6, hours=1)
    assert sees(cast, cast.ingrid, safeguard, days=6, hours=1)
    assert nudges.nightly(at=cast.later(days=7)) == 0
    assert nudges.nightly(at=cast.later(days=30)) == 1


def test_an_owner_who_has_left_is_not_waited_for(cast: Cast):
    of_county(cast)
    Membership.objects.filter(user=cast.ingrid).update(ends_on=cast.day)
    assert nudges.nightly(at=cast.later(days=1)) == 1
    assert told("safeguard_review_late") == [cast.colin, cast.helena, cast.adam]


def test_a_closed_concern_nudges_nobody(cast: Cast):
    safeguard = of_county(cast)
    Safeguard.objects.filter(pk=safeguard.pk).update(closed_at=cast.at, closed_for="safe_now")
    assert nudges.nightly(at=cast.later(days=9)) == 0


def test_whoever_gets_a_concern_is_told_and_who_takes_it_herself_is_not(cast: Cast):
    keeping.concern(cast)
    assert told("safeguard_for_you") == []
    keeping.concern(cast, by=cast.by(cast.amira))
    assert told("safeguard_for_you") == [cast.ruth]


def test_one_night_does_all_of_it_once(cast: Cast):
    keeping.emergency(cast)
    keeping.hold_back(cast, keeping.concern(cast, is_with_social_worker=True))
    of_county(cast)
    at = cast.later(days=2)
    assert nights.nightly(at=at) == {"reviews": 1, "emergencies": 1, "let_out": 1}
    assert nights.nightly(at=at) == {"reviews": 0, "emergencies": 0, "let_out": 0}


# Please ring me.


def ask(cast: Cast, **fields: Any) -> Call:
    """Let Jamie ask to be rung."""
    return calls.ask(
        **{"person": cast.jamie, "by": cast.by(cast.jamie_user), "at": cast.at, **fields}
    )


def test_whom_she_confides_in_is_asked_and_nobody_else_at_home_learns_of_it(cast: Cast):
    call = ask(cast)
    assert told("call_asked") == [cast.amira]
    assert list(calls.waiting(user=cast.amira, at=cast.at)) == [call]
    assert Reason.objects.get().is_confidential
    for user in (cast.fred_user, cast.anne_user, cast.nadia, cast.ruth):
        assert not sharing.visible(Call.objects.all(), user=user, at=cast.at).exists()
        with pytest.raises(calls.NotTheirs):
            calls.answer(call=call, by=cast.by(user), at=cast.at)


def test_once_she_was_rung_nothing_waits(cast: Cast):
    call = ask(cast)
    assert ask(cast) == call
    call = calls.answer(call=call, by=cast.by(cast.amira), at=cast.later(hours=1))
    assert call.answered_by == cast.amira
    assert not calls.waiting(user=cast.amira, at=cast.later(hours=1)).exists()
    assert calls.answer(call=call, by=cast.by(cast.amira), at=cast.later(hours=2)) == call
    assert ask(cast, at=cast.later(hours=3)) != call


def test_who_acts_for_her_is_asked_where_she_confides_in_nobody(cast: Cast):
    person = factories.person(cast, cast.family, first_name="Nell")
    with pytest.raises(calls.NobodyToRing):
        ask(cast, person=person)
    person.appointments.create(
        user=cast.ruth, kind=AdvocateKind.LEAD_PROFESSIONAL, starts_on=cast.day
    )
    call = ask(cast, person=person)
    assert list(calls.waiting(user=cast.ruth, at=cast.at)) == [call]
