"""Single rows for what the cast does not have: nouns as they are, without the verbs' history.

A test of a verb uses the verbs; a test of what somebody may see, or of a list, uses these.
"""

import itertools
import uuid
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from budgets import history
from budgets.models import Event, EventText, Family, Member, Person, Relation
from cms.models import Organisation, OrganisationKind
from marketplace.bookings.models import Booking, Session
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.referrals.models import (
    EndReason,
    Referral,
)
from marketplace.referrals.models.referral import ENDS
from marketplace.rights.models import (
    LegalHold,
    Redaction,
    RedactionReason,
    RequestKind,
    RightsRequest,
)
from marketplace.sharing.models import (
    PURPOSE_OF,
    Basis,
    Call,
    Consent,
    ConsentHow,
    Emergency,
    Fact,
    FactForm,
    FactOffer,
    HeldBack,
    HeldBackReason,
    Look,
    Purpose,
    Reason,
    ReasonKind,
    Safeguard,
    SafeguardKind,
    Scope,
    Source,
)
from tests.asked import (
    application as application,
)
from tests.asked import (
    approval as approval,
)
from tests.asked import (
    assessment as assessment,
)
from tests.asked import (
    ending as ending,
)
from tests.asked import (
    enquiry as enquiry,
)
from tests.asked import (
    pause as pause,
)
from tests.asked import (
    promise as promise,
)
from tests.asked import (
    step as step,
)
from tests.asked import (
    take as take,
)
from tests.asked import (
    turned_away as turned_away,
)
from tests.cast import Cast

_numbers = itertools.count(1)

CLOCK = history.Actor(kind=history.ActorKind.CLOCK, reference="test")


def organisation(**fields: Any) -> Organisation:
    """Add an organisation."""
    named = {"name": f"Organisation {next(_numbers)}", "kind": OrganisationKind.CHARITY}
    return Organisation.objects.create(**{**named, **fields})


def user(**fields: Any) -> User:
    """Add somebody who signs in."""
    number = next(_numbers)
    named = {"email": f"somebody{number}@alongside.example", "name": f"Somebody {number}"}
    return User.objects.create(**{**named, **fields})


def worker(cast: Cast, organisation: Organisation, role: Role, **fields: Any) -> User:
    """Add somebody who works at an organisation, in one role."""
    somebody = user(**fields)
    Membership.objects.create(
        user=somebody,
        organisation=organisation,
        role=role,
        starts_on=cast.day - timedelta(days=100),
    )
    return somebody


def person(cast: Cast, family: Family | None = None, **fields: Any) -> Person:
    """Add a person, at home in a family where one is given."""
    relation = fields.pop("relation", Relation.OTHER)
    joined_on = fields.pop("joined_on", cast.day - timedelta(days=100))
    somebody = Person.objects.create(**{"first_name": f"Person{next(_numbers)}", **fields})
    if family is not None:
        Member.objects.create(
            family=family, person=somebody, relation=relation, joined_on=joined_on
        )
    return somebody


def referral(cast: Cast, person: Person, **fields: Any) -> Referral:
    """Add a referral of a person of the household to the mentor, on whatever rung is asked."""
    asked = {
        "family": cast.family,
        "service": cast.mentor,
        "asked_at": cast.at,
        **fields,
    }
    if asked.get("rung") in ENDS:
        asked = {"ended_at": cast.at, "end_reason": EndReason.NO_LONGER_NEEDED, **asked}
    return Referral.objects.create(person=person, **asked)


def booking(cast: Cast, referral: Referral, **fields: Any) -> Booking:
    """Add a request for a time."""
    return Booking.objects.create(referral=referral, **{"asked_at": cast.at, **fields})


def session(cast: Cast, booking: Booking, **fields: Any) -> Session:
    """Add one occasion of a booking, tomorrow for an hour."""
    when = {
        "number": 1,
        "starts_at": cast.later(days=1),
        "ends_at": cast.later(days=1, hours=1),
    }
    return Session.objects.create(booking=booking, **{**when, **fields})


def reason(cast: Cast, person: Person, **fields: Any) -> Reason:
    """Add an open reason: the police were asked about one thing, unless said otherwise."""
    holder: dict[str, Any] = {}
    if "user" not in fields:
        holder = {"organisation": cast.police, "role": Role.LEAD_PROFESSIONAL}
    given = {
        "kind": ReasonKind.REFERRAL,
        "scope": Scope.SUBJECT,
        "basis": Basis.CONSENT,
        "subject": uuid.uuid4(),
        "opened_at": cast.at - timedelta(hours=1),
    }
    said = {**holder, **given, **fields}
    said.setdefault("purpose", PURPOSE_OF[said["kind"]])
    if said["basis"] == Basis.CONSENT and "consent" not in said:
        said["consent"] = consent(
            cast,
            person,
            subject=said["subject"],
            given_at=said["opened_at"],
            is_confidential=said.get("is_confidential", False),
        )
    return Reason.objects.create(person=person, **said)


def consent(cast: Cast, person: Person, **fields: Any) -> Consent:
    """Add a yes that the person said herself, or the one that she said about the same subject."""
    said = {
        "given_by": person,
        "how": ConsentHow.SIGNED_IN,
        "form": "2026-11",
        "words": "They may know this.",
        "purpose": Purpose.ASK,
        "given_at": cast.at - timedelta(hours=1),
        "subject": uuid.uuid4(),
        **fields,
    }
    subject = said.pop("subject")
    found, _is_new = Consent.objects.get_or_create(
        person=person, subject=subject, withdrawn_at=None, defaults=said
    )
    return found


