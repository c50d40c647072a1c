"""One step of a request, by whoever takes it: a verb for each, and a yes where one is needed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from budgets import history
from budgets.models import Person
from cms.models import Step
from marketplace.referrals import acts, applications, commissions, referrals
from marketplace.referrals.models import Referral, YesHow, YesThrough


def take(
    referral: Referral, step: Step, *, answers: Mapping[str, Any], by: history.Actor, at: datetime
) -> Referral:
    """Take one step. Raises what its verb raises."""
    if step == Step.CHECK_ELIGIBILITY:
        asked = {rule.fact for rule in referral.service.criteria.all()}
        facts = {fact: answer for fact, answer in answers.items() if fact in asked}
        return referrals.check_eligibility(referral=referral, answers=facts, by=by, at=at)
    if step == Step.TAKE_APPLICATION:
        basis = applications.basis_for(referral)
        return referrals.apply(referral=referral, answers=answers, basis=basis, by=by, at=at)
    if step == Step.DECIDE_ELIGIBILITY:
        return referrals.decide_eligibility(referral=referral, by=by, at=at)
    if step == Step.ASSESS:
        return referrals.assess(referral=referral, by=by, at=at, quantity=answers.get("quantity"))
    if step == Step.DIAGNOSE:
        return referrals.diagnose(referral=referral, by=by, at=at)
    return commissions.commission(referral=referral, by=by, at=at)


def next_step(referral: Referral) -> Step | None:
    """Return what comes next before a time is agreed; nothing once only that is left."""
    steps = acts.remaining(referral)
    return steps[0] if steps and steps[0] != Step.BOOK else None


def say_yes(
    referral: Referral, *, person: Person, advocate: history.Actor, at: datetime
) -> Referral:
    """Let somebody's yes be told by the advocate."""
    return referrals.say_yes(
        referral=referral,
        person=person,
        how=YesHow.TOLD_ADVOCATE,
        through=YesThrough.PHONE,
        by=advocate,
        at=at,
    )
