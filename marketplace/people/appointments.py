"""Advocates, whom persons choose, and leads, who answer for families (report §4.2)."""

from datetime import date

from django.db import transaction

from budgets.models import Family, Person
from cms.models import Organisation
from marketplace.people.models import Appointment, Lead, User
from marketplace.people.roles import AdvocateKind


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
