"""Times that a provider offers: weekly, closed, across the change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from cms import catalogue
from cms.models import Listing
from marketplace.bookings import bookings, slots
from marketplace.bookings.models import Slot
from tests.cast import Cast
from tests.marketplace.bookings.conftest import Mentoring

OCTOBER = date(2026, 10, 18)


def weekly(cast: Cast, **changes: object) -> int:
    """Offer Sundays at 4pm over the end of summer time."""
    pattern = {
        "service": cast.mentor,
        "weekday": 6,
        "starts": time(16),
        "minutes": 60,
        "places": 1,
        "first": OCTOBER,
        "last": OCTOBER + timedelta(days=14),
        **changes,
    }
    return slots.open_weekly(**pattern)  # type: ignore[arg-type]


def test_a_weekly_time_keeps_its_hour_when_the_clocks_change(cast: Cast) -> None:
    weekly(cast)
    starts = list(Slot.objects.order_by("starts_at").values_list("starts_at", flat=True))
    assert [start.hour for start in starts] == [15, 16, 16]
    assert len(slots.series(first=Slot.objects.order_by("starts_at")[0], count=3)) == 3


def test_half_past_one_on_the_october_sunday_is_a_time(cast: Cast) -> None:
    weekly(cast, starts=time(1, 30))
    assert datetime(2026, 10, 25, 0, 30, tzinfo=UTC) in Slot.objects.values_list(
        "starts_at", flat=True
    )


def test_offering_the_same_time_twice_changes_nothing(cast: Cast) -> None:
    weekly(cast)
    Slot.objects.update(taken=1)
    weekly(cast)
    assert list(Slot.objects.values_list("taken", flat=True)) == [1, 1, 1]


@pytest.mark.parametrize(
    "bad",
    [
        {"places": 0},
        {"minutes": 0},
        {"last": OCTOBER - timedelta(days=1)},
        {"last": OCTOBER + timedelta(days=800)},
        {"weekday": 2, "last": OCTOBER + timedelta(days=1)},
    ],
)
def test_a_time_that_could_never_take_place_is_refused(cast: Cast, bad: dict[str, object]) -> None:
    with pytest.raises(slots.NotATime):
        weekly(cast, **bad)
    assert not Slot.objects.exists()


def test_closing_takes_free_times_away_and_leaves_what_is_booked(mentoring: Mentoring) -> None:
    booking = mentoring.ask(count=2)
    first, service = mentoring.first.starts_at.date(), mentoring.first.service
    closed = slots.close(
        service=service, first=first, last=first + timedelta(days=28), at=mentoring.cast.at
    )
    assert closed == 3
    assert booking.sessions.count() == 2
    assert slots.next_free(service=service, at=mentoring.cast.at) == (
        mentoring.first.starts_at + timedelta(days=35)
    )


def test_a_time_that_was_once_asked_for_is_closed_too(mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    bookings.cancel(booking=booking, by=cast.by(cast.amira), at=cast.at)
    day = mentoring.first.starts_at.date()
    assert slots.close(service=cast.mentor, first=day, last=day, at=cast.at) == 1
    with pytest.raises(slots.Taken):
        mentoring.ask()


def test_a_time_that_was_taken_away_meanwhile_is_taken_by_nobody(mentoring: Mentoring) -> None:
    wanted = [mentoring.first]
    Slot.objects.filter(pk=mentoring.first.pk).delete()
    with pytest.raises(slots.Taken):
        slots.take(slots=wanted)


def test_only_first_times_with_enough_weeks_after_them_are_offered(mentoring: Mentoring) -> None:
    cast = mentoring.cast
    total = Slot.objects.count()
    found = slots.open_series(service=cast.mentor, count=6, at=cast.at, most=100)
    assert len(found) == total - 5
    assert found[0].last_at == mentoring.first.starts_at + timedelta(days=35)
    assert slots.open_series(service=cast.mentor, count=total + 1, at=cast.at) == []


def test_the_search_knows_when_a_service_is_next_free(cast: Cast) -> None:
    weekly(cast)
    first, second, third = Slot.objects.order_by("starts_at")
    catalogue.list(service=cast.mentor, next_free_at=first.starts_at)

    def shown() -> datetime | None:
        return Listing.objects.get(service=cast.mentor).next_free_at

    slots.take(slots=[second])
    assert shown() == first.starts_at
    slots.take(slots=[first])
    assert shown() == third.starts_at
    slots.release(slots=[second])
    assert shown() == second.starts_at
    slots.take(slots=[second, third])
    assert shown() is None
    slots.release(slots=[first, third])
    assert shown() == first.starts_at
    slots.nightly(at=first.starts_at)
    assert shown() == third.starts_at
