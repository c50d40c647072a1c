"""Who checks what a worker did: a manager where she works, or whoever keeps the place's sign-ins.

Nobody checks herself.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from budgets import history
from cms.models import Organisation, OrganisationKind
from marketplace.people import memberships
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role

MANAGERS = (Role.ADMINISTRATOR, Role.COMMISSIONER)


def of(*, organisation: Organisation, on: date, but: User) -> list[User]:
    """Return the managers of an organisation, but for the one whose act it is."""
    held = Membership.objects.on(on).filter(organisation=organisation, role__in=MANAGERS)
    found = User.objects.filter(pk__in=held.values("user"), is_active=True)
    return list(found.exclude(pk=but.pk).order_by("pk"))


def above(*, on: date, but: User) -> list[User]:
    """Return the administrators of the county council, who keep everybody's sign-ins."""
    held = Membership.objects.on(on).filter(
        role=Role.ADMINISTRATOR, organisation__kind=OrganisationKind.COUNTY_COUNCIL
    )
    found = User.objects.filter(pk__in=held.values("user"), is_active=True)
    return list(found.exclude(pk=but.pk).order_by("pk"))


def reviewers(*, organisation: Organisation, on: date, but: User) -> list[User]:
    """Return who checks an act: managers there, or where there is none, those above."""
    return of(organisation=organisation, on=on, but=but) or above(on=on, but=but)


def everybody(*, organisation: Organisation, on: date, but: User) -> list[User]:
    """Return managers and those above them, each once."""
    both = [*of(organisation=organisation, on=on, but=but), *above(on=on, but=but)]
    return list(dict.fromkeys(both))


def reviewer(
    *, organisation: Organisation, by: history.Actor, at: datetime, but: User
) -> User | None:
    """Return the user that an actor is where she may check an act of this organisation."""
    if by.kind != history.ActorKind.PERSON or not memberships.roles_at(by=by, at=at):
        return None
    may = reviewers(organisation=organisation, on=timezone.localdate(at), but=but)
    return next((user for user in may if str(user.reference) == by.reference), None)


def organisations(*, user: User, on: date) -> Iterable[Organisation]:
    """Return where a user is a manager."""
    held = Membership.objects.on(on).filter(user=user, role__in=MANAGERS)
    return Organisation.objects.filter(pk__in=held.values("organisation"))
