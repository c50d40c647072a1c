"""Reaching a mentor herself: she signs in, or a link goes to her own address.

Her yes is hers alone, so who she is is said by her organisation and written down; when that
changes, what she said yes to is shown no more until she, as she is now, says so again.
"""

import uuid
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms import mentors
from cms.models import Mentor, Organisation
from marketplace.people import memberships, users
from marketplace.people.models import Membership, MentorContact, User
from marketplace.people.roles import Role

GOOD_FOR = timedelta(days=30)
PAUSE = timedelta(minutes=10)
SALT = "people.mentor"


class NotYours(history.Refused):
    """Who a mentor is, is said by the organisation she works with."""


class NotThere(history.Refused):
    """Somebody who signs in elsewhere."""


class NoAddress(history.Refused):
    """A mentor who signs in needs no link."""


class TooSoon(history.Refused):
    """A letter is on its way."""


class NoLongerGood(history.Refused):
    """The link is none of ours, or was used or replaced, or left too long: all read the same."""

    def __init__(self) -> None:
        super().__init__(_("This link does not work any more. Ask for a new one below."))


@transaction.atomic
def name(
    *, mentor: Mentor, by: history.Actor, at: datetime, user: User | None = None, email: str = ""
) -> MentorContact:
    """Say who a mentor is: somebody who works there and signs in, or her own address.

    A change hides what another said yes to. Raises NotYours, NotThere, users.BadEmail.
    """
    mentor = mentors.locked(mentor)
    provider, day = mentor.service.provider, timezone.localdate(at)
    _must_provide(provider, by=by, at=at)
    if user is not None:
        here = Membership.objects.on(day).filter(user=user, organisation=provider)
        if not user.is_active or not here.exists():
            raise NotThere(_("Choose somebody who works with you."))
    address = "" if user is not None else users.address_of(email)
    before = MentorContact.objects.filter(mentor=mentor).first()
    if before is not None and (before.user, before.email) == (user, address):
        return before
    if before is not None:
        mentors.hide(mentor=mentor, by=by.reference, at=at)
        before.delete()
    contact = MentorContact.objects.create(mentor=mentor, user=user, email=address, named_at=at)
    _record(contact, verb="mentor_named", by=by, at=at)
    return contact


@transaction.atomic
def send_link(*, contact: MentorContact, by: history.Actor, at: datetime) -> MentorContact:
    """Send a new link to a mentor's own address; the one before stops working.

    By her organisation's workers, or by herself, who asks for it at her page. Raises NotYours,
    NoAddress, TooSoon within ten minutes of the one before.
    """
    contact = _locked(contact)
    if by.kind == history.ActorKind.PERSON:
        _must_provide(contact.mentor.service.provider, by=by, at=at)
    if not contact.email:
        raise NoAddress(_("She signs in, and finds her page under her own name."))
    if contact.link_until is not None and contact.link_until - GOOD_FOR > at - PAUSE:
        raise TooSoon(_("A letter went out a few minutes ago. Wait for it first."))
    contact.link_number += 1
    contact.link_until, contact.sent_at, contact.claimed_until = at + GOOD_FOR, None, None
    contact.save(update_fields=["link_number", "link_until", "sent_at", "claimed_until"])
    return contact


def ask_for_link(*, email: str, at: datetime) -> None:
    """Send a link to whoever is a mentor with this address; whether anybody is, is not said."""
    for contact in MentorContact.objects.filter(email__iexact=email.strip()).exclude(email=""):
        by = history.Actor(kind=history.ActorKind.LINK, reference=str(contact.reference))
        try:
            send_link(contact=contact, by=by, at=at)
        except TooSoon:
            continue  # the letter before is on its way


def token(contact: MentorContact) -> str:
    """Return the signed word that a link carries; it tells nothing."""
    return signing.dumps([str(contact.reference), contact.link_number], salt=SALT)


def find(*, token: str, at: datetime) -> MentorContact:
    """Return whose link this is, while it is her last and was not used. Raises NoLongerGood."""
    try:
        reference, number = signing.loads(token, salt=SALT)
        wanted = {"reference": uuid.UUID(reference), "link_number": int(number)}
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NoLongerGood from error
    found = MentorContact.objects.linked(at).filter(**wanted).select_related("mentor").first()
    if found is None:
        raise NoLongerGood
    return found


@transaction.atomic
def use(*, token: str, at: datetime) -> MentorContact:
    """Use a link up, and return whose it was. Raises NoLongerGood."""
    contact = _locked(find(token=token, at=at))
    find(token=token, at=at)  # it may have been used while we waited for the lock
    contact.link_number += 1
    contact.link_until = None
    contact.save(update_fields=["link_number", "link_until"])
    return contact


def of(user: User) -> QuerySet[MentorContact]:
    """Return what somebody who signs in is a mentor under."""
    return MentorContact.objects.filter(user=user).select_related("mentor__service")


def _locked(contact: MentorContact) -> MentorContact:
    locked = MentorContact.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("mentor__service__provider").get(pk=contact.pk)


def _must_provide(provider: Organisation, *, by: history.Actor, at: datetime) -> None:
    if by.kind in users.OURS:
        return
    roles = memberships.roles_at(by=by, at=at) if by.organisation == provider.reference else ()
    if Role.PROVIDER_WORKER not in roles:
        raise NotYours(_("Only who works there can say who this mentor is."))


def _record(contact: MentorContact, *, verb: str, by: history.Actor, at: datetime) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="mentor",
        subject=contact.mentor.reference,
        to_state="sign_in" if contact.user_id else "link",
    )
