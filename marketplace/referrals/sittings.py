"""One sitting: from why, through every step the referrer may take, to whoever goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from budgets import history
from budgets.models import Family, Goal, Person, Plan
from cms.models import Service, Step, Term
from marketplace.referrals import acts, again, applications, ladder, parties, referrals, routes
from marketplace.referrals.models import Referral

# What the referrer can do something about herself: get the yes, or ask the next level.
NO_END = {"no_yes", "not_weighed", "over_limit", "over_family_limit", "over_year_limit", "interest"}


@dataclass(frozen=True)
class Why:
    """Why somebody asks: which goal and need, instead of what, and what could stop it working.

    `is_weighed` where all that is asked before buying was asked.
    """

    plan: Plan | None = None
    goal: Goal | None = None
    need: Term | None = None
    barrier: Term | None = None
    met_by: str = ""
    instead_of: str = ""
    is_weighed: bool = False
    is_confidential: bool = False
    came: routes.Came | None = None


@transaction.atomic
def ask(
    *,
    person: Person,
    family: Family,
    service: Service,
    why: Why,
    facts: Mapping[str, Any],
    answers: Mapping[str, Any],
    by: history.Actor,
    at: datetime,
) -> Referral:
    """Refer, and take the check and the application at once where the actor may.

    Where nothing more is hers to do, her sitting ends. Raises what these steps raise; then
    nothing is kept.
    """
    (referral,) = ask_many(
        person=person,
        family=family,
        services=[service],
        why=why,
        facts=facts,
        answers=answers,
        by=by,
        at=at,
    )
    return referral


@transaction.atomic
def ask_many(
    *,
    person: Person,
    family: Family,
    services: Iterable[Service],
    why: Why,
    facts: Mapping[str, Any],
    answers: Mapping[str, Any],
    by: history.Actor,
    at: datetime,
) -> list[Referral]:
    """Ask several services with one form, all or none; each is told only what it asked for."""
    chosen = [
        _start(person=person, family=family, service=service, why=why, facts=facts, by=by, at=at)
        for service in services
    ]
    applications.send(chosen=chosen, answers=answers, by=by, at=at)
    return [close(referral=referral, by=by, at=at) for referral in chosen]


@transaction.atomic
def close(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """End the referrer's sitting where nothing more is hers to do; else leave it open."""
    referral = Referral.objects.with_names().get(pk=referral.pk)
    if not referral.is_open or ladder.is_taken_over(referral=referral, by=by):
        return referral
    if can_go_on(referral=referral, by=by, at=at):
        return referral
    return referrals.hand_over(referral=referral, by=by, at=at)


def can_go_on(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether the next step is the actor's: allowed, or only short of a yes or an approval."""
    for act in acts.available(referral=referral, by=by, at=at)[:1]:
        return act.allowed or {reason.code for reason in act.reasons} <= NO_END
    return False


def _start(
    *,
    person: Person,
    family: Family,
    service: Service,
    why: Why,
    facts: Mapping[str, Any],
    by: history.Actor,
    at: datetime,
) -> Referral:
    referral = _told_before(person=person, service=service, why=why, by=by, at=at)
    said: dict[str, Any] = {
        "plan": why.plan,
        "goal": why.goal,
        "need": why.need,
        "barrier": why.barrier,
        "met_by": why.met_by,
        "instead_of": why.instead_of,
        "is_weighed": why.is_weighed,
        "by": by,
        "at": at,
    }
    if referral is None:
        referral = referrals.refer(
            person=person,
            family=family,
            service=service,
            is_confidential=why.is_confidential,
            came=why.came,
            **said,
        )
    elif any(act.allowed for act in acts.available(referral=referral, by=by, at=at)[:1]):
        referral = again.take_up(referral=referral, **said)
    check = acts.act_for(referral=referral, step=Step.CHECK_ELIGIBILITY, by=by, at=at)
    if not check.allowed:
        return referral
    asked = {rule.fact for rule in service.criteria.all()}
    given = {fact: answer for fact, answer in facts.items() if fact in asked}
    return referrals.check_eligibility(referral=referral, answers=given, by=by, at=at)


def _told_before(
    *, person: Person, service: Service, why: Why, by: history.Actor, at: datetime
) -> Referral | None:
    """Return what the person was only told of till now, where the actor may know of it."""
    user = parties.user_of(by)
    if user is None:
        return None
    return again.only_told(
        person=person,
        service=service,
        is_confidential=why.is_confidential
        or service.is_confidential
        or bool(why.goal and why.goal.is_confidential),
        user=user,
        at=at,
    )
