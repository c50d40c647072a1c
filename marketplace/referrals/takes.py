"""Taking a referral on, and putting it back: whose list it stands on, and still everybody's."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.notices import topics
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import parties
from marketplace.referrals.models import Referral, Take
from marketplace.sharing import sharing


class NotYours(history.Refused):
    """Only who may know of it, in the role that it waits for, takes it or puts it back."""


class IsTaken(history.Refused):
    """A colleague has it; once she put it back, it can be taken."""


class IsNotTaken(history.Refused):
    """What nobody has is not put back."""


class HasEnded(history.Refused):
    """What has ended waits for nobody."""


@transaction.atomic
def take(
    *,
    referral: Referral,
    organisation: Organisation,
    role: Role,
    by: history.Actor,
    at: datetime,
) -> Take:
    """Take a referral on for oneself; what one has already stands as it is.

    Raises HasEnded, NotYours, IsTaken.
    """
    referral = _locked(referral)
    if not referral.is_open:
        raise HasEnded(_("This has ended, so nobody has to take it."))
    user = _must_be_theirs(referral, organisation=organisation, role=role, by=by, at=at)
    held = _held(referral, organisation=organisation, role=role)
    if held is not None:
        if held.user_id == user.pk:
            return held
        if Take.objects.standing(timezone.localdate(at)).filter(pk=held.pk).exists():
            raise IsTaken(_("%(name)s has it already.") % {"name": held.user.name})
        _put_back(held, at=at)  # who had it does not work here any more
    made = Take.objects.create(
        referral=referral, organisation=organisation, role=role, user=user, taken_at=at
    )
    _record(made, referral=referral, verb="take", by=by, at=at)
    return made


@transaction.atomic
def put_back(
    *,
    referral: Referral,
    organisation: Organisation,
    role: Role,
    by: history.Actor,
    at: datetime,
) -> Take:
    """Put a referral back for all; a colleague's too, who may be ill. Raises NotYours, IsNotTaken.

    Nobody else has to do it for her: any colleague can act on it meanwhile.
    """
    referral = _locked(referral)
    _must_be_theirs(referral, organisation=organisation, role=role, by=by, at=at)
    held = _held(referral, organisation=organisation, role=role)
    if held is None:
        raise IsNotTaken(_("Nobody has this, so there is nothing to put back."))
    _put_back(held, at=at)
    _record(held, referral=referral, verb="put_back", by=by, at=at)
    return held


def _must_be_theirs(
    referral: Referral,
    *,
    organisation: Organisation,
    role: Role,
    by: history.Actor,
    at: datetime,
) -> User:
    user = parties.user_of(by)
    if user is None or not parties.works_at(organisation=organisation, role=role, by=by, at=at):
        raise NotYours(_("Only the people it waits for can take it."))
    seen = sharing.visible(Referral.objects.filter(pk=referral.pk), user=user, at=at)
    if not seen.exists():
        raise NotYours(_("There is nothing here that you can take."))
    return user


def _held(referral: Referral, *, organisation: Organisation, role: Role) -> Take | None:
    held = Take.objects.filter(
        referral=referral, organisation=organisation, role=role, put_back_at=None
    )
    return held.select_related("user", "organisation").first()


def _put_back(held: Take, *, at: datetime) -> None:
    held.put_back_at = at
    held.save(update_fields=["put_back_at"])


def _locked(referral: Referral) -> Referral:
    return (
        Referral.objects.select_for_update(no_key=True, of=("self",))
        .with_names()
        .get(pk=referral.pk)
    )


def _record(held: Take, *, referral: Referral, verb: str, by: history.Actor, at: datetime) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="referral",
        subject=referral.reference,
        family=referral.family,
        person=referral.person,
        is_confidential=referral.is_confidential,
    )
    topics.publish(topics.inbox(held.organisation.reference))
