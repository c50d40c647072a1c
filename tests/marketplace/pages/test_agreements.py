"""Agreements at the commissioner's and the provider's door: from an offer to a live cell."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.models import Organisation, Process, Service, Step
from marketplace.authority import authority, monitoring, pathways
from marketplace.authority.models import (
    Answer,
    Cover,
    DecisionReview,
    Message,
    Offer,
    Pathway,
    PathwayState,
    Rule,
)
from marketplace.pages.commissioner.agreements_found import Found
from marketplace.people.models import User
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast
from tests.marketplace.authority import dealing

YES = {"all_answer": "yes", "all_risk": "low", "cover_kind": "owner"}


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def words(answer: Any) -> str:
    """Return an answer's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@dataclass
class Sitting:
    """Somebody at a desk, at one cell of the table."""

    client: Client
    service: Service
    holder: Organisation
    door: str = "commissioner"

    def page(self, **query: str) -> Any:
        """Open the cell's page."""
        return self.client.get(self._address("agreement"), query)

    def read(self, **query: str) -> str:
        """Return what the cell's page says."""
        return words(self.page(**query))

    def send(self, act: str, key: str = "", **fields: Any) -> Any:
        """Send one of the page's forms."""
        sent = {"form_key": key or str(uuid.uuid4()), **fields}
        return self.client.post(self._address("agreement_act", act=act), sent)

    def _address(self, name: str, **kwargs: str) -> str:
        where = {"slug": self.service.slug, "holder": self.holder.reference, **kwargs}
        return reverse(f"{self.door}_{name}", kwargs=where)


@pytest.fixture
def tara(cast_today: Cast) -> User:
    """A commissioner at the trust."""
    return factories.worker(cast_today, cast_today.trust, Role.COMMISSIONER, name="Tara Quinn")


def at_cell(cast: Cast, user: User, service: Service | None = None) -> Sitting:
    """Sit somebody down where the trust meets a service: the family support unless told."""
    return Sitting(browser(user), service or cast.family_support, cast.trust)


def offered(cast: Cast, **fields: Any) -> Pathway:
    """Have the trust offer two steps on the family support."""
    steps = (Step.CHECK_ELIGIBILITY, Step.COMMISSION)
    return dealing.offer(cast, **{"service": cast.family_support, "steps": steps, **fields})


def answers(pathway: Pathway, **said: str) -> dict[str, str]:
    """Return the fields of an answer: every line open unless told, by the name of its step."""
    version = pathways.on_the_table(pathway=pathway)
    assert version is not None
    lines = {line.step: line.reference.hex for line in version.offers.all()}
    fields = {f"answer_{key}": "" for key in lines.values()}
    for name, value in said.items():
        field, _, step = name.partition("__")
        fields[f"{field}_{lines[step]}"] = value
    return fields


def test_a_cell_goes_from_offer_to_live_in_two_browsers(cast_today: Cast, tara: User) -> None:
    holder, owner = at_cell(cast_today, tara), at_cell(cast_today, cast_today.colin)
    assert "Which steps do we have the skills for?" in holder.read()
    sent = holder.send(
        "offer",
        roles_check_eligibility=[Role.LEAD_PROFESSIONAL],
        roles_commission=[Role.LEAD_PROFESSIONAL],
        words_commission="Two of us hold budgets already.",
    )
    assert sent.status_code == 302
    pathway = Pathway.objects.get(service=cast_today.family_support, holder=cast_today.trust)
    assert pathway.state == PathwayState.OFFERED
    page = owner.read()
    assert "Answer what was offered" in page
    assert "Two of us hold budgets already." in page
    fields = answers(pathway, limit_commission_pence__commission="250")
    assert owner.send("answer", **YES, **fields, words="Gladly.").status_code == 302
    for side in (holder, owner):
        assert "Sign for our organisation" in side.read()
        assert side.send("sign").status_code == 302
    pathway.refresh_from_db()
    assert pathway.state == PathwayState.LIVE
    rule = Rule.objects.get(agreement__pathway=pathway, step=Step.COMMISSION)
    assert (rule.role, rule.limit_commission_pence) == (Role.LEAD_PROFESSIONAL, 25_000)
    page = owner.read()
    assert "up to £250.00" in page
    assert "Gladly." in page
    assert "Version 1 Signed by both" in page
    decision = authority.decide(
        by=cast_today.by(cast_today.ruth),
        step=Step.CHECK_ELIGIBILITY,
        service=cast_today.family_support,
        family=cast_today.family,
        at=cast_today.at + timedelta(hours=1),
    )
    assert decision.rule is not None


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


