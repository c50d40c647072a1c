"""Promises with a clock in working days: made, kept, chased; silence never closes one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation, Step
from marketplace.notices import notices, topics, working_days
from marketplace.people import appointments
from marketplace.people.roles import Power, Role
from marketplace.referrals import parties
from marketplace.referrals.models import Promise, PromiseKind, Referral

AMBER_PERCENT = 80

KIND_OF_STEP: dict[str, PromiseKind] = {
    Step.CHECK_ELIGIBILITY: PromiseKind.ANSWER,
    Step.TAKE_APPLICATION: PromiseKind.ANSWER,
    Step.DECIDE_ELIGIBILITY: PromiseKind.DECIDE,
    Step.ASSESS: PromiseKind.ASSESS,
    Step.DIAGNOSE: PromiseKind.ASSESS,
    Step.COMMISSION: PromiseKind.ANSWER,
    Step.BOOK: PromiseKind.OFFER_TIME,
}


# Whose promise it is where it isn't the owner's intake's.
ROLE_OF_KIND: dict[PromiseKind, Role] = {
    PromiseKind.OFFER_TIME: Role.PROVIDER_WORKER,
    PromiseKind.APPROVE: Role.COMMISSIONER,
}


class NotYours(history.Refused):
    """Who has no part in it, or was not given that power, does not chase."""


class NotOwed(history.Refused):
    """What is kept or lapsed is not chased."""


@dataclass(frozen=True)
class Clock:
    """How a promise stands on a day: light is green, amber (80 % gone) or late."""

    light: Literal["green", "amber", "late"]
    due_on: date
    working_days_left: int

    @property
    def is_late(self) -> bool:
        """Tell whether its day has passed."""
        return self.light == "late"


def make(
    *,
    referral: Referral,
    kind: PromiseKind,
    organisation: Organisation | None,
    working_days_given: int,
    at: datetime,
) -> Promise:
    """Promise something by a day; an open promise of the same kind stands as it is."""
    due_on = working_days.after(timezone.localdate(at), working_days_given)
    promise, _is_new = Promise.objects.get_or_create(
        referral=referral,
        kind=kind,
        kept_at=None,
        ended_at=None,
        defaults={"organisation": organisation, "made_at": at, "due_on": due_on},
    )
    return promise


def keep(*, referral: Referral, kinds: tuple[PromiseKind, ...], at: datetime) -> None:
    """Note that what was promised was done."""
    Promise.objects.open().filter(referral=referral, kind__in=kinds).update(kept_at=at)


def let_go(*, referral: Referral, at: datetime) -> None:
    """End what is no longer owed because the referral ended."""
    Promise.objects.open().filter(referral=referral).update(ended_at=at)


def clock(promise: Promise, *, day: date) -> Clock:
    """Return how a promise stands on a day (amber at 80 % of its working days)."""
    made_on = timezone.localdate(promise.made_at)
    left = working_days.between(day, promise.due_on)
    if day > promise.due_on:
        return Clock("late", promise.due_on, 0)
    given = max(working_days.between(made_on, promise.due_on), 1)
    gone = working_days.between(made_on, day)
    light: Literal["green", "amber"] = "amber" if gone * 100 >= given * AMBER_PERCENT else "green"
    return Clock(light, promise.due_on, left)


@transaction.atomic
def chase(*, promise: Promise, by: history.Actor, at: datetime) -> Promise:
    """Chase a promise: tell whoever made it, and write down that we did.

    Raises NotYours, NotOwed.
    """
    promise = Promise.objects.select_for_update(no_key=True).get(pk=promise.pk)
    if not promise.is_open:
        raise NotOwed(_("This was done already, so there is nothing to chase."))
    referral = Referral.objects.with_names().get(pk=promise.referral_id)
    if not _may_chase(referral=referral, by=by, at=at):
        raise NotYours(_("You may not chase this one."))
    promise.chased_at = at
    promise.save(update_fields=["chased_at"])
    history.record(
        by=by,
        at=at,
        verb="chased",
        subject_kind="referral",
        subject=referral.reference,
        family=referral.family,
        person=referral.person,
        reason=promise.kind,
        is_confidential=referral.is_confidential,
    )
    _tell(promise=promise, referral=referral, at=at)
    return promise


def sweep(*, at: datetime) -> int:
    """Chase every promise that is late and was not chased yet; return how many."""
    late = Promise.objects.late(timezone.localdate(at)).filter(chased_at=None)
    clockwork = history.Actor(kind=history.ActorKind.CLOCK, reference="promises")
    chased = 0
    for promise in late.order_by("pk"):
        chase(promise=promise, by=clockwork, at=at)
        chased += 1
    return chased


def _may_chase(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether it is somebody's to chase: the family's side, its lead, or the service's."""
    if by.kind == history.ActorKind.CLOCK:
        return True
    user = parties.user_of(by)
    if user is None:
        return False
    day = timezone.localdate(at)
    chases = appointments.of(user=user, on=day, power=Power.CHASE)
    return (
        parties.is_for_family(referral=referral, by=by, at=at)
        or chases.filter(person=referral.person).exists()
        or appointments.leads_of(user=user, on=day).filter(family=referral.family).exists()
        or any(
            parties.works_at(organisation=referral.service.owner, role=role, by=by, at=at)
            for role in (Role.INTAKE_WORKER, Role.COMMISSIONER)
        )
    )


def _tell(*, promise: Promise, referral: Referral, at: datetime) -> None:
    organisation = promise.organisation
    if organisation is None:
        return
    notices.tell_role(
        organisation=organisation,
        role=ROLE_OF_KIND.get(PromiseKind(promise.kind), Role.INTAKE_WORKER),
        kind="promise_late",
        subject_kind="referral",
        subject=referral.reference,
        at=at,
    )
    topics.publish(topics.inbox(organisation.reference))
