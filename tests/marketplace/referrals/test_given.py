"""Workers' and services' words: to call back, to write up, to be there."""

from datetime import date, timedelta
from typing import Any

import pytest

from budgets import history
from budgets.models import Event
from marketplace.notices.models import Channel, Notice
from marketplace.people.models import User
from marketplace.referrals import endings, promises, referrals
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung
from marketplace.sharing import sharing
from tests.cast import Cast
from tests.marketplace.referrals import climbing

FRIDAY = date(2026, 6, 5)


def give(cast: Cast, *, who: User | None = None, **said: Any) -> Promise:
    """Give Amira's word to ring Fred on Friday, unless told."""
    user = who or cast.amira
    word: dict[str, Any] = {
        "family": cast.family,
        "person": cast.fred,
        "kind": PromiseKind.CALL_BACK,
        "organisation": cast.beacon,
        "worker": user,
        "due_on": FRIDAY,
        "words": "About the school.",
    }
    return promises.give(**{**word, **said}, by=cast.by(user), at=cast.at)


def on_referral(cast: Cast) -> dict[str, Any]:
    """Return what a word on a referral of Jamie's is about."""
    referral = climbing.climb(cast, to=Rung.APPLIED)
    return {"referral": referral, "person": cast.jamie}


def test_a_worker_gives_her_word_to_a_family(cast: Cast) -> None:
    promise = give(cast)
    assert (promise.working_days, promise.due_on, promise.referral) == (2, FRIDAY, None)
    event = Event.objects.get(subject=promise.reference)
    assert (event.verb, event.reason, event.person) == ("promise", "call_back", cast.fred)


def test_the_family_sees_it_and_the_neighbours_do_not(cast: Cast) -> None:
    give(cast)
    rows = Promise.objects.all()
    seen = {
        name: sharing.visible(rows, user=cast.users[name], at=cast.at).count()
        for name in ("fred_user", "amira", "olive_user", "nadia", "sam", "ingrid")
    }
    assert seen == dict.fromkeys(seen, 0) | {"fred_user": 1, "amira": 1}


def test_a_secret_word_is_for_her_alone(cast: Cast) -> None:
    give(cast, person=cast.anne, is_confidential=True)
    rows = Promise.objects.all()
    assert sharing.visible(rows, user=cast.anne_user, at=cast.at).count() == 1
    assert sharing.visible(rows, user=cast.fred_user, at=cast.at).count() == 0


def test_it_is_kept_in_one_tap(cast: Cast) -> None:
    promise = give(cast)
    promises.done(promise=promise, by=cast.by(cast.amira), at=cast.later(days=1))
    promise = Promise.objects.get(pk=promise.pk)
    assert promise.kept_at == cast.later(days=1)
    assert history.of(promise.reference).last().verb == "kept"  # type: ignore[union-attr]
    with pytest.raises(promises.NotOwed):
        promises.done(promise=promise, by=cast.by(cast.amira), at=cast.later(days=2))


@pytest.mark.parametrize("who", ["ingrid", "fred_user", "amira"])
def test_a_services_word_is_noted_and_kept_by_a_colleague_or_the_familys_side(
    cast: Cast, who: str
) -> None:
    promise = give(
        cast, worker=None, organisation=cast.county, kind=PromiseKind.WRITE_UP, **on_referral(cast)
    )
    told = Notice.objects.filter(kind="promise_for_you", channel=Channel.IN_APP)
    assert set(told.values_list("user", flat=True)) == {cast.ingrid.pk}
    promises.done(promise=promise, by=cast.by(cast.users[who]), at=cast.at)
    assert Promise.objects.get(pk=promise.pk).kept_at


@pytest.mark.parametrize("who", ["dev", "lena", "nadia", "olive_user", "sam"])
def test_nobody_else_says_that_it_was_done(cast: Cast, who: str) -> None:
    promise = give(cast, worker=None, organisation=cast.county, **on_referral(cast))
    with pytest.raises(promises.NotYours):
        promises.done(promise=promise, by=cast.by(cast.users[who]), at=cast.at)
    assert Promise.objects.get(pk=promise.pk).is_open


