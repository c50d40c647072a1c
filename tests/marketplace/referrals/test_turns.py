"""Nothing open is ever on nobody's list."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.models import Event
from marketplace.management.commands import nightly
from marketplace.notices.models import Channel, Notice
from marketplace.people.models import Appointment, Membership, User
from marketplace.people.roles import Role
from marketplace.referrals import referrals, takes, turns
from marketplace.referrals.models import PromiseKind, Referral, Rung, Take
from marketplace.referrals.models.referral import CLIMB
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing


@pytest.fixture
def waiting(cast: Cast) -> Referral:
    """Return a referral that waits for the county's decision."""
    referral = climbing.climb(cast, to=Rung.APPLIED)
    return referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)


def lying(cast: Cast) -> list[turns.Stuck]:
    """Return what lies on nobody's list."""
    return turns.stuck(found=turns.left_over(at=cast.at))


def leave(cast: Cast, user: User) -> None:
    """Let somebody's roles have ended."""
    Membership.objects.filter(user=user).update(ends_on=cast.day)


def turn(referral: Referral) -> turns.Turn:
    """Return whose turn it is now."""
    return turns.of(turns.with_turns(Referral.objects.filter(pk=referral.pk)).get())


@pytest.mark.parametrize("rung", CLIMB)
def test_on_every_rung_it_is_somebodys_turn(cast: Cast, rung: Rung) -> None:
    referral = climbing.climb(cast, to=rung)
    assert lying(cast) == []
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert lying(cast) == []


def test_whose_turn_it_is_follows_what_is_promised(cast: Cast, waiting: Referral) -> None:
    assert turn(waiting) == turns.Turn(cast.county, (Role.INTAKE_WORKER,))
    referrals.decide_eligibility(referral=waiting, by=cast.by(cast.ingrid), at=cast.at)
    assert turn(waiting).is_familys
    climbing.say_yes(cast, waiting)
    assert turn(waiting) == turns.Turn(cast.county, (Role.INTAKE_WORKER,))
    climbing.set_aside(cast, waiting)
    assert turn(waiting) == turns.Turn(cast.mentors, (Role.PROVIDER_WORKER,))
    climbing.book(cast, waiting)
    assert turn(waiting) == turns.Turn(cast.mentors, (Role.PROVIDER_WORKER,))


def test_without_a_promise_it_follows_the_steps(cast: Cast, waiting: Referral) -> None:
    waiting.promises.all().delete()
    assert turn(waiting) == turns.Turn(cast.county, (Role.INTAKE_WORKER,))


def test_what_nobody_is_left_for_goes_to_the_administrator_once(
    cast: Cast, waiting: Referral
) -> None:
    assert turns.nightly(at=cast.at) == 0
    leave(cast, cast.ingrid)
    (stuck,) = lying(cast)
    assert (stuck.organisation, stuck.missing) == (cast.county, "Intake worker")
    assert [turns.nightly(at=cast.later(days=day)) for day in range(3)] == [1, 0, 0]
    told = Notice.objects.filter(kind="nobodys_turn", channel=Channel.IN_APP)
    assert set(told.values_list("user", flat=True)) == {cast.adam.pk}
    assert climbing.again(waiting).is_open


def test_what_is_secret_is_not_named_to_an_administrator(cast: Cast, waiting: Referral) -> None:
    leave(cast, cast.ingrid)
    (stuck,) = lying(cast)
    assert stuck.what == cast.mentor.name
    Referral.objects.filter(pk=waiting.pk).update(is_confidential=True)
    (stuck,) = lying(cast)
    assert stuck.what == "Confidential support"


def test_a_colleague_is_enough(cast: Cast, waiting: Referral) -> None:
    leave(cast, cast.ingrid)
    factories.worker(cast, cast.county, Role.INTAKE_WORKER)
    assert lying(cast) == []


@pytest.mark.parametrize("gone", ["suspended", "switched off"])
def test_who_cannot_sign_in_is_nobody(cast: Cast, waiting: Referral, gone: str) -> None:
    if gone == "suspended":
        Membership.objects.filter(user=cast.ingrid).update(suspended_at=cast.at)
    else:
        User.objects.filter(pk=cast.ingrid.pk).update(is_active=False)
    assert [one.referral for one in lying(cast)] == [waiting]


