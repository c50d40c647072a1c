"""Agreements, cell by cell: from an offer to a live one, and who may read and do what."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from cms.models import Step
from marketplace.authority import authority, pathways
from marketplace.authority.models import (
    Answer,
    Message,
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
from tests.marketplace.pages.dealing import YES, Sitting, answers, at_cell, browser, offered, words

pytestmark = pytest.mark.once


@pytest.fixture
def tara(cast_today: Cast) -> User:
    """A commissioner at the trust."""
    return factories.worker(cast_today, cast_today.trust, Role.COMMISSIONER, name="Tara Quinn")


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
