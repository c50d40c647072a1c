"""Promises, holds and lists of work as pages: one tap, several at once, filters that stay."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from marketplace.notices import working_days
from marketplace.pages import lists
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.referrals import nudges, promises, referrals
from marketplace.referrals.models import (
    Pause,
    PauseReason,
    Promise,
    PromiseKind,
    Referral,
    Rung,
    Take,
)
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, path: str) -> str:
    """Return a page as it is read, wherever it leads."""
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def key(**said: Any) -> dict[str, Any]:
    """Return a form with a key of its own."""
    return {"form_key": str(uuid.uuid4()), **said}


@pytest.fixture
def waiting(cast_today: Cast) -> Referral:
    """Return a referral that waits for the county's decision."""
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.APPLIED)
    return referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)


# Promising


def test_an_advocate_promises_from_the_family_and_the_family_reads_it(cast_today: Cast) -> None:
    cast, amira = cast_today, browser(cast_today.amira)
    path = reverse("advocate_promise_new", args=[cast.family.reference])
    on = working_days.after(cast.day, 3)
    said = key(
        person=str(cast.fred.reference),
        kind="call_back",
        words="About the school",
        who="me",
        due_on=on.isoformat(),
    )
    home = reverse("advocate_family", args=[cast.family.reference])
    assert [amira.post(path, said)["Location"] for _tap in range(2)] == [home, home]
    promise = Promise.objects.get()
    assert (promise.worker, promise.organisation) == (cast.amira, cast.beacon)
    assert "call back: About the school" in read(amira, home)
    family = read(browser(cast.fred_user), reverse("family_next"))
    assert "Amira Shah from Beacon Advocacy" in family
    assert "ring you: About the school" in family
    other = read(browser(cast.olive_user), reverse("family_next"))
    assert "About the school" not in other


