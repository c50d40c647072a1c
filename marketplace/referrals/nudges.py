"""What the clock does about promises: one nudge at amber, one when late, then one escalation.

Once each, whichever sweep comes first, and each written down. A paused clock nudges nobody, and
silence never closes anything (design §4).
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from budgets import history
from cms.models import Organisation
from marketplace.notices import notices, working_days
from marketplace.people import memberships
from marketplace.people.models import Lead, User
from marketplace.people.roles import Role
from marketplace.referrals import owing
from marketplace.referrals.models import Promise, PromiseKind

ESCALATE_WORKING_DAYS = 2
"""So long after it was told to be late a promise may lie until somebody above hears of it."""

# A family's own turn is nobody's fault, and an approval has its own way up.
NEVER_ESCALATED = (PromiseKind.SAY_YES, PromiseKind.APPROVE)

CLOCK = history.Actor(kind=history.ActorKind.CLOCK, reference="promises")


def sweep(*, at: datetime) -> int:
    """Nudge and escalate what is due for it; return how many times that was."""
    day = timezone.localdate(at)
    return (
        _each(soon(day=day), _nudge, "nudged_at", at=at)
        + _each(late(day=day), _tell_late, "late_told_at", at=at)
        + _each(long_late(day=day), _escalate, "escalated_at", at=at)
    )


def soon(*, day: date) -> QuerySet[Promise]:
    """Return what turned amber and nobody was nudged of; what was due at once needs no nudge."""
    return Promise.objects.running(day).filter(
        nudged_at=None, late_told_at=None, amber_on__lte=day, due_on__gte=day, working_days__gt=0
    )


def late(*, day: date) -> QuerySet[Promise]:
    """Return what is late and nobody was told of."""
    return Promise.objects.running(day).filter(due_on__lt=day, late_told_at=None)


def long_late(*, day: date) -> QuerySet[Promise]:
    """Return what stayed late, and nobody above was told of."""
    return (
        Promise.objects.running(day)
        .filter(
            due_on__lt=day,
            late_told_at__date__lte=working_days.before(day, ESCALATE_WORKING_DAYS),
            escalated_at=None,
        )
        .exclude(kind__in=NEVER_ESCALATED)
    )


def above(promise: Promise, *, at: datetime) -> list[User]:
    """Return who hears of a promise that stays late: the owner's commissioner, or for a worker's
    word whoever leads for the family and the worker's administrators."""
    day, referral = timezone.localdate(at), promise.referral
    owner = referral.service.owner if referral is not None else None
    found: list[User] = []
    if promise.worker is not None or owner is None:
        found += _leads(promise, day=day)
        if promise.organisation is not None:
            found += _people(promise.organisation, Role.ADMINISTRATOR, day=day)
    if owner is not None and not found:
        found = _people(owner, Role.COMMISSIONER, day=day)
        found = found or _people(owner, Role.ADMINISTRATOR, day=day)
    return [one for one in found if one.pk != promise.worker_id]


def _each(
    due: QuerySet[Promise],
    act: Callable[[Promise, datetime], None],
    field: str,
    *,
    at: datetime,
) -> int:
    """Do one thing about each, in a transaction of its own: two sweeps never do it twice."""
    done = 0
    for key in list(due.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            promise = _locked(key)
            if not promise.is_open or getattr(promise, field) is not None:
                continue
            act(promise, at)
            done += 1
    return done


def _nudge(promise: Promise, at: datetime) -> None:
    promise.nudged_at = at
    promise.save(update_fields=["nudged_at"])
    owing.record(promise, verb="nudged", by=CLOCK, at=at)
    owing.tell(promise, kind=_said(promise, "promise_soon"), at=at)


def _tell_late(promise: Promise, at: datetime) -> None:
    promise.late_told_at = promise.chased_at = at
    promise.save(update_fields=["late_told_at", "chased_at"])
    is_familys = promise.kind == PromiseKind.SAY_YES
    owing.record(promise, verb="nudged" if is_familys else "chased", by=CLOCK, at=at)
    owing.tell(promise, kind=_said(promise, "promise_late"), at=at)
    owing.publish(promise)


def _escalate(promise: Promise, at: datetime) -> None:
    promise.escalated_at = at
    promise.save(update_fields=["escalated_at"])
    owing.record(promise, verb="escalated", by=CLOCK, at=at)
    notices.tell(
        users=above(promise, at=at),
        kind="promise_broken",
        # No kind of record: above, they read of the promise and not of the family.
        subject_kind="late-promise",
        subject=promise.reference,
        at=at,
    )
    owing.publish(promise)


def _said(promise: Promise, kind: str) -> str:
    """Return what is said: to a family, that it is its turn, and not that it is late."""
    return "your_turn" if promise.kind == PromiseKind.SAY_YES else kind


def _locked(key: int) -> Promise:
    return (
        Promise.objects.select_for_update(no_key=True, of=("self",))
        .select_related("family", "person", "organisation", "worker", "referral__service__owner")
        .get(pk=key)
    )


def _leads(promise: Promise, *, day: date) -> list[User]:
    held = Lead.objects.on(day).filter(family=promise.family, user__is_active=True)
    return [lead.user for lead in held.select_related("user").order_by("pk")]


def _people(organisation: Organisation, role: Role, *, day: date) -> list[User]:
    return memberships.holders(organisation=organisation, role=role, on=day)