def test_only_what_waits_for_us_is_left_when_asked_so(cast_today: Cast) -> None:
    offered(cast_today)
    page = browser(cast_today.colin).get(reverse("commissioner_agreements"), {"show": "waiting"})
    shown = page.context["rows"]
    assert [row["service"] for row in shown] == [cast_today.family_support]
    assert [head["name"] for head in page.context["heads"]] == [cast_today.trust.name]
    assert "show=waiting" in shown[0]["cells"][0].href  # the filter stays when a cell is opened


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


@pytest.mark.once
def test_a_stranger_sees_that_others_talk_and_nothing_of_what(cast_today: Cast, tara: User) -> None:
    nora = factories.worker(cast_today, cast_today.nhs, Role.COMMISSIONER)
    pathway = offered(cast_today)
    pathways.say(
        pathway=pathway, words="Between us.", by=cast_today.by(cast_today.colin), at=cast_today.at
    )
    page = browser(nora).get(reverse("commissioner_agreements"))
    assert ">Offered<" in page.content.decode()
    stranger = at_cell(cast_today, nora)
    assert stranger.page().status_code == 404
    for act in ("say", "sign", "answer", "withdraw"):
        assert stranger.send(act, words="Me too.").status_code == 404
    dealing.sign(cast_today, dealing.answer(cast_today, pathway))
    page_words = stranger.read()
    assert "check eligibility" in page_words
    assert "Between us." not in page_words
    assert "Between us." in at_cell(cast_today, tara).read()
    assert stranger.send("say", words="Me too.").status_code == 404
    assert Message.objects.filter(words="Me too.").count() == 0


@pytest.mark.once
def test_the_wrong_side_cannot_answer_or_take_back(cast_today: Cast, tara: User) -> None:
    pathway = offered(cast_today)
    holder, owner = at_cell(cast_today, tara), at_cell(cast_today, cast_today.colin)
    assert holder.send("answer", **YES, **answers(pathway)).status_code == 422
    assert owner.send("withdraw", words="Ours now.").status_code == 422
    assert owner.send("offer", roles_commission=[Role.ADVOCATE]).status_code == 422
    assert not Answer.objects.exists()
    pathway.refresh_from_db()
    assert pathway.state == PathwayState.OFFERED


@pytest.mark.once
def test_who_only_delivers_reads_and_does_not_speak(cast_today: Cast, tara: User) -> None:
    worker = factories.worker(cast_today, cast_today.trust, Role.PROVIDER_WORKER)
    pathway = offered(cast_today)
    dealing.answer(cast_today, pathway)
    reads = Sitting(browser(worker), cast_today.family_support, cast_today.trust, "provider")
    page = reads.read()
    assert "speaks for it here" in page
    assert "Sign for our organisation" not in page
    assert reads.send("sign").status_code == 403
    table = reads.client.get(reverse("provider_agreements")).content.decode()
    assert "talk--offer" not in table  # nothing invites her to what she may not do
    administrator = factories.worker(cast_today, cast_today.trust, Role.ADMINISTRATOR)
    signs = Sitting(browser(administrator), cast_today.family_support, cast_today.trust, "provider")
    assert signs.send("sign").status_code == 302


