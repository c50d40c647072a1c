"""The pages about somebody's safety: ring first, write down, review, open in an emergency."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.pages import danger
from marketplace.people.models import User
from marketplace.sharing import calls
from marketplace.sharing.models import (
    Attempt,
    Call,
    Emergency,
    HeldBack,
    Look,
    Safeguard,
    SafeguardKind,
)
from tests import factories
from tests.cast import Cast
from tests.marketplace.sharing import keeping

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def read(user: User, name: str, *args: Any, **query: str) -> str:
    """Return what a page says."""
    return browser(user).get(reverse(name, args=args), query).content.decode()


def send(user: User, name: str, /, *args: Any, **fields: Any) -> Any:
    """Send a form; return the answer."""
    sent = {"form_key": str(uuid.uuid4()), **fields}
    return browser(user).post(reverse(name, args=args), sent)


def new(cast: Cast, **fields: Any) -> dict[str, Any]:
    """Return what a new concern for Josh says."""
    return {
        "person": str(cast.josh.reference),
        "kind": SafeguardKind.NEGLECT,
        "evidence": "He was hungry again, and said so.",
        "is_agreed": "no",
        "owner": str(cast.amira.reference),
        "review_on": (cast.day + timedelta(days=7)).isoformat(),
        **fields,
    }


def test_whom_to_ring_comes_first_and_then_it_can_be_written_down(cast_today: Cast) -> None:
    cast = cast_today
    page = read(cast.amira, "advocate_family", cast.family.reference)
    assert "advocate" in page
    about = {"family": str(cast.family.reference), "back": "/advocate/"}
    page = read(cast.amira, "advocate_danger", **about)
    ring, write = page.index("tel:999"), page.index(reverse("advocate_concern_new"))
    assert ring < write
    assert all(contact.phone in page for contact in danger.contacts())
    assert 'href="/advocate/"' in page


@pytest.mark.parametrize(
    "there", ["https://elsewhere.example/", "//elsewhere.example", "elsewhere"]
)
def test_the_way_back_is_a_page_of_ours(there: str, cast_today: Cast) -> None:
    page = read(cast_today.amira, "advocate_danger", back=there)
    assert "elsewhere" not in page


def test_a_concern_is_written_down_once_with_its_owner_and_stepped_up(cast_today: Cast) -> None:
    cast = cast_today
    key = str(uuid.uuid4())
    for _time in range(2):
        answer = send(
            cast.amira,
            "advocate_concern_new",
            form_key=key,
            **new(cast, is_with_social_worker="on"),
        )
        assert answer.status_code == 302
    safeguard = Safeguard.objects.get()
    assert answer["Location"] == reverse("advocate_concern", args=[safeguard.reference])
    assert safeguard.is_with_social_worker
    assert safeguard.is_confidential
    assert (safeguard.owner, safeguard.owner_organisation) == (cast.amira, cast.beacon)


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast_today: Cast) -> None:
    cast = cast_today
    answer = send(
        cast.amira,
        "advocate_concern_new",
        **new(cast, review_on=cast.day.isoformat()),
    )
    assert answer.status_code == 422
    assert "He was hungry again" in answer.content.decode()
    assert "half a year" in answer.content.decode()
    assert not Safeguard.objects.exists()


def test_nobody_whom_she_may_not_know_of_is_offered(cast_today: Cast) -> None:
    cast = cast_today
    assert str(cast.josh.reference) in read(cast.amira, "advocate_concern_new")
    assert str(cast.olive.reference) not in read(cast.amira, "advocate_concern_new")
    answer = send(cast.amira, "advocate_concern_new", **new(cast, person=str(cast.olive.reference)))
    assert answer.status_code == 422
    named = {"person": str(cast.olive.reference)}
    page = read(cast.dev, "provider_concern_new", **named)
    assert "nobody here whom you may know of" in page


def test_the_list_has_what_waits_for_us_by_day_and_nothing_of_others(cast_today: Cast) -> None:
    cast = cast_today
    mine: dict[str, Any] = {"owner": cast.amira, "organisation": cast.beacon}
    keeping.concern(cast, **mine)
    keeping.concern(cast, **mine, person=cast.jamie, review_on=cast.day + timedelta(days=3))
    theirs = keeping.concern(cast, person=cast.anne)
    keeping.concern(cast, person=cast.olive)
    page = read(cast.amira, "advocate_safety")
    assert page.index("Jamie Garner") < page.index("Josh Garner")
    assert "Anne Pickett" not in page
    assert "Anne Pickett" in read(cast.amira, "advocate_safety", show="others")
    assert "Olive" not in read(cast.amira, "advocate_safety", show="others")
    Safeguard.objects.filter(pk=theirs.pk).update(review_on=cast.day - timedelta(days=1))
    assert "Late" in read(cast.ruth, "advocate_safety")


def test_a_list_asks_the_database_as_often_for_many_as_for_few(cast_today: Cast) -> None:
    cast, counts = cast_today, []
    for more in (1, 14):
        for _one in range(more):
            keeping.concern(cast, owner=cast.amira, organisation=cast.beacon)
        with CaptureQueriesContext(connection) as asked:
            read(cast.amira, "advocate_safety")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_concern_is_looked_at_again_stepped_up_and_down_and_closed(cast_today: Cast) -> None:
    cast = cast_today
    safeguard = keeping.concern(cast)
    reference = safeguard.reference
    acts: list[tuple[str, dict[str, str]]] = [
        ("review", {"review_on": (cast.day + timedelta(days=60)).isoformat()}),
        ("step-up", {}),
        ("step-down", {}),
        ("agree", {}),
        ("close", {"reason": "safe_now"}),
    ]
    for act, fields in acts:
        page = read(cast.ruth, "advocate_concern", reference)
        assert reverse("advocate_concern_act", args=[reference, act]) in page
        assert read(cast.ruth, "advocate_concern_act", reference, act).count("<form") > 1
        answer = send(
            cast.ruth, "advocate_concern_act", reference, act, words=f"Because {act}.", **fields
        )
        assert answer.status_code == 302, act
    safeguard.refresh_from_db()
    assert not safeguard.is_open
    assert safeguard.is_agreed


def test_words_are_asked_for_and_an_unknown_act_is_not_there(cast_today: Cast) -> None:
    cast = cast_today
    safeguard = keeping.concern(cast)
    answer = send(cast.ruth, "advocate_concern_act", safeguard.reference, "step-up", words=" ")
    assert answer.status_code == 422
    for act in ("forget", "delete"):
        address = reverse("advocate_concern_act", args=[safeguard.reference, act])
        assert browser(cast.ruth).get(address).status_code == 404


def test_it_is_handed_to_somebody_elsewhere_by_her_address(cast_today: Cast) -> None:
    cast = cast_today
    safeguard = keeping.concern(cast)
    said = {"owner": "", "words": "She is with you now."}
    args = (safeguard.reference, "hand-over")
    nobody = send(cast.ruth, "advocate_concern_act", *args, email="no@one.example", **said)
    assert nobody.status_code == 422
    done = send(cast.ruth, "advocate_concern_act", *args, email=cast.ingrid.email, **said)
    assert done["Location"] == reverse("advocate_safety")
    safeguard.refresh_from_db()
    assert (safeguard.owner, safeguard.owner_organisation) == (cast.ingrid, cast.county)
    assert browser(cast.ingrid).get(
        reverse("provider_concern", args=[safeguard.reference])
    ).status_code == 200  # fmt: skip


def test_what_happened_stands_in_its_history_with_who_and_why(cast_today: Cast) -> None:
    cast = cast_today
    safeguard = keeping.concern(cast)
    send(cast.ruth, "advocate_concern_act", safeguard.reference, "step-up", words="A bruise.")
    page = read(cast.ruth, "advocate_concern", safeguard.reference)
    assert "A bruise." in page
    assert "Stepped up to a social worker" in page
    assert cast.ruth.name in page


# An emergency.


def emergency(cast: Cast, **fields: Any) -> dict[str, Any]:
    """Return what is said of Josh to open his record."""
    return {
        "name": "Josh Garner",
        "born_on": cast.josh.born_on.isoformat() if cast.josh.born_on else "",
        "postcode": cast.family.postcode,
        "why": keeping.WHY,
        "hours": "4",
        **fields,
    }


def test_only_who_may_open_a_record_is_led_there(cast_today: Cast) -> None:
    cast = cast_today
    there = reverse("provider_emergency")
    for page in ("provider_safety", "provider_danger"):
        assert there in read(cast.ingrid, page)
        assert there not in read(cast.dev, page)


def test_a_record_opens_for_reading_and_the_look_is_marked(cast_today: Cast) -> None:
    cast = cast_today
    answer = send(cast.sam, "advocate_emergency", **emergency(cast))
    opened = Emergency.objects.get()
    assert answer["Location"] == reverse("advocate_emergency_record", args=[opened.reference])
    page = browser(cast.sam).get(answer["Location"]).content.decode()
    main = page[page.index("<main") :]
    assert "Josh Garner" in main
    assert not re.search(r"<form\b", main), "it is for reading only"
    assert Look.objects.get().ground == "emergency"
    for user in (cast.ruth, cast.amira):
        assert browser(user).get(answer["Location"]).status_code == 404
    assert "Josh" not in read(cast.sam, "advocate_home")


def test_wrong_and_unknown_read_alike_and_count(cast_today: Cast) -> None:
    cast = cast_today
    pages = [
        send(cast.sam, "advocate_emergency", **emergency(cast, **wrong))
        for wrong in ({"name": "Josh Garnet"}, {"name": "Nobody Atall"}, {"postcode": "LE1 1AA"})
    ]
    said = {re.sub(r'value="[^"]*"|\d more times?', "", page.content.decode()) for page in pages}
    assert [page.status_code for page in pages] == [422] * 3
    assert len(said) == 1
    assert "Josh Garnet" in pages[0].content.decode()
    assert Attempt.objects.filter(has_found=False).count() == 3
    for _try in range(2):
        send(cast.sam, "advocate_emergency", **emergency(cast, name="Nobody"))
    assert "as often as you may" in read(cast.sam, "advocate_emergency")
    assert send(cast.sam, "advocate_emergency", **emergency(cast)).status_code == 422
    assert not Emergency.objects.exists()


def test_a_manager_reviews_it_without_learning_whose_it_was(cast_today: Cast) -> None:
    cast = cast_today
    opened = keeping.emergency(cast, user=cast.ingrid)
    assert cast.ingrid.name in read(cast.colin, "commissioner_safety")
    page = read(cast.colin, "commissioner_emergency", opened.reference)
    assert keeping.WHY in page
    assert "Josh" not in page
    said = {"finding": "improper", "words": "It could have waited."}
    assert send(cast.colin, "commissioner_emergency", opened.reference, **said).status_code == 302
    opened.refresh_from_db()
    assert opened.reviewed_by == cast.colin
    page = read(cast.fred_user, "family_looks")
    assert "it was not right" in page
    assert keeping.WHY not in page
    assert cast.ingrid.name not in page


def test_a_second_person_says_whether_it_stays_held_back(cast_today: Cast) -> None:
    cast = cast_today
    safeguard = keeping.concern(
        cast,
        person=cast.stacey,
        owner=cast.ingrid,
        organisation=cast.county,
        is_agreed=True,
        is_with_social_worker=True,
    )
    assert "Drugs" in read(cast.stacey_user, "family_safety")
    said = {"reason": "harm", "words": "He would hit her.", "until": str(cast.day + timedelta(5))}
    answer = send(cast.ingrid, "provider_concern_act", safeguard.reference, "hold-back", **said)
    assert answer.status_code == 302
    assert "Drugs" not in read(cast.stacey_user, "family_safety")
    held = HeldBack.objects.get()
    assert reverse("commissioner_held_back", args=[held.reference]) in read(
        cast.colin, "commissioner_safety"
    )
    answer = send(
        cast.colin, "commissioner_held_back", held.reference, is_upheld="yes", words="I rang."
    )
    assert answer.status_code == 302
    assert "Drugs" not in read(cast.stacey_user, "family_safety")


# The family's own pages.


def test_somebody_can_ask_for_a_call_and_her_advocate_rings(cast_today: Cast) -> None:
    cast = cast_today
    page = read(cast.jamie_user, "family_danger")
    assert page.index("tel:999") < page.index("Please ring me")
    assert reverse("advocate_concern_new") not in page
    send(cast.jamie_user, "family_danger")
    assert "Somebody on your side will ring you" in read(cast.jamie_user, "family_danger")
    assert "Jamie Garner" in read(cast.amira, "advocate_safety")
    assert "will ring you" not in read(cast.fred_user, "family_danger")
    call = Call.objects.get()
    assert send(cast.nadia, "advocate_call", call.reference).status_code == 404
    send(cast.amira, "advocate_call", call.reference)
    assert not calls.waiting(user=cast.amira, at=cast.later(minutes=1)).exists()


def test_a_family_reads_what_was_talked_over_and_nothing_else(cast_today: Cast) -> None:
    cast = cast_today
    keeping.concern(cast, person=cast.stacey, is_agreed=True)
    keeping.concern(cast, person=cast.stacey, kind=SafeguardKind.SELF_HARM)
    page = read(cast.stacey_user, "family_safety")
    assert "Drugs in the home" in page
    assert "Hurting oneself" not in page
    assert "Drugs in the home" not in read(cast.fred_user, "family_safety")


def test_looks_are_narrowed_by_month_and_what_is_held_back_leaves_none(cast_today: Cast) -> None:
    cast = cast_today
    factories.look(cast, cast.fred, at=cast.at)
    factories.look(cast, cast.fred, at=cast.later(days=-40))
    hidden = {"held_back_until": cast.day + timedelta(days=9), "held_back_for": "harm"}
    factories.look(cast, cast.fred, at=cast.later(days=-90), **hidden)
    page = read(cast.fred_user, "family_looks")
    earlier = cast.later(days=-40)
    assert page.count("<option") == 3  # every month, and the two that have a look in them
    narrowed = read(cast.fred_user, "family_looks", month=f"{earlier:%Y-%m}")
    assert narrowed.count('<article class="card">') == 1
    empty = read(cast.fred_user, "family_looks", month=f"{cast.later(days=-90):%Y-%m}")
    assert "Nobody looked in that month." in empty
    assert "Nobody looked" not in read(cast.fred_user, "family_looks", month="never")
