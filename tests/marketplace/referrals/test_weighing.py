"""What is asked before buying, how a yes was told, and taking it back in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.authority import uses
from marketplace.authority.models import Rule
from marketplace.bookings import bookings, cooling_off
from marketplace.bookings.models import Slot
from marketplace.referrals import acts, approvals, commissions, parties, yeses
from marketplace.referrals.models import (
    Approval,
    ApprovalState,
    PromiseKind,
    Referral,
    Rung,
    YesHow,
    YesThrough,
)
from tests.cast import PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing


def unweighed(cast: Cast) -> Referral:
    """Return a referral with Fred's yes that nobody asked what it is for."""
    referral = climbing.refer(cast, is_weighed=False)
    return climbing.say_yes(cast, climbing.climb(cast, to=Rung.HARD_REFERRED, referral=referral))


def weigh(cast: Cast, referral: Referral, **said: Any) -> Referral:
    """Say what is asked before buying: nothing in particular, unless told."""
    answers = {"goal": None, "barrier": None, "met_by": "", "instead_of": "", **said}
    by = answers.pop("by", cast.by(cast.amira))
    return commissions.weigh(referral=referral, by=by, at=cast.at, **answers)


def test_nothing_is_bought_before_it_is_asked_what_for_and_what_could_stop_it(cast: Cast) -> None:
    referral = unweighed(cast)
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, referral)
    assert climbing.codes(refusal) == {"not_weighed"}
    assert climbing.trace(referral) == before
    weigh(cast, referral, goal=cast.jamie_goal)
    assert climbing.set_aside(cast, referral).rung == Rung.COMMISSIONED
    assert "weigh" in climbing.verbs(referral)


