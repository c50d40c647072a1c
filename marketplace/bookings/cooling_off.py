"""A family's second thoughts: its yes comes back until the provider accepts (design §4)."""

from datetime import datetime

from django.db import transaction

from budgets import history
from marketplace.bookings import bookings, diary
from marketplace.bookings.models import Booking, Session
from marketplace.referrals import commissions, ladder
from marketplace.referrals.models import Referral
from marketplace.sharing.models import Basis


def is_open(referral: Referral) -> bool:
    """Tell whether there is a yes that can still be taken back."""
    return commissions.has_yes_to_take_back(referral)


@transaction.atomic
def take_yes_back(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """Take the yes back: times asked for are free, what was set aside is left again.

    Money for sessions that have begun stays, for the provider to record. Raises what
    `commissions.take_yes_back` raises; an accepted time is stopped with `bookings.withdraw`.
    """
    referral = ladder.locked(referral)
    commissions.must_be_in_time(referral=referral, by=by, at=at)
    for booking in Booking.objects.live().filter(referral=referral).order_by("pk"):
        bookings.cancel(booking=booking, by=by, at=at, reason="yes_taken_back")
    begun = Session.objects.planned().filter(booking__referral=referral, hold__isnull=False)
    holds = frozenset(begun.values_list("hold_id", flat=True))
    taken = commissions.take_yes_back(referral=referral, by=by, at=at, but=holds)
    if holds:
        # What was delivered has to be accounted for, whatever the person now says.
        diary.open_to_provider(referral=taken, by=by, at=at, basis=Basis.LEGAL_OBLIGATION)
    return taken
