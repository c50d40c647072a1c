"""Asking for times, the provider's answer, and the ways out."""

from datetime import timedelta

import pytest

from budgets import history, proofs
from cms.models import Service
from marketplace.bookings import bookings, diary, slots
from marketplace.bookings.models import Booking, BookingState, Session, SessionState, Slot
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals import acts, commissions, referrals
from marketplace.referrals.models import EndReason, Promise, PromiseKind, Referral, Rung
from marketplace.sharing import sharing
from tests import factories
from tests.cast import MENTOR_PENCE, PLAN_PENCE, Cast
from tests.marketplace.bookings.conftest import Mentoring, other_time
from tests.marketplace.referrals import climbing

HELD = 6 * MENTOR_PENCE


def taken(first: Slot) -> int:
    """Return how many places of a service's times are taken in all."""
    return sum(Slot.objects.filter(service=first.service).values_list("taken", flat=True))


def test_a_series_is_asked_for_weekly_and_its_places_are_held(mentoring: Mentoring) -> None:
    booking = mentoring.ask()
    starts = [session.starts_at for session in booking.sessions.order_by("number")]
    assert booking.is_waiting
    assert starts == [mentoring.first.starts_at + timedelta(days=7 * week) for week in range(6)]
    assert taken(mentoring.first) == 6
    assert mentoring.again().rung == Rung.COMMISSIONED


