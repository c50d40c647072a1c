"""Who may know: the one gate in front of everything about a family (design §5)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Member, Person
from cms.models import Organisation
from marketplace.people import memberships
from marketplace.people.models import Appointment, Lead, Membership, User
from marketplace.people.roles import POWERS, Power, Role
from marketplace.sharing.models import Basis, Look, Reason, ReasonKind, Scope

Row = TypeVar("Row", bound=Model)

CONFIDANTES = [kind for kind, powers in POWERS.items() if Power.CONFIDE in powers]
REPRESENTATIVES = [kind for kind, powers in POWERS.items() if Power.REPRESENT in powers]


class NotFound(history.Refused):
    """No such record for this user: absent and forbidden look the same."""


class Forbidden(history.Refused):
    """The user's own organisation has it, but her role there may not open it."""


def visible(queryset: QuerySet[Row], *, user: User, at: datetime) -> QuerySet[Row]:
    """Narrow any queryset about families to what this user may know at this moment.

    Own household, appointment, lead, or an open reason. Confidential rows are for the person
    herself, an advocate she may confide in, and whoever was asked about that very thing.
    """
    if not user.is_active:
        return queryset.none()
    model: Any = queryset.model
    day = timezone.localdate(at)
    allowed = _household(model, user, day) | _appointed(model, user, day) | _led(model, user, day)
    allowed |= _reasoned(model, user, at)
    return queryset.filter(pk__in=model._default_manager.filter(allowed).values("pk"))


def open_record(
    queryset: QuerySet[Row], *, reference: UUID, user: User, at: datetime, kind: str
) -> Row:
    """Open one record and write down that it was looked at.

    Raises NotFound where the user may not know of it, Forbidden where her own organisation has
    it and only her role is in the way.
    """
    row = visible(queryset, user=user, at=at).filter(reference=reference).first()
    if row is None:
        raise _refusal(reference=reference, user=user, at=at)
    record_look(row=row, reference=reference, user=user, at=at, kind=kind)
    return row


def record_look(*, row: Model, reference: UUID, user: User, at: datetime, kind: str) -> None:
    """Write one look a person the record is about; looking at oneself is not recorded."""
    day = timezone.localdate(at)
    mine = getattr(user, "person_id", None)
    membership = memberships.current(user=user, on=day)
    if membership is None and mine is not None and _person_of(row) is None:
        return  # a household reading its own shared plan
    Look.objects.bulk_create(
        Look(
            person=person,
            user=user,
            organisation=membership.organisation if membership else None,
            role=membership.role if membership else Role.FAMILY,
            subject_kind=kind,
            subject=reference,
            ground=_ground(person=person, user=user, at=at),
            is_confidential=_is_confidential(row),
            at=at,
        )
        for person in _about(row, day)
        if person.pk != mine
    )


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
    """Let an organisation's role, or one user, know about a person because of a subject."""
    reason, _created = Reason.objects.get_or_create(
        person=person,
        organisation=organisation,
        role=role,
        user=user,
        subject=subject,
        closed_at=None,
        defaults={
            "kind": kind,
            "scope": scope,
            "basis": basis,
            "is_confidential": is_confidential,
            "opened_at": at,
        },
    )
    return reason


def close_reasons(*, subject: UUID, at: datetime, kind: ReasonKind | None = None) -> int:
    """Close the reasons that a subject opened (of one kind, or all); they stop at once."""
    live = Reason.objects.live(at).filter(subject=subject)
    if kind is not None:
        live = live.filter(kind=kind)
    return live.update(closed_at=at)


def stop(*, reason: Reason, at: datetime) -> Reason:
    """Stop a sharing that rests on the person's yes. Raises CannotBeStopped."""
    if not reason.can_be_stopped:
        raise CannotBeStopped(
            _("This sharing does not need your yes, so it cannot be stopped here. %(basis)s.")
            % {"basis": Basis(reason.basis).label}
        )
    reason.closed_at = at
    reason.save(update_fields=["closed_at"])
    return reason


class CannotBeStopped(history.Refused):
    """The sharing rests on the law or a public duty, not on consent."""


@dataclass(frozen=True)
class Paths:
    """How a model leads to what it is about, with a prefix-safe lookup for each."""

    family: str
    person: str | None
    confidential: str | None
    subject: str | None


