"""A request in two screens: read it, answer it; once, by whoever works there."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import FormKey
from marketplace.bookings import bookings
from marketplace.bookings.models import Booking, BookingState, Slot
from marketplace.notices.models import Notice
from marketplace.people.models import User
from marketplace.referrals.models import EndReason, Rung
from marketplace.sharing.models import Look
from tests.cast import Cast
from tests.marketplace.bookings.conftest import Mentoring, build, other_time
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


@pytest.fixture
def mentoring(cast_today: Cast) -> Mentoring:
    """Give a test Jamie's mentoring, bought today."""
    return build(cast_today)


def address(booking: Booking, name: str = "provider_booking") -> str:
    """Return the address of a page of one booking."""
    return reverse(name, kwargs={"reference": booking.reference})


def post(client: Client, user: User, path: str, **fields: str) -> Any:
    """Send a form as a user, with its key."""
    client.force_login(user)
    return client.post(path, {"form_key": str(uuid.uuid4()), **fields})


def words(answer: Any) -> str:
    """Return what the page says."""
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def test_the_request_says_who_what_which_times_and_what_was_agreed(
    client: Client, mentoring: Mentoring
) -> None:
    booking = mentoring.ask()
    client.force_login(mentoring.cast.dev)
    page = words(client.get(address(booking)))
    for said in (
        "Jamie, 13",
        "Kai: a mentor",
        "6 sessions at £25.00: £150.00 in all",
        "placeholder",
    ):
        assert said in page
    assert page.count("4:30pm") == 6
    assert "Bikes, and cooking noodles." in page
    assert "Garner" not in page


def test_reading_a_request_is_a_look(client: Client, mentoring: Mentoring) -> None:
    booking = mentoring.ask()
    client.force_login(mentoring.cast.dev)
    client.get(address(booking))
    look = Look.objects.get(user=mentoring.cast.dev)
    assert look.person == mentoring.cast.jamie
    assert look.subject == booking.reference


def test_reading_changes_nothing(client: Client, mentoring: Mentoring) -> None:
    booking = mentoring.ask()
    before = climbing.trace(mentoring.referral)
    client.force_login(mentoring.cast.dev)
    for name in ("provider_booking", "provider_decline", "provider_offer_other", "provider_cancel"):
        words(client.get(address(booking, name)))
    assert client.get(address(booking, "provider_accept")).status_code == 405
    assert climbing.trace(mentoring.referral) == before
    assert Booking.objects.get().is_waiting


@pytest.mark.parametrize(
    ("name", "status"),
    [("lena", 404), ("ingrid", 403), ("amira", 403), ("fred_user", 403), ("colin", 403)],
)
def test_others_do_not_learn_of_it(
    client: Client, mentoring: Mentoring, name: str, status: int
) -> None:
    booking, user = mentoring.ask(), mentoring.cast.users[name]
    client.force_login(user)
    assert client.get(address(booking)).status_code == status
    answer = post(client, user, address(booking, "provider_accept"))
    assert answer.status_code == status
    assert Booking.objects.get().is_waiting


def test_accepting_leads_to_the_panel_and_books(client: Client, mentoring: Mentoring) -> None:
    booking = mentoring.ask()
    answer = post(client, mentoring.cast.dev, address(booking, "provider_accept"))
    assert "You accepted these times" in words(client.get(answer["Location"]))
    assert mentoring.again().rung == Rung.BOOKED


def test_a_double_click_accepts_once(client: Client, mentoring: Mentoring) -> None:
    booking, key = mentoring.ask(), str(uuid.uuid4())
    answers = [
        post(client, mentoring.cast.dev, address(booking, "provider_accept"), form_key=key)
        for _click in range(2)
    ]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert "done=1" in answers[1]["Location"]
    assert Notice.objects.filter(kind="booking_accepted").count() == 2  # on the site, by e-mail
    assert FormKey.objects.filter(key=key).count() == 1


def test_who_answers_second_is_told_that_it_was_answered(
    client: Client, mentoring: Mentoring
) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    answer = post(client, cast.dev, address(booking, "provider_accept"))
    assert "answered already" in words(client.get(answer["Location"]))
    answer = post(
        client,
        cast.dev,
        address(booking, "provider_decline"),
        reason=EndReason.NO_PLACE,
        words="Full.",
    )
    assert "answered already" in words(answer)
    assert Booking.objects.get().is_accepted


@pytest.mark.parametrize("name", ["provider_decline", "provider_offer_other"])
def test_what_was_answered_shows_no_form_to_answer_it_again(
    client: Client, mentoring: Mentoring, name: str
) -> None:
    booking = mentoring.ask()
    client.force_login(mentoring.cast.dev)
    before = client.get(address(booking, name))
    assert "form_key" in before.content.decode()
    post(client, mentoring.cast.dev, address(booking, "provider_accept"))
    after = client.get(address(booking, name))
    assert "This was answered already." in words(after)
    assert "form_key" not in after.content.decode().split("<main")[1]


