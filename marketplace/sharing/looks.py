"""Writing down who opened what about whom, and why (design §5, "who may know")."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from budgets.models import Family, Member, Person
from cms.models import Organisation
from marketplace.people import appointments
from marketplace.people.models import Membership, User
from marketplace.people.roles import AdvocateKind, Power, Role
from marketplace.sharing import grounds, held_back
from marketplace.sharing.models import Emergency, Look, Reason, ReasonKind
from marketplace.sharing.paths import follow, paths


@dataclass(frozen=True)
class Why:
    """Why a user may look at one person: the ground, and the role she looks in.

    A reason has its reference, an appointment the power that it is looked at by.
    """

    ground: str
    organisation: Organisation | None
    role: str
    is_confidential: bool = False
    reason: UUID | None = None
    power: str = ""


def record(
    *,
    row: Model,
    reference: UUID,
    user: User,
    at: datetime,
    kind: str,
    request: UUID | None = None,
) -> None:
    """Write one look a person the record is about, in a constant number of queries.

    Looking at oneself is not recorded, nor is a household that reads what it shares. `request`:
    what the person asked about her record, which the user has to answer.
    """
    about = _about(row, at)
    persons = [person for person in about if person.pk != user.person_id]
    if not persons or (user.person_id is not None and _is_shared_at_home(row, about, user)):
        return
    is_confidential = _is_confidential(row)
    why = _why(
        user=user,
        persons=persons,
        subject=_subject(row),
        is_confidential=is_confidential,
        request=request,
        at=at,
    )
    Look.objects.bulk_create(
        _look(person, why[person.pk], user, kind, reference, is_confidential, at)
        for person in persons
    )


def record_emergency(*, emergency: Emergency, at: datetime) -> Look:
    """Write a look at what an emergency opens, marked as one."""
    reason = Reason.objects.get(subject=emergency.reference, kind=ReasonKind.EMERGENCY)
    why = Why(
        ground=ReasonKind.EMERGENCY,
        organisation=emergency.organisation,
        role=emergency.role,
        reason=reason.reference,
    )
    look = _look(emergency.person, why, emergency.user, "record", emergency.reference, False, at)
    look.save()
    return look


def was_written(*, user: User, subject: UUID, since: datetime) -> bool:
    """Tell whether a look of a user's at a subject was written since a moment."""
    return Look.objects.filter(user=user, subject=subject, at__gte=since).exists()


def _look(
    person: Person,
    why: Why,
    user: User,
    kind: str,
    reference: UUID,
    is_confidential: bool,
    at: datetime,
) -> Look:
    kept = held_back.kept(
        person=person,
        organisation=why.organisation,
        ground=why.ground,
        concern=reference if kind == "safeguard" else None,
        at=at,
    )
    return Look(
        person=person,
        user=user,
        organisation=why.organisation,
        role=why.role,
        subject_kind=kind,
        subject=reference,
        ground=why.ground,
        reason=why.reason,
        power=why.power,
        is_confidential=is_confidential or why.is_confidential,
        held_back_until=kept.until if kept else None,
        held_back_for=kept.code if kept else "",
        at=at,
    )


def _about(row: Any, at: datetime) -> list[Person]:
    person = follow(row, getattr(row, "PERSON_PATH", None))
    if isinstance(person, Person):
        return [person]
    family = follow(row, row.FAMILY_PATH)
    if not isinstance(family, Family):
        return []
    return list(Person.objects.at_home(family=family, on=timezone.localdate(at)))


def _is_shared_at_home(row: Any, about: Iterable[Person], user: User) -> bool:
    names_nobody = follow(row, getattr(row, "PERSON_PATH", None)) is None
    return names_nobody and any(person.pk == user.person_id for person in about)


def _subject(row: Any) -> UUID | None:
    found = follow(row, paths(type(row)).subject)
    return found if isinstance(found, UUID) else None


def _is_confidential(row: Any) -> bool:
    return bool(follow(row, paths(type(row)).confidential))


def _why(
    *,
    user: User,
    persons: list[Person],
    subject: UUID | None,
    is_confidential: bool,
    request: UUID | None,
    at: datetime,
) -> dict[int, Why]:
    """Return the plainest ground for each person: appointed, leading, asked, or at home."""
    day = timezone.localdate(at)
    works = list(
        Membership.objects.on(day)
        .filter(user=user)
        .select_related("organisation")
        .order_by("-starts_on", "-pk")
    )
    employers = {membership.role: membership.organisation for membership in works}
    plain = Why("household", None, Role.FAMILY)
    if works:
        ground = "role" if request is None else "request"
        plain = Why(ground, works[-1].organisation, works[-1].role, reason=request)
    return {
        **{person.pk: plain for person in persons},
        **_asked(user=user, persons=persons, subject=subject, at=at),
        **_led(user=user, persons=persons, day=day),
        **_appointed(
            user=user,
            persons=persons,
            employers=employers,
            power=Power.CONFIDE if is_confidential else Power.REPRESENT,
            day=day,
        ),
    }


def _asked(
    *, user: User, persons: list[Person], subject: UUID | None, at: datetime
) -> dict[int, Why]:
    """Return the reason for each person: that of the subject itself, else one that may be shown."""
    live = [
        reason
        for reasons in grounds.reasons(user, at)
        for reason in reasons.filter(person__in=persons).select_related("organisation")
    ]
    found = sorted(
        sorted(live, key=lambda reason: (reason.opened_at, reason.pk), reverse=True),
        key=lambda reason: (reason.subject == subject, not reason.is_confidential),
    )
    return {
        reason.person_id: Why(
            ground=reason.kind,
            organisation=reason.organisation,
            role=reason.role or Role.LEAD_PROFESSIONAL,
            is_confidential=reason.is_confidential,
            reason=reason.reference,
        )
        for reason in found
    }


def _led(*, user: User, persons: list[Person], day: date) -> dict[int, Why]:
    leads = appointments.leads_of(user=user, on=day)
    homes = Member.objects.on(day).filter(person__in=persons, family__in=leads.values("family"))
    families = dict(homes.values_list("person", "family"))
    led = {
        lead.family_id: Why("lead", lead.organisation, Role.LEAD_PROFESSIONAL)
        for lead in leads.filter(family__in=families.values()).select_related("organisation")
    }
    return {person: led[family] for person, family in families.items()}


def _appointed(
    *,
    user: User,
    persons: list[Person],
    employers: Mapping[str, Organisation],
    power: Power,
    day: date,
) -> dict[int, Why]:
    """Return the appointment for each person, with the power wanted or another that it holds."""
    found = {}
    for appointment in appointments.of(user=user, on=day).filter(person__in=persons):
        role = appointments.EMPLOYED.get(AdvocateKind(appointment.kind))
        employer = employers.get(role) if role else None
        held = [each for each in (power, *Power) if appointment.has(each)]
        found[appointment.person_id] = Why(
            "appointment", employer, role or Role.ADVOCATE, power=held[0]
        )
    return found