@pytest.mark.once
def test_an_answer_needs_its_risk_and_cover_and_keeps_what_was_typed(cast_today: Cast) -> None:
    pathway = offered(cast_today)
    owner = at_cell(cast_today, cast_today.colin)
    fields = answers(pathway, answer__commission="yes", words__commission="Only with two of you.")
    sent = owner.send("answer", **fields, insurer="Fenwick Mutual")
    assert sent.status_code == 422
    said = words(sent)
    assert "Say how high the risk is." in said
    assert "Say who bears the risk before you say yes." in said
    assert "Only with two of you." in sent.content.decode()
    assert "Fenwick Mutual" in sent.content.decode()
    sent = owner.send("answer", **answers(pathway))
    assert "Say yes or no to at least one line." in words(sent)
    assert not Answer.objects.exists()


@pytest.mark.once
def test_an_offer_of_nothing_is_no_offer(cast_today: Cast, tara: User) -> None:
    sent = at_cell(cast_today, tara).send("offer", words_commission="We could.")
    assert sent.status_code == 422
    assert "Tick at least one step" in words(sent)
    assert "We could." in sent.content.decode()
    assert not Pathway.objects.exists()


def test_a_double_click_acts_once(cast_today: Cast, tara: User) -> None:
    holder, owner = at_cell(cast_today, tara), at_cell(cast_today, cast_today.colin)
    key = str(uuid.uuid4())
    for _click in range(2):
        sent = holder.send("offer", key=key, roles_commission=[Role.LEAD_PROFESSIONAL])
        assert sent.status_code == 302
    pathway = Pathway.objects.get(holder=cast_today.trust)
    assert pathway.versions.count() == 1
    fields, key = answers(pathway), str(uuid.uuid4())
    for _click in range(2):
        assert owner.send("answer", key=key, **YES, **fields).status_code == 302
    assert Answer.objects.count() == 1


@pytest.mark.once
def test_a_tab_with_an_older_offer_cannot_answer_the_newer_one(
    cast_today: Cast, tara: User
) -> None:
    pathway = offered(cast_today)
    stale = answers(pathway)
    offered(cast_today, steps=(Step.CHECK_ELIGIBILITY,))
    sent = at_cell(cast_today, cast_today.colin).send("answer", **YES, **stale)
    assert sent.status_code == 422
    assert "signed, withdrawn or replaced" in words(sent)
    assert not Answer.objects.exists()


def test_a_tab_that_was_read_before_the_answer_changed_does_not_sign(
    cast_today: Cast, tara: User
) -> None:
    pathway = dealing.answer(cast_today, offered(cast_today), at=cast_today.at)
    holder = at_cell(cast_today, tara)
    read = re.search(r'name="seen" value="([^"]+)"', holder.page().content.decode())
    assert read is not None
    dealing.answer(cast_today, pathway, at=cast_today.at + timedelta(days=2))
    assert holder.send("sign", seen=read[1]).status_code == 302
    assert "The answers changed since you read them." in holder.read()
    pathway.refresh_from_db()
    assert pathway.state == PathwayState.ANSWERED


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


@pytest.mark.once
def test_after_an_act_the_next_cell_that_waits_is_one_step_away(cast_today: Cast) -> None:
    offered(cast_today)
    offered(cast_today, service=cast_today.mentor)
    owner = at_cell(cast_today, cast_today.colin)
    pathway = Pathway.objects.get(service=cast_today.family_support)
    sent = owner.send("answer", all_answer="no", **answers(pathway))
    assert sent["Location"].endswith("#next")
    page = owner.page()
    assert page.context["next"].service == cast_today.mentor
    assert 'id="next"' in page.content.decode()