def test_the_provider_is_told_may_know_and_has_promised(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    found = sharing.visible(Booking.objects.all(), user=cast.dev, at=cast.at)
    assert list(found) == [booking]
    assert cast.dev.notices.filter(subject=booking.reference).exists()
    assert Promise.objects.open().filter(kind=PromiseKind.OFFER_TIME).count() == 1


def test_a_full_week_is_passed_over(mentoring: Mentoring) -> None:
    second = mentoring.first.starts_at + timedelta(days=7)
    Slot.objects.filter(starts_at=second).update(taken=1)
    booking = mentoring.ask()
    assert second not in booking.sessions.values_list("starts_at", flat=True)
    assert booking.sessions.count() == 6


def test_a_time_that_is_full_is_not_silently_moved_a_week(mentoring: Mentoring) -> None:
    Slot.objects.filter(pk=mentoring.first.pk).update(taken=1)
    with pytest.raises(slots.Taken):
        mentoring.ask()
    assert not Booking.objects.exists()


def test_too_few_times_are_refused_and_nothing_is_held(mentoring: Mentoring) -> None:
    Slot.objects.filter(starts_at__gt=mentoring.first.starts_at + timedelta(days=20)).delete()
    with pytest.raises(slots.NotEnoughTimes):
        mentoring.ask()
    assert taken(mentoring.first) == 0
    assert not Booking.objects.exists()


def test_another_services_time_cannot_be_asked_for(mentoring: Mentoring) -> None:
    other = climbing.offer_times(mentoring.cast, mentoring.cast.family_support)
    with pytest.raises(slots.Taken):
        mentoring.ask(first=other)


def test_only_who_speaks_for_the_person_asks(mentoring: Mentoring) -> None:
    cast = mentoring.cast
    for user in (cast.dev, cast.nadia, cast.olive_user):
        with pytest.raises(bookings.NotTheFamily):
            bookings.ask(
                referral=mentoring.referral, first=mentoring.first, by=cast.by(user), at=cast.at
            )
    assert not Booking.objects.exists()


def test_one_time_is_asked_for_at_once(mentoring: Mentoring) -> None:
    mentoring.ask()
    with pytest.raises(bookings.NotReady):
        mentoring.ask(first=other_time(mentoring.cast))


def test_nothing_is_asked_for_before_it_is_bought(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    first = climbing.offer_times(cast, cast.mentor)
    with pytest.raises(bookings.NotReady):
        bookings.ask(referral=referral, first=first, by=cast.by(cast.amira), at=cast.at)


def test_more_sessions_than_money_is_set_aside_for_are_refused(mentoring: Mentoring) -> None:
    with pytest.raises(diary.NotEnoughSetAside):
        mentoring.ask(count=7)
    assert not Booking.objects.exists()


def test_what_is_open_to_everyone_is_booked_at_once(cast: Cast) -> None:
    referral = climbing.refer(cast, service=cast.youth_club)
    first = climbing.offer_times(cast, cast.youth_club)
    booking = bookings.ask(referral=referral, first=first, by=cast.by(cast.amira), at=cast.at)
    assert booking.is_accepted
    assert climbing.again(referral).rung == Rung.BOOKED


def test_accepting_books_and_gives_each_session_its_own_money(mentoring: Mentoring) -> None:
    booking = mentoring.accept()
    holds = list(booking.sessions.order_by("number").values_list("hold", flat=True))
    assert booking.is_accepted
    assert mentoring.again().rung == Rung.BOOKED
    assert holds == [hold.pk for hold in commissions.holds_of(mentoring.referral)]
    assert mentoring.money() == (PLAN_PENCE - HELD, HELD, 0)


def test_any_colleague_may_accept(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    colleague = factories.worker(cast, cast.mentors, Role.PROVIDER_WORKER)
    by = history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(colleague.reference),
        organisation=cast.mentors.reference,
    )
    assert bookings.accept(booking=booking, by=by, at=cast.at).is_accepted


def test_nobody_else_accepts(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    before = climbing.trace(mentoring.referral)
    for user in (cast.lena, cast.amira, cast.fred_user, cast.colin):
        with pytest.raises(acts.NotAllowed):
            bookings.accept(booking=booking, by=cast.by(user), at=cast.at)
    assert climbing.trace(mentoring.referral) == before


def test_who_has_left_the_provider_accepts_nothing(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    Membership.objects.filter(user=cast.dev).update(ends_on=cast.day)
    with pytest.raises(acts.NotAllowed):
        bookings.accept(booking=booking, by=cast.by(cast.dev), at=cast.at)


def test_a_request_is_answered_once(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    by, at = cast.by(cast.dev), cast.at
    with pytest.raises(bookings.NotWaiting):
        bookings.accept(booking=booking, by=by, at=at)
    with pytest.raises(bookings.NotWaiting):
        bookings.decline(booking=booking, reason=EndReason.NO_PLACE, words="Full.", by=by, at=at)
    with pytest.raises(bookings.NotWaiting):
        bookings.offer(booking=booking, first=other_time(cast), by=by, at=at)


def test_declining_says_why_frees_the_places_and_keeps_the_money(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    declined = bookings.decline(
        booking=booking,
        reason=EndReason.NO_PLACE,
        words="Kai is full until July.",
        by=cast.by(cast.dev),
        at=cast.at,
    )
    assert (declined.state, declined.words) == (BookingState.DECLINED, "Kai is full until July.")
    assert taken(mentoring.first) == 0
    assert mentoring.money() == (PLAN_PENCE - HELD, HELD, 0)
    assert mentoring.again().rung == Rung.COMMISSIONED
    assert mentoring.ask().is_waiting


@pytest.mark.parametrize("words", ["", "   "])
def test_declining_without_a_sentence_is_refused(mentoring: Mentoring, words: str) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    with pytest.raises(bookings.SaysNoReason):
        bookings.decline(
            booking=booking,
            reason=EndReason.NO_PLACE,
            words=words,
            by=cast.by(cast.dev),
            at=cast.at,
        )
    assert taken(mentoring.first) == 6
    assert Booking.objects.get().is_waiting


def test_another_time_is_offered_and_taken(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    other = other_time(cast)
    offered = bookings.offer(booking=booking, first=other, by=cast.by(cast.dev), at=cast.at)
    assert offered.is_offered
    assert taken(mentoring.first) == 6
    assert Promise.objects.open().filter(kind=PromiseKind.SAY_YES).exists()
    accepted = bookings.take_offer(booking=booking, by=cast.by(cast.fred_user), at=cast.at)
    assert accepted.is_accepted
    assert accepted.sessions.order_by("number")[0].starts_at == other.starts_at
    assert accepted.sessions.filter(hold__isnull=False).count() == 6
    assert not Promise.objects.open().exists()


def test_the_provider_offers_the_first_time_where_nobody_asked(mentoring: Mentoring) -> None:
    cast, referral = mentoring.cast, mentoring.referral
    booking = bookings.propose(
        referral=referral, first=mentoring.first, by=cast.by(cast.dev), at=cast.at
    )
    assert booking.is_offered
    assert cast.amira.notices.filter(kind="booking_offered").exists()
    assert bookings.take_offer(booking=booking, by=cast.by(cast.amira), at=cast.at).is_accepted
    assert mentoring.again().rung == Rung.BOOKED


def test_only_the_provider_proposes_and_only_the_family_takes(mentoring: Mentoring) -> None:
    cast, referral = mentoring.cast, mentoring.referral
    with pytest.raises(bookings.NotTheProvider):
        bookings.propose(
            referral=referral, first=mentoring.first, by=cast.by(cast.lena), at=cast.at
        )
    booking = bookings.propose(
        referral=referral, first=mentoring.first, by=cast.by(cast.dev), at=cast.at
    )
    for user in (cast.dev, cast.nadia):
        with pytest.raises(bookings.NotTheFamily):
            bookings.take_offer(booking=booking, by=cast.by(user), at=cast.at)


def test_cancelling_frees_what_is_to_come_and_the_rung_steps_down(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    bookings.cancel(booking=booking, by=cast.by(cast.amira), at=cast.at)
    assert mentoring.again().rung == Rung.COMMISSIONED
    assert taken(mentoring.first) == 0
    assert mentoring.money() == (PLAN_PENCE - HELD, HELD, 0)
    assert mentoring.accept().sessions.filter(hold__isnull=False).count() == 6


def test_only_the_two_sides_cancel(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    for user in (cast.lena, cast.nadia, cast.colin):
        with pytest.raises(bookings.NotTheirs):
            bookings.cancel(booking=booking, by=cast.by(user), at=cast.at)
    assert bookings.cancel(booking=booking, by=cast.by(cast.dev), at=cast.at).is_live is False
    with pytest.raises(bookings.NotWaiting):
        bookings.cancel(booking=booking, by=cast.by(cast.dev), at=cast.at)


def test_what_has_begun_keeps_its_money_when_the_rest_is_cancelled(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    at = mentoring.begun(booking)
    bookings.cancel(booking=booking, by=cast.by(cast.amira), at=at)
    begun = Session.objects.to_record(at).get()
    assert begun.hold is not None
    first = other_time(cast)
    again = bookings.ask(
        referral=mentoring.referral, first=first, by=cast.by(cast.amira), at=at, count=None
    )
    assert again.sessions.count() == 5
    bookings.accept(booking=again, by=cast.by(cast.dev), at=at)
    given = Session.objects.planned().values_list("hold", flat=True)
    assert len(set(given)) == len(given) == 6


def test_withdrawing_stops_it_all_and_the_money_goes_back(mentoring: Mentoring) -> None:
    cast = mentoring.cast
    mentoring.accept()
    bookings.withdraw(referral=mentoring.referral, by=cast.by(cast.fred_user), at=cast.at)
    assert mentoring.again().rung == Rung.WITHDRAWN
    assert taken(mentoring.first) == 0
    assert mentoring.money() == (PLAN_PENCE, 0, 0)
    assert not Session.objects.planned().exists()
    assert not sharing.visible(Referral.objects.all(), user=cast.dev, at=cast.later(hours=1))
    assert proofs.prove().ok


def test_a_session_that_began_before_the_withdrawal_is_still_recorded(
    mentoring: Mentoring,
) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    at = mentoring.begun(booking)
    bookings.withdraw(referral=mentoring.referral, by=cast.by(cast.fred_user), at=at)
    assert mentoring.money() == (PLAN_PENCE - MENTOR_PENCE, MENTOR_PENCE, 0)
    seen = sharing.visible(Session.objects.all(), user=cast.dev, at=at + timedelta(minutes=1))
    assert seen.filter(state=SessionState.PLANNED).count() == 1


def test_completing_frees_the_rest_and_nothing_stays_set_aside(mentoring: Mentoring) -> None:
    cast = mentoring.cast
    mentoring.accept()
    bookings.complete(
        referral=mentoring.referral,
        reason=EndReason.GOAL_MET,
        words="He goes to school again.",
        by=cast.by(cast.fred_user),
        at=cast.at,
    )
    assert mentoring.again().rung == Rung.COMPLETED
    assert mentoring.money() == (PLAN_PENCE, 0, 0)
    assert not Session.objects.planned().exists()
    assert not Booking.objects.live().exists()
    assert taken(mentoring.first) == 0


def test_declining_the_whole_support_returns_the_money_and_the_places(
    mentoring: Mentoring,
) -> None:
    cast = mentoring.cast
    mentoring.ask()
    bookings.decline_support(
        referral=mentoring.referral,
        reason=EndReason.NO_PLACE,
        words="Kai has moved away.",
        by=cast.by(cast.dev),
        at=cast.at,
    )
    assert mentoring.again().rung == Rung.DECLINED
    assert mentoring.money() == (PLAN_PENCE, 0, 0)
    assert taken(mentoring.first) == 0
    assert not Booking.objects.live().exists()


def test_an_event_tells_each_act_in_order(mentoring: Mentoring) -> None:
    booking = mentoring.accept()
    assert [event.verb for event in history.of(booking.reference)] == ["ask_time", "accept"]


def test_a_referral_that_ended_cannot_be_booked_any_more(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    bookings.withdraw(referral=mentoring.referral, by=cast.by(cast.amira), at=cast.at)
    with pytest.raises(bookings.NotWaiting):
        bookings.accept(booking=booking, by=cast.by(cast.dev), at=cast.at)
    with pytest.raises(acts.NotAllowed):
        referrals.book(referral=mentoring.referral, by=cast.by(cast.dev), at=cast.at)


def test_no_time_is_asked_for_or_agreed_with_a_mentor_whose_check_ran_out(
    mentoring: Mentoring,
) -> None:
    booking, mentor = mentoring.ask(), mentoring.cast.mentor
    Service.objects.filter(pk=mentor.pk).update(check_valid_until=mentoring.cast.day)
    tomorrow = mentoring.cast.at + timedelta(days=1)
    by = mentoring.cast.by(mentoring.cast.dev)
    with pytest.raises(diary.CheckRanOut):
        bookings.accept(booking=booking, by=by, at=tomorrow)
    assert mentoring.again().rung == Rung.COMMISSIONED
    bookings.accept(booking=booking, by=by, at=mentoring.cast.at)  # its last day
    assert mentoring.again().rung == Rung.BOOKED
