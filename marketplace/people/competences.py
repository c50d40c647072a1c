"""What workers are qualified for, and where their own interests lie (design §5)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.people import memberships, users
from marketplace.people.models import Competence, Interest, Membership, User


class CheckedByHerself(history.Refused):
    """Somebody else looks at what a worker is qualified for."""


class NotYours(history.Refused):
    """A qualification is checked by who answers for the worker's sign-in."""


class NotHers(history.Refused):
    """A worker says herself where she gains."""


class WrongDates(history.Refused):
    """What holds until a day began before it."""


@transaction.atomic
def record(
    *,
    user: User,
    code: str,
    checked_by: str,
    starts_on: date,
    by: history.Actor,
    at: datetime,
    ends_on: date | None = None,
) -> Competence:
    """Record a checked qualification, from and to a day (half-open), and who looked.

    `checked_by` says where it was checked, such as a register. An administrator of a place she
    works at does it. Raises CheckedByHerself, NotYours, WrongDates.
    """
    if by.reference == str(user.reference):
        raise CheckedByHerself(_("You cannot check your own qualification. Ask somebody else."))
    _must_answer_for(user=user, by=by, at=at)
    if ends_on is not None and ends_on <= starts_on:
        raise WrongDates(_("It has to run out after it starts. Check both days."))
    competence = Competence.objects.create(
        user=user,
        code=code,
        checked_by=checked_by,
        checker=users.of(by),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    _record("competence", competence.reference, verb="checked", after=code, by=by, at=at)
    return competence


@transaction.atomic
def end(*, competence: Competence, on: date, by: history.Actor, at: datetime) -> Competence:
    """End a qualification on a day; it does not hold that day. Raises NotYours."""
    competence = Competence.objects.select_for_update(no_key=True).get(pk=competence.pk)
    _must_answer_for(user=competence.user, by=by, at=at)
    competence.ends_on = max(on, competence.starts_on)
    competence.save(update_fields=["ends_on"])
    _record("competence", competence.reference, verb="ended", before=competence.code, by=by, at=at)
    return competence


def holds(*, user_reference: str, code: str, on: date) -> bool:
    """Tell whether a user holds a competence on a day."""
    return Competence.objects.on(on).filter(user__reference=user_reference, code=code).exists()


def codes(*, user_reference: str, on: date) -> frozenset[str]:
    """Return the competences that a user holds on a day."""
    return frozenset(
        Competence.objects.on(on)
        .filter(user__reference=user_reference)
        .values_list("code", flat=True)
    )


@transaction.atomic
def declare_interest(
    *, user: User, organisation: Organisation, on: date, by: history.Actor, at: datetime
) -> Interest:
    """Record that a worker gains from an organisation; declaring twice changes nothing.

    She says so herself. Raises NotHers.
    """
    _must_be_hers(user=user, by=by)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    interest, is_new = Interest.objects.get_or_create(
        user=user, organisation=organisation, ends_on=None, defaults={"starts_on": on}
    )
    if is_new:
        _record("interest", interest.reference, verb="declared", after="declared", by=by, at=at)
    return interest


@transaction.atomic
def end_interest(*, interest: Interest, on: date, by: history.Actor, at: datetime) -> Interest:
    """Record that a worker gains no more; it does not hold that day. Raises NotHers."""
    interest = Interest.objects.select_for_update(no_key=True).get(pk=interest.pk)
    _must_be_hers(user=interest.user, by=by)
    interest.ends_on = max(on, interest.starts_on)
    interest.save(update_fields=["ends_on"])
    _record("interest", interest.reference, verb="ended", before="declared", by=by, at=at)
    return interest


def has_interest(*, user_reference: str, organisation: Organisation, on: date) -> bool:
    """Tell whether a user declared an interest in an organisation on a day."""
    return interests(user_reference=user_reference, organisation=organisation, on=on).exists()


def interests(
    *, user_reference: str, organisation: Organisation, on: date
) -> QuerySet[Interest, Interest]:
    """Return the interest in an organisation that a user declared, as it stands on a day."""
    return Interest.objects.on(on).filter(user__reference=user_reference, organisation=organisation)


def _must_answer_for(*, user: User, by: history.Actor, at: datetime) -> None:
    if by.kind in users.OURS:
        return
    held = Membership.objects.standing(timezone.localdate(at)).filter(user=user)
    places = Organisation.objects.filter(pk__in=held.values("organisation"))
    if not any(memberships.runs(by=by, organisation=place, at=at) for place in places):
        raise NotYours(_("Only an administrator of a place she works at can do this."))


def _must_be_hers(*, user: User, by: history.Actor) -> None:
    if by.kind not in users.OURS and by.reference != str(user.reference):
        raise NotHers(_("Only the worker herself can say this."))


def _record(
    kind: str,
    subject: UUID,
    *,
    verb: str,
    by: history.Actor,
    at: datetime,
    before: str = "",
    after: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind=kind,
        subject=subject,
        from_state=before,
        to_state=after,
    )