def fact(cast: Cast, person: Person, **fields: Any) -> Fact:
    """Add a fact that her advocate wrote down as it was said."""
    said = {
        "key": "attends_school",
        "value": True,
        "came_from": Source.SAID,
        "entered_by": cast.amira,
        "entered_organisation": cast.beacon,
        "entered_role": Role.ADVOCATE,
        "entered_at": cast.at - timedelta(hours=1),
    }
    return Fact.objects.create(person=person, **{**said, **fields})


def fact_offer(cast: Cast, known: Fact, **fields: Any) -> FactOffer:
    """Offer a fact to the health service's finance office, where nobody of the cast works."""
    if "reason" not in fields:
        fields["reason"] = reason(
            cast,
            known.person,
            organisation=cast.nhs,
            role=Role.FINANCE,
            is_confidential=known.is_confidential,
        )
    said = {
        "form": FactForm.VALUE,
        "offered_by": str(cast.amira.reference),
        "offered_at": cast.at - timedelta(minutes=30),
    }
    return FactOffer.objects.create(fact=known, **{**said, **fields})


def rest_on_a_yes(cast: Cast, reasons: QuerySet[Reason]) -> None:
    """Let reasons rest on a yes that the person said, whatever they rested on."""
    for reason in reasons:
        reason.basis = Basis.CONSENT
        reason.consent = consent(
            cast,
            reason.person,
            subject=reason.subject,
            given_at=reason.opened_at,
            is_confidential=reason.is_confidential,
        )
        reason.save(update_fields=["basis", "consent"])


def look(cast: Cast, person: Person, **fields: Any) -> Look:
    """Add a look at somebody's record, by the county's intake worker."""
    seen = {
        "user": cast.ingrid,
        "organisation": cast.county,
        "role": Role.INTAKE_WORKER,
        "subject_kind": "person",
        "subject": person.reference,
        "ground": ReasonKind.REFERRAL,
        "at": cast.at,
    }
    return Look.objects.create(person=person, **{**seen, **fields})


def safeguard(cast: Cast, person: Person, **fields: Any) -> Safeguard:
    """Add an open concern, owned by the lead professional at the trust."""
    noted = {
        "kind": SafeguardKind.OTHER,
        "evidence": "Said so at school.",
        "owner": cast.ruth,
        "owner_organisation": cast.trust,
        "opened_at": cast.at,
        "review_on": cast.day + timedelta(days=14),
    }
    return Safeguard.objects.create(person=person, **{**noted, **fields})


def rights_request(cast: Cast, person: Person, **fields: Any) -> RightsRequest:
    """Add a request about somebody's own record, by a sign-in of nobody in particular."""
    asked = {
        "kind": RequestKind.ACCESS,
        "asked_by": fields.pop("asked_by", None) or user(),
        "asked_at": cast.at,
        "due_on": cast.day + timedelta(days=30),
        "organisation": cast.county,
    }
    return RightsRequest.objects.create(person=person, **{**asked, **fields})


def redaction(cast: Cast, request: RightsRequest, **fields: Any) -> Redaction:
    """Add something that a copy leaves out."""
    named = {
        "label": "budgets.Goal",
        "row_key": str(next(_numbers)),
        "reason": RedactionReason.ABOUT_ANOTHER,
        "by": cast.adam,
        "at": cast.at,
    }
    return Redaction.objects.create(request=request, **{**named, **fields})


def legal_hold(cast: Cast, person: Person | None, **fields: Any) -> LegalHold:
    """Add a hold that stands."""
    placed = {
        "organisation": cast.county,
        "reason": "A claim is being made.",
        "placed_by": cast.adam,
        "placed_at": cast.at,
    }
    return LegalHold.objects.create(person=person, **{**placed, **fields})


def held_back(cast: Cast, safeguard: Safeguard, **fields: Any) -> HeldBack:
    """Add what waits for a second person."""
    asked = {
        "reason": HeldBackReason.HARM,
        "words": "He would be hit for telling.",
        "until": cast.day + timedelta(days=28),
        "asked_by": safeguard.owner,
        "asked_at": cast.at,
        "review_due_at": cast.later(days=1),
    }
    return HeldBack.objects.create(safeguard=safeguard, **{**asked, **fields})


def emergency(cast: Cast, person: Person, **fields: Any) -> Emergency:
    """Add an emergency that the police opened, without its reason."""
    opened = {
        "user": cast.sam,
        "organisation": cast.police,
        "role": Role.LEAD_PROFESSIONAL,
        "why": "A neighbour heard screams.",
        "opened_at": cast.at,
        "ends_at": cast.later(hours=4),
        "review_due_at": cast.later(days=1),
    }
    return Emergency.objects.create(person=person, **{**opened, **fields})


def call(cast: Cast, person: Person, *, answered: bool = False, **fields: Any) -> Call:
    """Add somebody's wish to be rung, or one that was answered."""
    done = {"answered_at": cast.at, "answered_by": cast.amira} if answered else {}
    return Call.objects.create(person=person, **{"asked_at": cast.at, **done, **fields})


def line(cast: Cast, person: Person | None, **fields: Any) -> Event:
    """Return a line of history that is not written yet."""
    said = {
        "subject_kind": "referral",
        "subject": uuid.uuid4(),
        "family": cast.family,
        "verb": "noted",
        "actor_kind": history.ActorKind.CLOCK,
        "actor_reference": "test",
        "at": cast.at,
    }
    return Event(person=person, **{**said, **fields})


def event(cast: Cast, person: Person | None, **fields: Any) -> Event:
    """Add a line of history with its text."""
    written = line(cast, person, **fields)
    written.save()
    EventText.objects.create(event=written, salt="salt", text="What was said.")
    return written
