"""Who works where: joining, leaving, being suspended, and the actor that a user is today."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.people import users
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role


class NotYours(history.Refused):
    """Who works somewhere is said by that place's own administrators."""


class NotYourself(history.Refused):
    """Nobody gives herself a role, nor suspends herself."""


class NotForWork(history.Refused):
    """A family's sign-in, and a family's role, are not for working with."""


class LastAdministrator(history.Refused):
    """A place keeps somebody who can let people in."""


@transaction.atomic
def join(
    *,
    user: User,
    organisation: Organisation,
    role: Role,
    on: date,
    by: history.Actor,
    at: datetime,
) -> Membership:
    """Give a user a role at an organisation from `on`; asking twice changes nothing.

    Raises NotYours, NotYourself, NotForWork.
    """
    _locked(organisation)
    _must_run(organisation=organisation, by=by, at=at)
    if by.reference == str(user.reference) and not _runs_all(by):
        raise NotYourself(_("You cannot give yourself a role. Ask another administrator."))
    return give(user=user, organisation=organisation, role=role, on=on, by=by, at=at)


@transaction.atomic
def leave(*, membership: Membership, on: date, by: history.Actor, at: datetime) -> Membership:
    """End a role on `on`; it no longer holds that day, and one still to come never holds.

    Raises NotYours, LastAdministrator.
    """
    organisation = _locked(membership.organisation)
    membership = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    _must_run(organisation=organisation, by=by, at=at)
    _must_leave_one(membership.user, organisation=organisation, role=membership.role, by=by, at=at)
    membership.ends_on = max(on, membership.starts_on)
    membership.save(update_fields=["ends_on"])
    _record(membership, verb="left", before=membership.role, after="", by=by, at=at)
    return membership


@transaction.atomic
def change(
    *, membership: Membership, role: Role, on: date, by: history.Actor, at: datetime
) -> Membership:
    """Give another role in place of one. Raises what leaving and joining raise."""
    user, organisation = membership.user, membership.organisation
    if membership.role == role:
        return membership
    new = join(user=user, organisation=organisation, role=role, on=on, by=by, at=at)
    leave(membership=membership, on=on, by=by, at=at)
    return new


@transaction.atomic
def suspend(*, user: User, organisation: Organisation, by: history.Actor, at: datetime) -> int:
    """Let somebody do nothing more for an organisation, from this moment; return how many roles.

    Her sessions and open pages end too; where she works elsewhere she signs in again. Twice
    changes nothing. Raises NotYours, NotYourself, LastAdministrator.
    """
    organisation = _locked(organisation)
    _must_run(organisation=organisation, by=by, at=at)
    if by.reference == str(user.reference):
        raise NotYourself(_("You cannot suspend yourself. Ask another administrator."))
    _must_leave_one(user, organisation=organisation, role=Role.ADMINISTRATOR, by=by, at=at)
    held = list(_standing(user, organisation, at).filter(suspended_at__isnull=True))
    for membership in held:
        membership.suspended_at = at
        membership.save(update_fields=["suspended_at"])
        _record(membership, verb="suspended", before="active", after="suspended", by=by, at=at)
    if held:
        users.sign_out(user=user)
    return len(held)


@transaction.atomic
def resume(*, user: User, organisation: Organisation, by: history.Actor, at: datetime) -> int:
    """Give somebody back what she was suspended from; return how many roles.

    Raises NotYours, NotYourself.
    """
    organisation = _locked(organisation)
    _must_run(organisation=organisation, by=by, at=at)
    if by.reference == str(user.reference):
        raise NotYourself(_("You cannot take back your own suspension."))
    held = list(_standing(user, organisation, at).filter(suspended_at__isnull=False))
    for membership in held:
        membership.suspended_at = None
        membership.save(update_fields=["suspended_at"])
        _record(membership, verb="resumed", before="suspended", after="active", by=by, at=at)
    return len(held)


def give(
    *,
    user: User,
    organisation: Organisation,
    role: Role,
    on: date,
    by: history.Actor,
    at: datetime,
) -> Membership:
    """Write down a role that somebody who may has given; `join` and an invitation ask for that.

    Raises NotForWork.
    """
    if role == Role.FAMILY or user.person_id is not None:
        raise NotForWork(_("A family's sign-in is not for working with. Use another address."))
    membership, is_new = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, ends_on=None, defaults={"starts_on": on}
    )
    if is_new:
        _record(membership, verb="joined", before="", after=role, by=by, at=at)
    return membership


