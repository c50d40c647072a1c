"""Jamie's mentoring, bought and waiting for times."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest

from budgets import ledger
from marketplace.bookings import bookings, slots
from marketplace.bookings.models import Booking, Slot
from marketplace.referrals.models import Referral, Rung
from tests.cast import Cast
from tests.marketplace.referrals import climbing


@dataclass
class Mentoring:
    """A referral that is commissioned, and the first time its provider offers."""

    cast: Cast
    referral: Referral
    first: Slot

    def ask(self, *, first: Slot | None = None, count: int | None = None) -> Booking:
        """Ask for times as Amira."""
        return bookings.ask(
            referral=self.referral,
            first=first or self.first,
            by=self.cast.by(self.cast.amira),
            at=self.cast.at,
            count=count,
        )

    def accept(self) -> Booking:
        """Ask as Amira and accept as Dev."""
        return bookings.accept(booking=self.ask(), by=self.cast.by(self.cast.dev), at=self.cast.at)

    def again(self) -> Referral:
        """Return the referral as it is now."""
        return climbing.again(self.referral)

    def money(self) -> tuple[int, int, int]:
        """Return what is left, set aside and spent in the plan, in pence."""
        found = ledger.plan_balance(plan=self.cast.plan)
        return found.left_pence, found.set_aside_pence, found.spent_pence

    def begun(self, booking: Booking) -> datetime:
        """Return a moment just after the first session has begun."""
        return booking.sessions.order_by("number")[0].starts_at + timedelta(minutes=5)


@pytest.fixture
def mentoring(cast: Cast) -> Mentoring:
    """Give a test six sessions of the mentor, bought for Jamie."""
    return build(cast)


def build(cast: Cast) -> Mentoring:
    """Buy the mentoring, and offer a weekly time."""
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    return Mentoring(cast, referral, climbing.offer_times(cast, cast.mentor))


def other_time(cast: Cast, *, hour: int = 10, places: int = 1) -> Slot:
    """Offer another weekly time of the mentor, and return the first."""
    day = cast.later(days=3).date()
    slots.open_weekly(
        service=cast.mentor,
        weekday=day.weekday(),
        starts=time(hour),
        minutes=60,
        places=places,
        first=day,
        last=day + timedelta(days=140),
    )
    found = Slot.objects.filter(service=cast.mentor, starts_at__hour=hour).order_by("starts_at")
    slot = found.first()
    assert slot is not None
    return slot
