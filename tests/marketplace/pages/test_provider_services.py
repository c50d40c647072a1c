"""My services: the times that are offered, closures, and proposing a change."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cms.models import Listing, Service
from marketplace.bookings.models import Slot
from tests.cast import Cast

pytestmark = pytest.mark.once


@pytest.fixture
def dev(client: Client, cast_today: Cast) -> Client:
    """Return a browser with Dev signed in."""
    client.force_login(cast_today.dev)
    return client


def address(service: Service, name: str = "provider_service") -> str:
    """Return the address of a page of one service."""
    return reverse(name, kwargs={"reference": service.reference})


def weekly(cast: Cast, **changes: str) -> dict[str, str]:
    """Return the form of a weekly time, filled in."""
    day = cast.day + timedelta(days=1)
    return {
        "form_key": str(uuid.uuid4()),
        "weekday": str(day.weekday()),
        "starts": "16:30",
        "minutes": "60",
        "places": "2",
        "first": day.isoformat(),
        "last": (day + timedelta(days=21)).isoformat(),
        **changes,
    }


def test_only_ones_own_services_are_listed(dev: Client, cast_today: Cast) -> None:
    page = dev.get("/provider/services/").content.decode()
    assert "Kai: a mentor" in page
    assert "£25.00" in page
    assert "placeholder" in page
    assert "Family support" not in page
    for name in ("provider_service", "provider_times", "provider_closure", "provider_change"):
        assert dev.get(address(cast_today.mentor, name)).status_code == 200
        assert dev.get(address(cast_today.family_support, name)).status_code == 404


def test_a_weekly_time_is_offered_and_the_catalogue_shows_the_soonest(
    dev: Client, cast_today: Cast
) -> None:
    cast = cast_today
    answer = dev.post(address(cast.mentor, "provider_times"), weekly(cast))
    assert "4 times are offered." in dev.get(answer["Location"]).content.decode()
    soonest = Slot.objects.filter(service=cast.mentor).order_by("starts_at")[0]
    assert Slot.objects.filter(service=cast.mentor, places=2).count() == 4
    assert Listing.objects.get(service=cast.mentor).next_free_at == soonest.starts_at


@pytest.mark.parametrize(
    "bad",
    [
        {"starts": "half past four"},
        {"places": "0"},
        {"minutes": "-5"},
        {"first": "2001-01-01"},
        {"last": "2001-01-01"},
        {"last": "2199-01-01"},
        {"weekday": "9"},
        {"place": str(uuid.uuid4())},
    ],
)
def test_a_weekly_time_that_cannot_be_is_said_and_what_was_typed_stays(
    dev: Client, cast_today: Cast, bad: dict[str, str]
) -> None:
    sent = weekly(cast_today, **bad)
    page = dev.post(address(cast_today.mentor, "provider_times"), sent).content.decode()
    assert "There is something to put right" in page
    assert sent["form_key"] in page
    assert not Slot.objects.exists()


def test_days_are_closed(dev: Client, cast_today: Cast) -> None:
    cast = cast_today
    dev.post(address(cast.mentor, "provider_times"), weekly(cast))
    days = {
        "first": (cast.day + timedelta(days=1)).isoformat(),
        "last": (cast.day + timedelta(days=9)).isoformat(),
    }
    answer = dev.post(address(cast.mentor, "provider_closure"), days)
    assert "2 free times were taken away." in dev.get(answer["Location"]).content.decode()
    assert Slot.objects.count() == 2
    days = {"first": days["last"], "last": days["first"]}
    page = dev.post(address(cast.mentor, "provider_closure"), days).content.decode()
    assert "The last day has to be on or after the first." in page
    assert Slot.objects.count() == 2


@pytest.mark.parametrize("name", ["ingrid", "amira", "fred_user", "femi"])
def test_others_are_turned_away(client: Client, cast_today: Cast, name: str) -> None:
    client.force_login(cast_today.users[name])
    for path in ("calendar", "sessions", "payments", "services"):
        assert client.get(f"/provider/{path}/").status_code == 403