@pytest.mark.once
def test_what_was_suspended_holds_no_more_and_only_we_let_it_hold_again(
    cast_today: Cast, tara: User
) -> None:
    pathway = dealing.agree(cast_today, service=cast_today.family_support)
    holder, owner = at_cell(cast_today, tara), at_cell(cast_today, cast_today.colin)
    assert owner.send("suspend").status_code == 422  # says why
    assert owner.send("suspend", words="Nobody is trained now.").status_code == 302
    pathway.refresh_from_db()
    assert pathway.state == PathwayState.SUSPENDED
    assert "Nobody is trained now." in holder.read()
    assert "Let it hold again" not in holder.read()
    assert holder.send("resume", words="We are.").status_code == 422
    assert owner.send("resume", words="They are.").status_code == 302
    assert owner.send("end", words="Moved to another service.").status_code == 302
    pathway.refresh_from_db()
    assert pathway.state == PathwayState.ENDED
    assert "Nothing yet" in owner.read()


def test_a_past_day_shows_what_held_then_and_nothing_to_do(cast_today: Cast) -> None:
    past = {"on": (cast_today.day - timedelta(days=30)).isoformat()}
    dealing.agree(cast_today, service=cast_today.family_support)
    owner = at_cell(cast_today, cast_today.colin)
    assert "What holds today" in owner.read()
    then = owner.read(**past)
    assert "What held that day" in then
    assert "the owner’s own staff took every step" in then
    assert "Suspend from today" not in then
    table = browser(cast_today.colin).get(reverse("commissioner_agreements"), past)
    assert cast_today.trust.name not in words(table).partition("Services down")[2]
    assert "data-waiting" not in table.content.decode()
    beacon = Sitting(owner.client, cast_today.mentor, cast_today.beacon)
    assert "up to £500.00" in beacon.read(**past)


@pytest.mark.once
def test_every_version_is_kept_and_says_what_it_changed(cast_today: Cast) -> None:
    dealing.agree(cast_today, service=cast_today.family_support, limit_commission_pence=30_000)
    dealing.agree(
        cast_today,
        service=cast_today.family_support,
        steps=(Step.COMMISSION, Step.BOOK),
        limit_commission_pence=50_000,
    )
    page = at_cell(cast_today, cast_today.colin).read()
    assert "Version 2" in page
    assert "Version 1" in page
    assert "Added: Lead professional: book" in page
    assert "Gone: Lead professional: check eligibility" in page
    assert "limits from £300.00 a time to £500.00 a time" in page


@pytest.mark.once
def test_the_thread_is_read_from_the_oldest_to_the_newest(cast_today: Cast, tara: User) -> None:
    offered(cast_today)
    holder, owner = at_cell(cast_today, tara), at_cell(cast_today, cast_today.colin)
    assert owner.send("say", words=" ").status_code == 422
    for side, said in ((owner, "Which of you?"), (holder, "Ruth, and two more.")):
        assert side.send("say", words=said).status_code == 302
    page = owner.read()
    assert page.index("Which of you?") < page.index("Ruth, and two more.")
    assert page.index("Tara Quinn") < page.index("Ruth, and two more.")


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


@pytest.mark.once
def test_without_its_guard_a_stranger_reads_what_others_negotiate(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: were everybody a party, the stranger's 404 would be a page."""
    nora = factories.worker(cast_today, cast_today.nhs, Role.COMMISSIONER)
    offered(cast_today)
    stranger = at_cell(cast_today, nora)
    assert stranger.page().status_code == 404
    monkeypatch.setattr(Found, "is_party", property(lambda _found: True))
    assert stranger.page().status_code == 200


@pytest.mark.once
def test_without_its_key_a_double_click_offers_twice(cast_today: Cast, tara: User) -> None:
    """The twin: two keys are two forms, and the second offer is a second version."""
    holder = at_cell(cast_today, tara)
    for _click in range(2):
        holder.send("offer", roles_commission=[Role.LEAD_PROFESSIONAL])
    assert Pathway.objects.get(holder=cast_today.trust).versions.count() == 2
