"""Working on the catalogue in `/cms/`."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from cms import catalogue, problems
from cms.models import Place, Problem, Service
from tests.cast import Cast

pytestmark = pytest.mark.once

ADD = "wagtailsnippets_cms_service:add"
EDIT = "wagtailsnippets_cms_service:edit"


@pytest.fixture
def edie(client: Client, cast_today: Cast) -> Client:
    """The county's editor, signed in."""
    client.force_login(cast_today.edie)
    return client


@pytest.fixture
def hall(cast_today: Cast) -> Place:
    """A place of the county's."""
    return catalogue.add_place(organisation=cast_today.county, name="The hall")


def form(cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return a filled form of a service."""
    ticked = {"terms": [cast.need.pk], "places": changes.pop("places", [])}
    filled: dict[str, Any] = nested_form_data(
        {
            "name": "Sunday cooking",
            "slug": "",
            "kind": "group",
            "owner": cast.county.pk,
            "provider": cast.mentors.pk,
            "summary": "Cook and eat together.",
            "description": "",
            "what_happens_next": "",
            "website": "",
            "email": "",
            "phone": "",
            "districts": "Blaby, Charnwood ,",
            "answer_days": 5,
            "notice_days": 2,
            "contact_check": "none",
            "processes": inline_formset([{"step": "book", "position": 0}]),
            "questions": inline_formset([]),
            "schedules": inline_formset(
                [{"weekday": 6, "opens_at": "11:00", "closes_at": "14:00", "description": ""}]
            ),
            **changes,
        }
    )
    return {**filled, **ticked}


def test_an_editor_adds_a_service_and_everybody_finds_it(
    edie: Client, cast_today: Cast, hall: Place
) -> None:
    sent = form(cast_today, places=[hall.pk], **{"action-publish": "1"})
    answer = edie.post(reverse(ADD), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    service = Service.objects.get(slug="sunday-cooking")
    assert service.live
    assert (service.owner, service.provider) == (cast_today.county, cast_today.mentors)
    assert service.districts == ["Blaby", "Charnwood"]
    assert [*service.terms.all()] == [cast_today.need]
    assert [*service.places.all()] == [hall]
    assert service.criteria.count() == 0  # its commissioner says who can have it
    assert [row.step for row in service.processes.all()] == ["book"]
    found = catalogue.search(on=cast_today.day, words="cookery cooking")
    assert [listing.service for listing in found] == [service]


def test_a_draft_is_found_by_nobody(edie: Client, cast_today: Cast) -> None:
    assert edie.post(reverse(ADD), form(cast_today)).status_code == 302
    assert not Service.objects.get(slug="sunday-cooking").live
    assert not catalogue.search(on=cast_today.day, words="cooking").exists()


@pytest.mark.parametrize("field", ["owner", "provider", "places"])
def test_an_editor_puts_nothing_in_somebody_elses_name(
    edie: Client, cast_today: Cast, field: str
) -> None:
    theirs: Any = cast_today.nhs
    if field == "places":
        theirs = catalogue.add_place(organisation=cast_today.nhs, name="A quiet house")
    value = [theirs.pk] if field == "places" else theirs.pk
    answer = edie.post(reverse(ADD), form(cast_today, **{field: value, "action-publish": "1"}))
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Service.objects.filter(name="Sunday cooking").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"website": "not an address"}, "Enter a valid URL."),
        (
            {
                "processes": inline_formset(
                    [{"step": "book", "position": 0}, {"step": "book", "position": 1}]
                )
            },
            "Please correct the duplicate data",
        ),
        (
            {"processes": inline_formset([{"step": "book", "interaction": 1, "position": 0}])},
            "are not done together with others",
        ),
    ],
)
def test_a_mistake_is_said_and_the_form_kept(
    edie: Client, cast_today: Cast, changes: dict[str, Any], said: str
) -> None:
    sent = form(cast_today, **changes, **{"action-publish": "1"})
    answer = edie.post(reverse(ADD), sent)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "Cook and eat together." in answer.content.decode()
    assert not Service.objects.filter(name="Sunday cooking").exists()


def test_hostile_words_are_only_words(edie: Client, cast_today: Cast) -> None:
    hostile = "<script>alert(1)</script>"
    sent = form(cast_today, name=hostile, description=hostile, **{"action-publish": "1"})
    assert edie.post(reverse(ADD), sent).status_code == 302
    service = Service.objects.get(name=hostile)
    for address in (
        reverse("wagtailsnippets_cms_service:list"),
        reverse(EDIT, args=[service.pk]),
        reverse("wagtailsnippets_cms_service:withdraw", args=[service.pk]),
        "/cms/",
    ):
        assert hostile not in edie.get(address).content.decode()
    # The preview is our own page, with what the form holds now.
    preview = reverse("wagtailsnippets_cms_service:preview_on_edit", args=[service.pk])
    edie.post(preview, sent)
    page = edie.get(preview)
    assert page.status_code == 200
    assert hostile not in page.content.decode()
    assert "Cook and eat together." in page.content.decode()


def test_the_terms_are_listed_under_their_taxonomies(edie: Client, cast_today: Cast) -> None:
    page = edie.get(reverse(EDIT, args=[cast_today.mentor.pk])).content.decode()
    assert page.index("Need") < page.index(cast_today.need.name)
    assert "Barrier" in page


@pytest.mark.parametrize(("act", "field"), [("check", "checked_on"), ("withdraw", "withdrawn_on")])
def test_an_act_asks_first_and_then_is_done(
    edie: Client, cast_today: Cast, act: str, field: str
) -> None:
    mentor = cast_today.mentor
    url = reverse(f"wagtailsnippets_cms_service:{act}", args=[mentor.pk])
    before = getattr(mentor, field)
    assert edie.get(url).status_code == 200
    assert getattr(Service.objects.get(pk=mentor.pk), field) == before
    assert edie.post(url).status_code == 302
    assert getattr(Service.objects.get(pk=mentor.pk), field) == cast_today.day


def test_what_is_withdrawn_is_not_withdrawn_again(edie: Client, cast_today: Cast) -> None:
    catalogue.withdraw(service=cast_today.mentor, on=cast_today.day)
    url = reverse("wagtailsnippets_cms_service:withdraw", args=[cast_today.mentor.pk])
    page = edie.post(url, follow=True).content.decode()
    assert "This entry has been taken out of the catalogue." in page


@pytest.fixture
def problem(cast_today: Cast) -> Problem:
    """Something wrong with an entry of the county's."""
    return problems.report(
        source="feed",
        source_id="1",
        code="age_negative",
        sentence="Kai: an age of -1.",
        at=cast_today.at,
        service=cast_today.mentor,
    )


def test_an_editor_works_through_the_review_list(
    edie: Client, cast_today: Cast, problem: Problem
) -> None:
    listed = reverse("wagtailsnippets_cms_problem:list")
    assert "Kai: an age of -1." in edie.get(listed + "?is_open=true").content.decode()
    page = reverse("wagtailsnippets_cms_problem:edit", args=[problem.pk])
    shown = edie.get(page).content.decode()
    assert reverse(EDIT, args=[cast_today.mentor.pk]) in shown
    assert Problem.objects.get().is_open
    assert edie.post(page).status_code == 302
    settled = Problem.objects.get()
    assert not settled.is_open
    assert settled.settled_by == str(cast_today.edie.reference)
    assert "Kai: an age of -1." not in edie.get(listed + "?is_open=true").content.decode()
    assert "Kai: an age of -1." in edie.get(listed + "?is_open=false").content.decode()


def test_nobody_writes_a_problem_by_hand(edie: Client) -> None:
    answer = edie.get(reverse("wagtailsnippets_cms_problem:add"))
    assert answer.status_code in (302, 403)
    assert b"Add problem" not in edie.get(reverse("wagtailsnippets_cms_problem:list")).content


def test_an_editor_adds_a_place_of_her_own_organisation_only(
    edie: Client, cast_today: Cast
) -> None:
    sent = {
        "organisation": cast_today.county.pk,
        "name": "The library",
        "address": "",
        "postcode": "LE10 0FR",
        "district": "",
        "latitude": "",
        "longitude": "",
        "step_free": "true",
    }
    add = reverse("wagtailsnippets_cms_place:add")
    refused = edie.post(add, {**sent, "organisation": cast_today.nhs.pk})
    assert "organisation" in refused.context["form"].errors
    half = edie.post(add, {**sent, "latitude": "52.5"})
    assert "Give both latitude and longitude, or neither." in half.content.decode()
    assert edie.post(add, sent).status_code == 302
    assert Place.objects.get(name="The library").organisation == cast_today.county


@pytest.mark.parametrize("kind", ["service", "organisation", "place", "term", "problem"])
def test_a_list_takes_as_many_queries_however_long_it_is(
    edie: Client, cast_today: Cast, kind: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        place = catalogue.add_place(organisation=cast_today.county, name=f"Place {number}")
        service = catalogue.add_service(
            name=f"Service {number}", owner=cast_today.county, places=[place]
        )
        problems.report(
            source="feed",
            source_id=str(number),
            code="x",
            sentence=f"Problem {number}",
            at=cast_today.at,
            service=service,
        )
    with django_assert_max_num_queries(40):
        assert edie.get(reverse(f"wagtailsnippets_cms_{kind}:list")).status_code == 200
