"""Somebody who does not feel safe asks to be rung by somebody on her side."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from marketplace.notices import notices
from marketplace.people import appointments
from marketplace.people.models import Appointment, Lead, User
from marketplace.people.roles import POWERS, Power
from marketplace.sharing import grounds, sharing
from marketplace.sharing.models import Basis, Call, ReasonKind, Scope


class NobodyToRing(history.Refused):
    """Nobody is on her side yet, so the numbers on the page are all there is."""


class NotTheirs(history.Refused):
    """Somebody else was asked to ring."""


@transaction.atomic
def ask(*, person: Person, by: history.Actor, at: datetime) -> Call:
    """Ask whoever a person confides in, or else who acts or leads for her, to ring her.

    A call that waits already stands as it is. Raises NobodyToRing.
    """
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    waiting = Call.objects.waiting().filter(person=person).first()
    if waiting is not None:
        return waiting
    users = _on_her_side(person, at=at)
    if not users:
        raise NobodyToRing(_("There is nobody we can ask yet. Please ring one of the numbers."))
    call = Call.objects.create(person=person, asked_at=at)
    for user in users:
        sharing.open_reason(
            person=person,
            user=user,
            kind=ReasonKind.SAFEGUARD,
            scope=Scope.SUBJECT,
            basis=Basis.VITAL_INTERESTS,
            subject=call.reference,
            is_confidential=True,
            at=at,
        )
    notices.tell(users=users, kind="call_asked", subject_kind="call", subject=call.reference, at=at)
    _record(call, verb="asked", by=by, at=at)
    return call


@transaction.atomic
def answer(*, call: Call, by: history.Actor, at: datetime) -> Call:
    """Note that somebody rang; again, and nothing changes. Raises NotTheirs."""
    user = User.objects.filter(reference=by.reference, is_active=True).first()
    call = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    mine = Call.objects.filter(pk=call.pk)
    if user is None or not sharing.visible(mine, user=user, at=at).exists():
        raise NotTheirs(_("Somebody else was asked to ring."))
    if not call.is_waiting:
        return call
    call.answered_at, call.answered_by = at, user
    call.save(update_fields=["answered_at", "answered_by"])
    _record(call, verb="rang", by=by, at=at)
    sharing.close_reasons(subject=call.reference, at=at)
    return call


def waiting(*, user: User, at: datetime) -> QuerySet[Call]:
    """Return who asked this user to ring, the longest wait first."""
    found = sharing.visible(Call.objects.waiting(), user=user, at=at).exclude(
        person=user.person_id or 0
    )
    return found.select_related("person").order_by("asked_at", "pk")


def _on_her_side(person: Person, *, at: datetime) -> list[User]:
    """Return whom she confides in; where there is nobody, who acts or leads for her."""
    day = timezone.localdate(at)
    held = [
        appointment
        for appointment in Appointment.objects.on(day)
        .filter(person=person, user__is_active=True)
        .select_related("user")
        .order_by("pk")
        if appointments.of(user=appointment.user, on=day).filter(pk=appointment.pk).exists()
    ]
    confided = [one.user for one in held if Power.CONFIDE in POWERS[one.kind]]
    if confided:
        return list(dict.fromkeys(confided))
    leads = Lead.objects.on(day).filter(
        family__in=grounds.households([person.pk], day), user__is_active=True
    )
    acting = [one.user for one in held if Power.REPRESENT in POWERS[one.kind]]
    return list(dict.fromkeys([*acting, *(lead.user for lead in leads.select_related("user"))]))


def _record(call: Call, *, verb: str, by: history.Actor, at: datetime) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="call",
        subject=call.reference,
        person=call.person,
        is_confidential=True,
    )
