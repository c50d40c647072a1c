"""The guided path: listed, offered, answered, signed by both, live, suspended, ended."""

from collections.abc import Callable
from typing import Any

import pytest

from budgets import history
from cms.models import Process, Step
from marketplace.authority import agreements, pathways
from marketplace.authority.models import (
    Agreement,
    Answer,
    CoverKind,
    Message,
    Offer,
    Pathway,
    PathwayState,
    Risk,
    Rule,
)
from marketplace.authority.pathways import CoverTerms, Line, LineAnswer
from marketplace.people.roles import Role
from tests import factories
from tests.cast import LADDER, Cast
from tests.marketplace.authority.asking import codes, decide
from tests.marketplace.authority.dealing import (
    agree,
    answer,
    insured,
    lines_of,
    offer,
    rules_of,
    sign,
    signatory,
)

pytestmark = pytest.mark.django_db


def test_a_cell_goes_the_whole_path_and_the_last_signature_lets_the_holder_act(cast: Cast):
    (pathway,) = pathways.invite(
        services=[cast.mentor], holders=[cast.trust], by=cast.by(cast.colin), at=cast.at
    )
    assert pathway.state == PathwayState.LISTED
    pathway = offer(cast)
    assert pathway.state == PathwayState.OFFERED
    pathway = answer(cast, pathway, limit_commission_pence=30_000, risk_words="She is new to it.")
    assert pathway.state == PathwayState.ANSWERED
    pathway = sign(cast, pathway, cast.trust)
    assert pathway.state == PathwayState.ANSWERED
    assert codes(decide(cast, cast.ruth)) == ["no_rule"]
    pathway = sign(cast, pathway, cast.county)
    assert pathway.state == PathwayState.LIVE
    assert decide(cast, cast.ruth).allowed
    assert decide(cast, cast.ruth, Step.COMMISSION, amount_pence=30_000).allowed
    assert decide(cast, cast.ruth, Step.COMMISSION, amount_pence=30_001).needs_approval
    assert [event.verb for event in history.of(pathway.reference)] == [
        "listed", "offered", "answered", "signed", "agreed",
    ]  # fmt: skip


def test_a_line_that_was_refused_gives_no_right(cast: Cast):
    pathway = agree(cast, refuse=[Step.COMMISSION])
    assert {rule.step for rule in rules_of(cast, pathway)} == {Step.CHECK_ELIGIBILITY}
    assert codes(decide(cast, cast.ruth, Step.COMMISSION)) == ["no_rule"]


def test_what_is_refused_altogether_cannot_be_signed(cast: Cast):
    pathway = answer(cast, offer(cast), refuse=LADDER)
    with pytest.raises(pathways.NotNow):
        sign(cast, pathway)
    assert not Rule.objects.filter(agreement__pathway=pathway).exists()


def test_what_is_not_fully_answered_cannot_be_signed(cast: Cast):
    pathway = offer(cast)
    first = lines_of(pathway)[0]
    said = LineAnswer(offer=first.reference, accepted=True, risk=Risk.LOW)
    pathways.answer(answers=[said], cover=insured(cast), by=cast.by(cast.colin), at=cast.at)
    pathway = Pathway.objects.get(pk=pathway.pk)
    assert pathway.state == PathwayState.OFFERED
    with pytest.raises(pathways.NotNow):
        sign(cast, pathway)


def test_a_line_is_about_a_step_that_the_service_needs(cast: Cast):
    with pytest.raises(pathways.NotListed):
        offer(cast, steps=[Step.DIAGNOSE])
    Process.objects.filter(service=cast.mentor).delete()
    with pytest.raises(pathways.NotListed):
        offer(cast)
    with pytest.raises(pathways.NotListed):
        pathways.invite(
            services=[cast.mentor], holders=[cast.trust], by=cast.by(cast.colin), at=cast.at
        )
    assert not Pathway.objects.exists()


def test_nobody_offers_to_itself(cast: Cast):
    with pytest.raises(pathways.OwnService):
        offer(cast, holder=cast.county)


@pytest.mark.parametrize(
    "lacks",
    [
        {"risk": None},
        {"cover": CoverTerms(kind=CoverKind.INSURED)},
        {"cover": "lapsed"},
    ],
)
def test_a_yes_weighs_the_risk_and_says_who_bears_it(lacks: dict[str, Any], cast: Cast):
    if lacks.get("cover") == "lapsed":
        lacks = {"cover": insured(cast, days=0)}
    with pytest.raises(pathways.NotAnswerable):
        answer(cast, offer(cast), **lacks)
    assert not Answer.objects.exists()


def test_diagnosis_names_who_is_qualified(cast: Cast):
    Process.objects.create(service=cast.mentor, step=Step.DIAGNOSE, position=9)
    pathway = offer(cast, steps=[Step.DIAGNOSE])
    with pytest.raises(pathways.NotAnswerable):
        answer(cast, pathway)
    pathway = sign(cast, answer(cast, pathway, competence="clinician"))
    assert [rule.competence for rule in rules_of(cast, pathway)] == ["clinician"]


# Who: a commissioner or administrator of the party, and nobody else.


