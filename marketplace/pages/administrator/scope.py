"""Whose people an administrator looks after: her own organisations', or everybody's."""

import uuid
from typing import TypeVar

from django.db.models import Model, Prefetch, Q, QuerySet
from django.http import Http404

from cms.models import Organisation
from marketplace.pages import doors
from marketplace.people.models import Competence, Interest, Invitation, Membership, User
from marketplace.people.roles import Role

Row = TypeVar("Row", bound=Model)


def organisations(visit: doors.Visit) -> QuerySet[Organisation]:
    """Return the places whose people she looks after: all, for who looks after the whole site."""
    found = Organisation.objects.order_by("name", "pk")
    if visit.user.is_superuser:
        return found
    runs = Membership.objects.on(visit.today).filter(user=visit.user, role=Role.ADMINISTRATOR)
    return found.filter(pk__in=runs.values("organisation"))


def memberships(visit: doors.Visit) -> QuerySet[Membership]:
    """Return every role at those places; what somebody does elsewhere is not hers to know."""
    return Membership.objects.filter(organisation__in=organisations(visit).values("pk"))


def people(visit: doors.Visit) -> QuerySet[User]:
    """Return the workers of those places, with their roles there: never a family's sign-in."""
    workers = User.objects.filter(person__isnull=True).order_by("name", "pk")
    if not visit.user.is_superuser:
        workers = workers.filter(pk__in=memberships(visit).values("user"))
    standing = Q(ends_on__isnull=True) | Q(ends_on__gt=visit.today)
    held = memberships(visit).filter(standing).select_related("organisation")
    return workers.prefetch_related(
        Prefetch("memberships", held.order_by("organisation__name", "pk"), to_attr="held")
    )


def competences(visit: doors.Visit) -> QuerySet[Competence]:
    """Return what her people are qualified for."""
    return Competence.objects.filter(user__in=people(visit).values("pk"))


def interests(visit: doors.Visit) -> QuerySet[Interest]:
    """Return where her people gain."""
    return Interest.objects.filter(user__in=people(visit).values("pk"))


def invitations(visit: doors.Visit) -> QuerySet[Invitation]:
    """Return who was asked to work at those places."""
    return Invitation.objects.filter(organisation__in=organisations(visit).values("pk"))


def one(found: QuerySet[Row], reference: uuid.UUID) -> Row:
    """Return one of them: 404 where it is not hers, as where there is none."""
    row = found.filter(reference=reference).first()
    if row is None:
        raise Http404
    return row