def test_the_database_has_the_last_word(cast: Cast) -> None:
    referral = climbing.set_aside(cast, climbing.ready(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(weighed_at=None)


def test_no_approval_is_asked_for_what_was_not_weighed(cast: Cast) -> None:
    cast.agreement.rules.update(limit_commission_pence=100)
    with pytest.raises(acts.NotAllowed):
        approvals.ask(referral=unweighed(cast), by=cast.by(cast.amira), at=cast.at)


def test_what_could_stop_it_wants_what_meets_it(cast: Cast) -> None:
    referral = unweighed(cast)
    with pytest.raises(commissions.SaysNotWhatMeetsIt):
        weigh(cast, referral, barrier=cast.barrier, met_by="  ")
    weigh(cast, referral, barrier=cast.barrier, met_by="Anne drives him.")
    kept = climbing.again(referral)
    assert (kept.barrier, kept.met_by, kept.is_weighed) == (cast.barrier, "Anne drives him.", True)


def test_a_service_asked_for_beside_meets_it_too(cast: Cast) -> None:
    club = cast.youth_club
    referral = climbing.refer(cast, is_weighed=False, barrier=cast.barrier)
    with pytest.raises(commissions.NotTheirsToWeigh):
        commissions.add_beside(referral=referral, service=club, by=cast.by(cast.amira), at=cast.at)
    club.terms.add(cast.barrier)
    club.save()
    added = commissions.add_beside(
        referral=referral, service=club, by=cast.by(cast.amira), at=cast.at
    )
    assert (added.beside, added.rung, added.person) == (referral, Rung.SIGNPOSTED, cast.jamie)
    weigh(cast, referral, barrier=cast.barrier)
    assert climbing.again(referral).is_weighed


def test_who_has_no_part_in_it_weighs_nothing(cast: Cast) -> None:
    referral = unweighed(cast)
    before = climbing.trace(referral)
    for who in ("nadia", "ruth", "dev", "sam", "olive_user"):
        with pytest.raises(commissions.NotTheirsToWeigh):
            weigh(cast, referral, by=cast.by(cast.users[who]))
    assert climbing.trace(referral) == before


def test_what_is_open_serves_no_secret_goal_and_nobody_elses(cast: Cast) -> None:
    referral = unweighed(cast)
    for goal in (cast.stacey_secret_goal, cast.jamie_secret_goal):
        with pytest.raises(commissions.NotTheirsToWeigh):
            weigh(cast, referral, goal=goal)


def test_a_told_yes_says_through_what_and_when(cast: Cast) -> None:
    referral = climbing.ready(cast)
    assert referral.yes_through == YesThrough.FACE_TO_FACE
    assert referral.yes_told_on == cast.day
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(yes_through="")


def test_a_yes_is_told_between_the_asking_and_today(cast: Cast) -> None:
    referral = climbing.refer(cast)
    for days in (-2, 1):
        with pytest.raises(yeses.SaysNotHow):
            yeses.write(
                referral=referral,
                person=cast.fred,
                how=YesHow.TOLD_ADVOCATE,
                through=YesThrough.PHONE,
                told_on=cast.day + timedelta(days=days),
                at=cast.at,
            )


def test_taking_the_yes_back_returns_the_money_and_frees_the_time(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    first = climbing.offer_times(cast, cast.mentor)
    bookings.ask(referral=referral, first=first, by=cast.by(cast.amira), at=cast.at)
    back = cooling_off.take_yes_back(referral=referral, by=cast.by(cast.fred_user), at=cast.at)
    assert back.rung == Rung.HARD_REFERRED
    assert not climbing.again(referral).has_yes
    assert climbing.money(cast) == (PLAN_PENCE, 0, 0)
    assert not Slot.objects.filter(taken__gt=0).exists()
    rule = Rule.objects.get(agreement=cast.agreement, service=cast.mentor, step="commission")
    used = uses.totals(rule=rule, family=cast.family, year=uses.year_of(cast.day))
    assert used == uses.Totals(0, 0)
    climbing.commission(cast, back)
    assert climbing.money(cast)[1] == climbing.TOTAL


def test_taking_the_yes_back_ends_the_wait_for_approval(cast: Cast) -> None:
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    cooling_off.take_yes_back(referral=referral, by=cast.by(cast.fred_user), at=cast.at)
    assert Approval.objects.get(pk=approval.pk).state == ApprovalState.CLOSED
    assert not referral.promises.open().filter(kind=PromiseKind.APPROVE).exists()
    with pytest.raises(approvals.NotWaiting):
        approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)


def test_once_the_provider_has_accepted_the_yes_stands(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.BOOKED)
    before = climbing.trace(referral)
    with pytest.raises(commissions.TooLate):
        cooling_off.take_yes_back(referral=referral, by=cast.by(cast.fred_user), at=cast.at)
    assert climbing.trace(referral) == before


def test_nobody_else_takes_a_familys_yes_back(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    before = climbing.trace(referral)
    for who in ("dev", "ingrid", "nadia", "olive_user", "colin"):
        by = cast.by(cast.users[who])
        with pytest.raises(commissions.NotTheirsToCancel):
            cooling_off.take_yes_back(referral=referral, by=by, at=cast.at)
    assert climbing.trace(referral) == before


def test_who_only_asked_does_not_take_a_familys_yes_back(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    sam = cast.by(cast.sam)  # as if the police had sent him in
    Referral.objects.filter(pk=referral.pk).update(
        referrer=cast.sam, referrer_organisation=cast.police
    )
    referral = climbing.again(referral)
    assert parties.is_for_family(referral=referral, by=sam, at=cast.at)
    before = climbing.trace(referral)
    with pytest.raises(commissions.NotTheirsToCancel):
        cooling_off.take_yes_back(referral=referral, by=sam, at=cast.at)
    assert climbing.trace(referral) == before


def _who_asked_has_their_word(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parties, "has_their_word", parties.is_for_family)


def _never_weighed_is_weighed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Referral, "is_weighed", True)


def _no_time_is_too_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(commissions, "must_be_in_time", lambda **_all: None)


@pytest.mark.once
@pytest.mark.parametrize(
    ("off", "test"),
    [
        (
            _never_weighed_is_weighed,
            test_nothing_is_bought_before_it_is_asked_what_for_and_what_could_stop_it,
        ),
        (_who_asked_has_their_word, test_who_only_asked_does_not_take_a_familys_yes_back),
        (_no_time_is_too_late, test_once_the_provider_has_accepted_the_yes_stands),
    ],
)
def test_without_the_check_it_goes_wrong(
    off: Any, test: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception, IntegrityError)):
        test(cast)
