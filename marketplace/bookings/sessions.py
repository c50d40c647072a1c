"""What became of each occasion, and what that does to the money set aside for it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history, ledger
from budgets.models import Person
from marketplace.bookings import diary
from marketplace.bookings.models import Booking, BookingState, Session, SessionState
from marketplace.referrals import commissions, ladder
from marketplace.referrals.models import Referral
from marketplace.sharing import sharing
from marketplace.sharing.models import ReasonKind

# A missed session is paid for, since the provider was there. A child who was not brought is
# never a charge, nor what the provider itself could not do (issue 6).
IS_SPENT: dict[str, bool] = {
    SessionState.DELIVERED: True,
    SessionState.DID_NOT_COME: True,
    SessionState.WAS_NOT_BROUGHT: False,
    SessionState.DID_NOT_HAPPEN: False,
}


class NotPlanned(history.Refused):
    """What became of it was recorded already, or it was cancelled."""


class TooEarly(history.Refused):
    """Nothing is recorded before it begins."""


class NotTheProvider(history.Refused):
    """Only somebody who works for the provider records what became of a session."""


class NotAnOutcome(history.Refused):
    """What was said cannot have become of this person's session."""


def outcomes(*, person: Person, at: datetime) -> tuple[SessionState, ...]:
    """Return what can become of a person's session at a moment.

    A child does not fail to come: the child was not brought, unless she decides for herself.
    """
    missed: tuple[SessionState, ...] = (SessionState.DID_NOT_COME,)
    age = person.age_on(timezone.localdate(at))
    if age is not None and not person.is_adult_on(timezone.localdate(at)):
        missed = (*(missed if person.decides_alone else ()), SessionState.WAS_NOT_BROUGHT)
    return (SessionState.DELIVERED, *missed, SessionState.DID_NOT_HAPPEN)


@transaction.atomic
def record(*, session: Session, state: SessionState, by: history.Actor, at: datetime) -> Session:
    """Record what became of a session: its money is spent, or goes back to what is left.

    Raises NotTheProvider, NotPlanned, TooEarly, NotAnOutcome.
    """
    referral = ladder.locked(Referral.objects.get(bookings__sessions=session))
    session = (
        Session.objects.select_for_update(no_key=True, of=("self",))
        .select_related("booking", "hold")
        .get(pk=session.pk)
    )
    if not diary.works_there(referral=referral, by=by, at=at):
        raise NotTheProvider(_("Only somebody who works for the provider can record this."))
    _must_be_recordable(session=session, referral=referral, state=state, at=at)
    transfers = _settle(session=session, referral=referral, state=state, by=by, at=at)
    session.state, session.recorded_at = state, at
    session.save(update_fields=["state", "recorded_at"])
    _write(session=session, referral=referral, transfers=transfers, by=by, at=at)
    _finish(session.booking, referral=referral, at=at)
    ladder.publish(referral)
    return session


def _must_be_recordable(
    *, session: Session, referral: Referral, state: SessionState, at: datetime
) -> None:
    # What had begun when its booking was cancelled is still to be recorded.
    was_agreed = session.booking.state in (BookingState.ACCEPTED, BookingState.CANCELLED)
    if not session.is_planned or not was_agreed:
        raise NotPlanned(_("This was recorded already."))
    if session.starts_at > at:
        raise TooEarly(_("This has not begun yet. Record it when it is over."))
    if state not in outcomes(person=referral.person, at=session.starts_at):
        raise NotAnOutcome(_("Choose one of the answers for this person."))


def _settle(
    *,
    session: Session,
    referral: Referral,
    state: SessionState,
    by: history.Actor,
    at: datetime,
) -> list[UUID]:
    hold = session.hold
    if hold is None:
        return []
    if not IS_SPENT[state]:
        commissions.uncount(referral=referral, amount_pence=hold.amount_pence)
    settle = ledger.post if IS_SPENT[state] else ledger.void
    return [settle(hold=hold, key=f"session:{session.reference}", by=by, at=at).reference]


def _write(
    *,
    session: Session,
    referral: Referral,
    transfers: list[UUID],
    by: history.Actor,
    at: datetime,
) -> None:
    history.record(
        by=by,
        at=at,
        verb="record",
        subject_kind="session",
        subject=session.reference,
        family=referral.family,
        person=referral.person,
        from_state=SessionState.PLANNED,
        to_state=session.state,
        transfers=transfers,
        is_confidential=referral.is_confidential,
    )


def _finish(booking: Booking, *, referral: Referral, at: datetime) -> None:
    """Close the booking with its last session; the family says how it went (`complete`).

    Where the support has ended already, nothing is left that the provider needs to know of.
    """
    if booking.sessions.planned().exists():
        return
    if booking.is_accepted:
        booking.state = BookingState.FINISHED
        booking.save(update_fields=["state"])
    left = Session.objects.planned().filter(booking__referral=referral)
    if not referral.is_open and not left.exists():
        sharing.close_reasons(subject=referral.reference, kind=ReasonKind.BOOKING, at=at)
