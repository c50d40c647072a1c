"""One nudge at amber, one when late, then one escalation: once each, and nothing is closed."""

import threading
from datetime import datetime

import pytest
from django.db import connection

from budgets import history
from cms.models import Service
from marketplace.notices.models import Channel, Notice
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.referrals import nudges, promises, referrals
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing


@pytest.fixture
def promise(cast: Cast) -> Promise:
    """Return the county's promise to decide, made on Wednesday 3 June, due on the 10th."""
    Service.objects.filter(pk=cast.mentor.pk).update(answer_days=5)
    referral = climbing.climb(cast, to=Rung.APPLIED)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    return Promise.objects.open().get()


def told(kind: str) -> set[int]:
    """Return who was told of something, on this site."""
    rows = Notice.objects.filter(kind=kind, channel=Channel.IN_APP)
    return set(rows.values_list("user", flat=True))


def verbs(referral: Referral | None) -> list[str]:
    """Return what the clock did."""
    assert referral is not None
    rows = history.of(referral.reference).filter(actor_kind="clock")
    return [event.verb for event in rows]


def through(cast: Cast, days: int) -> None:
    """Sweep twice on each of so many days."""
    for day in range(days):
        nudges.sweep(at=cast.later(days=day))
        nudges.sweep(at=cast.later(days=day, hours=5))


def test_each_is_told_once_and_in_turn(cast: Cast, promise: Promise) -> None:
    through(cast, 5)  # to Sunday
    assert verbs(promise.referral) == []
    through(cast, 7)  # amber on Tuesday
    assert verbs(promise.referral) == ["nudged"]
    assert told("promise_soon") == {cast.ingrid.pk}
    through(cast, 9)  # late on Thursday the 11th
    assert verbs(promise.referral) == ["nudged", "chased"]
    assert told("promise_late") == {cast.ingrid.pk}
    through(cast, 40)
    assert verbs(promise.referral) == ["nudged", "chased", "escalated"]
    assert told("promise_broken") == {cast.colin.pk, cast.helena.pk}
    assert climbing.again(promise.referral).is_open  # type: ignore[arg-type]
    assert Promise.objects.get(pk=promise.pk).is_open


def test_it_goes_up_two_working_days_after_it_was_told_to_be_late(
    cast: Cast, promise: Promise
) -> None:
    through(cast, 12)  # Sunday the 14th
    assert Promise.objects.get(pk=promise.pk).escalated_at is None
    through(cast, 13)  # Monday the 15th
    assert Promise.objects.get(pk=promise.pk).escalated_at is not None


def test_what_was_kept_is_told_to_nobody(cast: Cast, promise: Promise) -> None:
    referrals.decide_eligibility(
        referral=promise.referral,  # type: ignore[arg-type]
        by=cast.by(cast.ingrid),
        at=cast.later(days=1),
    )
    Promise.objects.open().delete()
    through(cast, 30)
    assert told("promise_soon") | told("promise_late") | told("promise_broken") == set()


def test_who_was_chased_late_by_hand_is_not_nudged_again(cast: Cast, promise: Promise) -> None:
    late = cast.later(days=8)
    promises.chase(promise=promise, by=cast.by(cast.amira), at=late)
    assert nudges.sweep(at=late) == 0


def test_a_familys_own_turn_is_told_gently_and_goes_up_to_nobody(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    (turn,) = Promise.objects.open()
    assert turn.kind == PromiseKind.SAY_YES
    through(cast, 60)
    assert told("your_turn") == {cast.fred_user.pk, cast.amira.pk}
    assert told("promise_late") | told("promise_broken") == set()
    assert verbs(referral) == ["nudged", "nudged"]


def word(cast: Cast, **fields: object) -> Promise:
    """Return Amira's word to ring Fred, late for a week and told so."""
    referral = factories.referral(cast, cast.fred)
    given = {
        "kind": PromiseKind.CALL_BACK,
        "organisation": cast.beacon,
        "worker": cast.amira,
        "due_on": cast.later(days=-9).date(),
        "late_told_at": cast.later(days=-8),
    }
    return factories.promise(cast, referral, **{**given, **fields})


def test_a_workers_word_goes_up_to_who_leads_and_who_runs_the_place(cast: Cast) -> None:
    run = factories.worker(cast, cast.beacon, Role.ADMINISTRATOR)
    promise = word(cast)
    assert nudges.above(promise, at=cast.at) == [run]
    from_lead = factories.user()
    leads(cast, from_lead)
    assert set(nudges.above(promise, at=cast.at)) == {run, from_lead}


def leads(cast: Cast, user: User) -> None:
    """Let somebody lead for the family."""
    cast.family.leads.create(user=user, organisation=cast.trust, starts_on=cast.day)


def test_with_nobody_above_it_goes_to_the_owners_commissioner(cast: Cast) -> None:
    assert set(nudges.above(word(cast), at=cast.at)) == {cast.colin, cast.helena}


def test_who_has_left_is_told_nothing_and_her_colleagues_are(cast: Cast) -> None:
    colleague = factories.worker(cast, cast.beacon, Role.ADVOCATE)
    promise = word(cast, late_told_at=None)
    Membership.objects.filter(user=cast.amira).update(ends_on=cast.day)
    nudges.sweep(at=cast.at)
    assert told("promise_late") == {colleague.pk}
    assert Promise.objects.get(pk=promise.pk).late_told_at is not None


def both_sweep(at: datetime) -> int:
    """Let two sweeps run at the same moment; return how many nudges they made."""
    barrier, made = threading.Barrier(2), []

    def run() -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            made.append(nudges.sweep(at=at))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(made)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(cast: Cast, promise: Promise) -> None:
    assert both_sweep(cast.later(days=6)) == 1
    assert verbs(promise.referral) == ["nudged"]


@pytest.mark.once
def test_that_test_goes_red_when_nobody_looks_again_under_the_lock(
    cast: Cast, promise: Promise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that comes second, with a list from before the first was done."""
    at = cast.later(days=6)
    due = list(nudges.soon(day=at.date()).values_list("pk", flat=True))
    stale = Promise.objects.filter(pk__in=due)
    assert nudges._each(stale, nudges._nudge, "nudged_at", at=at) == 1
    assert nudges._each(stale, nudges._nudge, "nudged_at", at=at) == 0
    monkeypatch.setattr(nudges, "_locked", lambda key: Promise(pk=key, **kept(promise)))
    assert nudges._each(stale, nudges._nudge, "nudged_at", at=at) == 1


def kept(promise: Promise) -> dict[str, object]:
    """Return a promise as it was read before."""
    names = ("family", "person", "referral", "organisation", "kind", "made_at", "due_on")
    return {name: getattr(promise, name) for name in names}