def test_declining_takes_a_reason_and_a_sentence(client: Client, mentoring: Mentoring) -> None:
    booking = mentoring.ask()
    answer = post(
        client,
        mentoring.cast.dev,
        address(booking, "provider_decline"),
        reason=EndReason.NO_PLACE,
        words="Kai is full until July.",
    )
    assert "You declined these times" in words(client.get(answer["Location"]))
    assert Booking.objects.get().words == "Kai is full until July."


def test_what_was_typed_stays_when_something_is_missing(
    client: Client, mentoring: Mentoring
) -> None:
    booking, key = mentoring.ask(), str(uuid.uuid4())
    page = words(
        post(
            client,
            mentoring.cast.dev,
            address(booking, "provider_decline"),
            form_key=key,
            words="Kai is full.",
        )
    )
    assert "Kai is full." in page
    assert "Please answer this." in page
    assert f'value="{key}"' in page
    assert Booking.objects.get().is_waiting


def test_another_time_is_offered_among_ones_own(client: Client, mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    other = other_time(cast)
    client.force_login(cast.dev)
    page = words(client.get(address(booking, "provider_offer_other")))
    assert str(other.reference) in page
    assert str(mentoring.first.reference) not in page
    answer = post(
        client, cast.dev, address(booking, "provider_offer_other"), first=str(other.reference)
    )
    assert "You offered another time" in words(client.get(answer["Location"]))
    assert Booking.objects.get().is_offered


def test_a_time_that_is_not_ones_own_is_no_choice(client: Client, mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    other_time(cast)
    foreign = climbing.offer_times(cast, cast.family_support)
    page = words(
        post(
            client, cast.dev, address(booking, "provider_offer_other"), first=str(foreign.reference)
        )
    )
    assert "There is something to put right" in page
    assert Booking.objects.get().is_waiting


def test_without_free_times_the_page_says_where_to_add_them(
    client: Client, mentoring: Mentoring
) -> None:
    booking = mentoring.ask()
    Slot.objects.filter(taken=0).delete()
    client.force_login(mentoring.cast.dev)
    page = words(client.get(address(booking, "provider_offer_other")))
    service = reverse("provider_times", kwargs={"reference": mentoring.cast.mentor.reference})
    assert service in page


def test_the_first_time_is_offered_where_nobody_asked(client: Client, mentoring: Mentoring) -> None:
    cast, path = (
        mentoring.cast,
        reverse("provider_offer", kwargs={"reference": mentoring.referral.reference}),
    )
    client.force_login(cast.dev)
    assert str(mentoring.first.reference) in words(client.get(path))
    answer = post(client, cast.dev, path, first=str(mentoring.first.reference))
    assert "You offered another time" in words(client.get(answer["Location"]))
    booking = Booking.objects.get()
    assert booking.state == BookingState.OFFERED
    assert client.get(path)["Location"] == address(booking)


def test_what_is_not_bought_yet_cannot_be_offered_a_time(client: Client, cast_today: Cast) -> None:
    cast = cast_today
    mentoring = build(cast)
    bookings.withdraw(referral=mentoring.referral, by=cast.by(cast.amira), at=cast.at)
    client.force_login(cast.dev)
    path = reverse("provider_offer", kwargs={"reference": mentoring.referral.reference})
    assert client.get(path).status_code == 404


def test_agreed_times_can_be_given_back_with_a_reason(client: Client, mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    answer = post(client, cast.dev, address(booking, "provider_cancel"), reason=EndReason.NO_PLACE)
    assert "cancelled" in words(client.get(answer["Location"]))
    assert mentoring.again().rung == Rung.COMMISSIONED
    assert cast.amira.notices.filter(kind="booking_cancelled").exists()


def test_the_link_in_the_mail_leads_here_through_signing_in(
    client: Client, mentoring: Mentoring
) -> None:
    cast, booking = mentoring.cast, mentoring.ask()
    link = reverse("go", kwargs={"kind": "booking", "reference": booking.reference})
    assert "/account/login/" in client.get(link)["Location"]
    client.force_login(cast.dev)
    assert client.get(link)["Location"] == address(booking)
    link = reverse("go", kwargs={"kind": "referral", "reference": mentoring.referral.reference})
    assert client.get(link)["Location"] == reverse(
        "provider_offer", kwargs={"reference": mentoring.referral.reference}
    )


def test_the_calendar_shows_the_week_and_the_list(client: Client, mentoring: Mentoring) -> None:
    cast, booking = mentoring.cast, mentoring.accept()
    client.force_login(cast.dev)
    week = mentoring.first.starts_at.date().isoformat()
    for path in (f"/provider/calendar/?week={week}", "/provider/calendar/?view=list"):
        page = words(client.get(path))
        assert "Jamie, 13" in page
        assert address(booking) in page
    later = (mentoring.first.starts_at + timedelta(days=49)).date().isoformat()
    assert ">Free<" in words(client.get(f"/provider/calendar/?week={later}"))
    for nonsense in ("0001-01-01", "9999-12-31", "x", ""):
        assert client.get(f"/provider/calendar/?week={nonsense}").status_code == 200
    client.force_login(cast.lena)
    assert "Jamie" not in words(client.get(f"/provider/calendar/?week={week}"))
