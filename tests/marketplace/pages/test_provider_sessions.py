"""Recording what became of a session, and the statement it leads to."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import Total
from marketplace.bookings.models import Session, SessionState
from marketplace.people.roles import Role
from tests import factories
from tests.cast import MENTOR_PENCE, Cast
from tests.marketplace.bookings.conftest import Mentoring, build
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once

TO_RECORD = "/provider/sessions/"


@pytest.fixture
def mentoring(cast_today: Cast) -> Mentoring:
    """Give a test Jamie's mentoring with agreed times, of which the first has begun."""
    made = build(cast_today)
    made.accept()
    begun = Session.objects.order_by("number")[0]
    Session.objects.filter(pk=begun.pk).update(
        starts_at=cast_today.later(hours=-2), ends_at=cast_today.later(hours=-1)
    )
    return made


def begun() -> Session:
    """Return the session that has begun."""
    return Session.objects.order_by("number")[0]


def address(session: Session) -> str:
    """Return the address of the page of one session."""
    return reverse("provider_session", kwargs={"reference": session.reference})


def test_what_has_begun_is_listed_and_what_is_to_come_is_not(
    client: Client, mentoring: Mentoring
) -> None:
    client.force_login(mentoring.cast.dev)
    page = client.get(TO_RECORD).content.decode()
    assert address(begun()) in page
    assert address(Session.objects.order_by("number")[1]) not in page
    client.force_login(mentoring.cast.lena)
    assert "Everything is recorded" in client.get(TO_RECORD).content.decode()


def test_the_page_says_beforehand_what_each_answer_does(
    client: Client, mentoring: Mentoring
) -> None:
    client.force_login(mentoring.cast.dev)
    page = client.get(address(begun())).content.decode()
    assert "It happened: £25.00 is spent" in page
    assert "The child was not brought: £25.00 goes back" in page
    assert "did not come" not in page
    assert "can’t be taken back" in page


def test_recording_twice_by_a_double_click_spends_once(
    client: Client, mentoring: Mentoring
) -> None:
    client.force_login(mentoring.cast.dev)
    sent = {"form_key": str(uuid.uuid4()), "state": SessionState.DELIVERED}
    answers = [client.post(address(begun()), sent) for _click in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert mentoring.money()[2] == MENTOR_PENCE
    assert "It happened" in client.get(answers[0]["Location"]).content.decode()


def test_recording_again_is_refused_in_words(client: Client, mentoring: Mentoring) -> None:
    client.force_login(mentoring.cast.dev)
    for state in (SessionState.DELIVERED, SessionState.DID_NOT_HAPPEN):
        answer = client.post(address(begun()), {"form_key": str(uuid.uuid4()), "state": state})
    assert answer.status_code == 200
    assert begun().state == SessionState.DELIVERED
    assert mentoring.money()[2] == MENTOR_PENCE


@pytest.mark.parametrize("state", ["", "cancelled", "did_not_come", "nonsense"])
def test_what_is_no_answer_changes_nothing(
    client: Client, mentoring: Mentoring, state: str
) -> None:
    client.force_login(mentoring.cast.dev)
    answer = client.post(address(begun()), {"form_key": str(uuid.uuid4()), "state": state})
    assert "There is something to put right" in answer.content.decode()
    assert begun().is_planned


@pytest.mark.parametrize(("name", "status"), [("lena", 404), ("ingrid", 403), ("amira", 403)])
def test_others_record_nothing(
    client: Client, mentoring: Mentoring, name: str, status: int
) -> None:
    client.force_login(mentoring.cast.users[name])
    assert client.get(address(begun())).status_code == status
    answer = client.post(address(begun()), {"state": SessionState.DELIVERED})
    assert answer.status_code == status
    assert begun().is_planned


def test_a_session_to_come_has_no_form(client: Client, mentoring: Mentoring) -> None:
    client.force_login(mentoring.cast.dev)
    page = client.get(address(Session.objects.order_by("number")[1])).content.decode()
    assert "This has not begun yet" in page
    assert "Record it</button>" not in page


def test_what_was_recorded_is_listed_with_its_money(client: Client, mentoring: Mentoring) -> None:
    client.force_login(mentoring.cast.dev)
    client.post(address(begun()), {"state": SessionState.DELIVERED})
    page = client.get(f"{TO_RECORD}?show=recorded").content.decode()
    assert "It happened" in page
    assert "spent" in page
    page = client.get(f"{TO_RECORD}?show=recorded&state=did_not_happen").content.decode()
    assert "Jamie" not in page


def test_the_statement_agrees_with_the_ledger_to_the_penny(
    client: Client, mentoring: Mentoring
) -> None:
    cast = mentoring.cast
    client.force_login(cast.dev)
    client.post(address(begun()), {"state": SessionState.DELIVERED})
    page = client.get("/provider/payments/").content.decode()
    assert "£25.00" in page
    assert "£125.00" in page
    assert "Spot purchase: you invoice for it" in page
    client.force_login(cast.lena)
    assert "£25.00" not in client.get("/provider/payments/").content.decode()


@pytest.mark.parametrize("year", ["2001", "x", ""])
def test_a_year_of_nothing_is_no_error(client: Client, mentoring: Mentoring, year: str) -> None:
    client.force_login(mentoring.cast.dev)
    assert client.get(f"/provider/payments/?year={year}").status_code == 200


def _count(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_however_long_the_lists_the_queries_are_the_same(
    client: Client, mentoring: Mentoring
) -> None:
    cast = mentoring.cast
    client.force_login(cast.dev)
    paths = [TO_RECORD, "/provider/calendar/", "/provider/calendar/?view=list"]
    paths += ["/provider/payments/", "/provider/services/"]
    before = [_count(client, path) for path in paths]
    for number in range(5):
        child = climbing.sibling(cast)
        referral = factories.referral(cast, person=child, rung="booked")
        factories.reason(
            cast,
            person=child,
            organisation=cast.mentors,
            role=Role.PROVIDER_WORKER,
            subject=referral.reference,
        )
        booking = factories.booking(cast, referral=referral, state="accepted")
        for place, hours in enumerate((-3 - number, 1 + number), start=1):
            factories.session(
                cast,
                booking=booking,
                number=place,
                starts_at=cast.later(hours=hours),
                ends_at=cast.later(hours=hours) + timedelta(minutes=30),
            )
        Total.objects.create(
            month=cast.day.replace(day=1, year=cast.day.year - 1 - number),
            fund=cast.county_fund,
            organisation=cast.mentors,
            service=cast.mentor,
            spent_pence=100,
        )
    assert [_count(client, path) for path in paths] == before
