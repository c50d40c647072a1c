"""Limits, and somebody else's yes where a cost is above them."""

import pytest

from cms.models import Step
from marketplace.authority.models import Rule
from marketplace.referrals import (
    acts,
    approvals,
    endings,
)
from marketplace.referrals.models import (
    Approval,
    ApprovalState,
    Promise,
    Rung,
    StepTaken,
)
from marketplace.sharing.models import Reason
from tests.cast import PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("limit_commission_pence", "over_limit"),
        ("limit_family_year_pence", "over_family_limit"),
        ("limit_year_pence", "over_year_limit"),
    ],
)
def test_a_penny_over_any_limit_waits_for_approval(cast: Cast, limit: str, code: str) -> None:
    referral = climbing.limited(cast, **{limit: climbing.TOTAL - 1})
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, referral)
    assert climbing.codes(refusal) == {code}
    assert refusal.value.act.needs_approval
    assert climbing.trace(referral) == before


def test_exactly_the_limit_goes_through_and_splitting_does_not_get_round_it(cast: Cast) -> None:
    climbing.set_aside(cast, climbing.limited(cast, limit_family_year_pence=climbing.TOTAL))
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, climbing.ready(cast, person=climbing.sibling(cast)))
    assert climbing.codes(refusal) == {"over_family_limit"}


def test_over_her_limit_another_person_approves_under_her_own_authority(cast: Cast) -> None:
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert approval.organisation == cast.county
    assert approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at) == approval
    assert climbing.verbs(referral).count("ask_approval") == 1
    approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    assert climbing.again(referral).rung == Rung.COMMISSIONED
    step = StepTaken.objects.get(referral=referral, step=Step.COMMISSION)
    assert step.rule is not None
    rule = Rule.objects.get(reference=step.rule)
    assert rule.agreement == cast.scheme
    assert climbing.money(cast)[1] == climbing.TOTAL
    assert not Reason.objects.filter(kind="approval", closed_at=None).exists()
    assert not Promise.objects.open().filter(kind="approve").exists()


@pytest.mark.parametrize("who", ["amira", "dev", "ingrid", "femi", "nadia", "fred_user"])
def test_neither_the_asker_nor_anybody_who_was_not_asked_answers(cast: Cast, who: str) -> None:
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    by = cast.by(cast.users[who])
    with pytest.raises(approvals.NotYours):
        approvals.approve(approval=approval, by=by, at=cast.at)
    with pytest.raises(approvals.NotYours):
        approvals.refuse(approval=approval, words="No.", by=by, at=cast.at)
    assert Approval.objects.get().state == ApprovalState.WAITING
    assert climbing.money(cast) == (PLAN_PENCE, 0, 0)


def test_an_approver_needs_enough_limit_herself(cast: Cast) -> None:
    cast.scheme.rules.update(limit_commission_pence=100)
    approval = approvals.ask(
        referral=climbing.limited(cast, limit_commission_pence=100),
        by=cast.by(cast.amira),
        at=cast.at,
    )
    with pytest.raises(approvals.NotYours):
        approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    approvals.approve(approval=approval, by=cast.by(cast.helena), at=cast.at)
    assert climbing.money(cast)[1] == climbing.TOTAL


def test_a_refused_cost_leaves_the_referral_where_it_is(cast: Cast) -> None:
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    approvals.refuse(approval=approval, words="Six is a lot.", by=cast.by(cast.colin), at=cast.at)
    assert climbing.again(referral).rung == Rung.HARD_REFERRED
    with pytest.raises(approvals.NotWaiting):
        approvals.approve(approval=approval, by=cast.by(cast.helena), at=cast.at)


def test_what_was_stopped_meanwhile_needs_no_approval_any_more(cast: Cast) -> None:
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    endings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert Approval.objects.get().state == ApprovalState.CLOSED
    with pytest.raises(approvals.NotWaiting):
        approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    assert climbing.money(cast) == (PLAN_PENCE, 0, 0)
