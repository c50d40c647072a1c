"""The guided path goes on: new versions, later starts, withdrawing, suspending, many at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.models import Step
from marketplace.authority import pathways
from marketplace.authority.models import (
    AgreementState,
    Answer,
    CoverKind,
    Message,
    PathwayState,
    Risk,
    Rule,
)
from marketplace.authority.pathways import CoverTerms, Line, LineAnswer
from marketplace.notices.models import Channel, Notice
from marketplace.people.roles import Role
from tests.cast import LADDER, Cast
from tests.marketplace.authority.asking import codes, decide
from tests.marketplace.authority.dealing import (
    agree,
    answer,
    lines_of,
    offer,
    rules_of,
    sign,
    signatory,
)

pytestmark = pytest.mark.django_db


def test_a_new_version_replaces_the_one_before_when_both_have_signed_it(cast: Cast):
    first = agree(cast, limit_commission_pence=30_000)
    later = cast.later(days=5)
    pathway = answer(cast, offer(cast, at=later), at=later, limit_commission_pence=40_000)
    assert pathway.state == PathwayState.LIVE
    sign(cast, pathway, cast.trust, at=later)
    assert decide(cast, cast.ruth, Step.COMMISSION, amount_pence=40_000, at=later).needs_approval
    pathway = sign(cast, pathway, cast.county, at=later)
    assert decide(cast, cast.ruth, Step.COMMISSION, amount_pence=40_000, at=later).allowed
    newest, before = pathways.versions(pathway=pathway)
    assert (newest.version, before.version) == (2, 1)
    assert before.state == AgreementState.ENDED
    assert before.ended_on == cast.day + timedelta(days=5)
    assert first.pk == pathway.pk
    limits = [
        {
            rule.limit_commission_pence
            for rule in rules_of(cast, pathway, days)
            if rule.step == Step.COMMISSION
        }
        for days in (0, 4, 5)
    ]
    assert limits == [{30_000}, {30_000}, {40_000}]


def test_a_new_version_also_replaces_older_rules_between_the_two_on_that_service(cast: Cast):
    pathway = offer(cast, holder=cast.beacon)
    pathways.offer(
        services=[cast.mentor],
        holder=cast.beacon,
        lines=[Line(role=Role.ADVOCATE, step=Step.CHECK_ELIGIBILITY)],
        by=signatory(cast, cast.beacon),
        at=cast.at,
    )
    assert decide(cast, cast.amira, Step.COMMISSION).allowed
    sign(cast, answer(cast, pathway))
    assert decide(cast, cast.amira).allowed
    assert codes(decide(cast, cast.amira, Step.COMMISSION)) == ["no_rule"]
    assert decide(cast, cast.amira, Step.COMMISSION, at=cast.later(days=-1)).allowed
    assert decide(cast, cast.amira, service=cast.family_support).allowed


def test_an_agreement_may_begin_later(cast: Cast):
    starts = cast.day + timedelta(days=10)
    pathway = agree(cast, starts_on=starts)
    assert pathway.state == PathwayState.AGREED
    assert [bool(rules_of(cast, pathway, days)) for days in (0, 9, 10)] == [False, False, True]


def test_an_offer_is_withdrawn_by_who_made_it(cast: Cast):
    pathway = answer(cast, offer(cast))
    pathway = pathways.withdraw(pathway=pathway, by=signatory(cast, cast.trust), at=cast.at)
    assert pathway.state == PathwayState.LISTED
    assert pathways.on_the_table(pathway=pathway) is None
    with pytest.raises(pathways.NotNow):
        sign(cast, pathway)
    assert len(pathways.versions(pathway=pathway)) == 1


# Stopped and ended.


def test_a_suspended_cell_goes_on_when_who_stopped_it_says_so(cast: Cast):
    pathway = agree(cast)
    by = signatory(cast, cast.trust)
    pathway = pathways.suspend(pathway=pathway, by=by, at=cast.at, words="Our nurse is ill.")
    assert pathway.state == PathwayState.SUSPENDED
    assert codes(decide(cast, cast.ruth)) == ["no_rule"]
    with pytest.raises(pathways.NotAParty):
        pathways.resume(pathway=pathway, by=cast.by(cast.colin), at=cast.at)
    pathway = pathways.resume(pathway=pathway, by=by, at=cast.later(days=2))
    assert pathway.state == PathwayState.LIVE
    assert decide(cast, cast.ruth, at=cast.later(days=2)).allowed
    assert Message.objects.get().words == "Our nurse is ill."
    with pytest.raises(pathways.NotNow):
        pathways.resume(pathway=pathway, by=by, at=cast.later(days=2))


def test_what_ended_is_offered_anew_in_the_same_thread(cast: Cast):
    pathway = agree(cast)
    pathway = pathways.end(pathway=pathway, by=cast.by(cast.colin), at=cast.later(days=3))
    assert pathway.state == PathwayState.ENDED
    assert codes(decide(cast, cast.ruth, at=cast.later(days=3))) == ["no_rule"]
    with pytest.raises(pathways.NotNow):
        pathways.end(pathway=pathway, by=cast.by(cast.colin), at=cast.later(days=3))
    again = agree(cast, at=cast.later(days=4))
    assert (again.pk, again.state) == (pathway.pk, PathwayState.LIVE)
    assert [bool(rules_of(cast, again, days)) for days in (0, 2, 3, 4)] == [True, True, False, True]


# A dozen in an afternoon.


def test_many_services_are_offered_answered_and_signed_at_once(cast: Cast):
    wanted = [cast.mentor, cast.family_support]
    lines = [Line(role=Role.LEAD_PROFESSIONAL, step=step) for step in (*LADDER, Step.ASSESS)]
    lines.append(
        Line(role=Role.INTAKE_WORKER, step=Step.ASSESS, service=cast.family_support, words="We do.")
    )
    by = signatory(cast, cast.trust)
    found = pathways.offer(services=wanted, holder=cast.trust, lines=lines, by=by, at=cast.at)
    tables = [lines_of(pathway) for pathway in found]
    assert [len(table) for table in tables] == [5, 7]
    found = pathways.answer(
        answers=[
            LineAnswer(offer=line.reference, accepted=True, risk=Risk.LOW)
            for table in tables
            for line in table
        ],
        cover=CoverTerms(kind=CoverKind.SELF_INSURED),
        by=cast.by(cast.colin),
        at=cast.at,
    )
    for party, who in ((cast.trust, by), (cast.county, cast.by(cast.colin))):
        found = pathways.sign(pathways=found, party=party, by=who, at=cast.at)
    assert {pathway.state for pathway in found} == {PathwayState.LIVE}
    assert Rule.objects.filter(agreement__pathway__in=found).count() == 12


def test_a_refusal_of_one_of_many_leaves_no_trace(cast: Cast):
    """The NHS owns the confidential help, so the county's commissioner cannot answer for it."""
    found = pathways.offer(
        services=[cast.mentor, cast.confidential],
        holder=cast.trust,
        lines=[Line(role=Role.LEAD_PROFESSIONAL, step=Step.CHECK_ELIGIBILITY)],
        by=signatory(cast, cast.trust),
        at=cast.at,
    )
    lines = [line for pathway in found for line in lines_of(pathway)]
    with pytest.raises(pathways.NotAParty):
        pathways.answer(
            answers=[LineAnswer(offer=line.reference, accepted=False) for line in lines],
            by=cast.by(cast.colin),
            at=cast.at,
        )
    assert not Answer.objects.exists()


# The thread, and who is told.


def test_each_is_told_of_what_the_other_does(cast: Cast):
    theirs = signatory(cast, cast.trust)
    pathway = offer(cast)
    told = Notice.objects.filter(channel=Channel.IN_APP, kind="agreement_changed")
    assert {notice.user for notice in told} == {cast.colin, cast.helena, cast.adam}
    answer(cast, pathway)
    assert str(told.latest("pk").user.reference) == theirs.reference
    before = told.all().count()
    pathways.say(pathway=pathway, words="When can we start?", by=theirs, at=cast.at)
    assert told.all().count() == before + 3
    with pytest.raises(pathways.NotAnswerable):
        pathways.say(pathway=pathway, words="  ", by=theirs, at=cast.at)


def test_every_version_is_read_in_a_few_queries(cast: Cast):
    pathway = agree(cast)
    with CaptureQueriesContext(connection) as few:
        pathways.versions(pathway=pathway)
    for days in (1, 2, 3):
        pathway = agree(cast, at=cast.later(days=days))
    with CaptureQueriesContext(connection) as many:
        assert len(pathways.versions(pathway=pathway)) == 4
    assert len(many) == len(few)
