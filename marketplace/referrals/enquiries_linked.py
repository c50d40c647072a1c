"""Whom an enquiry is about: a household found or made, services asked, an advocate named."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Family, Member, Person, Relation
from cms.models import Service
from marketplace.notices import notices
from marketplace.people import appointments
from marketplace.people.models import Appointment, User
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals import enquiries, routes, sittings
from marketplace.referrals.models import Enquiry, Referral, Route
from marketplace.sharing import consents, sharing
from marketplace.sharing.models import Basis, Purpose, ReasonKind, Scope


class IsLinked(history.Refused):
    """It is known already whom it is about."""


class NotLinked(history.Refused):
    """Nothing is asked for until it is known whom it is for."""


class NoMatch(history.Refused):
    """Only a record with the same name, birthday and postcode is offered, or one that is known."""


def matches(enquiry: Enquiry) -> QuerySet[Person]:
    """Return whose record it may be: the same name, birthday and postcode, all three.

    So that nobody learns of a record who does not know all of that already; a hidden one never.
    """
    if not (enquiry.born_on and enquiry.postcode and enquiry.last_name):
        return Person.objects.none()
    homes = Member.objects.on(timezone.localdate(enquiry.asked_at)).filter(
        family__postcode=enquiry.postcode
    )
    return Person.objects.filter(
        first_name__iexact=enquiry.first_name,
        last_name__iexact=enquiry.last_name,
        born_on=enquiry.born_on,
        is_shielded=False,
        merged_into=None,
        pk__in=homes.values("person"),
    ).order_by("pk")


@transaction.atomic
def link(
    *, enquiry: Enquiry, by: history.Actor, at: datetime, person: Person | None = None
) -> Enquiry:
    """Link an enquiry to whom it is about: a record that matches, or a new household.

    Her own district's intake may then know who she is, and nothing else of her record.
    Raises NotTheirs, IsClosed, NotTaken, IsLinked, NoMatch.
    """
    enquiry, user = enquiries.locked(enquiry, by=by, at=at)
    enquiries.must_be_taken(enquiry)
    if enquiry.is_linked:
        raise IsLinked(_("It is known already whom this is about."))
    day = timezone.localdate(at)
    if person is None:
        person, family = _household(enquiry, by=by, at=at)
    else:
        seen = sharing.visible(Person.objects.filter(pk=person.pk), user=user, at=at)
        if not (matches(enquiry) | seen).filter(pk=person.pk).exists():
            raise NoMatch(_("There is no such record here. Make a new household."))
        home = Member.objects.on(day).filter(person=person).order_by("joined_on", "pk").first()
        if home is None:
            raise NoMatch(_("They live in no household here now. Make a new one."))
        family = home.family
    enquiry.person, enquiry.family = person, family
    enquiry.save(update_fields=["person", "family"])
    open_to_intake(enquiry, person, by=by, at=at)
    enquiries.record(enquiry, verb="link", before="", after=str(person.reference), by=by, at=at)
    return enquiry


@transaction.atomic
def refer(
    *,
    enquiry: Enquiry,
    service: Service,
    facts: Mapping[str, Any],
    answers: Mapping[str, Any],
    by: history.Actor,
    at: datetime,
) -> Referral:
    """Ask a service for whom an enquiry is about; the request keeps the route it came by.

    Raises NotTheirs, IsClosed, NotTaken, NotLinked, and what `sittings.ask` raises.
    """
    enquiry, user = enquiries.locked(enquiry, by=by, at=at)
    enquiries.must_be_taken(enquiry)
    person, family = _linked(enquiry, user=user, at=at)
    return sittings.ask(
        person=person,
        family=family,
        service=service,
        why=sittings.Why(
            is_confidential=enquiry.is_confidential,
            came=routes.Came(Route(enquiry.route), enquiry=enquiry),
        ),
        facts=facts,
        answers=answers,
        by=_for(by, person),
        at=at,
    )


@transaction.atomic
def appoint(*, enquiry: Enquiry, advocate: User, by: history.Actor, at: datetime) -> Appointment:
    """Write down the advocate whom the person chose, told to who put her on record.

    Raises NotTheirs, IsClosed, NotTaken, NotLinked, and what `appointments.appoint` raises.
    """
    enquiry, user = enquiries.locked(enquiry, by=by, at=at)
    enquiries.must_be_taken(enquiry)
    person, _family = _linked(enquiry, user=user, at=at)
    appointment = appointments.appoint(
        person=person,
        user=advocate,
        kind=AdvocateKind.PAID_ADVOCATE,
        on=timezone.localdate(at),
        by=_for(by, person),
        at=at,
    )
    notices.tell(
        users=[advocate],
        kind="chosen_for_you",
        subject_kind="appointment",
        subject=appointment.reference,
        at=at,
    )
    return appointment


def is_known(enquiry: Enquiry, *, user: User, at: datetime) -> bool:
    """Tell whether it is known whom it is about, and a user may still know that."""
    if enquiry.person is None:
        return False
    mine = Person.objects.filter(pk=enquiry.person.pk)
    return sharing.visible(mine, user=user, at=at).exists()


def _linked(enquiry: Enquiry, *, user: User, at: datetime) -> tuple[Person, Family]:
    if enquiry.person is None or enquiry.family is None:
        raise NotLinked(_("Say first whom this is about."))
    if not is_known(enquiry, user=user, at=at):
        raise NotLinked(_("They do not share with you any more. Close this, please."))
    return enquiry.person, enquiry.family


def _household(enquiry: Enquiry, *, by: history.Actor, at: datetime) -> tuple[Person, Family]:
    day = timezone.localdate(at)
    person = families.add_person(
        first_name=enquiry.first_name,
        last_name=enquiry.last_name,
        born_on=enquiry.born_on,
        email=enquiry.email,
        phone=enquiry.phone,
        by=by,
        at=at,
    )
    family = families.add_family(
        name=_("%(name)s’s household") % {"name": enquiry.first_name},
        postcode=enquiry.postcode,
        district=enquiry.district,
        by=by,
        at=at,
    )
    age = person.age_on(day) if person.born_on else None
    relation = Relation.CHILD if age is not None and age < 16 else Relation.PARENT
    families.join(family=family, person=person, relation=relation, on=day, by=by, at=at)
    return person, family


def open_to_intake(enquiry: Enquiry, person: Person, *, by: history.Actor, at: datetime) -> None:
    """Let the intake that answers know who it is about: by public task, or by her own yes."""
    is_public = enquiry.organisation.is_public_body
    yes = None
    if not is_public:
        yes = consents.asked(
            person=person,
            subject=enquiry.reference,
            purpose=Purpose.ASK,
            words=_("Who answers for where I live may know who I am, so that they can help."),
            is_confidential=enquiry.is_confidential,
            by=_for(by, person),
            at=at,
        )
    sharing.open_reason(
        person=person,
        organisation=enquiry.organisation,
        role=Role.INTAKE_WORKER,
        kind=ReasonKind.REFERRAL,
        scope=Scope.SUBJECT,
        basis=Basis.PUBLIC_TASK if is_public else Basis.CONSENT,
        consent=yes,
        subject=enquiry.reference,
        is_confidential=enquiry.is_confidential,
        at=at,
    )


def _for(by: history.Actor, person: Person) -> history.Actor:
    return history.Actor(
        kind=by.kind,
        reference=by.reference,
        organisation=by.organisation,
        on_behalf_of=person.reference,
    )
