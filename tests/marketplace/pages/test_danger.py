"""Whom to ring: the same numbers everywhere, the place's own first, none invented."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.pages import danger
from tests.cast import Cast

pytestmark = pytest.mark.once

LOCAL = {"CHILDREN_SAFETY_PHONE": "0116 496 0555", "ADULT_SAFETY_PHONE": "0116 496 0556"}


def phones() -> list[str]:
    return [contact.phone for contact in danger.contacts()]


def test_the_places_own_numbers_come_first(settings: Any) -> None:
    for name, phone in LOCAL.items():
        setattr(settings, name, phone)
    assert phones() == [*LOCAL.values(), "0800 1111", "116 123"]


def test_a_number_that_nobody_set_is_left_out_and_never_invented(settings: Any) -> None:
    for name in LOCAL:
        setattr(settings, name, "")
    assert phones() == ["0800 1111", "116 123"]


def test_families_and_advocates_are_told_the_same(cast_today: Cast, settings: Any) -> None:
    for name, phone in LOCAL.items():
        setattr(settings, name, phone)
    cast = cast_today
    asked = {"person": str(cast.jamie.reference)}
    addresses = [
        (cast.fred_user, reverse("family_ask", args=[cast.mentor.slug]), {}),
        (cast.fred_user, reverse("family_helpers"), {}),
        (
            cast.amira,
            reverse("advocate_ask", args=[cast.family.reference, cast.mentor.slug]),
            asked,
        ),
    ]
    for user, address, query in addresses:
        client = Client()
        client.force_login(user)
        page = client.get(address, query).content.decode()
        assert [phone for phone in phones() if phone not in page] == [], address
        assert "999" in page
