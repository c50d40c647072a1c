"""The rung that moves money: whole or not at all, within limits, or by somebody else's yes."""

import pytest

from budgets import history, ledger, plans
from budgets.models import Transfer
from cms.models import Step
from marketplace.authority.models import Use
from marketplace.referrals import (
    acts,
    commissions,
    endings,
    offers,
    referrals,
)
from marketplace.referrals.models import (
    Rung,
    YesHow,
    YesThrough,
)
from marketplace.sharing import safeguards
from marketplace.sharing.models import Reason
from tests.cast import MENTOR_PENCE, PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing


def test_money_moves_from_left_to_set_aside_with_the_rung(cast: Cast) -> None:
    referral = climbing.ready(cast)
    assert climbing.money(cast) == (PLAN_PENCE, 0, 0)
    climbing.set_aside(cast, referral)
    assert climbing.money(cast) == (PLAN_PENCE - climbing.TOTAL, climbing.TOTAL, 0)
    now = climbing.again(referral)
    assert (now.rung, now.is_charged_to_plan, now.quantity) == (Rung.COMMISSIONED, True, 6)
    event = history.of(referral.reference).filter(verb="commission").get()
    holds = Transfer.objects.filter(subject=referral.reference).order_by("pk")
    assert event.transfers == [str(hold.reference) for hold in holds]
    assert event.rule is not None
    assert {hold.amount_pence for hold in holds} == {MENTOR_PENCE}
    assert len(holds) == 6
    assert ledger.prove().ok


def test_without_the_persons_yes_nothing_moves(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, referral)
    assert climbing.codes(refusal) == {"no_yes"}
    assert climbing.trace(referral) == before


def test_not_enough_money_is_refused_with_nothing_changed(cast: Cast) -> None:
    cast.agreement.rules.filter(step=Step.COMMISSION).update(
        limit_commission_pence=None, limit_family_year_pence=None, limit_year_pence=None
    )
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    offers.freeze(referral=climbing.again(referral), quantity=200, at=cast.at)
    climbing.say_yes(cast, referral)
    climbing.set_aside(cast, referral)  # £5,000.00 of £6,000.00
    kims = climbing.refer(cast, person=climbing.sibling(cast))
    second = climbing.climb(cast, to=Rung.HARD_REFERRED, referral=kims)
    offers.freeze(referral=climbing.again(second), quantity=41, at=cast.at)
    climbing.say_yes(cast, second)
    before = climbing.trace(second)
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, second)
    assert climbing.codes(refusal) == {"no_money"}
    assert "It costs £1,025.00, and less than that is left in the plan." in refusal.value.sentence
    assert climbing.trace(second) == before


def test_a_legal_right_costs_the_plan_nothing_and_is_never_refused_for_money(cast: Cast) -> None:
    cast.mentor.is_statutory = True
    cast.mentor.save()
    plans.close(
        plan=cast.plan,
        on=cast.day,
        must_be_safe=safeguards.must_be_none_at_home,
        by=cast.by(cast.fred_user),
        at=cast.at,
    )
    referral = climbing.set_aside(cast, climbing.ready(cast))
    assert referral.rung == Rung.COMMISSIONED
    assert referral.is_charged_to_plan is False
    assert Transfer.objects.filter(subject=referral.reference).count() == 0


def test_a_plan_that_is_not_active_pays_for_nothing(cast: Cast) -> None:
    referral = climbing.ready(cast)
    plans.close(
        plan=cast.plan,
        on=cast.day,
        must_be_safe=safeguards.must_be_none_at_home,
        by=cast.by(cast.fred_user),
        at=cast.at,
    )
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, referral)
    assert climbing.codes(refusal) == {"no_plan"}


def test_a_mentor_whose_check_ran_out_is_not_commissioned(cast: Cast) -> None:
    referral = climbing.ready(cast)
    cast.mentor.check_valid_until = cast.day.replace(year=2025)
    cast.mentor.save()
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, referral)
    assert climbing.codes(refusal) == {"not_offered"}


def test_an_amount_that_changes_takes_the_yes_back(cast: Cast) -> None:
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    ingrid = cast.by(cast.ingrid)
    referrals.check_eligibility(referral=referral, answers={}, by=ingrid, at=cast.at)
    referrals.apply(
        referral=referral,
        answers=climbing.ANSWERS,
        basis="public_task",  # type: ignore[arg-type]
        by=ingrid,
        at=cast.at,
    )
    referrals.decide_eligibility(referral=referral, by=ingrid, at=cast.at)
    climbing.say_yes(cast, referral)
    referrals.assess(referral=referral, quantity=3, by=ingrid, at=cast.at)
    assert climbing.again(referral).yes_at is None


def test_a_yes_stands_once_money_is_set_aside_on_it(cast: Cast) -> None:
    referral = climbing.set_aside(cast, climbing.ready(cast))
    with pytest.raises(referrals.AlreadySettled):
        climbing.say_yes(cast, referral)


@pytest.mark.parametrize("who", ["anne", "stacey", "jamie", "olive"])
def test_only_who_decides_says_yes(cast: Cast, who: str) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    with pytest.raises(referrals.NotTheirs):
        referrals.say_yes(
            referral=referral,
            person=cast.persons[who],
            how=YesHow.TOLD_ADVOCATE,
            through=YesThrough.PHONE,
            by=cast.by(cast.amira),
            at=cast.at,
        )


def test_what_a_child_keeps_to_himself_he_says_yes_to_himself(cast: Cast) -> None:
    referral = climbing.refer(cast, goal=cast.jamie_secret_goal)
    assert referral.is_confidential
    climbing.climb(cast, to=Rung.HARD_REFERRED, referral=referral)
    with pytest.raises(referrals.NotTheirs):
        climbing.say_yes(cast, referral)
    by = cast.by(cast.amira)
    referrals.say_yes(
        referral=referral,
        person=cast.jamie,
        how=YesHow.TOLD_ADVOCATE,
        through=YesThrough.PHONE,
        by=by,
        at=cast.at,
    )
    assert climbing.set_aside(cast, referral).rung == Rung.COMMISSIONED


# What comes back


@pytest.mark.parametrize("how", ["cancel", "withdraw"])
def test_what_is_stopped_gives_back_the_money_and_the_use_of_the_rule(cast: Cast, how: str) -> None:
    referral = climbing.set_aside(cast, climbing.ready(cast))
    assert set(Use.objects.values_list("amount_pence", flat=True)) == {climbing.TOTAL}
    by = cast.by(cast.amira)
    if how == "cancel":
        commissions.cancel(referral=referral, by=by, at=cast.at)
    else:
        endings.withdraw(referral=referral, by=by, at=cast.at)
    assert climbing.money(cast) == (PLAN_PENCE, 0, 0)
    assert set(Use.objects.values_list("amount_pence", flat=True)) == {0}
    assert ledger.prove().ok


def test_a_cancelled_commission_needs_a_new_yes_and_can_be_made_again(cast: Cast) -> None:
    referral = climbing.set_aside(cast, climbing.ready(cast))
    commissions.cancel(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert climbing.again(referral).yes_at is None
    climbing.say_yes(cast, referral)
    climbing.set_aside(cast, referral)
    assert climbing.money(cast) == (PLAN_PENCE - climbing.TOTAL, climbing.TOTAL, 0)
    assert (
        not Reason.objects.filter(
            kind="booking", subject=referral.reference, closed_at=None
        ).count()
        > 1
    )
