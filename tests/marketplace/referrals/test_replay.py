"""Whatever is done in whatever order: history replayed gives the rung, by arrows that there are."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets import history, ledger
from budgets.models import Event
from marketplace.bookings import bookings, cooling_off, sessions
from marketplace.bookings.models import Booking, Session, SessionState
from marketplace.referrals import approvals, commissions, endings, graph, referrals
from marketplace.referrals.models import Approval, EndReason, Referral, Rung
from marketplace.sharing.models import Basis
from tests import stage
from tests.cast import NOW, Cast
from tests.marketplace.referrals import climbing

ACTS = (
    "check",
    "apply",
    "decide",
    "yes",
    "commission",
    "ask_approval",
    "approve",
    "refuse",
    "sweep",
    "take_back",
    "ask_time",
    "accept",
    "decline_time",
    "cancel_time",
    "record",
    "withdraw",
    "decline",
    "complete",
    "expire",
    "hand_over",
)
WHO = ("amira", "ingrid", "dev", "colin", "fred_user", "nadia")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(WHO)), max_size=14)
CLIMB = [(act, "amira") for act in (*ACTS[:5], "ask_time")] + [("accept", "dev")]


def replayed(referral: Referral) -> str:
    """Return the rung that history tells, following every line from where the last one led."""
    rung = ""
    for line in Event.objects.filter(subject=referral.reference).order_by("pk"):
        assert line.from_state == rung, line.verb
        if line.to_state != rung and rung:
            assert (rung, line.to_state) in graph.pairs(), line.verb
        rung = line.to_state
    return rung


def acts(
    cast: Cast, referral: Referral, by: history.Actor, at: Any
) -> dict[str, Callable[[], Any]]:
    """Return everything that can be done with a referral, by its name."""
    said: dict[str, Any] = {"referral": referral, "by": by, "at": at}
    booking = Booking.objects.filter(referral=referral).last()
    approval = Approval.objects.filter(referral=referral).last()
    session = Session.objects.filter(booking__referral=referral).first()
    booked: dict[str, Any] = {"booking": booking, "by": by, "at": at}
    asked: dict[str, Any] = {"approval": approval, "by": by, "at": at}
    no: dict[str, Any] = {"reason": EndReason.NO_PLACE, "words": "It is full."}
    first = session.slot if session else None
    return {
        "check": lambda: referrals.check_eligibility(answers={}, **said),
        "apply": lambda: referrals.apply(answers=climbing.ANSWERS, basis=Basis.PUBLIC_TASK, **said),
        "decide": lambda: referrals.decide_eligibility(**said),
        "yes": lambda: climbing.say_yes(cast, referral, at=at),
        "commission": lambda: commissions.commission(**said),
        "ask_approval": lambda: approvals.ask(**said),
        "approve": lambda: approval and approvals.approve(**asked),
        "refuse": lambda: approval and approvals.refuse(words="Too much.", **asked),
        "sweep": lambda: approvals.sweep(at=at + timedelta(days=9)),
        "take_back": lambda: cooling_off.take_yes_back(**said),
        "ask_time": lambda: bookings.ask(
            first=first or climbing.offer_times(cast, cast.mentor), **said
        ),
        "accept": lambda: booking and bookings.accept(**booked),
        "decline_time": lambda: booking and bookings.decline(**no, **booked),
        "cancel_time": lambda: booking and bookings.cancel(**booked),
        "record": lambda: (
            session
            and sessions.record(
                session=session,
                state=SessionState.DELIVERED,
                by=by,
                at=session.starts_at + timedelta(hours=2),
            )
        ),
        "withdraw": lambda: bookings.withdraw(**said),
        "decline": lambda: bookings.decline_support(**no, **said),
        "complete": lambda: bookings.complete(
            reason=EndReason.GOAL_MET, words="It helped.", **said
        ),
        "expire": lambda: endings.expire(**said),
        "hand_over": lambda: referrals.hand_over(**said),
    }


class HistoryTellsTheRung(TestCase):
    """Random sittings, refused or not, by whoever."""

    cast: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        """Put the cast up once for all tests of the class.

        In `setUp` it would be put up outside of what is rolled back after each example: the rows
        of the first test would still be there when the second writes the same numbers.
        """
        cls.cast = stage._kept(NOW)

    def play(self, is_dear: bool, climbed: int, steps: list[tuple[str, str]]) -> None:
        """Climb so far, then do whatever, and look after every act."""
        cast = self.cast
        if is_dear:
            cast.agreement.rules.update(limit_commission_pence=100)
        referral = climbing.refer(cast)
        for number, (name, who) in enumerate([*CLIMB[:climbed], *steps]):
            at, by = cast.later(minutes=number), cast.by(cast.users[who])
            with contextlib.suppress(history.Refused):
                acts(cast, climbing.again(referral), by, at)[name]()
            assert replayed(referral) == climbing.again(referral).rung, name
        assert ledger.prove().ok
        self.money_follows(climbing.again(referral))

    def money_follows(self, referral: Referral) -> None:
        """Money is set aside only where the rung says so, and only with a yes."""
        held = commissions.holds_of(referral)
        if held and referral.is_open:
            assert referral.rung in (Rung.COMMISSIONED, Rung.BOOKED)
            assert referral.has_yes

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    )
    @given(st.booleans(), st.integers(0, len(CLIMB)), STEPS)
    def test_after_any_sequence(
        self, is_dear: bool, climbed: int, steps: list[tuple[str, str]]
    ) -> None:
        """Whatever was done, history replayed gives the rung."""
        self.play(is_dear, climbed, steps)

    @pytest.mark.soak
    @settings(
        max_examples=600,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    )
    @given(st.booleans(), st.integers(0, len(CLIMB)), STEPS)
    def test_after_very_many_sequences(
        self, is_dear: bool, climbed: int, steps: list[tuple[str, str]]
    ) -> None:
        """The same, many times."""
        self.play(is_dear, climbed, steps)


@pytest.mark.once
def test_a_rung_that_moved_without_its_line_is_seen(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.SOFT_REFERRED)
    assert replayed(referral) == Rung.SOFT_REFERRED
    Referral.objects.filter(pk=referral.pk).update(rung=Rung.APPLIED)
    assert replayed(referral) != climbing.again(referral).rung


@pytest.mark.once
def test_an_arrow_outside_the_graph_is_seen(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.SOFT_REFERRED)
    history.record(
        by=cast.by(cast.amira),
        at=cast.at,
        verb="leap",
        subject_kind="referral",
        subject=referral.reference,
        family=cast.family,
        person=cast.jamie,
        from_state=Rung.SOFT_REFERRED,
        to_state=Rung.BOOKED,
    )
    with pytest.raises(AssertionError):
        replayed(referral)
