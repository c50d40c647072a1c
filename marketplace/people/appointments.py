"""Advocates, whom persons choose, and leads, who answer for families (report §4.2)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Family, Member, Person, Responsibility
from cms.models import Organisation, OrganisationKind
from marketplace.people import users
from marketplace.people.models import Appointment, Lead, Membership, User
from marketplace.people.roles import POWERS, AdvocateKind, Power, Role

# These advocates stand beside people for an organisation, and only while they work for one.
EMPLOYED = {
    AdvocateKind.PAID_ADVOCATE: Role.ADVOCATE,
    AdvocateKind.LEAD_PROFESSIONAL: Role.LEAD_PROFESSIONAL,
}
# A lead at one of these answers for the family and sees of it what concerns her own work, not the
# plan (design §5).
SEES_HER_PART = frozenset(
    {OrganisationKind.SCHOOL, OrganisationKind.HOUSING, OrganisationKind.POLICE}
)


class NotTheirs(history.Refused):
    """Who stands beside somebody is hers to say, or theirs who decide for her."""


class NotForYourself(history.Refused):
    """Nobody makes herself an advocate."""


class FromTheSameHome(history.Refused):
    """Who lives with somebody, or answers for her, does not stand beside her from outside."""


class HersToTrust(history.Refused):
    """Whom somebody tells her secrets is hers to say; nobody plants a friend beside a child."""


class NotAvailable(history.Refused):
    """She does not work as one, or cannot sign in any more."""


class NotYourFamily(history.Refused):
    """A family's lead is named by who leads for it, or first put it on record."""


@dataclass(frozen=True)
class LeadNamed:
    """Who answers for a family, as everybody involved is told: who, where, and how to reach her."""

    name: str
    organisation: str
    phone: str
    email: str


@transaction.atomic
def appoint(
    *, person: Person, user: User, kind: AdvocateKind, on: date, by: history.Actor, at: datetime
) -> Appointment:
    """Appoint an advocate with the powers of her kind; a new kind replaces the old one.

    The person does it, or who decides for her; where none of these signs in, the family's lead
    writes down what she was told. A friend or a volunteer, who is told secrets and works nowhere,
    is only chosen by who decides for herself. Raises NotTheirs, NotForYourself, FromTheSameHome,
    HersToTrust, NotAvailable.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _must_choose(person=person, by=by, at=at)
    _must_suit(person=person, user=user, kind=kind, on=on, by=by)
    held = Appointment.objects.select_for_update(no_key=True).filter(
        person=person, user=user, ends_on=None
    )
    for before in held:
        if before.kind == kind:
            return before
        _end(before, on=on, by=by, at=at)
    appointment = Appointment.objects.create(person=person, user=user, kind=kind, starts_on=on)
    _record(appointment, verb="appointed", before="", after=kind, by=by, at=at)
    return appointment


@transaction.atomic
def bring(
    *,
    person: Person,
    email: str,
    name: str,
    kind: AdvocateKind,
    on: date,
    by: history.Actor,
    at: datetime,
) -> Appointment:
    """Appoint a friend or a volunteer by her address; who has no sign-in yet is given one.

    She signs in with a code that is sent there. Raises what `appoint` raises, users.BadEmail.
    """
    _must_choose(person=person, by=by, at=at)
    if kind in EMPLOYED:
        raise NotAvailable(_("We do not know anybody like that who can do this now."))
    address = users.address_of(email)
    user = User.objects.filter(email__iexact=address).first()
    user = user or users.add(email=address, name=name, by=by, at=at)
    return appoint(person=person, user=user, kind=kind, on=on, by=by, at=at)


@transaction.atomic
def end(*, appointment: Appointment, on: date, by: history.Actor, at: datetime) -> Appointment:
    """End an appointment; its powers are gone that day. Twice changes nothing.

    Who may appoint may end, and an advocate may stand down. Raises NotTheirs.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=appointment.person_id)
    appointment = Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
    if by.reference != str(appointment.user.reference):
        _must_choose(person=person, by=by, at=at)
    if appointment.ends_on is not None and appointment.ends_on <= on:
        return appointment
    return _end(appointment, on=on, by=by, at=at)


@transaction.atomic
def lead(
    *,
    family: Family,
    user: User,
    organisation: Organisation,
    on: date,
    by: history.Actor,
    at: datetime,
) -> Lead:
    """Name the one worker who answers for a family, in place of whoever did.

    Whoever leads hands it on, and a lead professional where the last lead was takes it on; the
    first is named by who put the family on record. Raises NotYourFamily, NotAvailable.
    """
    family = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    if not _may_name_lead(family=family, by=by, at=at):
        raise NotYourFamily(_("Only who leads for this family can hand that on."))
    works = Membership.objects.on(on).filter(
        user=user, organisation=organisation, role=Role.LEAD_PROFESSIONAL
    )
    if not user.is_active or not works.exists():
        raise NotAvailable(_("She is not a lead professional at that organisation."))
    before = ""
    for held in Lead.objects.select_for_update(no_key=True).filter(family=family, ends_on=None):
        if (held.user_id, held.organisation_id) == (user.pk, organisation.pk):
            return held
        held.ends_on = max(on, held.starts_on)
        held.save(update_fields=["ends_on"])
        before = str(held.reference)
    named = Lead.objects.create(family=family, user=user, organisation=organisation, starts_on=on)
    history.record(
        by=by,
        at=at,
        verb="led",
        subject_kind="lead",
        subject=named.reference,
        family=family,
        from_state=before,
        to_state=str(named.reference),
    )
    return named


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


def leads_whole(*, user: User, on: date) -> QuerySet[Lead]:
    """Return what a user leads and sees as a whole: not from a school, a landlord or the police."""
    return leads_of(user=user, on=on).exclude(organisation__kind__in=SEES_HER_PART)