def test_what_a_step_keeps_is_not_kept_by_hand(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    before = climbing.trace(referral)
    with pytest.raises(promises.IsAStep):
        promises.done(promise=Promise.objects.open().get(), by=cast.by(cast.ingrid), at=cast.at)
    with pytest.raises(promises.IsAStep):
        give(cast, kind=PromiseKind.DECIDE, referral=referral, person=cast.jamie)
    assert climbing.trace(referral) == before


@pytest.mark.parametrize(
    "due_on",
    [
        date(2026, 6, 2),  # yesterday
        date(2026, 6, 6),  # a Saturday
        date(2026, 8, 31),  # the bank holiday of August
        date(2027, 6, 7),  # in more than a year
    ],
)
def test_a_word_is_for_a_working_day_to_come(cast: Cast, due_on: date) -> None:
    with pytest.raises(promises.NotThatDay):
        give(cast, due_on=due_on)
    assert not Promise.objects.exists()


def test_a_word_for_today_is_no_reason_to_nudge(cast: Cast) -> None:
    promise = give(cast, due_on=cast.day)
    assert (promise.working_days, promise.amber_on) == (0, cast.day)


@pytest.mark.parametrize("who", ["nadia", "sam", "dev", "ingrid", "fred_user", "olive_user"])
def test_who_does_not_work_with_them_promises_them_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(promises.NotYours):
        give(cast, who=cast.users[who], organisation=cast.beacon)
    assert not Promise.objects.exists()


def test_nobody_gives_anothers_word(cast: Cast) -> None:
    with pytest.raises(promises.NotYours):
        give(cast, worker=cast.ingrid)
    with pytest.raises(promises.NotYours):
        give(cast, worker=None, organisation=cast.police, **on_referral(cast))


def test_an_organisation_promises_the_same_once_at_a_time(cast: Cast) -> None:
    said = {"worker": None, "organisation": cast.county, **on_referral(cast)}
    first = give(cast, **said)
    with pytest.raises(promises.IsPromised):
        give(cast, **said)
    promises.done(promise=first, by=cast.by(cast.ingrid), at=cast.at)
    assert give(cast, **said).pk != first.pk


def test_a_worker_may_promise_two_calls(cast: Cast) -> None:
    give(cast)
    give(cast, due_on=FRIDAY + timedelta(days=3))
    assert Promise.objects.open().count() == 2


def test_it_lapses_with_its_referral_and_nothing_is_promised_after(cast: Cast) -> None:
    said = on_referral(cast)
    promise = give(cast, **said)
    endings.withdraw(referral=said["referral"], by=cast.by(cast.amira), at=cast.at)
    assert not Promise.objects.get(pk=promise.pk).is_open
    with pytest.raises(promises.NotOwed):
        give(cast, **said)


def test_a_lead_gives_her_word_too(cast: Cast) -> None:
    cast.family.leads.create(user=cast.ruth, organisation=cast.trust, starts_on=cast.day)
    assert give(cast, who=cast.ruth, organisation=cast.trust).worker == cast.ruth


def test_who_is_told_no_secrets_gives_no_secret_word(cast: Cast) -> None:
    cast.family.leads.create(user=cast.ruth, organisation=cast.trust, starts_on=cast.day)
    with pytest.raises(promises.NotYours):
        give(
            cast,
            who=cast.ruth,
            organisation=cast.trust,
            person=cast.anne,
            is_confidential=True,
        )
    assert not Promise.objects.exists()


def test_what_is_on_a_secret_referral_is_as_secret(cast: Cast) -> None:
    referral = climbing.refer(cast, is_confidential=True)
    assert isinstance(referral, Referral)
    assert give(cast, referral=referral, person=cast.jamie).is_confidential
