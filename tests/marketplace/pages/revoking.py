"""Eight ways in which somebody loses a right in mid-session, each by the verb that does it.

What each reader had open before: a page, a topic to listen to, a message in the outbox, a table to
download. All of it is a right at that moment and none the moment after.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.urls import reverse

from budgets import history
from cms.models import Organisation
from marketplace.bookings import bookings
from marketplace.bookings.models import Booking
from marketplace.notices import topics
from marketplace.pages import live
from marketplace.people import appointments, memberships, users
from marketplace.people.models import Appointment, Lead, Membership, User
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral, Rung
from marketplace.sharing import consents
from marketplace.sharing.models import Consent
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing


@dataclass(frozen=True)
class Open:
    """What a reader has open: her page, her topic, what she is told of, what she may download."""

    reader: User
    page: str
    topic: str
    subject: UUID
    table: str = ""


@dataclass(frozen=True)
class Revocation:
    """One way to lose a right: what was open, how it goes, and how an open page closes."""

    prepare: Callable[[Cast], Open]
    revoke: Callable[[Cast, Open], Any]
    code: int = live.NOT_ALLOWED
    # Signed out is not let go: she is still told by e-mail of what is hers to do.
    is_still_told: bool = False


def at_the_providers(cast: Cast) -> Open:
    """Dev's booking."""
    referral = climbing.climb(cast, to=Rung.BOOKED)
    booking = Booking.objects.get(referral=referral)
    page = reverse("provider_booking", args=[booking.reference])
    return Open(cast.dev, page, topics.referral(referral.reference), referral.reference)


def at_the_commissioners(cast: Cast) -> Open:
    """Colin's approval, and his table of what was spent."""
    referral = climbing.climb(cast, to=Rung.APPLIED)
    approval = factories.approval(cast, referral, asked_by=str(cast.amira.reference))
    factories.reason(
        cast,
        referral.person,
        organisation=cast.county,
        role=Role.COMMISSIONER,
        basis="public_task",
        kind="approval",
        subject=referral.reference,
    )
    return Open(
        cast.colin,
        reverse("commissioner_approval", args=[approval.reference]),
        topics.referral(referral.reference),
        referral.reference,
        reverse("commissioner_spend_csv"),
    )


def at_the_advocates(cast: Cast) -> Open:
    """Amira's referral of Jamie."""
    referral = climbing.climb(cast, to=Rung.APPLIED)
    page = reverse("advocate_referral", args=[referral.reference])
    return Open(cast.amira, page, topics.plan(cast.family.reference), referral.reference)


def at_the_leads(cast: Cast) -> Open:
    """What Ruth sees as who leads for the family."""
    Lead.objects.create(
        family=cast.family, user=cast.ruth, organisation=cast.trust, starts_on=cast.day
    )
    referral = climbing.climb(cast, to=Rung.APPLIED)
    page = reverse("advocate_referral", args=[referral.reference])
    return Open(cast.ruth, page, topics.plan(cast.family.reference), referral.reference)


def at_the_polices(cast: Cast) -> Open:
    """What Sam was let know on a yes."""
    referral = factories.referral(cast, cast.jamie)
    factories.reason(cast, cast.jamie, subject=referral.reference)
    page = reverse("advocate_referral", args=[referral.reference])
    return Open(cast.sam, page, topics.referral(referral.reference), referral.reference)


def _administrator(cast: Cast, place: Organisation) -> User:
    return factories.worker(cast, place, Role.ADMINISTRATOR)


def sign_out(cast: Cast, held: Open) -> None:
    """Sign out, on this machine or another."""
    for session in Session.objects.all():
        if session.get_decoded().get("_auth_user_id") == str(held.reader.pk):
            session.delete()


def end_role(cast: Cast, held: Open) -> None:
    """End the role."""
    place = cast.workplaces[held.reader.pk]
    by = _by(_administrator(cast, place), place)
    membership = Membership.objects.get(user=held.reader)
    memberships.leave(membership=membership, on=cast.day, by=by, at=cast.at)


def let_go(cast: Cast, held: Open) -> None:
    """Switch the sign-in off."""
    place = cast.workplaces[held.reader.pk]
    users.deactivate(user=held.reader, by=_by(_administrator(cast, place), place), at=cast.at)


def suspend(cast: Cast, held: Open) -> None:
    """Suspend the worker at her organisation."""
    place = cast.workplaces[held.reader.pk]
    by = _by(_administrator(cast, place), place)
    memberships.suspend(user=held.reader, organisation=place, by=by, at=cast.at)


def end_appointment(cast: Cast, held: Open) -> None:
    """Stand down as everybody's advocate."""
    for appointment in Appointment.objects.filter(user=held.reader):
        appointments.end(appointment=appointment, on=cast.day, by=cast.by(held.reader), at=cast.at)


def change_lead(cast: Cast, held: Open) -> None:
    """Hand the family on to another lead."""
    other = factories.worker(cast, cast.trust, Role.LEAD_PROFESSIONAL)
    appointments.lead(
        family=cast.family,
        user=other,
        organisation=cast.trust,
        on=cast.day,
        by=cast.by(held.reader),
        at=cast.at,
    )


def withdraw_consent(cast: Cast, held: Open) -> None:
    """Take the yes back, as who decides for Jamie."""
    consent = Consent.objects.get(subject=held.subject, withdrawn_at=None)
    consents.withdraw(consent=consent, by=cast.by(cast.fred_user), at=cast.at)


def close_referral(cast: Cast, held: Open) -> None:
    """Stop what was asked for; what it opened closes."""
    referral = Referral.objects.get(reference=held.subject)
    bookings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.at)


def _by(user: User, place: Organisation) -> Any:
    return history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(user.reference),
        organisation=place.reference,
    )


OUT = live.NOT_SIGNED_IN
REVOCATIONS: dict[str, Revocation] = {
    "signed out": Revocation(at_the_providers, sign_out, OUT, is_still_told=True),
    "role ended": Revocation(at_the_providers, end_role),
    "let go": Revocation(at_the_providers, let_go, OUT),
    "suspended at work": Revocation(at_the_providers, suspend, OUT),
    "appointment ended": Revocation(at_the_advocates, end_appointment),
    "another leads": Revocation(at_the_leads, change_lead),
    "yes taken back": Revocation(at_the_polices, withdraw_consent),
    "referral closed": Revocation(at_the_providers, close_referral),
    # The same four at the commissioner's, who has a table to download.
    "signed out, with a table": Revocation(at_the_commissioners, sign_out, OUT, is_still_told=True),
    "role ended, with a table": Revocation(at_the_commissioners, end_role),
    "let go, with a table": Revocation(at_the_commissioners, let_go, OUT),
    "suspended, with a table": Revocation(at_the_commissioners, suspend, OUT),
}
