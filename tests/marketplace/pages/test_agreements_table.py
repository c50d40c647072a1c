"""The table of agreements: what its cells say, many at once, cover, and how rules have worked."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.models import Process, Service, Step
from marketplace.authority import monitoring
from marketplace.authority.models import (
    Answer,
    Cover,
    DecisionReview,
    Offer,
    Pathway,
    PathwayState,
)
from marketplace.people.models import User
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast
from tests.marketplace.authority import dealing
from tests.marketplace.pages.dealing import YES, answers, at_cell, browser, offered, words

pytestmark = pytest.mark.once


@pytest.fixture
def tara(cast_today: Cast) -> User:
    """A commissioner at the trust."""
    return factories.worker(cast_today, cast_today.trust, Role.COMMISSIONER, name="Tara Quinn")


def test_the_same_lines_are_offered_for_several_services_at_once(
    cast_today: Cast, tara: User
) -> None:
    holder = at_cell(cast_today, tara)
    assert cast_today.mentor.name in holder.read()
    assert cast_today.confidential.name not in holder.read()
    sent = holder.send(
        "offer",
        roles_check_eligibility=[Role.LEAD_PROFESSIONAL],
        roles_assess=[Role.LEAD_PROFESSIONAL],
        also=[cast_today.mentor.slug],
    )
    assert sent.status_code == 302
    found = {
        (line.agreement.pathway.service, line.step)
        for line in Offer.objects.select_related("agreement__pathway__service")
        if line.agreement.pathway
    }
    assert found == {
        (cast_today.family_support, Step.CHECK_ELIGIBILITY),
        (cast_today.family_support, Step.ASSESS),
        (cast_today.mentor, Step.CHECK_ELIGIBILITY),
    }


def test_all_that_waits_is_answered_and_signed_together(cast_today: Cast, tara: User) -> None:
    both = (cast_today.family_support, cast_today.mentor)
    cells = [offered(cast_today, service=service) for service in both]
    colin, address = browser(cast_today.colin), reverse("commissioner_agreements_waiting")
    page = words(colin.get(address))
    assert all(service.name in page for service in both)
    fields = {name: value for cell in cells for name, value in answers(cell).items()}
    key = str(uuid.uuid4())
    for _click in range(2):
        sent = colin.post(address, {"form_key": key, "act": "answer", **YES, **fields})
        assert sent.status_code == 302
    assert Answer.objects.filter(accepted=True).count() == 4
    assert colin.post(address, {"act": "sign"}).status_code == 422
    ticked = {"act": "sign", "cells": [str(cell.reference) for cell in cells]}
    for client in (colin, browser(tara)):
        assert client.post(address, ticked).status_code == 302
    assert set(Pathway.objects.values_list("state", flat=True)) == {PathwayState.LIVE}


def test_others_are_asked_what_they_can_do(cast_today: Cast, tara: User) -> None:
    colin, address = browser(cast_today.colin), reverse("commissioner_agreements_ask")
    assert colin.post(address, {"services": [cast_today.mentor.slug]}).status_code == 422
    sent = {"services": [cast_today.mentor.slug], "holders": [str(cast_today.trust.reference)]}
    assert colin.post(address, sent).status_code == 302
    pathway = Pathway.objects.get()
    assert (pathway.service, pathway.holder) == (cast_today.mentor, cast_today.trust)
    page = browser(tara).get(reverse("commissioner_agreements"))
    assert "1 waits for" in words(page)
    ours = {"services": [cast_today.confidential.slug], "holders": sent["holders"]}
    assert colin.post(address, ours).status_code == 422  # the NHS's, not the county's to ask about


def _numbered(cast: Cast, count: int) -> None:
    """Have more services, each offered for by the trust and agreed with Beacon."""
    for number in range(count):
        service = Service.objects.create(
            slug=f"service-{uuid.uuid4().hex[:8]}",
            name=f"Service {number}",
            owner=cast.county,
            provider=cast.lantern,
            live=True,
        )
        Process.objects.bulk_create(
            Process(service=service, step=step)
            for step in (Step.CHECK_ELIGIBILITY, Step.COMMISSION)
        )
        offered(cast, service=service)
        dealing.agree(cast, service=service, holder=cast.beacon)


@pytest.mark.parametrize("name", ["agreements", "agreements_waiting", "agreements_monitoring"])
def test_more_agreements_need_no_more_queries(cast_today: Cast, name: str) -> None:
    colin, address = browser(cast_today.colin), reverse(f"commissioner_{name}")
    _numbered(cast_today, 1)
    counts: list[int] = []
    for _more in range(2):
        colin.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert colin.get(address).status_code == 200
        counts.append(len(asked))
        _numbered(cast_today, 3)
    assert counts[0] == counts[1]


def _reviews(cast: Cast, verdicts: Sequence[bool | None]) -> list[DecisionReview]:
    rule = cast.agreement.rules.get(service=cast.mentor, step=Step.COMMISSION)
    return DecisionReview.objects.bulk_create(
        DecisionReview(
            rule=rule,
            event=uuid.uuid4(),
            subject=uuid.uuid4(),
            month=date(2026, 5, 1),
            sampled_on=date(2026, 6, 1),
            would_have_made=verdict,
            judged_by="" if verdict is None else "somebody",
            judged_at=None if verdict is None else cast.at,
        )
        for verdict in verdicts
    )


def test_accuracy_is_told_from_five_judged_on(cast_today: Cast) -> None:
    address = reverse("commissioner_agreements_monitoring")
    colin = browser(cast_today.colin)
    _reviews(cast_today, [True, True, True, False])
    assert "too few judged (4 of 5)" in words(colin.get(address))
    _reviews(cast_today, [True])
    assert "80% of 5" in words(colin.get(address))
    assert monitoring.accuracy(owner=cast_today.county)[0].agreed == 4


def test_a_sampled_decision_is_judged_by_the_owner_only(cast_today: Cast, tara: User) -> None:
    first, second = _reviews(cast_today, [None, None])
    colin = browser(cast_today.colin)
    assert "Decisions to judge" in words(colin.get(reverse("commissioner_agreements_monitoring")))
    address = reverse("commissioner_agreements_judge", args=[first.reference])
    assert browser(tara).get(address).status_code == 404
    assert browser(tara).post(address, {"would_have_made": "yes"}).status_code == 404
    sent = colin.post(address, {"would_have_made": "no"})
    assert sent.status_code == 422  # says what it would have decided
    sent = colin.post(address, {"would_have_made": "no", "words": "Too young."})
    assert str(second.reference) in sent["Location"]  # the next in the queue
    first.refresh_from_db()
    assert (first.would_have_made, first.words) == (False, "Too young.")
    assert "This has been judged." in words(colin.get(address))


@pytest.mark.once
def test_cover_that_ended_is_flagged(cast_today: Cast) -> None:
    cast_today.cover.valid_to = cast_today.day
    cast_today.cover.save(update_fields=["valid_to"])
    page = words(browser(cast_today.colin).get(reverse("commissioner_agreements_monitoring")))
    assert "Cover that ends" in page
    assert "lapsed" in page


def test_cover_is_renewed_by_who_bears_it_and_once(cast_today: Cast, tara: User) -> None:
    ends = cast_today.day + timedelta(days=20)
    pathway = dealing.agree(
        cast_today, service=cast_today.family_support, cover=dealing.insured(cast_today, days=20)
    )
    cover = Cover.objects.get(agreement__pathway=pathway)
    sent = {
        "cover": [str(cover.reference)],
        "amount": "1000000",
        "valid_to": (ends + timedelta(days=365)).isoformat(),
    }
    address = reverse("commissioner_agreements_cover")
    holder, owner = at_cell(cast_today, tara), at_cell(cast_today, cast_today.colin)
    assert "Renew the cover" in holder.read()
    assert cast_today.family_support.name in words(holder.client.get(address))
    assert "None of the cover that we bear ends soon" in words(owner.client.get(address))
    assert owner.client.post(address, sent).status_code == 422  # the holder's to renew
    less = {**sent, "amount": "999999"}
    assert "covers less than both of you signed" in words(holder.client.post(address, less))
    assert not Cover.objects.filter(renews=cover).exists()
    key = str(uuid.uuid4())
    for _click in range(2):
        answer = holder.client.post(address, {**sent, "form_key": key})
        assert answer.status_code == 302
    assert Cover.objects.get(renews=cover).valid_from == ends
    held = {"on": (ends + timedelta(days=30)).isoformat()}
    assert "Insured by the holder until" in owner.read(**held)


@pytest.mark.once
def test_a_message_about_a_cell_leads_to_it(cast_today: Cast) -> None:
    pathway = offered(cast_today)
    colin = browser(cast_today.colin)
    page = colin.get(f"/go/pathway/{pathway.reference}/", follow=True)
    assert page.status_code == 200
    assert "Answer what was offered" in words(page)
    page = colin.get(f"/go/agreement/{cast_today.agreement.reference}/", follow=True)
    assert "Who may do what" in words(page)


@pytest.mark.parametrize(
    ("query", "services"),
    [
        ({"show": "all"}, {"mentor", "family_support", "youth_club", "confidential"}),
        ({"owner": "mine"}, {"mentor", "family_support", "youth_club"}),
        ({"holder": "families"}, {"mentor"}),
        ({"show": "all", "kind": "universal"}, {"youth_club"}),
        (
            {"show": "all", "area": "nowhere"},
            {"mentor", "family_support", "youth_club", "confidential"},
        ),
    ],
)
def test_the_table_is_narrowed(cast_today: Cast, query: dict[str, str], services: set[str]) -> None:
    page = browser(cast_today.colin).get(reverse("commissioner_agreements"), query)
    found = {row["service"] for row in page.context["rows"]}
    assert found == {getattr(cast_today, name) for name in services}


def test_only_what_waits_for_us_is_left_when_asked_so(cast_today: Cast) -> None:
    offered(cast_today)
    page = browser(cast_today.colin).get(reverse("commissioner_agreements"), {"show": "waiting"})
    shown = page.context["rows"]
    assert [row["service"] for row in shown] == [cast_today.family_support]
    assert [head["name"] for head in page.context["heads"]] == [cast_today.trust.name]
    assert "show=waiting" in shown[0]["cells"][0].href  # the filter stays when a cell is opened


def test_the_table_shows_whose_turn_it_is(cast_today: Cast, tara: User) -> None:
    offered(cast_today)
    table = reverse("commissioner_agreements")
    for user, said, chip in (
        (cast_today.colin, "1 waits for", "Answer"),
        (tara, "Nothing waits", "Offered"),
    ):
        page = browser(user).get(table)
        assert said in words(page)
        assert f">{chip}<" in page.content.decode()
    assert page.content.decode().count("data-waiting") == 0


@pytest.mark.once
def test_a_cell_says_its_steps_limit_and_cover_in_words_too(cast_today: Cast) -> None:
    page = browser(cast_today.colin).get(reverse("commissioner_agreements"))
    row = next(row for row in page.context["rows"] if row["service"] == cast_today.mentor)
    cell = next(cell for cell in row["cells"] if cell.holder == cast_today.beacon.name)
    (line,) = cell.lines
    assert "".join(one.letter for one in line.squares if one.state == "may") == "CAD£"
    assert [one.letter for one in line.squares if one.state == "none"] == ["S", "X"]
    assert line.cover == "good"
    assert line.sentence.startswith(
        "Advocate: check eligibility, take the application, decide eligibility, commission"
        " up to £500.00. Insured by the holder until"
    )
    assert line.sentence in words(page)


@pytest.mark.once
def test_cover_that_lapses_soon_or_has_lapsed_is_told_apart(cast_today: Cast) -> None:
    for days, state in ((10, "soon"), (0, "lapsed")):
        cast_today.cover.valid_to = cast_today.day + timedelta(days=days)
        cast_today.cover.save(update_fields=["valid_to"])
        page = browser(cast_today.colin).get(reverse("commissioner_agreements"))
        assert f"shield--{state}" in page.content.decode()
