"""Telling of a mistake: without a sign-in, to the owner, and back to who asked to hear of it."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cms.models import Problem, ReaderProblem
from marketplace.notices.models import Notice, Watch
from marketplace.pages.public import problems
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser

pytestmark = pytest.mark.once


def send(client: Client, cast: Cast, **fields: Any) -> Any:
    """Send the form about the mentor's page."""
    said = {"kind": ReaderProblem.TIMES, "words": "It is on Fridays now.", **fields}
    return client.post(reverse("service_problem", args=[cast.mentor.slug]), said, follow=True)


def settle(cast: Cast, problem: Problem, answer: str) -> None:
    """Let Edie settle it in `/cms/`."""
    page = reverse("wagtailsnippets_cms_problem:edit", args=[problem.pk])
    assert browser(cast.edie).post(page, {"answer": answer}).status_code == 302


def told(user: Any, kind: str) -> int:
    """Return how many messages of a kind somebody has on this site."""
    return Notice.objects.filter(user=user, kind=kind, channel="in_app").count()


def test_anybody_tells_of_a_mistake_and_its_owner_hears(cast_today: Cast) -> None:
    answer = send(Client(), cast_today)
    assert "Thank you. We have told them." in answer.content.decode()
    problem = Problem.objects.get()
    assert problem.service == cast_today.mentor
    assert problem.organisation == cast_today.county
    assert problem.sentence == "The days or times are wrong: “It is on Fridays now.”"
    assert told(cast_today.edie, "problem_for_you") == 1
    assert told(cast_today.dev, "problem_for_you") == 0
    listed = browser(cast_today.edie).get(reverse("wagtailsnippets_cms_problem:list"))
    assert "It is on Fridays now." in listed.content.decode()


def test_a_form_sent_twice_is_one_problem_and_two_readers_two(cast_today: Cast) -> None:
    key = str(uuid.uuid4())
    for _time in range(2):
        send(Client(), cast_today, form_key=key)
    assert Problem.objects.count() == 1
    send(Client(), cast_today)
    assert Problem.objects.count() == 2
    assert told(cast_today.edie, "problem_for_you") == 2


def test_who_told_is_not_kept_unless_she_asks_to_hear_of_it(cast_today: Cast) -> None:
    fred = browser(cast_today.fred_user)
    send(fred, cast_today)
    assert not Watch.objects.exists()
    send(fred, cast_today, wants_to_know="on")
    assert Watch.objects.get().user == cast_today.fred_user
    send(Client(), cast_today, wants_to_know="on")
    assert Watch.objects.count() == 1


def test_whoever_told_reads_what_was_done(cast_today: Cast) -> None:
    send(browser(cast_today.fred_user), cast_today, wants_to_know="on")
    problem = Problem.objects.get()
    settle(cast_today, problem, "We wrote Fridays.")
    assert told(cast_today.fred_user, "problem_settled") == 1
    assert not Watch.objects.exists()
    go = reverse("go", args=["problem", problem.reference])
    page = browser(cast_today.fred_user).get(go, follow=True).content.decode()
    assert "We wrote Fridays." in page
    # Whoever keeps the address reads it too, and nobody's words but the owner's.
    page = Client().get(reverse("problem", args=[problem.reference])).content.decode()
    assert "We wrote Fridays." in page
    assert "It is on Fridays now." not in page
    settle(cast_today, problem, "Something else.")
    assert told(cast_today.fred_user, "problem_settled") == 1


def test_another_owners_editor_does_not_settle_it(cast_today: Cast) -> None:
    send(Client(), cast_today)
    problem = Problem.objects.get()
    problem.organisation = problem.service = None
    problem.save()
    page = reverse("wagtailsnippets_cms_problem:edit", args=[problem.pk])
    assert browser(cast_today.edie).post(page, {"answer": "x"}).status_code == 404
    assert Problem.objects.get().is_open


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": ""}, "What is wrong: Please answer this."),
        ({"kind": "other", "words": ""}, "Say in a few words what is wrong."),
        ({"kind": "made_up"}, "Select a valid choice."),
        ({"words": "x" * 401}, "Ensure this value has at most 400 characters"),
    ],
)
def test_what_cannot_be_sent_is_said_and_kept(
    cast_today: Cast, fields: dict[str, str], sentence: str
) -> None:
    answer = send(Client(), cast_today, **fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert fields.get("words", "It is on Fridays now.")[:400] in page
    assert not Problem.objects.exists()


def test_one_address_does_not_flood_the_list(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "MOST_AN_HOUR", 2)
    found = [send(Client(), cast_today).status_code for _time in range(3)]
    assert found == [200, 200, 429]
    assert Problem.objects.count() == 2


def test_the_form_says_whom_to_ring_and_writes_words_as_text(cast_today: Cast) -> None:
    path = reverse("service_problem", args=[cast_today.mentor.slug])
    page = Client().get(path).content.decode()
    assert 'href="tel:999"' in page
    assert "Do not write your name" in page
    assert "Tell me what was done" not in page
    send(Client(), cast_today, words="<script>alert(1)</script>")
    problem = Problem.objects.get()
    edit = reverse("wagtailsnippets_cms_problem:edit", args=[problem.pk])
    shown = browser(cast_today.edie).get(edit).content.decode()
    assert "<script>alert(1)</script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
