"""Where somebody begins, and which pages her navigation leads to."""

from datetime import date

import pytest
from django.urls import reverse

from cms.models import Organisation
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_commissioner import browser

pytestmark = pytest.mark.once


def join(cast: Cast, user: User, place: Organisation, role: Role, *, on: date) -> None:
    """Let somebody work somewhere in one more role."""
    memberships.join(
        user=user, organisation=place, role=role, on=on, by=factories.CLOCK, at=cast.at
    )


def begins(user: User) -> str:
    """Return where the commissioner's door leads somebody."""
    return str(browser(user).get(reverse("commissioner_home"))["Location"])


def test_who_buys_begins_at_what_was_bought_and_anybody_else_at_agreements(
    cast_today: Cast,
) -> None:
    cast = cast_today
    assert begins(cast.colin) == reverse("commissioner_spend")
    join(cast, cast.sam, cast.mentors, Role.COMMISSIONER, on=cast.day)
    assert begins(cast.sam) == reverse("commissioner_agreements")
    join(cast, cast.edie, cast.mentors, Role.FINANCE, on=cast.day)
    assert begins(cast.edie) == reverse("commissioner_spend")


def test_who_delivers_and_answers_at_the_door_is_led_to_both(cast_today: Cast) -> None:
    cast = cast_today
    door = f'href="{reverse("provider_enquiries")}"'
    calendar = f'href="{reverse("provider_calendar")}"'

    def page(user: User) -> str:
        return browser(user).get(reverse("provider_inbox")).content.decode()

    assert door not in page(cast.dev)
    assert door in page(cast.ingrid)
    assert calendar not in page(cast.ingrid)
    join(cast, cast.dev, cast.mentors, Role.INTAKE_WORKER, on=cast.day)
    both = page(cast.dev)
    assert door in both
    assert calendar in both
