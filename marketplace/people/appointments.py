"""Advocates, whom persons choose, and leads, who answer for families (report §4.2)."""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from budgets.models import Family, Person
from cms.models import Organisation
from marketplace.people.models import Appointment, Lead, Membership, User
from marketplace.people.roles import POWERS, AdvocateKind, Power, Role

# These advocates stand beside people for an organisation, and only while they work for one.
EMPLOYED = {
    AdvocateKind.PAID_ADVOCATE: Role.ADVOCATE,
    AdvocateKind.LEAD_PROFESSIONAL: Role.LEAD_PROFESSIONAL,
}


@transaction.atomic
def appoint(*, person: Person, user: User, kind: AdvocateKind, on: date) -> Appointment:
    """Appoint an advocate with the powers of her kind; a new kind replaces the old one."""
    held = (
        Appointment.objects.select_for_update(no_key=True)
        .filter(person=person, user=user, ends_on=None)
        .first()
    )
    if held is not None and held.kind == kind:
        return held
    if held is not None:
        end(appointment=held, on=on)
    return Appointment.objects.create(person=person, user=user, kind=kind, starts_on=on)


def end(*, appointment: Appointment, on: date) -> Appointment:
    """End an appointment; its powers are gone that day."""
    appointment.ends_on = max(on, appointment.starts_on)
    appointment.save(update_fields=["ends_on"])
    return appointment


@transaction.atomic
def lead(*, family: Family, user: User, organisation: Organisation, on: date) -> Lead:
    """Name the one worker who answers for a family, in place of whoever did."""
    for held in Lead.objects.select_for_update(no_key=True).filter(family=family, ends_on=None):
        held.ends_on = max(on, held.starts_on)
        held.save(update_fields=["ends_on"])
    return Lead.objects.create(family=family, user=user, organisation=organisation, starts_on=on)


def of(*, user: User, on: date, power: Power | None = None) -> QuerySet[Appointment]:
    """Return what a user is appointed to on a day, with one power where it is named.

    A paid advocate's and a lead professional's appointments hold while they work as one.
    """
    works = Membership.objects.on(on).filter(user=user)
    holds = ~Q(kind__in=list(EMPLOYED))
    for kind, role in EMPLOYED.items():
        holds |= Q(Exists(works.filter(role=role)), kind=kind)
    found = Appointment.objects.on(on).filter(holds, user=user)
    if power is not None:
        found = found.filter(kind__in=[kind for kind, powers in POWERS.items() if power in powers])
    return found


def leads_of(*, user: User, on: date) -> QuerySet[Lead]:
    """Return what a user leads on a day, while she works for the organisation she leads for."""
    works = Membership.objects.on(on).filter(user=user, organisation=OuterRef("organisation"))
    return Lead.objects.on(on).filter(Exists(works), user=user)


def represents(*, user: User, person: Person, on: date) -> bool:
    """Tell whether a person appointed a user with the power to act for her."""
    return of(user=user, on=on, power=Power.REPRESENT).filter(person=person).exists()
