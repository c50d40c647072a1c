"""The family's pages: whose they are, what they say, and that every figure is the ledger's."""

import html as entities
import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from budgets import ledger
from budgets.models import Transfer
from marketplace.bookings import sessions
from marketplace.bookings.models import Booking, SessionState
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals.models import Promise, Referral, Rung
from marketplace.sharing.models import Basis, Look, Reason, Scope
from pricing import money
from tests import factories
from tests.cast import Cast
from tests.laws import reading_age
from tests.laws.test_text import FORBIDDEN_HERE, HARDEST_PAGE
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once

LISTS = (
    "family_home",
    "family_money",
    "family_plan",
    "family_choose",
    "family_next",
    "family_helpers",
    "family_looks",
    "family_sharing",
)
TAGS = re.compile(r"<(script|style|svg|head)\b.*?</\1>|<[^>]+>", re.S)
MAIN = re.compile(r"<main\b.*?</main>", re.S)
BLOCKS = re.compile(r"</?(p|li|h1|h2|h3|dt|dd|div|td|th|legend|label|option|article)\b[^>]*>")


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def read(user: User, address: str) -> str:
    """Read a page as somebody."""
    answer = browser(user).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def words_of(html: str) -> str:
    """Return what a person reads in a page's main part, a line for each piece."""
    found = MAIN.search(html)
    assert found
    pieces = TAGS.sub(" ", BLOCKS.sub("\n", found.group(0)))
    return entities.unescape(pieces)


