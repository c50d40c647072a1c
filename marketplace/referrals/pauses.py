"""Pauses: for a listed reason the clocks of a referral stand still, until a day that is said."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from marketplace.notices import working_days
from marketplace.people.roles import Role
from marketplace.referrals import approvals, ladder, parties, promises
from marketplace.referrals.models import Pause, PauseReason, Referral

MOST_WORKING_DAYS = 20
"""Of one referral, all its pauses together: else a clock could be stopped again and again."""


class NotYours(history.Refused):
    """The family, who speaks for it and the service's own people pause; nobody else does."""


class NotThatDay(history.Refused):
    """The day on which a pause ends is to come, and not too far off."""


class IsPaused(history.Refused):
    """A referral is paused once at a time."""


class IsNotPaused(history.Refused):
    """What is not paused does not go on."""


class HasEnded(history.Refused):
    """What has ended has no clock."""


@transaction.atomic
def pause(
    *,
    referral: Referral,
    reason: PauseReason,
    ends_on: date,
    by: history.Actor,
    at: datetime,
) -> Pause:
    """Stop a referral's clocks from today until `ends_on`, when they go on by themselves.

    At most 20 working days of one referral in all. Raises HasEnded, NotYours, IsPaused, NotThatDay.
    """
    referral = ladder.locked(referral)
    day = timezone.localdate(at)
    _must_be_theirs(referral=referral, by=by, at=at)
    if Pause.objects.on(day).filter(referral=referral).exists():
        raise IsPaused(_("It is paused already."))
    _must_fit(referral=referral, day=day, ends_on=ends_on)
    made = Pause.objects.create(
        referral=referral,
        reason=reason,
        starts_on=day,
        ends_on=ends_on,
        paused_by=by.reference,
        paused_at=at,
    )
    promises.reckon_anew(referral=referral)
    approvals.reckon_anew(referral=referral)
    ladder.write(referral=referral, verb="pause", before=referral.rung, by=by, at=at, reason=reason)
    ladder.publish(referral)
    return made


@transaction.atomic
def go_on(*, referral: Referral, by: history.Actor, at: datetime) -> Pause:
    """Let a paused referral's clocks run again from today. Raises HasEnded, NotYours, IsNotPaused.

    What was due later because of the pause is due sooner again.
    """
    referral = ladder.locked(referral)
    day = timezone.localdate(at)
    _must_be_theirs(referral=referral, by=by, at=at)
    found = Pause.objects.select_for_update(no_key=True).on(day).filter(referral=referral).first()
    if found is None:
        raise IsNotPaused(_("It is not paused."))
    found.ends_on = day
    found.save(update_fields=["ends_on"])
    promises.reckon_anew(referral=referral)
    approvals.reckon_anew(referral=referral)
    ladder.write(referral=referral, verb="go_on", before=referral.rung, by=by, at=at)
    ladder.publish(referral)
    return found


def left(*, referral: Referral) -> int:
    """Return how many working days a referral may still be paused for."""
    used = sum(_length(one) for one in Pause.objects.filter(referral=referral))
    return max(MOST_WORKING_DAYS - used, 0)


def may_pause(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether it is somebody's to pause: the family's side, its owner's, its provider's."""
    service = referral.service
    return (
        parties.is_for_family(referral=referral, by=by, at=at)
        or parties.works_at(organisation=service.owner, role=Role.INTAKE_WORKER, by=by, at=at)
        or parties.works_at(organisation=service.provider, role=Role.PROVIDER_WORKER, by=by, at=at)
    )


def _must_be_theirs(*, referral: Referral, by: history.Actor, at: datetime) -> None:
    if not referral.is_open:
        raise HasEnded(_("This has ended, so there is nothing to pause."))
    if not may_pause(referral=referral, by=by, at=at):
        raise NotYours(_("Only the family, its advocate or the service can pause this."))


def _must_fit(*, referral: Referral, day: date, ends_on: date) -> None:
    if ends_on <= day:
        raise NotThatDay(_("Choose a day to come, on which it goes on."))
    most = left(referral=referral)
    # A year away is far more than is allowed: so long a span is not walked through day by day.
    is_far = (ends_on - day).days > working_days.ENOUGH_DAYS
    if is_far or _working(day, ends_on) > most:
        raise NotThatDay(
            _("This can be paused for %(days)s more working days at most: choose an earlier day.")
            % {"days": most}
        )


def _length(one: Pause) -> int:
    return _working(one.starts_on, one.ends_on)


def _working(start: date, end: date) -> int:
    """Count the working days from a day up to, but without, another."""
    return working_days.between(start - working_days.DAY, end - working_days.DAY)
