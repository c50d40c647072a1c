"""What became of each occasion, and what that does to the money set aside for it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history, ledger
from marketplace.bookings.models import Booking, BookingState, Session, SessionState
from marketplace.people import memberships
from marketplace.people.roles import Role
from marketplace.referrals import ladder
from marketplace.referrals.models import Referral

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


@transaction.atomic
def record(*, session: Session, state: SessionState, by: history.Actor, at: datetime) -> Session:
    """Record what became of a session: its money is spent, or goes back to what is left.

    Raises NotPlanned, TooEarly, NotTheProvider.
    """
    referral = ladder.locked(Referral.objects.get(bookings__sessions=session))
    session = (
        Session.objects.select_for_update(no_key=True, of=("self",))
        .select_related("booking", "hold")
        .get(pk=session.pk)
    )
    _must_be_theirs(referral=referral, by=by, at=at)
    if not session.is_planned or not session.booking.is_accepted:
        raise NotPlanned(_("This was recorded already."))
    if session.starts_at > at:
        raise TooEarly(_("This has not begun yet. Record it when it is over."))
    transfers = _settle(session=session, is_spent=IS_SPENT[state], by=by, at=at)
    session.state, session.recorded_at = state, at
    session.save(update_fields=["state", "recorded_at"])
    _write(session=session, referral=referral, transfers=transfers, by=by, at=at)
    _finish(session.booking, at=at)
    ladder.publish(referral)
    return session


def _must_be_theirs(*, referral: Referral, by: history.Actor, at: datetime) -> None:
    works_there = by.organisation == referral.service.provider.reference
    if not works_there or Role.PROVIDER_WORKER not in memberships.roles_at(by=by, at=at):
        raise NotTheProvider(_("Only somebody who works for the provider can record this."))


def _settle(*, session: Session, is_spent: bool, by: history.Actor, at: datetime) -> list[UUID]:
    if session.hold is None:
        return []
    key = f"session:{session.reference}"
    settle = ledger.post if is_spent else ledger.void
    return [settle(hold=session.hold, key=key, by=by, at=at).reference]


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


def _finish(booking: Booking, *, at: datetime) -> None:
    """Close the booking with its last session; the family says how it went (`complete`)."""
    if not booking.sessions.planned().exists():
        booking.state = BookingState.FINISHED
        booking.save(update_fields=["state"])
