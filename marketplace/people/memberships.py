"""Who works where: joining, leaving, and the actor that a user is today."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from budgets import history
from cms.models import Organisation
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role


def join(*, user: User, organisation: Organisation, role: Role, on: date) -> Membership:
    """Give a user a role at an organisation from `on`; asking twice changes nothing."""
    membership, _ = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, ends_on=None, defaults={"starts_on": on}
    )
    return membership


def leave(*, membership: Membership, on: date) -> Membership:
    """End a role on `on`; it no longer holds that day, and one still to come never holds."""
    membership.ends_on = max(on, membership.starts_on)
    membership.save(update_fields=["ends_on"])
    return membership


def roles(*, user_reference: str, organisation: UUID | None, on: date) -> frozenset[str]:
    """Return the roles that an active user holds at one organisation on a day."""
    if organisation is None:
        return frozenset()
    return frozenset(
        Membership.objects.on(on)
        .filter(
            user__reference=user_reference,
            user__is_active=True,
            organisation__reference=organisation,
        )
        .values_list("role", flat=True)
    )


def roles_at(*, by: history.Actor, at: datetime) -> frozenset[str]:
    """Return the roles that an actor holds now at the organisation she acts for."""
    if by.kind != history.ActorKind.PERSON:
        return frozenset()
    return roles(
        user_reference=by.reference, organisation=by.organisation, on=timezone.localdate(at)
    )


def current(*, user: User, on: date, among: Iterable[str] | None = None) -> Membership | None:
    """Return the role a user acts in: the oldest one that holds, of those named where any are."""
    held = Membership.objects.on(on).filter(user=user).select_related("organisation")
    if among is not None:
        held = held.filter(role__in=list(among))
    return held.order_by("starts_on", "pk").first()


def actor(
    *,
    user: User,
    at: datetime,
    among: Iterable[str] | None = None,
    on_behalf_of: UUID | None = None,
) -> history.Actor:
    """Return the actor that a user is now: for her organisation, or for herself."""
    membership = current(user=user, on=timezone.localdate(at), among=among)
    return history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(user.reference),
        organisation=membership.organisation.reference if membership else None,
        on_behalf_of=on_behalf_of,
    )


def holders(*, organisation: Organisation, role: str, on: date) -> list[User]:
    """Return the active users who hold a role at an organisation on a day."""
    return list(
        User.objects.filter(
            memberships__in=Membership.objects.on(on).filter(organisation=organisation, role=role),
            is_active=True,
        )
        .distinct()
        .order_by("pk")
    )
