"""Taking a yes back ends the support that rests on it, and leaves no money behind."""

from datetime import timedelta

import pytest

from budgets import ledger
from marketplace.bookings import bookings, consents, sessions
from marketplace.bookings.models import Session, SessionState
from marketplace.people import memberships
from marketplace.people.models import Membership
from marketplace.referrals import acts, commissions, referrals
from marketplace.referrals.models import Referral, Rung
from marketplace.sharing.models import Basis, Reason
from pricing.models import Price
from tests import factories
from tests.cast import MENTOR_PENCE, PLAN_PENCE, Cast
from tests.factories import CLOCK
from tests.marketplace.referrals import climbing


def consented(cast: Cast) -> tuple[Referral, Reason]:
    """Return a booked mentor whose provider knows of it by the person's yes."""
    booked = climbing.climb(cast, to=Rung.BOOKED)
    factories.rest_on_a_yes(cast, Reason.objects.filter(subject=booked.reference))
    reason = Reason.objects.get(subject=booked.reference, role="provider_worker", closed_at=None)
    return booked, reason


def test_stopping_the_sharing_stops_the_support_and_returns_its_money(cast: Cast) -> None:
    booked, reason = consented(cast)
    consents.stop(reason=reason, by=cast.by(cast.fred_user), at=cast.at)
    assert Referral.objects.get(pk=booked.pk).rung == Rung.WITHDRAWN
    balance = ledger.plan_balance(plan=cast.plan)
    assert (balance.left_pence, balance.set_aside_pence) == (PLAN_PENCE, 0)
    assert not Reason.objects.live(cast.at).filter(subject=booked.reference).exists()


def test_what_had_begun_is_still_recorded_on_another_ground(cast: Cast) -> None:
    booked, reason = consented(cast)
    first = Session.objects.earliest("starts_at")
    later = first.starts_at + timedelta(hours=3)
    consents.stop(reason=reason, by=cast.by(cast.fred_user), at=later)
    kept = Reason.objects.live(later).get(subject=booked.reference)
    assert kept.basis == Basis.LEGAL_OBLIGATION
    assert not kept.can_be_stopped
    sessions.record(session=first, state=SessionState.DELIVERED, by=cast.by(cast.dev), at=later)
    balance = ledger.plan_balance(plan=cast.plan)
    assert (balance.spent_pence, balance.set_aside_pence) == (MENTOR_PENCE, 0)


def test_a_time_offered_by_somebody_who_left_is_refused_in_words(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    first = climbing.offer_times(cast, cast.mentor)
    booking = bookings.propose(referral=referral, first=first, by=cast.by(cast.dev), at=cast.at)
    later = cast.later(days=1)
    for held in Membership.objects.filter(user=cast.dev):
        memberships.leave(membership=held, on=cast.day, by=CLOCK, at=cast.at)
    with pytest.raises(bookings.NotWaiting, match="Say no to it, and ask again"):
        bookings.take_offer(booking=booking, by=cast.by(cast.amira), at=later)
    assert Referral.objects.get(pk=referral.pk).rung == Rung.COMMISSIONED


def test_what_has_no_price_is_not_free(cast: Cast) -> None:
    Price.objects.filter(service=cast.mentor).update(
        valid_from=cast.day + timedelta(days=10), valid_to=None
    )
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    climbing.say_yes(cast, referral)
    with pytest.raises(acts.NotAllowed, match="Nobody has set its price yet"):
        commissions.commission(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert Referral.objects.get(pk=referral.pk).rung == Rung.HARD_REFERRED


def test_at_home_nobody_asks_for_another_grown_up(cast: Cast) -> None:
    with pytest.raises(referrals.NotVisible):
        climbing.refer(cast, person=cast.fred, user=cast.anne_user)
    assert not Referral.objects.exists()
    assert climbing.refer(cast, person=cast.jamie, user=cast.fred_user).pk