def runs(*, by: history.Actor, organisation: Organisation, at: datetime) -> bool:
    """Tell whether an actor may say who works at an organisation."""
    if by.kind in users.OURS or _runs_all(by):
        return True
    user = users.of(by)
    if user is None:
        return False
    held = Membership.objects.on(timezone.localdate(at)).filter(user=user)
    return held.filter(organisation=organisation, role=Role.ADMINISTRATOR).exists()


def roles(*, user_reference: str, organisation: UUID | None, on: date) -> frozenset[str]:
    """Return the roles that an active user holds at one organisation on a day."""
    if organisation is None:
        return frozenset()
    return frozenset(
        Membership.objects.on(on)
        .filter(
            user__reference=user_reference,
            user__is_active=True,
            organisation__reference=organisation,
        )
        .values_list("role", flat=True)
    )


def roles_at(*, by: history.Actor, at: datetime) -> frozenset[str]:
    """Return the roles that an actor holds now at the organisation she acts for."""
    if by.kind != history.ActorKind.PERSON:
        return frozenset()
    return roles(
        user_reference=by.reference, organisation=by.organisation, on=timezone.localdate(at)
    )


def roles_of(*, user: User, on: date) -> frozenset[str]:
    """Return the roles that a user holds on a day, wherever it is."""
    return frozenset(Membership.objects.on(on).filter(user=user).values_list("role", flat=True))


def current(*, user: User, on: date, among: Iterable[str] | None = None) -> Membership | None:
    """Return the role a user acts in: the oldest one that holds, of those named where any are."""
    held = Membership.objects.on(on).filter(user=user).select_related("organisation")
    if among is not None:
        held = held.filter(role__in=list(among))
    return held.order_by("starts_on", "pk").first()


def actor(
    *,
    user: User,
    at: datetime,
    among: Iterable[str] | None = None,
    on_behalf_of: UUID | None = None,
) -> history.Actor:
    """Return the actor that a user is now: for her organisation, or for herself."""
    membership = current(user=user, on=timezone.localdate(at), among=among)
    return history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(user.reference),
        organisation=membership.organisation.reference if membership else None,
        on_behalf_of=on_behalf_of,
    )


def holders(*, organisation: Organisation, role: str, on: date) -> list[User]:
    """Return the active users who hold a role at an organisation on a day."""
    return list(
        User.objects.filter(
            memberships__in=Membership.objects.on(on).filter(organisation=organisation, role=role),
            is_active=True,
        )
        .distinct()
        .order_by("pk")
    )


def _runs_all(by: history.Actor) -> bool:
    user = users.of(by)
    return user is not None and user.is_superuser


def _must_run(*, organisation: Organisation, by: history.Actor, at: datetime) -> None:
    if not runs(by=by, organisation=organisation, at=at):
        raise NotYours(_("Only an administrator of that organisation can do this."))


def _must_leave_one(
    user: User, *, organisation: Organisation, role: str, by: history.Actor, at: datetime
) -> None:
    """Refuse to take away the last administrator who can still sign in."""
    if role != Role.ADMINISTRATOR or by.kind in users.OURS:
        return
    held = Membership.objects.on(timezone.localdate(at)).filter(
        organisation=organisation, role=Role.ADMINISTRATOR, user__is_active=True
    )
    if held.filter(user=user).exists() and not held.exclude(user=user).exists():
        raise LastAdministrator(
            _("This is the last administrator here. Make somebody else one first.")
        )


def _standing(user: User, organisation: Organisation, at: datetime) -> QuerySet[Membership]:
    held = Membership.objects.standing(timezone.localdate(at)).select_for_update(no_key=True)
    return held.filter(user=user, organisation=organisation).order_by("pk")


def _locked(organisation: Organisation) -> Organisation:
    """Lock a place, so that two administrators do not take each other's role away at once."""
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _record(
    membership: Membership,
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
        subject_kind="membership",
        subject=membership.reference,
        from_state=before,
        to_state=after,
    )
