"""One service: everything somebody wants to know before asking, in plain words."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import catalogue, guides
from cms.models import Criterion, CriterionOperator, Schedule, Service, Term, TermTaxonomy
from marketplace.authority import bookers
from marketplace.bookings.models import Slot
from marketplace.pages.public import service as pages
from marketplace.people.roles import Role
from tests.cast import Cast
from tests.laws import reading_age


def page(client: Client, service: Service) -> str:
    """Return the page of a service."""
    answer = client.get(reverse("service", args=[service.slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def said(html: str) -> str:
    """Return the words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_it_says_what_somebody_wants_to_know(cast_today: Cast, client: Client) -> None:
    cast = cast_today
    Slot.objects.bulk_create(
        Slot(
            service=cast.mentor,
            starts_at=cast.later(days=day),
            ends_at=cast.later(days=day, hours=1),
        )
        for day in range(1, 6)
    )
    words = said(page(client, cast.mentor))
    for sentence in (
        "Kai meets you once a week to do something you like.",
        "For people aged 10 to 18.",
        "£25.00 a session",
        "Nobody has set the real price yet.",
        "Not the real price yet",
        "They promise an answer within 3 working days.",
        "You can book it yourself, up to £200.00, once you have a plan.",
        "An advocate at Beacon Advocacy can book it for you, up to £500.00.",
        "Who runs it Walk With Me Mentors",
        "Who pays and makes the rules Leicestershire County Council",
        "This page was last checked on",
        "Tell us if something here is wrong",
    ):
        assert sentence in words, sentence
    shown = re.search(r"Next free times</h2>(.*?)</div>", page(client, cast.mentor), re.DOTALL)
    assert shown
    assert shown[1].count("<li>") == 3, "the next three free times"


def test_who_may_only_ask_is_said_so(cast_today: Cast, client: Client) -> None:
    words = said(page(client, cast_today.family_support))
    assert (
        "An advocate at Beacon Advocacy can ask for you. "
        "Then Leicestershire County Council says yes or no." in words
    )
    assert "You can book it yourself" not in words
    assert "You can book it yourself." in said(page(client, cast_today.youth_club))


def test_where_and_when_it_is_on_is_said_in_words(cast_today: Cast, client: Client) -> None:
    cast = cast_today
    hall = catalogue.add_place(
        organisation=cast.district,
        name="The hall",
        address="1 High Street",
        postcode="LE11 5EE",
        step_free=True,
    )
    club: Any = Service.objects.get(pk=cast.youth_club.pk)
    club.places = [hall]
    club.schedules = [Schedule(weekday=4, description="in term time")]
    catalogue.update(service=club, at=cast.at)
    words = said(page(client, club))
    assert "The hall, 1 High Street, LE11 5EE. No steps to get in." in words
    assert "Friday in term time" in words


def test_an_old_page_is_marked_and_one_that_is_fresh_is_not(
    cast_today: Cast, client: Client
) -> None:
    cast = cast_today
    assert "out of date" not in page(client, cast.youth_club)
    Service.objects.filter(pk=cast.youth_club.pk).update(checked_on=cast.day - timedelta(days=400))
    assert "Some of it may be out of date" in page(client, cast.youth_club)


def test_a_page_costs_the_same_however_much_there_is_to_say(
    cast_today: Cast, client: Client
) -> None:
    cast = cast_today

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client, cast.mentor)
        return len(asked)

    few = queries()
    mentor: Any = Service.objects.get(pk=cast.mentor.pk)
    mentor.terms = [
        *mentor.terms.all(),
        *(
            Term.objects.create(taxonomy=TermTaxonomy.BARRIER, slug=f"b{number}", name="Buses")
            for number in range(5)
        ),
    ]
    mentor.places = [
        catalogue.add_place(organisation=cast.mentors, name=f"Place {number}", postcode="LE10 1NR")
        for number in range(5)
    ]
    mentor.schedules = [Schedule(weekday=day, place=mentor.places.first()) for day in range(5)]
    mentor.criteria = [
        *mentor.criteria.all(),
        Criterion(fact="is_parent", operator=CriterionOperator.IS, value=True, sentence="Parents."),
    ]
    catalogue.update(service=mentor, at=cast.at)
    assert queries() == few


def test_hostile_words_do_nothing(cast_today: Cast, client: Client) -> None:
    club: Any = Service.objects.get(pk=cast_today.youth_club.pk)
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    club.summary = club.description = club.what_happens_next = hostile
    catalogue.update(service=club, at=cast_today.at)
    html = page(client, club)
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_words_of_the_glossary_are_linked_for_families_and_everybody(
    cast_today: Cast, client: Client
) -> None:
    cast = cast_today
    index = guides.put_up_index(site_name="Alongside", title="Guides", slug="guides")
    entries = [{"slug": "advocate", "word": "Advocate", "meaning": "Yours."}]
    guides.add_glossary(index=index, entries=entries, title="Words", slug="words")
    link = '<a class="gloss" href="/glossary/#advocate">'
    assert page(client, cast.mentor).count(link) == 1
    client.force_login(cast.amira)
    assert link not in page(client, cast.mentor), "she knows"
    client.force_login(cast.fred_user)
    assert page(client, cast.mentor).count(link) == 1
    assert link not in client.get("/glossary/").content.decode()


@pytest.mark.once
def test_who_books_is_said_in_words_a_child_can_read() -> None:
    found = [
        bookers.Booker(Role.FAMILY, "", may_book=True, limit_pence=20_000),
        bookers.Booker(Role.FAMILY, "", may_book=True),
        bookers.Booker(Role.FAMILY, "", may_book=False),
        bookers.Booker(Role.ADVOCATE, "Beacon", may_book=True, limit_pence=50_000),
        bookers.Booker(Role.LEAD_PROFESSIONAL, "The trust", may_book=False),
        bookers.Booker(Role.INTAKE_WORKER, "The county", may_book=True),
    ]
    sentences = pages.who_books(found, owner="The county")
    assert len(set(sentences)) == len(found)
    assert reading_age.grade(" ".join(sentences)) <= 5


def test_the_pages_of_the_catalogue_read_like_a_familys(cast_today: Cast, client: Client) -> None:
    for path in ("/services/", "/services/shortlist/", "/services/?age=99&kind=universal"):
        main = client.get(path).content.decode().split('id="main"')[1].split("<footer")[0]
        prose = " ".join(
            re.sub(r"<[^>]+>", " ", part)
            for part in re.findall(r"<p[^>]*>(.*?)</p>", main, re.DOTALL)
            if re.search(r"[.!?]\s*$", re.sub(r"<[^>]+>", " ", part))
        )
        assert reading_age.grade(prose or "Yes.") <= 5, path
        for word in ("notional", "commission", "eligibility", "provision", "data subject"):
            assert word not in main.lower(), (path, word)