def lead_of(*, family: Family, on: date) -> LeadNamed | None:
    """Return who answers for a family on a day, for whoever is involved, or None."""
    works = Membership.objects.on(on).filter(
        user=OuterRef("user"), organisation=OuterRef("organisation")
    )
    found = (
        Lead.objects.on(on)
        .filter(Exists(works), family=family, user__is_active=True)
        .select_related("user", "organisation")
        .order_by("-starts_on", "-pk")
        .first()
    )
    if found is None:
        return None
    return LeadNamed(
        name=found.user.name,
        organisation=found.organisation.name,
        phone=found.organisation.phone,
        email=found.user.email,
    )


def chooses(*, person: Person, by: history.Actor, at: datetime) -> bool:
    """Tell whether an actor says who stands beside a person.

    She herself, or who decides for her; where nobody who decides can sign in, the family's lead
    writes down what she was told, or who put her and her family on record, where nobody led it yet.
    """
    if by.kind in users.OURS:
        return True
    user = users.of(by)
    if user is None:
        return False
    day = timezone.localdate(at)
    deciders = [one.pk for one in families.deciders(person=person, on=day)]
    if user.person_id is not None:
        return user.person_id in deciders
    signs_in = User.objects.filter(person__in=deciders, is_active=True)
    homes = Member.objects.on(day).filter(person=person).values("family")
    leads = leads_of(user=user, on=day).filter(family__in=homes)
    is_told = leads.exists() or _put_on_record(person=person, homes=homes, by=by)
    return is_told and not signs_in.exists()


def represents(*, user: User, person: Person, on: date) -> bool:
    """Tell whether a person appointed a user with the power to act for her."""
    return of(user=user, on=on, power=Power.REPRESENT).filter(person=person).exists()


def _put_on_record(*, person: Person, homes: Any, by: history.Actor) -> bool:
    """Tell whether an actor put a person and her household on record, and nobody ever led it.

    Who came to live there later, or lives elsewhere too, was put on record by others.
    """
    if Lead.objects.filter(family__in=homes).exists():
        return False
    places = Family.objects.filter(pk__in=homes).values_list("reference", flat=True)
    return all(_added(subject, by=by) for subject in (person.reference, *places))


def _added(subject: UUID, *, by: history.Actor) -> bool:
    added = history.of(subject).filter(verb="add", actor_reference=by.reference)
    return added.filter(organisation_reference=by.organisation).exists()


def _must_choose(*, person: Person, by: history.Actor, at: datetime) -> None:
    if not chooses(person=person, by=by, at=at):
        raise NotTheirs(_("Only the person herself, or who decides for her, can say this."))


def _must_suit(
    *, person: Person, user: User, kind: AdvocateKind, on: date, by: history.Actor
) -> None:
    if by.reference == str(user.reference):
        raise NotForYourself(_("Nobody can make herself an advocate. Somebody else chooses her."))
    role = EMPLOYED.get(AdvocateKind(kind))
    if role is None and not _trusts_herself(person, by=by, on=on):
        raise HersToTrust(
            _("A friend or a volunteer is told secrets. For a child, choose an advocate.")
        )
    works = Membership.objects.on(on).filter(user=user, role=role)
    if not user.is_active or (role is not None and not works.exists()):
        raise NotAvailable(_("We do not know anybody like that who can do this now."))
    if user.person_id is not None and _are_close(person, user.person_id, on=on):
        raise FromTheSameHome(
            _("Somebody you live with cannot be chosen here. Choose somebody from outside.")
        )


def _trusts_herself(person: Person, *, by: history.Actor, on: date) -> bool:
    """Tell whether it is she who says whom she tells her secrets, and nobody in her place."""
    if by.kind in users.OURS:
        return True
    user = users.of(by)
    is_herself = user is not None and user.person_id == person.pk
    return is_herself and families.deciders(person=person, on=on) == [person]


def _are_close(person: Person, other: int, *, on: date) -> bool:
    """Tell whether two people live together, or one answers for the other."""
    homes = Member.objects.on(on).filter(person=other).values("family")
    answers = Responsibility.objects.on(on).filter(holder=other, person=person)
    return (
        other == person.pk
        or Member.objects.on(on).filter(person=person, family__in=homes).exists()
        or answers.exists()
    )


def _may_name_lead(*, family: Family, by: history.Actor, at: datetime) -> bool:
    if by.kind in users.OURS:
        return True
    user = users.of(by)
    if user is None:
        return False
    day = timezone.localdate(at)
    last = Lead.objects.filter(family=family).order_by("-starts_on", "-pk").first()
    if last is None:
        added = history.of(family.reference).filter(verb="add")
        return added.filter(actor_reference=by.reference).exists()
    works = Membership.objects.on(day).filter(
        user=user, organisation=last.organisation, role=Role.LEAD_PROFESSIONAL
    )
    leads = leads_of(user=user, on=day).filter(family=family)
    return leads.exists() or works.exists()


def _end(appointment: Appointment, *, on: date, by: history.Actor, at: datetime) -> Appointment:
    appointment.ends_on = max(on, appointment.starts_on)
    appointment.save(update_fields=["ends_on"])
    _record(appointment, verb="ended", before=appointment.kind, after="", by=by, at=at)
    return appointment


def _record(
    appointment: Appointment,
    *,
    verb: str,
    before: str,
    after: str,
    by: history.Actor,
    at: datetime,
) -> None:
    """Write one line of history: hers alone to read, like the appointment itself."""
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="appointment",
        subject=appointment.reference,
        person=appointment.person,
        from_state=before,
        to_state=after,
        is_confidential=True,
    )
