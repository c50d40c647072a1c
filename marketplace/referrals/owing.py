"""Whose a promise is, who is told of it, and what is written down of it."""

from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from budgets import families, history
from budgets.models import Person
from marketplace.notices import notices, topics
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals.models import GIVEN_KINDS, Promise, PromiseKind

# Whose promise it is where it isn't the owner's intake's.
ROLE_OF_KIND: dict[PromiseKind, Role] = {
    PromiseKind.OFFER_TIME: Role.PROVIDER_WORKER,
    PromiseKind.APPROVE: Role.COMMISSIONER,
}


def holders(promise: Promise, *, at: datetime) -> list[User]:
    """Return whose promise it is: the worker, else her colleagues, else who runs the place.

    What the family said it would do is told to who decides and to who asked for it.
    """
    day, organisation = timezone.localdate(at), promise.organisation
    if promise.worker is not None and _is_at_work(promise, day=day):
        return [promise.worker]
    if organisation is None:
        return _family_side(promise, day=day)
    found: list[User] = []
    for role in roles_of(promise):
        found += memberships.holders(organisation=organisation, role=role, on=day)
    return found or memberships.holders(organisation=organisation, role=Role.ADMINISTRATOR, on=day)


def roles_of(promise: Promise) -> tuple[Role, ...]:
    """Return the roles at the promising organisation whose promise it is."""
    kind, referral = PromiseKind(promise.kind), promise.referral
    if kind in ROLE_OF_KIND:
        return (ROLE_OF_KIND[kind],)
    if kind not in GIVEN_KINDS:
        return (Role.INTAKE_WORKER,)
    if referral is not None and promise.organisation_id == referral.service.owner_id:
        return (Role.INTAKE_WORKER,)
    if referral is not None and promise.organisation_id == referral.service.provider_id:
        return (Role.PROVIDER_WORKER,)
    return (Role.ADVOCATE, Role.LEAD_PROFESSIONAL)


def record(promise: Promise, *, verb: str, by: history.Actor, at: datetime) -> None:
    """Write a line of history: of its referral, or of itself where it is of none."""
    referral = promise.referral
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="promise" if referral is None else "referral",
        subject=promise.reference if referral is None else referral.reference,
        family=promise.family,
        person=promise.person,
        reason=promise.kind,
        is_confidential=promise.is_confidential,
    )


def tell(promise: Promise, *, kind: str, at: datetime) -> None:
    """Tell whose promise it is."""
    referral = promise.referral
    notices.tell(
        users=holders(promise, at=at),
        kind=kind,
        subject_kind="promise" if referral is None else "referral",
        subject=promise.reference if referral is None else referral.reference,
        at=at,
    )


def publish(promise: Promise) -> None:
    """Tell open pages, once the transaction is committed; of what is secret not the household."""
    if promise.organisation is not None:
        topics.publish(topics.inbox(promise.organisation.reference))
    if promise.referral is not None:
        topics.publish(topics.referral(promise.referral.reference))
    if not promise.is_confidential:
        topics.publish(topics.plan(promise.family.reference))


def deciders(promise: Promise, *, day: date) -> list[Person]:
    """Return who answers for the person: herself, and who decides where it is no secret."""
    if promise.is_confidential:
        return [promise.person]
    return [promise.person, *families.deciders(person=promise.person, on=day)]


def _family_side(promise: Promise, *, day: date) -> list[User]:
    referrer = promise.referral.referrer_id if promise.referral is not None else None
    decide = (
        [promise.person]
        if promise.is_confidential
        else families.deciders(person=promise.person, on=day)
    )
    at_home = [one.pk for one in decide]
    found = User.objects.filter(Q(person__in=at_home) | Q(pk=referrer or 0), is_active=True)
    return list(found.order_by("pk"))


def _is_at_work(promise: Promise, *, day: date) -> bool:
    """Tell whether the worker can still keep it: she signs in, and works where she gave it for."""
    worker, organisation = promise.worker, promise.organisation
    if worker is None or not worker.is_active:
        return False
    works = worker.memberships.on(day)
    return organisation is None or works.filter(organisation=organisation).exists()
