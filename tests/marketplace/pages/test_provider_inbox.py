"""The provider's inbox: what waits for us, for us alone, at a constant price."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.bookings import bookings
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals.models import PromiseKind, Rung
from tests import factories
from tests.cast import Cast
from tests.marketplace.bookings.conftest import Mentoring, build
from tests.marketplace.referrals import climbing

INBOX = "/provider/inbox/"


@pytest.fixture
def mentoring(cast_today: Cast) -> Mentoring:
    """Give a test Jamie's mentoring, bought today."""
    return build(cast_today)


def visit(client: Client, user: User, address: str = INBOX) -> str:
    """Return what a user reads at an address."""
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_the_door_leads_to_the_inbox(client: Client, cast_today: Cast) -> None:
    for user in (cast_today.dev, cast_today.ingrid):
        client.force_login(user)
        assert client.get("/provider/").headers["Location"] == INBOX


@pytest.mark.parametrize("name", ["fred_user", "amira", "colin", "edie", "sam"])
def test_others_are_turned_away(client: Client, cast_today: Cast, name: str) -> None:
    client.force_login(cast_today.users[name])
    assert client.get(INBOX).status_code == 403


def test_who_is_not_signed_in_is_asked_to(client: Client, cast_today: Cast) -> None:
    assert client.get(INBOX).status_code == 302


def test_support_that_waits_for_a_first_time_is_shown(client: Client, mentoring: Mentoring) -> None:
    page = visit(client, mentoring.cast.dev)
    assert "Jamie, 13" in page
    assert "Offer a first time" in page
    address = reverse("provider_offer", kwargs={"reference": mentoring.referral.reference})
    assert address in page


def test_a_request_for_times_is_shown_with_its_first_time(
    client: Client, mentoring: Mentoring
) -> None:
    booking = mentoring.ask()
    page = visit(client, mentoring.cast.dev)
    assert reverse("provider_booking", kwargs={"reference": booking.reference}) in page
    assert "Answer the times" in page
    assert "the first of 6, weekly" in page


def test_what_waits_for_the_family_is_shown_only_where_it_is_asked_for(
    client: Client, mentoring: Mentoring
) -> None:
    cast = mentoring.cast
    bookings.propose(
        referral=mentoring.referral, first=mentoring.first, by=cast.by(cast.dev), at=cast.at
    )
    assert "Jamie" not in visit(client, cast.dev)
    for show in ("offered", "all"):
        assert "The family answers" in visit(client, cast.dev, f"{INBOX}?show={show}")


def test_nobodys_last_name_nor_other_support_is_shown(client: Client, mentoring: Mentoring) -> None:
    cast = mentoring.cast
    climbing.refer(cast, service=cast.family_support)
    page = visit(client, cast.dev)
    assert "Garner" not in page
    assert "Family support" not in page


def test_only_ones_own_organisations_requests_are_shown(
    client: Client, mentoring: Mentoring
) -> None:
    assert "Nothing waits for you" in visit(client, mentoring.cast.lena)


def test_intake_sees_the_owners_referrals_and_no_bookings(
    client: Client, mentoring: Mentoring
) -> None:
    cast = mentoring.cast
    asked = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    waiting = climbing.climb(cast, to=Rung.APPLIED, referral=asked)
    page = visit(client, cast.ingrid)
    address = reverse("provider_referral", kwargs={"reference": waiting.reference})
    assert page.count(">Fred, 45<") == 1
    assert address in page
    assert "Calendar" not in page


def test_late_ones_can_be_picked_out(client: Client, mentoring: Mentoring) -> None:
    cast = mentoring.cast
    assert "Nothing like this waits" in visit(client, cast.dev, f"{INBOX}?late=yes")
    promise = mentoring.referral.promises.get(kind=PromiseKind.OFFER_TIME)
    promise.due_on = promise.amber_on = cast.later(days=-4).date()
    promise.save(update_fields=["due_on", "amber_on"])
    page = visit(client, cast.dev, f"{INBOX}?late=yes")
    assert "Jamie, 13" in page
    assert ">late<" in page.replace("\n", "")


def test_a_filter_that_makes_no_sense_is_ignored_or_said(
    client: Client, mentoring: Mentoring
) -> None:
    visit(client, mentoring.cast.dev, f"{INBOX}?show=nonsense&service=none&page=99&late=x")


def test_the_page_listens_and_also_asks_by_itself(client: Client, mentoring: Mentoring) -> None:
    cast = mentoring.cast
    page = visit(client, cast.dev)
    assert f'data-live-topics="inbox.{cast.mentors.reference}"' in page
    assert 'hx-trigger="live from:body, every 30s"' in page


@pytest.mark.parametrize("name", ["dev", "ingrid"])
def test_however_many_wait_the_queries_are_the_same(
    client: Client, cast_today: Cast, name: str
) -> None:
    cast, user = cast_today, cast_today.users[name]
    counts = []
    for _round in range(2):
        for _each in range(3):
            _waiting(cast, name)
        client.force_login(user)
        client.get(INBOX)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(INBOX).content.decode()
        counts.append(len(queries))
    assert page.count("<tr>") == 7
    assert counts[0] == counts[1]


def _waiting(cast: Cast, name: str) -> None:
    is_dev = name == "dev"
    person = factories.person(cast, cast.family)
    referral = factories.referral(
        cast,
        person=person,
        service=cast.mentor,
        rung=Rung.COMMISSIONED if is_dev else Rung.APPLIED,
    )
    factories.reason(
        cast,
        person=person,
        organisation=cast.mentors if is_dev else cast.county,
        role=Role.PROVIDER_WORKER if is_dev else Role.INTAKE_WORKER,
        subject=referral.reference,
    )
    factories.promise(cast, referral=referral, kind=PromiseKind.OFFER_TIME)
    factories.pause(cast, referral)
    factories.take(
        cast,
        referral,
        organisation=cast.mentors if is_dev else cast.county,
        role=Role.PROVIDER_WORKER if is_dev else Role.INTAKE_WORKER,
        user=cast.dev if is_dev else cast.ingrid,
    )
    if is_dev:
        booking = factories.booking(cast, referral=referral)
        factories.session(cast, booking=booking)