def test_what_was_typed_is_kept_where_something_is_wrong(cast_today: Cast) -> None:
    cast, amira = cast_today, browser(cast_today.amira)
    path = reverse("advocate_promise_new", args=[cast.family.reference])
    said = key(
        person=str(cast.fred.reference),
        kind="attend",
        words="The meeting",
        who="me",
        due_on=(cast.day - timedelta(days=1)).isoformat(),
    )
    answer = amira.post(path, said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose a day from today on, within a year." in page
    assert 'value="The meeting"' in page
    assert not Promise.objects.exists()


def test_intake_promises_on_a_referral_and_says_that_it_is_done(
    cast_today: Cast, waiting: Referral
) -> None:
    ingrid = browser(cast_today.ingrid)
    page = reverse("provider_referral", args=[waiting.reference])
    path = reverse("provider_promise", args=[waiting.reference])
    assert path in read(ingrid, page)
    on = working_days.after(cast_today.day, 2).isoformat()
    ingrid.post(path, key(kind="write_up", words="The decision", who="us", due_on=on))
    promise = Promise.objects.get(kind=PromiseKind.WRITE_UP)
    assert (promise.worker, promise.organisation) == (None, cast_today.county)
    done = reverse("provider_promise_done", args=[promise.reference])
    assert done in read(ingrid, page)
    ingrid.post(done, key())
    assert Promise.objects.get(pk=promise.pk).kept_at


def test_an_advocate_notes_what_the_service_promised(cast_today: Cast, waiting: Referral) -> None:
    amira = browser(cast_today.amira)
    path = reverse("advocate_promise", args=[waiting.reference])
    assert "Leicestershire County Council" in read(amira, path)
    on = working_days.after(cast_today.day, 2).isoformat()
    who = str(cast_today.county.reference)
    amira.post(path, key(kind="call_back", who=who, due_on=on))
    assert Promise.objects.get(kind="call_back").organisation == cast_today.county


def test_several_are_chased_at_once_each_for_itself(cast_today: Cast, waiting: Referral) -> None:
    cast, amira = cast_today, browser(cast_today.amira)
    owed = Promise.objects.open().get()
    other = factories.promise(cast, factories.referral(cast, cast.olive, family=cast.neighbours))
    kept = factories.promise(cast, waiting, kind=PromiseKind.ANSWER, kept_at=cast.at)
    ticked = [str(one.reference) for one in (owed, other, kept)] + ["nonsense"]
    path = reverse("advocate_chase_several")
    page = amira.post(path, key(chosen=ticked, act="chase"), follow=True).content.decode()
    assert "Done: 1 of them." in page
    chased = Promise.objects.filter(chased_at__isnull=False)
    assert [one.pk for one in chased] == [owed.pk]
    none = amira.post(path, key(act="chase"), follow=True).content.decode()
    assert "Tick at least one first." in none


def test_each_refusal_is_a_line_and_keeps_nothing_else_from_being_done(
    cast_today: Cast, waiting: Referral
) -> None:
    cast, amira = cast_today, browser(cast_today.amira)
    owed = Promise.objects.open().get()
    mine = promises.give(
        family=cast.family,
        person=cast.fred,
        kind=PromiseKind.CALL_BACK,
        organisation=cast.beacon,
        worker=cast.amira,
        due_on=working_days.after(cast.day, 1),
        by=cast.by(cast.amira),
        at=cast.at,
    )
    ticked = [str(owed.reference), str(mine.reference)]
    answer = amira.post(
        reverse("advocate_chase_several"), key(chosen=ticked, act="done"), follow=True
    )
    page = answer.content.decode()
    assert "Done: 1 of them." in page
    assert escape("This is kept by taking the step itself.") in page
    assert Promise.objects.get(pk=owed.pk).is_open
    assert not Promise.objects.get(pk=mine.pk).is_open


def test_the_chase_list_knows_mine_my_teams_and_others(cast_today: Cast, waiting: Referral) -> None:
    cast, amira = cast_today, browser(cast_today.amira)
    for words, worker in (("of mine", cast.amira), ("of ours", None)):
        factories.promise(
            cast,
            waiting,
            kind=PromiseKind.CALL_BACK,
            organisation=cast.beacon,
            worker=worker,
            words=words,
        )
    page = reverse("advocate_chase")
    shown = {
        whose: read(amira, f"{page}?whose={whose}&show=all") for whose in ("mine", "team", "others")
    }
    says = {
        whose: [words for words in ("of mine", "of ours", "decide who") if words in html]
        for whose, html in shown.items()
    }
    assert says == {"mine": ["of mine"], "team": ["of mine", "of ours"], "others": ["decide who"]}


# Holding


@pytest.mark.parametrize(("who", "door"), [("amira", "advocate"), ("ingrid", "provider")])
def test_it_is_put_on_hold_and_goes_on_and_the_family_sees_why(
    cast_today: Cast, waiting: Referral, who: str, door: str
) -> None:
    worker = browser(cast_today.users[who])
    page = reverse(f"{door}_referral", args=[waiting.reference])
    path = reverse(f"{door}_pause", args=[waiting.reference])
    assert path in read(worker, page)
    worker.post(path, key(reason="illness", ends_on=cast_today.later(days=9).date().isoformat()))
    assert Pause.objects.get().reason == PauseReason.ILLNESS
    assert "On hold until" in read(worker, page)
    assert "Somebody in the family is ill" in read(worker, page)
    home = read(browser(cast_today.fred_user), reverse("family_next"))
    assert "Somebody at home is ill." in home
    worker.post(reverse(f"{door}_go_on", args=[waiting.reference]), key())
    assert "On hold until" not in read(worker, page)


def test_too_long_a_hold_is_refused_with_what_is_left(cast_today: Cast, waiting: Referral) -> None:
    path = reverse("advocate_pause", args=[waiting.reference])
    far = cast_today.later(days=90).date().isoformat()
    answer = browser(cast_today.amira).post(path, key(reason="papers", ends_on=far))
    assert answer.status_code == 422
    assert "for 20 more working days at most" in answer.content.decode()
    assert not Pause.objects.exists()


# Taking


def test_several_are_taken_and_put_back(cast_today: Cast, waiting: Referral) -> None:
    cast, ingrid = cast_today, browser(cast_today.ingrid)
    path = reverse("provider_take")
    ingrid.post(path, key(chosen=[str(waiting.reference)], act="take", list="referrals"))
    assert Take.objects.get().user == cast.ingrid
    inbox = reverse("provider_inbox")
    assert "<strong>You</strong>" in read(ingrid, f"{inbox}?whose=mine")
    assert "Nothing like this waits" in read(ingrid, f"{inbox}?whose=nobody")
    colleague = factories.worker(cast, cast.county, Role.INTAKE_WORKER)
    theirs = browser(colleague)
    assert "Ingrid Holt" in read(theirs, inbox)
    refused = theirs.post(path, key(chosen=[str(waiting.reference)], act="take"), follow=True)
    assert "Ingrid Holt has it already." in refused.content.decode()
    theirs.post(path, key(chosen=[str(waiting.reference)], act="put_back"))
    assert not Take.objects.standing(cast.day).exists()


def test_the_longest_overdue_stands_first_and_assessment_apart(
    cast_today: Cast, waiting: Referral
) -> None:
    cast, ingrid = cast_today, browser(cast_today.ingrid)
    for first_name, days, kind in (("Ann", 3, "assess"), ("Bea", 30, "decide"), ("Cy", 0, "")):
        person = factories.person(cast, cast.family, first_name=first_name)
        one = factories.referral(cast, person, rung=Rung.APPLIED)
        factories.reason(
            cast,
            person,
            organisation=cast.county,
            role=Role.INTAKE_WORKER,
            subject=one.reference,
        )
        if kind:
            due = cast.day - timedelta(days=days)
            factories.promise(cast, one, kind=kind, due_on=due)
    inbox = reverse("provider_inbox")
    page = read(ingrid, inbox)
    order = [page.index(f">{name}") for name in ("Bea", "Ann", "Jamie", "Cy")]
    assert order == sorted(order)
    assessed = read(ingrid, f"{inbox}?work=assessment")
    assert ">Ann" in assessed
    assert ">Bea" not in assessed
    assert ">Ann" not in read(ingrid, f"{inbox}?work=intake")


def test_a_list_stays_as_it_was_left_until_it_is_cleared(
    cast_today: Cast, waiting: Referral
) -> None:
    ingrid, inbox = browser(cast_today.ingrid), reverse("provider_inbox")
    ingrid.get(f"{inbox}?whose=nobody&late=yes&service=")
    assert ingrid.get(inbox)["Location"] == f"{inbox}?whose=nobody&late=yes"
    assert ingrid.get(f"{inbox}?page=2").status_code == 200
    assert ingrid.get(f"{inbox}?clear=1").status_code == 200
    assert ingrid.get(inbox).status_code == 200
    ingrid.get(f"{inbox}?whose=" + "x" * lists.LONGEST)
    assert ingrid.get(inbox).status_code == 200  # what is too long is not kept


# Above


def test_what_stays_late_comes_before_the_commissioner_without_a_name(
    cast_today: Cast, waiting: Referral
) -> None:
    cast, colin = cast_today, browser(cast_today.colin)
    Promise.objects.update(
        made_at=cast.later(days=-40),
        due_on=cast.day - timedelta(days=20),
        amber_on=cast.day - timedelta(days=20),
        late_told_at=cast.later(days=-15),
    )
    nudges.sweep(at=cast.at)
    page = read(colin, reverse("commissioner_promises"))
    assert "Stays late" in page
    assert "Jamie" not in page
    path = reverse("commissioner_chase", args=[Promise.objects.get().reference])
    assert path in page
    colin.post(path, key())
    assert climbing.verbs(waiting)[-1] == "chased"
    family = read(browser(cast.fred_user), reverse("family_next"))
    assert "We have chased them." in family
    assert "Whoever is in charge there was told too." in family


def test_what_nobody_is_left_for_is_on_the_administrators_page(
    cast_today: Cast, waiting: Referral
) -> None:
    cast, adam = cast_today, browser(cast_today.adam)
    path = reverse("admin_waiting")
    assert "Nobody is left waiting" in read(adam, path)
    Membership.objects.filter(user=cast.ingrid).update(ends_on=cast.day)
    page = read(adam, path)
    assert "Intake worker" in page
    assert waiting.service.name in page
    assert "Jamie" not in page


def test_the_links_of_those_messages_lead_to_lists(cast_today: Cast) -> None:
    some = uuid.uuid4()
    leads = {
        ("adam", "stuck"): "admin_waiting",
        ("colin", "late-promise"): "commissioner_promises",
        ("amira", "promise"): "advocate_chase",
    }
    for (who, kind), name in leads.items():
        answer = browser(cast_today.users[who]).get(f"/go/{kind}/{some}/")
        assert answer["Location"] == reverse(name)
