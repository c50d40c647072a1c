"""One sitting of a family: ask, go as far as the rules let it, and hand over where they stop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from budgets import history
from budgets.models import Family, Goal, Person, Plan
from cms.models import Service, Step, Term
from marketplace.notices import notices
from marketplace.people import appointments
from marketplace.people.models import Appointment, Membership, User
from marketplace.referrals import (
    acts,
    applications,
    approvals,
    commissions,
    promises,
    referrals,
    reopenings,
)
from marketplace.referrals.models import PromiseKind, Referral, Rung, YesHow

CALL_BACK_DAYS = 2
# What stands against it whoever asks: the yes is not taken then.
HOPELESS = frozenset({"no_money", "not_offered", "not_checked", "no_plan"})


@dataclass(frozen=True)
class Wish:
    """What a family asks for, for whom, and what it said."""

    person: Person
    family: Family
    service: Service
    plan: Plan | None = None
    goal: Goal | None = None
    barrier: Term | None = None
    met_by: str = ""
    instead_of: str = ""
    is_weighed: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


def ask(wish: Wish, *, begun: Referral | None, by: history.Actor, at: datetime) -> Referral:
    """Ask for a service and climb as far as the family may; `begun` is what it was told of.

    Where the next step is somebody else's, the sitting is handed over. Raises what the verbs do.
    """
    referral = begun or _refer(wish, by=by, at=at)
    if wish.is_weighed and not referral.is_weighed:
        referral = commissions.weigh(
            referral=referral,
            goal=wish.goal or referral.goal,
            barrier=wish.barrier,
            met_by=wish.met_by,
            instead_of=wish.instead_of,
            by=by,
            at=at,
        )
    while True:
        following = acts.available(referral=referral, by=by, at=at)[:1]
        if not following or not following[0].allowed:
            break
        taken = _take(following[0].step, referral, wish, by=by, at=at)
        if taken is None:
            break
        referral = taken
    if not is_theirs(referral):
        referral = referrals.hand_over(referral=referral, by=by, at=at)
    return referral


def reopen(before: Referral, *, note: str, by: history.Actor, at: datetime) -> Referral:
    """Take up again what ended; where the family may do no step itself, its advocate goes on.

    Raises what `reopenings.reopen` raises, and NotAllowed where nobody on its side could go on.
    """
    referral = reopenings.reopen(referral=before, note=note, by=by, at=at)
    if referral.rung != Rung.SIGNPOSTED or is_theirs(referral):
        return referral
    advocate = advocate_of(referral.person, at=at)
    if advocate is None:
        following = acts.available(referral=referral, by=by, at=at)
        raise acts.NotAllowed(following[0])
    return _to_advocate(referral, advocate=advocate, by=by, at=at)


def is_theirs(referral: Referral) -> bool:
    """Tell whether the next step is the family's: to say yes, or to choose a time."""
    return acts.remaining(referral)[:1] in ([Step.COMMISSION], [Step.BOOK])


def to_advocate(
    wish: Wish,
    *,
    advocate: Appointment,
    begun: Referral | None,
    by: history.Actor,
    at: datetime,
) -> Referral:
    """Hand a wish over to the person's own advocate, who promises to ring."""
    referral = begun or _refer(wish, by=by, at=at)
    return _to_advocate(referral, advocate=advocate, by=by, at=at)


def advocate_of(person: Person, *, at: datetime) -> Appointment | None:
    """Return the advocate who may act for a person now, if she chose one."""
    day = timezone.localdate(at)
    held = Appointment.objects.on(day).filter(person=person, user__is_active=True)
    return next(
        (
            one
            for one in held.select_related("user").order_by("starts_on", "pk")
            if appointments.represents(user=one.user, person=person, on=day)
        ),
        None,
    )


def agree(referral: Referral, *, person: Person, by: history.Actor, at: datetime) -> Referral:
    """Say yes, and book the money where the family may; else whoever can is told.

    Raises acts.NotAllowed where nobody could, such as for want of money: then no yes is kept.
    """
    referral = referrals.say_yes(
        referral=referral, person=person, how=YesHow.SIGNED_IN, by=by, at=at
    )
    act = acts.act_for(referral=referral, step=Step.COMMISSION, by=by, at=at)
    if act.allowed:
        return commissions.commission(referral=referral, by=by, at=at)
    if HOPELESS & {reason.code for reason in act.reasons}:
        raise acts.NotAllowed(act)
    if act.needs_approval:
        approvals.ask(referral=referral, by=by, at=at)
    return referrals.hand_over(referral=referral, by=by, at=at)


def _to_advocate(
    referral: Referral, *, advocate: Appointment, by: history.Actor, at: datetime
) -> Referral:
    referral = referrals.hand_over(referral=referral, by=by, at=at)
    works = Membership.objects.filter(user=advocate.user, ends_on=None).order_by("starts_on", "pk")
    held = works.select_related("organisation").first()
    promises.make(
        referral=referral,
        kind=PromiseKind.CALL_BACK,
        organisation=held.organisation if held else None,
        worker=advocate.user,
        working_days_given=CALL_BACK_DAYS,
        at=at,
    )
    notices.tell(
        users=User.objects.filter(pk=advocate.user_id),
        kind="family_asks_you",
        subject_kind="referral",
        subject=referral.reference,
        at=at,
    )
    return referral


def _refer(wish: Wish, *, by: history.Actor, at: datetime) -> Referral:
    return referrals.refer(
        person=wish.person,
        family=wish.family,
        service=wish.service,
        plan=wish.plan,
        goal=wish.goal,
        barrier=wish.barrier,
        met_by=wish.met_by,
        instead_of=wish.instead_of,
        is_weighed=wish.is_weighed,
        is_confidential=wish.goal.is_confidential if wish.goal else False,
        by=by,
        at=at,
    )


def _take(
    step: Step, referral: Referral, wish: Wish, *, by: history.Actor, at: datetime
) -> Referral | None:
    """Take one step for the family, or None where it is not one it takes here."""
    if step == Step.CHECK_ELIGIBILITY:
        return referrals.check_eligibility(referral=referral, answers=wish.facts, by=by, at=at)
    if step == Step.TAKE_APPLICATION:
        basis = applications.basis_for(referral)
        return referrals.apply(referral=referral, answers=wish.answers, basis=basis, by=by, at=at)
    if step == Step.DECIDE_ELIGIBILITY:
        return referrals.decide_eligibility(referral=referral, by=by, at=at)
    if step == Step.ASSESS:
        return referrals.assess(referral=referral, by=by, at=at)
    return None
