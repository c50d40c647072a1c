"""What became of a session moves its money exactly once."""

from datetime import timedelta

import pytest

from budgets import ledger, proofs
from budgets.models import Phase, Transfer
from marketplace.authority.models import Use
from marketplace.bookings import bookings, sessions
from marketplace.bookings.models import BookingState, Session, SessionState
from marketplace.sharing import sharing
from tests.cast import MENTOR_PENCE, PLAN_PENCE
from tests.marketplace.bookings.conftest import Mentoring

REST = 5 * MENTOR_PENCE


def first(mentoring: Mentoring) -> Session:
    """Return the first session of accepted times."""
    return mentoring.accept().sessions.order_by("number")[0]


def record(mentoring: Mentoring, session: Session, state: SessionState) -> Session:
    """Record as Dev, five minutes after it began."""
    return sessions.record(
        session=session,
        state=state,
        by=mentoring.cast.by(mentoring.cast.dev),
        at=session.starts_at + timedelta(minutes=5),
    )


def test_a_delivered_session_is_spent(mentoring: Mentoring) -> None:
    session = record(mentoring, first(mentoring), SessionState.DELIVERED)
    assert session.is_delivered
    assert mentoring.money() == (PLAN_PENCE - REST - MENTOR_PENCE, REST, MENTOR_PENCE)
    assert proofs.prove().ok


@pytest.mark.parametrize("state", [SessionState.WAS_NOT_BROUGHT, SessionState.DID_NOT_HAPPEN])
def test_a_child_who_was_not_brought_is_never_a_charge(
    mentoring: Mentoring, state: SessionState
) -> None:
    used = Use.objects.get(family__isnull=False).amount_pence
    record(mentoring, first(mentoring), state)
    assert mentoring.money() == (PLAN_PENCE - REST, REST, 0)
    assert Use.objects.get(family__isnull=False).amount_pence == used - MENTOR_PENCE


def test_a_child_is_brought_and_does_not_fail_to_come(mentoring: Mentoring) -> None:
    cast, session = mentoring.cast, first(mentoring)
    assert SessionState.DID_NOT_COME not in sessions.outcomes(person=cast.jamie, at=cast.at)
    with pytest.raises(sessions.NotAnOutcome):
        record(mentoring, session, SessionState.DID_NOT_COME)
    assert SessionState.WAS_NOT_BROUGHT not in sessions.outcomes(person=cast.fred, at=cast.at)
    both = {SessionState.DID_NOT_COME, SessionState.WAS_NOT_BROUGHT}
    assert both <= set(sessions.outcomes(person=cast.stacey, at=cast.at))


@pytest.mark.parametrize("state", [SessionState.PLANNED, SessionState.CANCELLED])
def test_what_is_no_outcome_is_refused(mentoring: Mentoring, state: SessionState) -> None:
    with pytest.raises(sessions.NotAnOutcome):
        record(mentoring, first(mentoring), state)


def test_nothing_is_recorded_before_it_begins(mentoring: Mentoring) -> None:
    session = first(mentoring)
    with pytest.raises(sessions.TooEarly):
        sessions.record(
            session=session,
            state=SessionState.DELIVERED,
            by=mentoring.cast.by(mentoring.cast.dev),
            at=mentoring.cast.at,
        )
    assert Session.objects.get(pk=session.pk).is_planned


def test_only_the_provider_records(mentoring: Mentoring) -> None:
    cast, session = mentoring.cast, first(mentoring)
    for user in (cast.lena, cast.amira, cast.fred_user):
        with pytest.raises(sessions.NotTheProvider):
            sessions.record(
                session=session,
                state=SessionState.DELIVERED,
                by=cast.by(user),
                at=session.starts_at,
            )
    assert mentoring.money()[2] == 0


def test_a_session_is_recorded_once_and_its_money_spent_once(mentoring: Mentoring) -> None:
    session = record(mentoring, first(mentoring), SessionState.DELIVERED)
    with pytest.raises(sessions.NotPlanned):
        record(mentoring, session, SessionState.DELIVERED)
    spent = Transfer.objects.filter(settles=session.hold)
    assert spent.get().phase == Phase.POSTED
    assert mentoring.money()[2] == MENTOR_PENCE


def test_money_that_was_spent_cannot_be_spent_again_by_any_other_key(mentoring: Mentoring) -> None:
    session = record(mentoring, first(mentoring), SessionState.DELIVERED)
    assert session.hold is not None
    with pytest.raises(ledger.AlreadySettled):
        ledger.post(
            hold=session.hold,
            key="again",
            by=mentoring.cast.by(mentoring.cast.dev),
            at=mentoring.cast.at,
        )


def test_the_last_session_finishes_the_booking(mentoring: Mentoring) -> None:
    booking = mentoring.accept()
    for session in booking.sessions.order_by("number"):
        record(mentoring, session, SessionState.DELIVERED)
    booking.refresh_from_db()
    assert booking.state == BookingState.FINISHED
    assert mentoring.money() == (PLAN_PENCE - 6 * MENTOR_PENCE, 0, 6 * MENTOR_PENCE)


def test_after_a_withdrawal_the_last_record_closes_what_the_provider_may_know(
    mentoring: Mentoring,
) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    at = mentoring.begun(booking)
    bookings.withdraw(referral=mentoring.referral, by=cast.by(cast.fred_user), at=at)
    later = at + timedelta(hours=1)
    session = Session.objects.to_record(later).get()
    sessions.record(session=session, state=SessionState.DELIVERED, by=cast.by(cast.dev), at=later)
    assert mentoring.money() == (PLAN_PENCE - MENTOR_PENCE, 0, MENTOR_PENCE)
    after = later + timedelta(seconds=1)
    assert not sharing.visible(Session.objects.all(), user=cast.dev, at=after).exists()
    assert proofs.prove().ok
