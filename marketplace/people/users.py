"""Who can sign in: adding somebody, and letting nobody in any more at once."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from marketplace.people.models import User


class EmailTaken(history.Refused):
    """Somebody signs in with this address already."""


class BadEmail(history.Refused):
    """The address cannot be one."""


class HasSignIn(history.Refused):
    """A person has one sign-in."""


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
    address = email.strip().lower()
    _must_be_an_address(address)
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

    Her roles and appointments stand as they were, so that coming back is one act.
    """
    return _switch(user=user, is_active=False, verb="deactivated", by=by, at=at)


def reactivate(*, user: User, by: history.Actor, at: datetime) -> User:
    """Let a user in again. Twice changes nothing."""
    return _switch(user=user, is_active=True, verb="reactivated", by=by, at=at)


@transaction.atomic
def _switch(*, user: User, is_active: bool, verb: str, by: history.Actor, at: datetime) -> User:
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.is_active == is_active:
        return user
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    words = {True: "active", False: "inactive"}
    _record(user=user, verb=verb, before=words[not is_active], after=words[is_active], by=by, at=at)
    return user


def _must_be_an_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadEmail(_("Enter an e-mail address like name@example.org.")) from error


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
