"""Who can sign in: adding somebody, and letting nobody in any more at once."""

import string
import uuid
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role

OURS = frozenset({history.ActorKind.CLOCK, history.ActorKind.IMPORT})
"""Actors that are our own programs, not somebody at a page."""


CODE_DIGITS = 12


class EmailTaken(history.Refused):
    """Somebody signs in with this address already."""


class BadEmail(history.Refused):
    """The address cannot be one."""


class HasSignIn(history.Refused):
    """A person has one sign-in."""


class NotYours(history.Refused):
    """Somebody is let in and out by who answers for all of her work."""


class NotYourself(history.Refused):
    """Nobody shuts herself out, nor gives herself a role."""


@transaction.atomic
def add(
    *,
    email: str,
    name: str,
    by: history.Actor,
    at: datetime,
    person: Person | None = None,
    password: str | None = None,
    is_staff: bool = False,
) -> User:
    """Add somebody who signs in: a worker, or with `person` a family member.

    Without a password she signs in with a code sent to her address. Raises BadEmail, EmailTaken,
    HasSignIn.
    """
    address = address_of(email)
    if User.objects.filter(email__iexact=address).exists():
        raise EmailTaken(_("Somebody signs in with this e-mail address already. Use another one."))
    if person is not None and User.objects.filter(person=person).exists():
        raise HasSignIn(_("This person can sign in already."))
    user = User.objects.create(
        email=address,
        name=name.strip(),
        person=person,
        is_staff=is_staff,
        password=make_password(password),
    )
    _record(user=user, verb="added", before="", after="active", by=by, at=at)
    return user


def deactivate(*, user: User, by: history.Actor, at: datetime) -> User:
    """Let a user in no more: from the next request, frame and notice on. Twice changes nothing.

    Her roles and appointments stand as they were, so that coming back is one act; her sessions
    end for good. Raises NotYours, NotYourself.
    """
    if by.reference == str(user.reference):
        raise NotYourself(_("You cannot shut yourself out. Ask another administrator."))
    return _switch(user=user, is_active=False, verb="deactivated", by=by, at=at)


def reactivate(*, user: User, by: history.Actor, at: datetime) -> User:
    """Let a user in again. Twice changes nothing. Raises NotYours."""
    return _switch(user=user, is_active=True, verb="reactivated", by=by, at=at)


def sign_out(*, user: User) -> None:
    """End every session and open page of a user, on every device, at once."""
    User.objects.filter(pk=user.pk).update(sign_out_count=F("sign_out_count") + 1)


def code(user: User) -> str:
    """Return the short code by which somebody is chosen: "1F3A-9C02-77AB"."""
    digits = user.reference.hex[:CODE_DIGITS].upper()
    return "-".join(digits[at : at + 4] for at in range(0, CODE_DIGITS, 4))


def known_as(said: str) -> User | None:
    """Return the active user with an e-mail address or a code, or None; no list is ever shown."""
    active = User.objects.filter(is_active=True)
    if "@" in said:
        return active.filter(email__iexact=said.strip()).first()
    digits = "".join(letter for letter in said.lower() if letter in string.hexdigits)
    if len(digits) != CODE_DIGITS:
        return None
    rest = 32 - CODE_DIGITS
    lowest, highest = uuid.UUID(digits + "0" * rest), uuid.UUID(digits + "f" * rest)
    found = active.filter(reference__gte=lowest, reference__lte=highest)[:2]
    return found[0] if len(found) == 1 else None


def of(by: history.Actor) -> User | None:
    """Return the active user that an actor is, or None."""
    if by.kind != history.ActorKind.PERSON:
        return None
    return User.objects.filter(reference=by.reference, is_active=True).first()


def address_of(email: str) -> str:
    """Return an e-mail address as it is kept. Raises BadEmail."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadEmail(_("Enter an e-mail address like name@example.org.")) from error
    return address


@transaction.atomic
def _switch(*, user: User, is_active: bool, verb: str, by: history.Actor, at: datetime) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not _may_switch(user=user, by=by, at=at):
        raise NotYours(_("Only who looks after everybody's sign-ins can do this."))
    if user.is_active == is_active:
        return user
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    if not is_active:
        sign_out(user=user)
    words = {True: "active", False: "inactive"}
    _record(user=user, verb=verb, before=words[not is_active], after=words[is_active], by=by, at=at)
    return user


def _may_switch(*, user: User, by: history.Actor, at: datetime) -> bool:
    """Tell whether an actor answers for all that a user does: everywhere she has a role."""
    if by.kind in OURS:
        return True
    actor = of(by)
    if actor is None or actor.is_superuser:
        return actor is not None
    day = timezone.localdate(at)
    runs = Membership.objects.on(day).filter(user=actor, role=Role.ADMINISTRATOR)
    held = Membership.objects.standing(day).filter(user=user)
    elsewhere = held.exclude(organisation__in=runs.values("organisation"))
    return (
        user.person_id is None
        and not user.is_superuser
        and held.exists()
        and not elsewhere.exists()
    )


def _record(
    *, user: User, verb: str, before: str, after: str, by: history.Actor, at: datetime
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="user",
        subject=user.reference,
        person=user.person,
        from_state=before,
        to_state=after,
    )