def paths(model: Any) -> Paths:
    """Return a model's paths; an empty path means the row itself."""
    person = getattr(model, "PERSON_PATH", None)
    return Paths(
        family=model.FAMILY_PATH or "pk",
        person="pk" if person == "" else person,
        confidential=getattr(model, "CONFIDENTIAL_PATH", None),
        subject=getattr(model, "SUBJECT_PATH", None),
    )


def _households(persons: Any, day: date) -> Any:
    return Member.objects.on(day).filter(person__in=persons).values("family")


def _at_home(families: Any, day: date) -> Any:
    return Member.objects.on(day).filter(family__in=families).values("person")


def _about_these(model: Any, persons: Any, families: Any | None) -> Q:
    """Return what is about these persons, and what is about their household and nobody named."""
    path = paths(model)
    if path.person is None:
        return Q(**{f"{path.family}__in": families}) if families is not None else Q(pk__in=[])
    about = Q(**{f"{path.person}__in": persons})
    if families is not None and path.person != "pk":
        about |= Q(**{f"{path.person}__isnull": True, f"{path.family}__in": families})
    return about


def _open_only(model: Any) -> Q:
    path = paths(model).confidential
    return Q(**{path: False}) if path else Q()


def _household(model: Any, user: User, day: date) -> Q:
    if user.person_id is None:
        return Q(pk__in=[])
    mine = [user.person_id]
    families = _households(mine, day)
    shared = _about_these(model, _at_home(families, day), families) & _open_only(model)
    return shared | _about_these(model, mine, None)


def _appointed(model: Any, user: User, day: date) -> Q:
    held = Appointment.objects.on(day).filter(user=user)
    represented = held.filter(kind__in=REPRESENTATIVES).values("person")
    confided = held.filter(kind__in=CONFIDANTES).values("person")
    shared = _about_these(model, held.values("person"), _households(represented, day))
    return (shared & _open_only(model)) | _about_these(model, confided, None)


def _led(model: Any, user: User, day: date) -> Q:
    families = Lead.objects.on(day).filter(user=user).values("family")
    return _about_these(model, _at_home(families, day), families) & _open_only(model)


def _reasons(user: User, at: datetime) -> QuerySet[Reason]:
    held = Membership.objects.on(timezone.localdate(at)).filter(
        user=user, organisation=OuterRef("organisation"), role=OuterRef("role")
    )
    return Reason.objects.live(at).filter(Q(user=user) | Exists(held))


def _reasoned(model: Any, user: User, at: datetime) -> Q:
    day = timezone.localdate(at)
    live = _reasons(user, at)
    whole = live.filter(scope=Scope.RECORD).values("person")
    about = _about_these(model, whole, _households(whole, day)) & _open_only(model)
    path = paths(model)
    if path.subject is not None:
        about |= Q(**{f"{path.subject}__in": live.values("subject")})
    if path.person == "pk":
        about |= Q(pk__in=live.values("person"))
    return about


def _refusal(*, reference: UUID, user: User, at: datetime) -> history.Refused:
    day = timezone.localdate(at)
    employers = Membership.objects.on(day).filter(user=user).values("organisation")
    if Reason.objects.live(at).filter(subject=reference, organisation__in=employers).exists():
        return Forbidden(
            _("Your organisation has this record, but your role there cannot open it.")
        )
    return NotFound(_("There is nothing here that you can open."))


def _person_of(row: Any) -> Person | None:
    found = row
    for name in filter(None, (getattr(row, "PERSON_PATH", None) or "").split("__")):
        found = getattr(found, name)
    return found if isinstance(found, Person) else None


def _about(row: Any, day: date) -> list[Person]:
    person = _person_of(row)
    if person is not None:
        return [person]
    found = row
    for name in filter(None, row.FAMILY_PATH.split("__")):
        found = getattr(found, name)
    if not isinstance(found, Family):
        return []
    return list(Person.objects.filter(pk__in=_at_home([found.pk], day)))


def _is_confidential(row: Any) -> bool:
    found = row
    path = getattr(row, "CONFIDENTIAL_PATH", None)
    if not path:
        return False
    for name in path.split("__"):
        found = getattr(found, name)
    return bool(found)


def _ground(*, person: Person, user: User, at: datetime) -> str:
    """Return why the user may look: the plainest ground that holds."""
    day = timezone.localdate(at)
    if Appointment.objects.on(day).filter(user=user, person=person).exists():
        return "appointment"
    families = _households([person.pk], day)
    if Lead.objects.on(day).filter(user=user, family__in=families).exists():
        return "lead"
    reason = _reasons(user, at).filter(person=person).order_by("opened_at").first()
    return reason.kind if reason else "household"