def sentences_of(text: str) -> str:
    """Return the whole sentences among a page's pieces."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return " ".join(line for line in lines if line.endswith((".", "!", "?")))


def lived_in(cast: Cast) -> Referral:
    """Give the household something of everything: booked, spent, late, looked at, stoppable."""
    booked = climbing.climb(cast, to=Rung.BOOKED)
    applied = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    climbing.climb(cast, to=Rung.APPLIED, referral=applied)
    factories.promise(
        cast, applied, due_on=cast.day - timedelta(days=4), chased_at=cast.at, made_at=cast.at
    )
    factories.reason(cast, cast.fred, basis=Basis.CONSENT)
    whole = factories.reason(
        cast, cast.fred, scope=Scope.RECORD, opens_money=False, ends_at=cast.later(days=90)
    )
    for key in ("attends_school", "housing_at_risk"):
        factories.fact_offer(cast, factories.fact(cast, cast.fred, key=key), reason=whole)
    browser(cast.amira).get(reverse("advocate_referral", kwargs={"reference": applied.reference}))
    return booked


def every_address(cast: Cast, booked: Referral) -> list[str]:
    """Return the addresses of all pages that a family reads."""
    key = {"reference": booked.reference}
    ask = reverse("family_ask", kwargs={"slug": cast.mentor.slug})
    support = reverse("family_ask", kwargs={"slug": cast.family_support.slug})
    return [
        *map(reverse, LISTS),
        *map(reverse, ("family_share", "family_sharing_form", "family_stop_all", "family_facts")),
        reverse("family_goal_add"),
        reverse("family_goal", kwargs={"reference": cast.goal.reference}),
        reverse("family_referral", kwargs=key),
        reverse("family_yes", kwargs=key),
        reverse("family_times", kwargs=key),
        reverse("family_stop", kwargs=key),
        reverse("family_how", kwargs=key),
        f"{reverse('family_next')}?ended=1",
        ask,
        f"{ask}?safe=yes&for={cast.josh.reference}",
        f"{ask}?safe=yes",
        f"{support}?safe=yes&for={cast.josh.reference}",
    ]


@pytest.mark.parametrize("name", LISTS)
def test_a_page_is_for_families_alone(cast_today: Cast, name: str) -> None:
    address = reverse(name)
    assert Client().get(address)["Location"].startswith("/account/login/")
    for user in (cast_today.amira, cast_today.dev, cast_today.ingrid, cast_today.colin):
        assert browser(user).get(address).status_code == 403
    for user in (cast_today.fred_user, cast_today.anne_user, cast_today.jamie_user):
        assert "Exit this page" in read(user, address)


@pytest.mark.parametrize("name", LISTS)
def test_a_family_without_money_or_people_has_pages_too(cast_today: Cast, name: str) -> None:
    assert read(cast_today.olive_user, reverse(name))
    lone = factories.person(cast_today)
    somebody = factories.user(person=lone)
    assert read(somebody, reverse(name))


def test_another_familys_things_are_not_there(cast_today: Cast) -> None:
    cast = cast_today
    booked = climbing.climb(cast, to=Rung.BOOKED)
    for name in ("family_referral", "family_yes", "family_times", "family_stop", "family_how"):
        address = reverse(name, kwargs={"reference": booked.reference})
        assert browser(cast.olive_user).get(address).status_code == 404
    for name in LISTS:
        html = read(cast.olive_user, reverse(name))
        if name != "family_choose":
            assert "Kai" not in html
        assert "Jamie" not in html


def test_home_answers_five_questions(cast_today: Cast) -> None:
    cast = cast_today
    lived_in(cast)
    text = words_of(read(cast.fred_user, reverse("family_home")))
    assert "£5,850.00" in text  # what is left
    assert "£150.00" in text  # what is set aside
    assert "Kai: a mentor for young people" in text  # and for what
    assert "Amira Shah" in text  # who is helping
    assert "4:30pm" in text  # what happens next and when
    assert "Late. We have chased them." in text
    assert "See who, stop it" in text  # who can see this, and how do I stop it


def test_what_waits_for_a_yes_comes_first(cast_today: Cast) -> None:
    cast = cast_today
    climbing.climb(cast, to=Rung.HARD_REFERRED)
    for name in ("family_home", "family_next"):
        text = words_of(read(cast.fred_user, reverse(name)))
        assert "Now it needs your yes." in text
        if name == "family_home":
            assert text.index("Waiting for you") < text.index("left to choose with")


def test_only_who_decides_is_asked_for_the_yes(cast_today: Cast) -> None:
    cast = cast_today
    climbing.climb(cast, to=Rung.HARD_REFERRED)
    for user in (cast.anne_user, cast.stacey_user, cast.jamie_user):
        assert "Now it needs your yes." not in read(user, reverse("family_next"))


def test_every_figure_is_the_ledgers_to_the_penny(cast_today: Cast) -> None:
    cast = cast_today
    booked = lived_in(cast)
    early = Booking.objects.get(referral=booked).sessions.order_by("starts_at")[:2]
    for place, session in enumerate(early):
        session.starts_at = cast.at - timedelta(days=2 - place)
        session.ends_at = session.starts_at + timedelta(hours=1)
        session.save()
        state = (SessionState.DELIVERED, SessionState.DID_NOT_HAPPEN)[place]
        sessions.record(session=session, state=state, by=cast.by(cast.dev), at=cast.at)
    truth = ledger.plan_balance(plan=cast.plan)
    assert (truth.set_aside_pence, truth.spent_pence) == (10_000, 2_500)
    page = words_of(read(cast.fred_user, reverse("family_money")))
    home = words_of(read(cast.fred_user, reverse("family_home")))
    for pence in (truth.left_pence, truth.set_aside_pence, truth.spent_pence):
        assert money.show(pence) in page
        assert money.show(pence) in home
    assert "4 at £25.00 each" in page
    put_in = truth.left_pence + truth.set_aside_pence + truth.spent_pence
    assert put_in == truth.total_pence
    assert money.show(put_in) in page


def test_the_list_adds_up(cast_today: Cast) -> None:
    cast = cast_today
    lived_in(cast)
    text = " ".join(words_of(read(cast.fred_user, reverse("family_money"))).split())
    every = text.split("Every penny")[1]
    lines = re.findall(r"£([\d,]+\.\d\d) (Set aside|Spent|Put in|Came back|Went back)", every)
    signs = {"Put in": 1, "Came back": 1, "Set aside": -1, "Spent": -1, "Went back": -1}
    total = sum(signs[tag] * money.parse(f"£{shown}") for shown, tag in lines)
    assert len(lines) == 4
    assert total == ledger.plan_balance(plan=cast.plan).left_pence


def test_not_cash_is_said_once(cast_today: Cast) -> None:
    html = read(cast_today.fred_user, reverse("family_money"))
    assert html.count("money set aside for your support (not cash)") == 1


def test_a_year_that_is_not_there_is_this_one(cast_today: Cast) -> None:
    address = reverse("family_money")
    for year in ("1999", "soon", "-1"):
        assert "£6,000.00" in read(cast_today.fred_user, f"{address}?year={year}")


def test_who_helps_says_what_for_and_how_many(cast_today: Cast) -> None:
    cast = cast_today
    lived_in(cast)
    text = words_of(read(cast.fred_user, reverse("family_helpers")))
    assert "3 people and places help your family now." in text
    assert "Walk With Me Mentors" in text
    assert "Kai: a mentor for young people, for Jamie" in text
    assert text.index("On your side") < text.index("Amira Shah")
    assert "On the side of Jamie" in text
    assert "Anne" not in text, "whom she chose is hers to tell"
    assert "Dev" not in text


def test_who_has_looked_names_the_place_and_never_the_worker(cast_today: Cast) -> None:
    cast = cast_today
    lived_in(cast)
    text = words_of(read(cast.fred_user, reverse("family_looks")))
    assert "An advocate at Beacon Advocacy" in text
    assert "They were chosen to be on your side." in text
    assert "Amira" not in text


def test_a_look_that_is_held_back_comes_on_its_day(cast_today: Cast) -> None:
    cast = cast_today
    look = Look.objects.create(
        person=cast.fred,
        user=cast.sam,
        organisation=cast.police,
        role=Role.LEAD_PROFESSIONAL,
        subject_kind="person",
        subject=uuid.uuid4(),
        ground="referral",
        held_back_until=cast.day + timedelta(days=1),
        held_back_for="safety",
        at=cast.at,
    )
    assert "Leicestershire Police" not in read(cast.fred_user, reverse("family_looks"))
    Look.objects.filter(pk=look.pk).update(held_back_until=cast.day)
    assert "Leicestershire Police" in read(cast.fred_user, reverse("family_looks"))


def test_nobody_reads_who_looked_at_somebody_else(cast_today: Cast) -> None:
    cast = cast_today
    lived_in(cast)
    for user in (cast.anne_user, cast.stacey_user, cast.olive_user):
        assert "Beacon" not in read(user, reverse("family_looks"))


def test_sharing_says_who_why_and_who_decides(cast_today: Cast) -> None:
    cast = cast_today
    lived_in(cast)
    text = words_of(read(cast.fred_user, reverse("family_sharing")))
    assert "Somebody who takes requests at Leicestershire County Council" in text
    assert "It is a public job, so it does not need your yes." in text
    assert "Who decides: Leicestershire County Council" in text
    assert "Stop sharing" in text


def test_what_rests_on_a_yes_stops_at_once_and_once(cast_today: Cast) -> None:
    cast = cast_today
    reason = factories.reason(cast, cast.fred, basis=Basis.CONSENT)
    address = reverse("family_stop_sharing", kwargs={"reference": reason.reference})
    sent = {"form_key": str(uuid.uuid4())}
    for _time in range(2):
        answer = browser(cast.fred_user).post(address, sent)
        assert answer["Location"] == reverse("family_sharing")
    assert not Reason.objects.live(timezone.now()).filter(pk=reason.pk).exists()
    for user in (cast.anne_user, cast.olive_user):
        assert browser(user).post(address, sent).status_code == 404


def test_what_does_not_rest_on_a_yes_cannot_be_stopped(cast_today: Cast) -> None:
    cast = cast_today
    reason = factories.reason(cast, cast.josh, basis=Basis.PUBLIC_TASK)
    address = reverse("family_stop_sharing", kwargs={"reference": reason.reference})
    page = browser(cast.fred_user).post(address, follow=True).content.decode()
    assert "cannot be stopped" in page
    assert Reason.objects.live(cast.at).filter(pk=reason.pk).exists()
    assert address not in page


@pytest.mark.once
def test_every_page_is_one_a_nine_year_old_can_read(cast_today: Cast) -> None:
    cast = cast_today
    hard = {}
    for address in every_address(cast, lived_in(cast)):
        text = sentences_of(words_of(read(cast.fred_user, address)))
        if len(reading_age.words(text)) >= 25 and reading_age.grade(text) > HARDEST_PAGE:
            hard[address] = (round(reading_age.grade(text), 1), text)
    assert hard == {}


@pytest.mark.once
def test_no_page_uses_our_trade_words(cast_today: Cast) -> None:
    cast = cast_today
    for address in every_address(cast, lived_in(cast)):
        found = FORBIDDEN_HERE.search(words_of(read(cast.fred_user, address)))
        assert found is None, (address, found)


def test_a_page_takes_as_many_queries_however_much_there_is(cast_today: Cast) -> None:
    cast = cast_today
    lived_in(cast)
    client = browser(cast.fred_user)
    few = {name: queries(client, name) for name in LISTS}
    for _more in range(4):
        child = climbing.sibling(cast)
        referral = factories.referral(
            cast, child, service=cast.family_support, rung=Rung.SOFT_REFERRED
        )
        factories.promise(cast, referral)
        factories.reason(cast, child, subject=referral.reference)
        climbing.climb(cast, to=Rung.COMMISSIONED, referral=climbing.refer(cast, person=child))
        browser(cast.amira).get(
            reverse("advocate_referral", kwargs={"reference": referral.reference})
        )
    many = {name: queries(client, name) for name in LISTS}
    assert {name: found for name, found in many.items() if found > few[name] + 1} == {}


def queries(client: Client, name: str) -> int:
    """Return how many queries a page takes once what is kept between requests is there."""
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as found:
        client.get(reverse(name))
    return len(found)


def test_a_long_list_has_pages(cast_today: Cast) -> None:
    cast = cast_today
    for _each in range(12):
        factories.referral(cast, climbing.sibling(cast), rung=Rung.SOFT_REFERRED)
    first = read(cast.fred_user, reverse("family_next"))
    second = read(cast.fred_user, f"{reverse('family_next')}?page=2")
    assert first.count("Kai: a mentor for young people, for Kim") == 10
    assert second.count("Kai: a mentor for young people, for Kim") == 2


def test_reading_changes_nothing(cast_today: Cast) -> None:
    cast = cast_today
    booked = lived_in(cast)
    before = (
        Transfer.objects.count(),
        Referral.objects.count(),
        Promise.objects.count(),
        list(Referral.objects.order_by("pk").values()),
    )
    for address in every_address(cast, booked):
        read(cast.fred_user, address)
    after = (
        Transfer.objects.count(),
        Referral.objects.count(),
        Promise.objects.count(),
        list(Referral.objects.order_by("pk").values()),
    )
    assert after == before
