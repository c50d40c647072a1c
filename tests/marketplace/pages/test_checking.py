"""The page behind a message’s link: looking changes nothing, and one button checks the entry."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import Event
from cms import freshness
from cms.models import Service
from marketplace.notices import links
from marketplace.notices.models import Notice
from marketplace.pages.notices import PAGES
from marketplace.people import memberships
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser

pytestmark = pytest.mark.once


def grown_old(cast: Cast) -> date:
    """Let the mentor's page be fifteen months unchecked; return its last check."""
    latest = freshness.last_check(months=freshness.STOP_MONTHS, on=cast.day)
    Service.objects.filter(pk=cast.mentor.pk).update(checked_on=latest)
    return latest


def checked_on(cast: Cast) -> date | None:
    """Return when the mentor's page was last checked."""
    return Service.objects.get(pk=cast.mentor.pk).checked_on


def address(cast: Cast, on: date | None = None) -> str:
    """Return Dev's own link for the mentor's page."""
    token = links.token(service=cast.mentor, reader=cast.dev, on=on or cast.day)
    return reverse("check", args=[token])


def test_looking_changes_nothing_and_shows_what_families_read(cast_today: Cast) -> None:
    before, path = grown_old(cast_today), address(cast_today)
    events = Event.objects.count()
    for method in ("GET", "HEAD", "OPTIONS"):
        for _time in range(2):
            assert Client().generic(method, path).status_code == 200
    page = Client().get(path).content.decode()
    assert cast_today.mentor.summary in page
    assert "Yes, all of it is right today" in page
    assert (checked_on(cast_today), Event.objects.count()) == (before, events)


def test_pressing_the_button_checks_it_once_and_twice(cast_today: Cast) -> None:
    grown_old(cast_today)
    path, sent = address(cast_today), {"form_key": str(uuid.uuid4())}
    client = Client()
    for data in (sent, sent, {"form_key": str(uuid.uuid4())}):
        answer = client.post(path, data, follow=True)
        assert "was checked today" in answer.content.decode()
        assert checked_on(cast_today) == cast_today.day
    assert "Yes, all of it is right today" not in client.get(path).content.decode()
    by = Event.objects.filter(subject=cast_today.mentor.reference, verb="check").earliest("pk")
    assert (by.actor_kind, by.actor_reference) != ("person", str(cast_today.dev.reference))


@pytest.mark.parametrize("why", ["expired", "forged", "left", "withdrawn"])
def test_a_link_that_is_no_longer_good_says_what_to_do_and_checks_nothing(
    why: str, cast_today: Cast
) -> None:
    cast, before = cast_today, grown_old(cast_today)
    path = address(cast, on=cast.day - timedelta(days=30) if why == "expired" else None)
    if why == "forged":
        path = path.replace(":", "x:")
    if why == "left":
        membership = memberships.current(user=cast.dev, on=cast.day)
        assert membership is not None
        memberships.leave(membership=membership, on=cast.day, by=factories.CLOCK, at=cast.at)
    if why == "withdrawn":
        Service.objects.filter(pk=cast.mentor.pk).update(withdrawn_on=cast.day)
    for answer in (Client().get(path), Client().post(path, {})):
        assert answer.status_code == 410
        assert "Nothing was changed." in answer.content.decode()
        assert cast.mentor.name not in answer.content.decode()
    assert checked_on(cast) == before


def test_without_a_token_of_the_form_nobody_is_let_press_it(cast_today: Cast) -> None:
    before = grown_old(cast_today)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address(cast_today)).status_code == 403
    assert checked_on(cast_today) == before


def test_a_keeper_who_is_signed_in_checks_her_own_entries_only(cast_today: Cast) -> None:
    before = grown_old(cast_today)
    own = reverse("provider_quality_check", args=[cast_today.mentor.reference])
    assert browser(cast_today.lena).post(own).status_code == 404
    assert checked_on(cast_today) == before
    answer = browser(cast_today.dev).post(own, follow=True)
    assert "was checked today" in answer.content.decode()
    assert checked_on(cast_today) == cast_today.day


def test_the_message_on_this_site_leads_to_all_of_ones_entries(cast_today: Cast) -> None:
    notice = Notice.objects.create(
        user=cast_today.dev,
        channel="in_app",
        kind=links.KIND,
        subject_kind="entries",
        subject=cast_today.mentors.reference,
        created_at=cast_today.at,
        send_after=cast_today.at,
    )
    answer: Any = browser(cast_today.dev).get(reverse("go", args=["entries", notice.subject]))
    assert answer.url == reverse("provider_quality")
    assert PAGES["cms", "entries"] == "commissioner_quality"


def test_what_is_old_is_marked_wherever_it_is_found_read_or_compared(cast_today: Cast) -> None:
    cast, latest = cast_today, freshness.last_check(months=12, on=cast_today.day)
    old, slug = "Not checked for a year", cast.mentor.slug
    since = "Nobody has checked this page since"
    for days, is_marked in ((1, False), (0, True)):
        Service.objects.filter(pk=cast.mentor.pk).update(checked_on=latest + timedelta(days=days))
        found = Client().get(reverse("catalogue"), {"words": "Kai"}).content.decode()
        read = Client().get(reverse("service", args=[slug])).content.decode()
        compared = Client().get(reverse("compare"), {"service": slug}).content.decode()
        assert (old in found, since in read, since in compared) == (is_marked,) * 3
