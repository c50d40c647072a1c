"""Concerns that nobody looked at in time: the owner is told, and then whoever is one level up."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from budgets import history
from marketplace.notices import notices, working_days
from marketplace.people.models import Membership
from marketplace.sharing import managers, sharing
from marketplace.sharing.models import Basis, ReasonKind, Safeguard, Scope

PATIENCE = 2
"""Working days that the owner has, once she was told, before somebody else is."""


def nightly(*, at: datetime) -> int:
    """Tell owners that a review is due, and managers where they let it lie; return how many.

    An owner who has left cannot look, so her managers are told at once.
    """
    day = timezone.localdate(at)
    due = Safeguard.objects.to_review(day)
    nudged = [_nudge(pk, at=at) for pk in _keys(due.filter(nudged_at__isnull=True))]
    left = _without_owner(at).filter(escalated_at__isnull=True)
    late = due.filter(nudged_at__isnull=False, escalated_at__isnull=True).select_related(None)
    lying = [
        one.pk
        for one in late
        if one.nudged_at is not None
        and working_days.between(timezone.localdate(one.nudged_at), day) >= PATIENCE
    ]
    escalated = [_escalate(pk, at=at) for pk in dict.fromkeys([*_keys(left), *lying])]
    return sum(nudged) + sum(escalated)


def _keys(rows: QuerySet[Safeguard]) -> list[int]:
    return list(rows.order_by("review_on", "pk").values_list("pk", flat=True))


def _without_owner(at: datetime) -> QuerySet[Safeguard]:
    works = Membership.objects.on(timezone.localdate(at)).filter(
        user=OuterRef("owner"), organisation=OuterRef("owner_organisation"), user__is_active=True
    )
    return Safeguard.objects.open().exclude(Exists(works))


@transaction.atomic
def _nudge(pk: int, *, at: datetime) -> bool:
    safeguard = _locked(pk)
    if not safeguard.is_open or safeguard.nudged_at is not None:
        return False
    safeguard.nudged_at = at
    safeguard.save(update_fields=["nudged_at"])
    _record(safeguard, verb="nudged", at=at)
    notices.tell(
        users=[safeguard.owner],
        kind="safeguard_review_due",
        subject_kind="safeguard",
        subject=safeguard.reference,
        at=at,
    )
    return True


@transaction.atomic
def _escalate(pk: int, *, at: datetime) -> bool:
    """Tell the managers, and let them see this one concern, so that they can hand it over."""
    safeguard = _locked(pk)
    if not safeguard.is_open or safeguard.escalated_at is not None:
        return False
    organisation = safeguard.owner_organisation
    users = managers.of(organisation=organisation, on=timezone.localdate(at), but=safeguard.owner)
    safeguard.escalated_at = at
    safeguard.save(update_fields=["escalated_at"])
    _record(safeguard, verb="escalated", at=at)
    for user in users:
        sharing.open_reason(
            person=safeguard.person,
            user=user,
            organisation=organisation,
            kind=ReasonKind.SAFEGUARD,
            scope=Scope.SUBJECT,
            basis=Basis.PUBLIC_TASK if organisation.is_public_body else Basis.VITAL_INTERESTS,
            subject=safeguard.reference,
            is_confidential=safeguard.is_confidential,
            at=at,
        )
    notices.tell(
        users=users or managers.above(on=timezone.localdate(at), but=safeguard.owner),
        kind="safeguard_review_late",
        subject_kind="safeguard",
        subject=safeguard.reference,
        at=at,
    )
    return True


def _locked(pk: int) -> Safeguard:
    return (
        Safeguard.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "owner", "owner_organisation")
        .get(pk=pk)
    )


def _record(safeguard: Safeguard, *, verb: str, at: datetime) -> None:
    history.record(
        by=history.Actor(kind=history.ActorKind.CLOCK, reference="safeguards"),
        at=at,
        verb=verb,
        subject_kind="safeguard",
        subject=safeguard.reference,
        person=safeguard.person,
        from_state=safeguard.state,
        to_state=safeguard.state,
        is_confidential=safeguard.is_confidential,
    )
