"""Proposing in `/provider/services/`: every part of an entry, new services, places and criteria."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cms import catalogue, proposals
from cms.models import CriteriaSuggestion, Place, Schedule, Service, SuggestionState
from marketplace.notices.models import Notice
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser

pytestmark = pytest.mark.once


@pytest.fixture
def dev(client: Client, cast_today: Cast) -> Client:
    """Return a browser with Dev signed in."""
    client.force_login(cast_today.dev)
    return client


def address(service: Service, section: str) -> str:
    """Return the address of one part of an entry."""
    return reverse("provider_change_section", args=[service.reference, section])


def filled(dev: Client, path: str, **changes: Any) -> dict[str, Any]:
    """Return a form as the page gives it, with some answers changed."""
    form = dev.get(path).context["form"]
    sent: dict[str, Any] = {"form_key": str(uuid.uuid4())}
    for bound in form:
        value = bound.value()
        if value is not None and value is not False and value not in ("", []):
            sent[bound.html_name] = "on" if value is True else value
    sent |= changes
    return {name: value for name, value in sent.items() if value is not None}


def draft(service: Service) -> Service:
    """Return the latest draft of a service."""
    return proposals.draft(Service.objects.get(pk=service.pk))


def test_words_are_proposed_and_nobody_reads_them_yet(dev: Client, cast_today: Cast) -> None:
    service = cast_today.mentor
    path = address(service, "words")
    sent = filled(
        dev, path, name="Kai", summary="Kai goes climbing with you.", website="kai.example"
    )
    answer = dev.post(path, sent)
    page = dev.get(answer["Location"]).content.decode()
    assert "An editor reads it" in page
    assert "A change is waiting for an editor." in page
    assert Service.objects.get(pk=service.pk).summary == service.summary
    found = draft(service)
    assert (found.name, found.website) == ("Kai", "https://kai.example")
    assert "Kai goes climbing with you." in dev.get(path).content.decode()


def test_what_changes_nothing_is_not_sent(dev: Client, cast_today: Cast) -> None:
    for section in ("words", "reach", "start", "questions", "times"):
        path = address(cast_today.mentor, section)
        answer = dev.post(path, filled(dev, path))
        assert answer.status_code == 422, section
        assert "Change something first." in answer.content.decode()
    assert not Service.objects.get(pk=cast_today.mentor.pk).has_unpublished_changes


def test_terms_places_and_districts(dev: Client, cast_today: Cast) -> None:
    service, path = cast_today.mentor, address(cast_today.mentor, "reach")
    theirs = catalogue.add_place(organisation=cast_today.nhs, name="Not yours")
    add = reverse("provider_place", args=[service.reference])
    dev.post(add, {"name": "The den", "postcode": "LE10 0FR", "step_free": "yes"})
    den = Place.objects.get(name="The den")
    assert (den.organisation, den.step_free) == (cast_today.mentors, True)
    page = dev.get(path).content.decode()
    assert "The den" in page
    assert "Not yours" not in page
    refused = dev.post(path, filled(dev, path, places=[theirs.pk]))
    assert refused.status_code == 422
    terms = [cast_today.need.pk, cast_today.barrier.pk]
    dev.post(path, filled(dev, path, terms=terms, places=[den.pk], districts="Blaby, Charnwood"))
    found = draft(service)
    assert {term.pk for term in found.terms.all()} == set(terms)
    assert [*found.places.all()] == [den]
    assert found.districts == ["Blaby", "Charnwood"]


def test_steps_promises_and_how_many_fit(dev: Client, cast_today: Cast) -> None:
    service, path = cast_today.mentor, address(cast_today.mentor, "start")
    changes = {
        "step_check_eligibility": "1",
        "step_take_application": "1",
        "step_decide_eligibility": None,
        "step_assess": "0",
        "answer_days": "3",
        "places_a_week": "2",
        "places_at_once": "12",
    }
    assert dev.post(path, filled(dev, path, **changes)).status_code == 302
    found = draft(service)
    steps = [(row.step, row.interaction) for row in found.processes.all()]
    assert steps == [
        ("check_eligibility", 1),
        ("take_application", 1),
        ("assess", None),
        ("commission", None),
        ("book", None),
    ]
    assert (found.answer_days, found.places_a_week, found.places_at_once) == (3, 2, 12)


def test_questions_keep_their_keys_and_are_taken_away(dev: Client, cast_today: Cast) -> None:
    service, path = cast_today.mentor, address(cast_today.mentor, "questions")
    count = service.questions.count()
    new = f"row_{count + 1}_"
    changes = {f"{new}text": "Which?", f"{new}kind": "choice", f"{new}choices": "One"}
    half = dev.post(path, filled(dev, path, **changes))
    assert half.status_code == 422
    assert "Give two or more, with commas." in half.content.decode()
    assert "Which?" in half.content.decode()
    changes[f"{new}choices"] = "One, Two"
    assert dev.post(path, filled(dev, path, **changes)).status_code == 302
    rows = [*draft(service).questions.all()]
    assert len(rows) == count + 1
    assert rows[-1].choices == ["One", "Two"]
    key = rows[-1].key
    again = dev.post(path, filled(dev, path, **{f"{new}text": "Which of them?"}))
    assert again.status_code == 302
    (kept,) = [row for row in draft(service).questions.all() if row.text == "Which of them?"]
    assert kept.key == key
    assert dev.post(path, filled(dev, path, **{f"{new}text": ""})).status_code == 302
    assert draft(service).questions.count() == count


def test_when_it_is_on(dev: Client, cast_today: Cast) -> None:
    service, path = cast_today.mentor, address(cast_today.mentor, "times")
    Schedule.objects.filter(service=service).delete()
    wrong = {"row_1_weekday": "1", "row_1_opens_at": "17:00", "row_1_closes_at": "16:00"}
    answer = dev.post(path, filled(dev, path, **wrong))
    assert "Put the end after the beginning." in answer.content.decode()
    right = {**wrong, "row_1_closes_at": "18:00", "row_2_weekday": "any"}
    right["row_2_description"] = "in term time"
    assert dev.post(path, filled(dev, path, **right)).status_code == 302
    found = {(row.weekday, row.description) for row in draft(service).schedules.all()}
    assert found == {(1, ""), (None, "in term time")}


def test_two_workers_at_once_both_texts_are_shown(dev: Client, cast_today: Cast) -> None:
    service, path = cast_today.mentor, address(cast_today.mentor, "words")
    stale = filled(dev, path, summary="What Dev typed.")
    other = {"summary": "What a colleague typed."}
    proposals.propose(service=service, changes=other, by_user=cast_today.lena)
    answer = dev.post(path, stale)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "It says now: “What a colleague typed.”" in page
    assert "What Dev typed." in page
    assert draft(service).summary == "What a colleague typed."
    again = {**stale, "form_key": str(uuid.uuid4()), "was": proposals.version(draft(service))}
    assert f'name="was" value="{again["was"]}"' in page
    assert dev.post(path, again).status_code == 302
    assert draft(service).summary == "What Dev typed."


def test_a_new_service_is_proposed_to_its_owner(dev: Client, cast_today: Cast) -> None:
    path = reverse("provider_new")
    page = dev.get(path).content.decode()
    assert cast_today.county.name in page
    assert cast_today.nhs.name not in page  # nobody there would read it
    sent = {
        "name": "Climbing night",
        "kind": "group",
        "owner": str(cast_today.county.reference),
        "summary": "Climb together.",
        "form_key": str(uuid.uuid4()),
    }
    bad = dev.post(path, {**sent, "owner": str(cast_today.nhs.reference)})
    assert bad.status_code == 422
    first, second = dev.post(path, sent), dev.post(path, sent)
    assert first["Location"] == second["Location"]
    service = Service.objects.get(name="Climbing night")
    assert (service.live, service.owner, service.provider) == (
        False,
        cast_today.county,
        cast_today.mentors,
    )
    assert browser(cast_today.edie).get(f"/services/{service.slug}/").status_code == 404
    assert Notice.objects.filter(user=cast_today.edie, kind="proposal_for_you").exists()
    assert "Climbing night" in dev.get("/provider/services/").content.decode()


def suggestion(dev: Client, service: Service, **changes: Any) -> Any:
    """Suggest that only who is eleven or older can have it."""
    path = reverse("provider_criteria", args=[service.reference])
    count = len(dev.get(path).context["form"].rows["rule"]) - 1
    rule = {"fact": "age", "operator": "at_least", "value": "11", "sentence": "From eleven on."}
    row = {f"rule_{count}_{part}": said for part, said in rule.items()}
    return dev.post(path, filled(dev, path, **row, reason="We have nobody for small ones."))


def test_a_suggestion_changes_nothing_and_the_commissioner_takes_it(
    dev: Client, cast_today: Cast
) -> None:
    service = cast_today.mentor
    before = service.criteria.count()
    assert suggestion(dev, service).status_code == 302
    assert service.criteria.count() == before
    assert Notice.objects.filter(user=cast_today.colin, kind="criteria_suggested").exists()
    colin = browser(cast_today.colin)
    page = colin.get(f"/go/criteria/{service.reference}/", follow=True).content.decode()
    assert "We have nobody for small ones." in page
    assert "From eleven on." in page
    path = reverse("commissioner_criteria_change", args=[service.slug]) + "?suggested=1"
    assert "From eleven on." in colin.get(path).content.decode()
    assert colin.post(path, filled(colin, path, reason="Agreed.")).status_code == 302
    assert [row.sentence for row in service.criteria.all()][-1] == "From eleven on."
    assert CriteriaSuggestion.objects.get().state == SuggestionState.TAKEN
    assert Notice.objects.filter(user=cast_today.dev, kind="criteria_answered").exists()
    told = dev.get(f"/go/criteria/{service.reference}/", follow=True).content.decode()
    assert "The commissioner says: “Agreed.”" in told


def test_a_suggestion_is_not_taken_and_the_provider_reads_why(
    dev: Client, cast_today: Cast
) -> None:
    service = cast_today.mentor
    suggestion(dev, service)
    suggestion(dev, service)
    states = [*CriteriaSuggestion.objects.order_by("pk").values_list("state", flat=True)]
    assert states == [SuggestionState.REPLACED, SuggestionState.WAITING]
    path = reverse("commissioner_criteria_decline", args=[service.slug])
    browser(cast_today.colin).post(path, {"answer": " "})
    assert CriteriaSuggestion.objects.waiting().exists()
    browser(cast_today.colin).post(path, {"answer": "Small ones have nobody else."})
    page = dev.get(reverse("provider_criteria", args=[service.reference])).content.decode()
    assert "Small ones have nobody else." in page
    assert not CriteriaSuggestion.objects.waiting().exists()


def test_nobody_else_suggests_or_answers(dev: Client, cast_today: Cast) -> None:
    service = cast_today.mentor
    path = reverse("provider_criteria", args=[service.reference])
    assert browser(cast_today.lena).get(path).status_code == 404
    suggestion(dev, service)
    for name in ("dev", "edie", "femi"):
        answer = reverse("commissioner_criteria_decline", args=[service.slug])
        assert browser(cast_today.users[name]).post(answer, {"answer": "No."}).status_code == 403
    assert CriteriaSuggestion.objects.waiting().exists()