def test_when_something_happened_meanwhile_it_is_told_again(cast: Cast, waiting: Referral) -> None:
    leave(cast, cast.ingrid)
    turns.nightly(at=cast.at)
    factories.event(cast, cast.jamie, subject=waiting.reference, at=cast.later(days=1))
    assert turns.nightly(at=cast.later(days=2)) == 1


def test_a_sitting_whose_worker_left_is_not_forgotten(cast: Cast) -> None:
    """The family speaks for itself where it signs in; else it goes to where she asked from."""
    referral = climbing.climb(cast, to=Rung.APPLIED)
    leave(cast, cast.amira)
    assert lying(cast) == []  # Fred decides for Jamie, and signs in
    User.objects.filter(person__isnull=False).update(is_active=False)
    (stuck,) = lying(cast)
    assert (stuck.referral, stuck.organisation) == (referral, cast.beacon)


def test_an_advocate_who_represents_is_somebody(cast: Cast) -> None:
    referral = factories.referral(cast, cast.jamie, rung=Rung.SIGNPOSTED)
    User.objects.filter(person__isnull=False).update(is_active=False)
    assert lying(cast) == []
    Appointment.objects.filter(user=cast.amira).update(ends_on=cast.day)
    assert [one.referral for one in lying(cast)] == [referral]


def test_a_workers_own_word_falls_to_her_colleagues(cast: Cast) -> None:
    referral = factories.referral(
        cast,
        cast.jamie,
        rung=Rung.SOFT_REFERRED,
        handed_over_rung=Rung.SOFT_REFERRED,
        handed_over_at=cast.at,
    )
    factories.promise(
        cast,
        referral,
        kind=PromiseKind.CALL_BACK,
        organisation=cast.beacon,
        worker=cast.amira,
    )
    assert turn(referral).worker == cast.amira
    leave(cast, cast.amira)
    assert [one.organisation for one in lying(cast)] == [cast.beacon]
    factories.worker(cast, cast.beacon, Role.ADVOCATE)
    assert lying(cast) == []


def test_where_no_administrator_is_left_it_goes_to_who_looks_after_the_site(
    cast: Cast, waiting: Referral
) -> None:
    site = factories.user(is_superuser=True)
    for user in (cast.ingrid, cast.adam):
        leave(cast, user)
    turns.nightly(at=cast.at)
    told = Notice.objects.filter(kind="nobodys_turn", channel=Channel.IN_APP)
    assert set(told.values_list("user", flat=True)) == {site.pk}


def test_the_night_looks_for_it(cast: Cast, waiting: Referral) -> None:
    assert nightly.JOBS["turns"] is turns.nightly
    leave(cast, cast.ingrid)
    nightly.JOBS["turns"](at=cast.at)
    assert Event.objects.filter(subject=waiting.reference, verb=turns.LEFT).exists()


def test_the_night_puts_back_what_is_held_for_nothing(cast: Cast, waiting: Referral) -> None:
    takes.take(
        referral=waiting,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        by=cast.by(cast.ingrid),
        at=cast.at,
    )
    turns.nightly(at=cast.at)
    assert Take.objects.get().put_back_at is None
    leave(cast, cast.ingrid)
    turns.nightly(at=cast.later(days=1))
    assert Take.objects.get().put_back_at == cast.later(days=1)


@pytest.mark.once
def test_however_many_lie_there_the_queries_are_the_same(cast: Cast) -> None:
    leave(cast, cast.ingrid)
    counts = []
    for count in (2, 6):
        for _number in range(count):
            referral = factories.referral(
                cast,
                factories.person(cast, cast.family),
                rung=Rung.APPLIED,
                handed_over_rung=Rung.APPLIED,
                handed_over_at=cast.at,
            )
            factories.promise(cast, referral)
        with CaptureQueriesContext(connection) as queries:
            lying(cast)
        counts.append(len(queries))
    assert len(lying(cast)) == 8
    assert counts[0] == counts[1] <= 5


def test_that_test_goes_red_when_who_has_left_still_counts(
    cast: Cast, waiting: Referral, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everybody(found: object, day: object) -> object:
        return Membership.objects.all()

    monkeypatch.setattr(type(Membership.objects.all()), "on", everybody)
    with pytest.raises((AssertionError, ValueError)):
        test_what_nobody_is_left_for_goes_to_the_administrator_once(cast, waiting)
