"""Who may know: the one gate in front of everything about a family (design §5)."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Person
from cms.models import Organisation
from marketplace.people import appointments
from marketplace.people.models import User
from marketplace.people.roles import Power
from marketplace.sharing import gate, grounds, looks
from marketplace.sharing.models import Basis, Reason, ReasonKind, Scope
from marketplace.sharing.paths import paths

Row = TypeVar("Row", bound=Model)


class NotFound(history.Refused):
    """No such record for this user: absent and forbidden look the same."""


class Forbidden(history.Refused):
    """The user's own organisation has it, but her role there may not open it."""


class NotTheirs(history.Refused):
    """Somebody else's yes: only she, or who acts for her, takes it back."""


class CannotBeStopped(history.Refused):
    """The sharing rests on the law or a public duty, not on consent."""


def visible(queryset: QuerySet[Row], *, user: User, at: datetime) -> QuerySet[Row]:
    """Narrow any queryset about families to what this user may know at this moment.

    Own household, appointment, lead, or an open reason. Confidential rows are for the person
    herself, an advocate she may confide in, and whoever was asked about that very thing. It stays
    one query, and whatever ended has ended when it runs.
    """
    if not user.is_active:
        return queryset.none()
    path = paths(queryset.model)
    # A socket keeps its user for hours, so the row is asked, not the object.
    is_active = Exists(User.objects.filter(pk=user.pk, is_active=True))
    found = gate.Keys(model=queryset.model, path=path, user=user, at=at)
    if path.held_back is not None:
        held_back = {f"{path.held_back}__gt": timezone.localdate(at)}
        return queryset.filter(is_active, pk__in=found).exclude(**held_back)
    return queryset.filter(is_active, pk__in=found)


def open_record(
    queryset: QuerySet[Row], *, reference: UUID, user: User, at: datetime, kind: str
) -> Row:
    """Open one record and write down that it was looked at.

    Raises NotFound where the user may not know of it, Forbidden where her own organisation has
    it and only her role is in the way.
    """
    row = visible(queryset, user=user, at=at).filter(reference=reference).first()
    if row is None:
        raise _refusal(queryset.filter(reference=reference), user=user, at=at)
    record_look(row=row, reference=reference, user=user, at=at, kind=kind)
    return row


def record_look(*, row: Model, reference: UUID, user: User, at: datetime, kind: str) -> None:
    """Write one look a person the record is about; looking at oneself is not recorded."""
    looks.record(row=row, reference=reference, user=user, at=at, kind=kind)


@transaction.atomic
def open_reason(
    *,
    person: Person,
    kind: ReasonKind,
    scope: Scope,
    basis: Basis,
    subject: UUID,
    at: datetime,
    organisation: Organisation | None = None,
    role: str = "",
    user: User | None = None,
    is_confidential: bool = False,
) -> Reason:
    """Let an organisation's role, or one user, know about a person because of a subject.

    A user's reason that names an organisation too holds while she works there. What is open for
    the same subject is kept where it says the same, and replaced where it does not.
    """
    said = {"kind": kind, "scope": scope, "basis": basis, "is_confidential": is_confidential}
    holder = {"person": person, "organisation": organisation, "role": role, "user": user}
    reason, is_new = Reason.objects.select_for_update(no_key=True).get_or_create(
        **holder, subject=subject, closed_at=None, defaults={**said, "opened_at": at}
    )
    if is_new or all(getattr(reason, name) == value for name, value in said.items()):
        return reason
    reason.closed_at = max(at, reason.opened_at)
    reason.save(update_fields=["closed_at"])
    return Reason.objects.create(**holder, subject=subject, opened_at=at, **said)


def close_reasons(*, subject: UUID, at: datetime, kind: ReasonKind | None = None) -> int:
    """Close the reasons that a subject opened (of one kind, or all); they stop at once."""
    live = Reason.objects.live(at).filter(subject=subject)
    if kind is not None:
        live = live.filter(kind=kind)
    return live.update(closed_at=at)


@transaction.atomic
def stop(*, reason: Reason, by: history.Actor, at: datetime) -> Reason:
    """Stop a sharing that rests on the person's yes; twice changes nothing.

    Who can give that yes can take it back: she herself, who decides for her, or an advocate who
    acts for her. Raises NotTheirs, CannotBeStopped.
    """
    reason = Reason.objects.select_for_update(no_key=True).get(pk=reason.pk)
    if not _may_stop(reason, by=by, at=at):
        raise NotTheirs(_("Only the person it is about, or who decides for her, can stop this."))
    if not reason.can_be_stopped:
        raise CannotBeStopped(
            _("This sharing does not need your yes, so it cannot be stopped here. %(basis)s.")
            % {"basis": Basis(reason.basis).label}
        )
    if reason.closed_at is not None and reason.closed_at <= at:
        return reason
    reason.closed_at = max(at, reason.opened_at)
    reason.save(update_fields=["closed_at"])
    history.record(
        by=by,
        at=at,
        verb="stopped",
        subject_kind="sharing",
        subject=reason.reference,
        person=reason.person,
        from_state="open",
        to_state="closed",
        is_confidential=reason.is_confidential,
    )
    return reason


def _may_stop(reason: Reason, *, by: history.Actor, at: datetime) -> bool:
    if by.kind != history.ActorKind.PERSON:
        return False
    day = timezone.localdate(at)
    user = User.objects.filter(reference=by.reference, is_active=True).first()
    if user is None:
        return False
    if user.person_id == reason.person_id:
        return True
    if reason.is_confidential:  # who decides for her otherwise does not learn of it
        confided = appointments.of(user=user, on=day, power=Power.CONFIDE)
        represented = appointments.of(user=user, on=day, power=Power.REPRESENT)
        both = confided.filter(person=reason.person) & represented.filter(person=reason.person)
        return both.exists()
    deciders = families.deciders(person=reason.person, on=day)
    return user.person_id in [person.pk for person in deciders] or appointments.represents(
        user=user, person=reason.person, on=day
    )


def _refusal(rows: QuerySet[Row], *, user: User, at: datetime) -> history.Refused:
    path, day = paths(rows.model), timezone.localdate(at)
    colleagues = grounds.reasons_of_colleagues(user, at)
    theirs = gate.any_of(rows.model, grounds.under(path, colleagues, day=day))
    if user.is_active and not path.is_private and rows.filter(pk__in=theirs).exists():
        return Forbidden(
            _("Your organisation has this record, but your role there cannot open it.")
        )
    return NotFound(_("There is nothing here that you can open."))
