"""Asking somebody to work here: one link to one address, good once and for some days."""

import uuid
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.people import memberships, users
from marketplace.people.models import Invitation, Membership, User
from marketplace.people.roles import Role

GOOD_FOR = timedelta(days=7)
SALT = "people.invitation"


class NotYours(history.Refused):
    """People are asked to work somewhere by that place's own administrators."""


class NotYourself(history.Refused):
    """Nobody asks herself into a role."""


class WorksHere(history.Refused):
    """Somebody with this address has the role already."""


class NotForWork(history.Refused):
    """A family's role is not for working with."""


class NoLongerGood(history.Refused):
    """The link is no link of ours, or was used, taken back or left too long: all read the same."""

    def __init__(self) -> None:
        super().__init__(_("This link does not work any more. Ask who sent it for a new one."))


class NotThatAddress(history.Refused):
    """The link is in a hand that does not know where it was sent."""


class TakenBack(history.Refused):
    """What was taken up or taken back before is not taken back."""


@transaction.atomic
def invite(
    *, email: str, organisation: Organisation, role: Role, by: history.Actor, at: datetime
) -> Invitation:
    """Ask an address to take a role at an organisation; an earlier link for it stops working.

    Whether somebody signs in with the address elsewhere is not said. Raises NotYours, NotYourself,
    NotForWork, WorksHere, users.BadEmail.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if not memberships.runs(by=by, organisation=organisation, at=at):
        raise NotYours(_("Only an administrator of that organisation can invite people to it."))
    if role == Role.FAMILY:
        raise NotForWork(_("Choose a role that somebody works in."))
    address, inviter = users.address_of(email), users.of(by)
    if inviter is not None and inviter.email.lower() == address and not inviter.is_superuser:
        raise NotYourself(_("You cannot give yourself a role. Ask another administrator."))
    _must_be_new(address=address, organisation=organisation, role=role, at=at)
    earlier = Invitation.objects.open().filter(
        email__iexact=address, organisation=organisation, role=role
    )
    for invitation in earlier:
        _withdraw(invitation, by=by, at=at)
    invitation = Invitation.objects.create(
        email=address,
        organisation=organisation,
        role=role,
        invited_by=inviter,
        created_at=at,
        expires_at=at + GOOD_FOR,
    )
    _record(invitation, verb="invited", before="", after="open", by=by, at=at)
    return invitation


@transaction.atomic
def withdraw(*, invitation: Invitation, by: history.Actor, at: datetime) -> Invitation:
    """Take an invitation back; its link stops working at once. Raises NotYours, TakenBack."""
    invitation = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if not memberships.runs(by=by, organisation=invitation.organisation, at=at):
        raise NotYours(_("Only an administrator of that organisation can take this back."))
    if not invitation.is_open:
        raise TakenBack(_("This invitation was taken up or taken back already."))
    return _withdraw(invitation, by=by, at=at)


def token(invitation: Invitation) -> str:
    """Return the signed word that the link carries; it tells nothing."""
    return signing.dumps(str(invitation.reference), salt=SALT)


def find(*, token: str, at: datetime) -> Invitation:
    """Return the invitation of a link that still works. Raises NoLongerGood."""
    try:
        reference = uuid.UUID(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NoLongerGood from error
    found = (
        Invitation.objects.live(at)
        .filter(reference=reference)
        .select_related("organisation", "invited_by")
        .first()
    )
    if found is None or not _still_stands(found, at=at):
        raise NoLongerGood
    return found


@transaction.atomic
def accept(*, token: str, email: str, name: str, at: datetime) -> User:
    """Take up an invitation: the address signs in from now on, and has the role.

    The address has to be said, so that a link that went astray opens nothing; signing in then
    needs a code that is sent to it. Raises NoLongerGood, NotThatAddress.
    """
    invitation = Invitation.objects.select_for_update(no_key=True).get(
        pk=find(token=token, at=at).pk
    )
    if not invitation.is_open:
        raise NoLongerGood
    if not constant_time_compare(email.strip().lower(), invitation.email):
        raise NotThatAddress(_("Enter the address that the invitation was sent to."))
    by = history.Actor(
        kind=history.ActorKind.LINK,
        reference=str(invitation.reference),
        organisation=invitation.organisation.reference,
    )
    user = User.objects.filter(email__iexact=invitation.email).first() or users.add(
        email=invitation.email, name=name, by=by, at=at
    )
    if not user.is_active or user.person_id is not None:
        raise NoLongerGood
    memberships.give(
        user=user,
        organisation=invitation.organisation,
        role=Role(invitation.role),
        on=timezone.localdate(at),
        by=by,
        at=at,
    )
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    _record(invitation, verb="accepted", before="open", after="accepted", by=by, at=at)
    return user


def _still_stands(invitation: Invitation, *, at: datetime) -> bool:
    """Tell whether who invited may still do so: what she may not do, her link may not."""
    if invitation.invited_by is None:
        return True  # our own program invited
    by = history.Actor(
        kind=history.ActorKind.PERSON, reference=str(invitation.invited_by.reference)
    )
    return memberships.runs(by=by, organisation=invitation.organisation, at=at)


def _must_be_new(*, address: str, organisation: Organisation, role: Role, at: datetime) -> None:
    held = Membership.objects.standing(timezone.localdate(at)).filter(
        user__email__iexact=address, organisation=organisation, role=role
    )
    if held.exists():
        raise WorksHere(_("Somebody with this address has that role here already."))


def _withdraw(invitation: Invitation, *, by: history.Actor, at: datetime) -> Invitation:
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    _record(invitation, verb="withdrawn", before="open", after="withdrawn", by=by, at=at)
    return invitation


def _record(
    invitation: Invitation,
    *,
    verb: str,
    before: str,
    after: str,
    by: history.Actor,
    at: datetime,
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="invitation",
        subject=invitation.reference,
        from_state=before,
        to_state=after,
    )