ACTS: dict[str, Callable[[Cast, Pathway, history.Actor], Any]] = {
    "invite": lambda cast, pathway, by: pathways.invite(
        services=[cast.mentor], holders=[cast.police], by=by, at=cast.at
    ),
    "offer": lambda cast, pathway, by: pathways.offer(
        services=[cast.mentor],
        holder=cast.trust,
        lines=[Line(role=Role.LEAD_PROFESSIONAL, step=Step.BOOK)],
        by=by,
        at=cast.at,
    ),
    "answer": lambda cast, pathway, by: pathways.answer(
        answers=[LineAnswer(offer=line.reference, accepted=False) for line in lines_of(pathway)],
        by=by,
        at=cast.at,
    ),
    "sign for the owner": lambda cast, pathway, by: pathways.sign(
        pathways=[pathway], party=cast.county, by=by, at=cast.at
    ),
    "sign for the holder": lambda cast, pathway, by: pathways.sign(
        pathways=[pathway], party=cast.trust, by=by, at=cast.at
    ),
    "withdraw": lambda cast, pathway, by: pathways.withdraw(pathway=pathway, by=by, at=cast.at),
    "say": lambda cast, pathway, by: pathways.say(
        pathway=pathway, words="Hello", by=by, at=cast.at
    ),
}
OWNERS = {"invite", "answer", "sign for the owner", "say"}
HOLDERS = {"offer", "sign for the holder", "withdraw", "say"}


@pytest.mark.parametrize("act", ACTS)
def test_each_party_acts_for_itself(act: str, cast: Cast):
    pathway = answer(cast, offer(cast))
    actors = {
        "owner": cast.by(cast.colin),
        "owner's administrator": cast.by(cast.adam),
        "holder": signatory(cast, cast.trust),
        "owner's intake": cast.by(cast.ingrid),
        "holder's nurse": cast.by(cast.ruth),
        "police": signatory(cast, cast.police),
        "family": cast.by(cast.fred_user),
        "a link": history.Actor(kind=history.ActorKind.LINK, reference="x"),
    }
    may = {name for name in actors if name.startswith("owner") and act in OWNERS} - {
        "owner's intake"
    }
    may |= {"holder"} if act in HOLDERS else set()
    rows = Agreement.objects.count(), Answer.objects.count(), Message.objects.count()
    for name, by in actors.items():
        if name not in may:
            with pytest.raises(pathways.NotAParty):
                ACTS[act](cast, pathway, by)
    assert rows == (Agreement.objects.count(), Answer.objects.count(), Message.objects.count())
    assert not Agreement.objects.get(pathway=pathway).has_a_signature
    ACTS[act](cast, pathway, actors[sorted(may)[0]])


def test_somebody_who_left_signs_nothing(cast: Cast):
    pathway = answer(cast, offer(cast))
    cast.colin.memberships.update(ends_on=cast.day)
    with pytest.raises(pathways.NotAParty):
        pathways.sign(pathways=[pathway], party=cast.county, by=cast.by(cast.colin), at=cast.at)


def test_a_third_party_signs_nothing(cast: Cast):
    pathway = sign(cast, answer(cast, offer(cast)), cast.county)
    with pytest.raises(pathways.NotAParty):
        sign(cast, pathway, cast.police)
    assert not Rule.objects.filter(agreement__pathway=pathway).exists()


# What was signed stands.


def test_what_somebody_signed_is_not_answered_again(cast: Cast):
    pathway = sign(cast, answer(cast, offer(cast)), cast.trust)
    said = LineAnswer(
        offer=Offer.objects.filter(agreement__pathway=pathway)[0].reference, accepted=False
    )
    with pytest.raises(pathways.NotNow):
        pathways.answer(answers=[said], by=cast.by(cast.colin), at=cast.at)
    assert not Answer.objects.filter(accepted=False).exists()


def test_nothing_is_added_to_what_somebody_signed(cast: Cast):
    agreement = agreements.propose(
        owner=cast.county, holder=cast.trust, valid_from=cast.day, valid_to=None,
        by=factories.CLOCK, at=cast.at,
    )  # fmt: skip
    agreements.sign(agreement=agreement, party=cast.trust, by=factories.CLOCK, at=cast.at)
    for signed in (agreement, cast.agreement):
        with pytest.raises(agreements.AlreadySigned):
            agreements.add_rules(
                agreement=signed, role=Role.LEAD_PROFESSIONAL, steps=[Step.ASSESS],
                service=cast.mentor, valid_from=cast.day,
            )  # fmt: skip
        with pytest.raises(agreements.AlreadySigned):
            agreements.add_cover(agreement=signed, kind=CoverKind.OWNER, valid_from=cast.day)
    assert not Rule.objects.filter(step=Step.ASSESS).exists()


def test_nobody_signs_what_changed_since_she_read_it(cast: Cast):
    pathway = answer(cast, offer(cast))
    read_at = cast.later(minutes=1)
    answer(cast, pathway, at=cast.later(minutes=2), risk=Risk.HIGH)
    with pytest.raises(pathways.Changed):
        pathways.sign(
            pathways=[pathway],
            party=cast.trust,
            by=signatory(cast, cast.trust),
            at=cast.later(minutes=3),
            seen=read_at,
        )
    assert Answer.objects.filter(replaced_at__isnull=False, risk=Risk.LOW).count() == 2
