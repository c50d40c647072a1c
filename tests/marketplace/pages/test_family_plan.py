"""The plan: each one's own words, in their own order, changed by whose they are."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets import plans
from budgets.models import Event, Goal
from marketplace.people.models import User
from marketplace.sharing import safeguards
from tests.cast import Cast

pytestmark = pytest.mark.once


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def add(user: User, **sent: Any) -> Any:
    """Send the form that adds a goal."""
    fields = {
        "form_key": str(uuid.uuid4()),
        "words": "More sleep",
        "person": "",
        "score": "",
        **sent,
    }
    return browser(user).post(reverse("family_goal_add"), fields)


def send(user: User, name: str, goal: Goal, **sent: str) -> Any:
    """Send one of a goal's forms."""
    fields = {"form_key": str(uuid.uuid4()), **sent}
    return browser(user).post(reverse(name, kwargs={"reference": goal.reference}), fields)


def page(user: User) -> str:
    """Read the plan as somebody."""
    return browser(user).get(reverse("family_plan")).content.decode()


def test_the_plan_has_its_vision_and_everybodys_words(cast_today: Cast) -> None:
    cast = cast_today
    html = page(cast.fred_user)
    assert "A calmer home, and Jamie back at school." in html
    assert "All of us" in html
    assert cast.goal.words in html
    assert cast.jamie_goal.words in html
    assert cast.jamie_secret_goal.words not in html
    assert cast.jamie_secret_goal.words in page(cast.jamie_user)
    assert "A garden" in page(cast.olive_user)


def test_a_goal_is_added_once_in_the_familys_words(cast_today: Cast) -> None:
    cast, key = cast_today, str(uuid.uuid4())
    for _twice in range(2):
        answer = add(cast.fred_user, form_key=key, person=str(cast.josh.reference), score="3")
        assert answer["Location"] == reverse("family_plan")
    goal = Goal.objects.get(words="More sleep")
    assert (goal.person, goal.score_at_start, goal.is_confidential) == (cast.josh, 3, False)
    assert "Now: 3 out of 10, hard most days." in page(cast.fred_user)


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast_today: Cast) -> None:
    cast = cast_today
    html = add(cast.fred_user, words="", score="4").content.decode()
    assert "Please answer this." in html
    assert "<title>Error:" in html
    assert '<option value="4" selected' in html
    html = add(cast.fred_user, is_secret="on").content.decode()
    assert "Choose “Just me” if only you should see it." in html
    assert "More sleep" in html
    assert not Goal.objects.filter(words="More sleep").exists()


def test_a_goal_of_ones_own_can_be_kept_from_the_others(cast_today: Cast) -> None:
    cast = cast_today
    add(cast.stacey_user, person=str(cast.stacey.reference), is_secret="on")
    assert Goal.objects.get(words="More sleep").is_confidential
    assert "More sleep" in page(cast.stacey_user)
    assert "More sleep" not in page(cast.fred_user)


def test_nobody_adds_a_goal_for_who_decides_alone(cast_today: Cast) -> None:
    cast = cast_today
    answer = add(cast.fred_user, person=str(cast.stacey.reference))
    assert answer.status_code == 200
    assert not Goal.objects.filter(words="More sleep").exists()


def test_a_score_is_changed_in_words(cast_today: Cast) -> None:
    cast = cast_today
    goal = plans.add_goal(
        plan=cast.plan, words="Calm", score_at_start=2, by=cast.by(cast.fred_user), at=cast.at
    )
    assert "Please answer this." in send(cast.fred_user, "family_goal", goal).content.decode()
    send(cast.fred_user, "family_goal", goal, score="6")
    html = page(cast.fred_user)
    assert "Now: 6 out of 10, getting there." in html
    assert "Better than the 2 at the start." in html


def test_a_goal_that_is_reached_is_celebrated_and_stays(cast_today: Cast) -> None:
    cast, key = cast_today, str(uuid.uuid4())
    address = reverse("family_goal_reached", kwargs={"reference": cast.jamie_goal.reference})
    client = browser(cast.fred_user)
    for _twice in range(2):
        html = client.post(address, {"form_key": key}, follow=True).content.decode()
    assert Goal.objects.get(pk=cast.jamie_goal.pk).is_reached
    assert Event.objects.filter(verb="reach", subject=cast.jamie_goal.reference).count() == 1
    assert "You got there. Well done." in html
    assert cast.jamie_goal.words in html


def test_a_goal_moves_above_the_one_that_is_seen_over_it(cast_today: Cast) -> None:
    cast = cast_today
    by = cast.by(cast.jamie_user)
    last = plans.add_goal(plan=cast.plan, words="A bike", person=cast.jamie, by=by, at=cast.at)
    assert Goal.objects.get(pk=cast.jamie_secret_goal.pk).position < last.position
    send(cast.fred_user, "family_goal_up", last)
    html = page(cast.fred_user)
    assert html.index("A bike") < html.index(cast.jamie_goal.words)
    assert Event.objects.filter(verb="put_before", subject=last.reference).count() == 1
    again = Goal.objects.get(pk=last.pk)
    send(cast.fred_user, "family_goal_up", again)
    assert Goal.objects.get(pk=last.pk).position == again.position


@pytest.mark.parametrize("who", ["anne_user", "stacey_user", "olive_user"])
@pytest.mark.parametrize("name", ["family_goal", "family_goal_up", "family_goal_reached"])
def test_only_whose_it_is_changes_a_goal(cast_today: Cast, who: str, name: str) -> None:
    cast = cast_today
    answer = send(cast.users[who], name, cast.jamie_goal, score="9")
    assert answer.status_code == 404
    goal = Goal.objects.get(pk=cast.jamie_goal.pk)
    assert (goal.score_now, goal.reached_on) == (None, None)


def test_who_has_no_plan_reads_how_to_start_one(cast_today: Cast) -> None:
    cast = cast_today
    plans.close(
        plan=cast.plan,
        on=cast.day,
        must_be_safe=safeguards.must_be_none_at_home,
        by=cast.by(cast.amira),
        at=cast.at,
    )
    assert "You do not have a plan yet" in page(cast.fred_user)
    assert add(cast.fred_user).status_code == 404
