"""Facts: entered once, checked by somebody else, corrected with the old row kept, offered."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import history
from cms.models import Criterion
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import facts as answers
from marketplace.referrals import referrals
from marketplace.sharing import facts, sharing
from marketplace.sharing.models import (
    Fact,
    FactForm,
    FactOffer,
    Look,
    Reason,
    Scope,
    Source,
    Verification,
)
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.django_db


def enter(cast: Cast, user: User | None = None, **fields: Any) -> Fact:
    """Write down that Jamie goes to school, as Amira was told."""
    said: dict[str, Any] = {
        "person": cast.jamie,
        "key": "attends_school",
        "value": True,
        "came_from": Source.SAID,
        "by": cast.by(user or cast.amira),
        "at": cast.at,
    }
    return facts.enter(**{**said, **fields})


def test_a_fact_says_where_it_came_from_and_who_wrote_it_down(cast: Cast):
    fact = enter(cast, came_from=Source.AGENCY, source_organisation=cast.police)
    assert (fact.entered_by, fact.entered_organisation) == (cast.amira, cast.beacon)
    assert (fact.entered_role, fact.source_organisation) == (Role.ADVOCATE, cast.police)
    assert enter(cast, cast.fred_user, key="works").entered_role == Role.FAMILY


def test_said_again_it_is_the_same_and_said_otherwise_a_correction_that_keeps_the_old(cast: Cast):
    first = enter(cast)
    assert enter(cast, cast.fred_user) == first
    second = enter(cast, cast.fred_user, value=False, at=cast.later(days=1))
    first.refresh_from_db()
    assert (first.replaced_at, second.replaces) == (cast.later(days=1), first)
    assert list(facts.known(person=cast.jamie, day=cast.day)) == [first]
    assert list(facts.known(person=cast.jamie, day=cast.day + timedelta(days=1))) == [second]
    assert not facts.known(person=cast.jamie, day=cast.day - timedelta(days=1))
    with pytest.raises(facts.IsReplaced):
        facts.correct(
            fact=first, value=3, came_from=Source.SAID, by=cast.by(cast.amira), at=cast.at
        )


def test_who_may_not_know_of_the_person_writes_nothing_down(cast: Cast):
    for user in (cast.olive_user, cast.nadia, cast.sam, cast.ingrid):
        with pytest.raises(facts.NotTheirs):
            enter(cast, user)
    with pytest.raises(facts.NotTheirs):
        enter(cast, by=factories.CLOCK)
    for nothing in ({"value": ""}, {"value": None}, {"came_from": Source.AGENCY}):
        with pytest.raises(facts.NothingSaid):
            enter(cast, **nothing)
    assert not Fact.objects.exists()


def test_somebody_else_checks_it_and_says_how(cast: Cast):
    fact = enter(cast)
    with pytest.raises(facts.OwnWord):
        verify(cast, fact, cast.amira)
    for user in (cast.fred_user, cast.sam, cast.nadia):  # not at work; may not know
        with pytest.raises(facts.NotTheirs):
            verify(cast, fact, user)
    facts.offer(fact=fact, reason=police(cast), form=FactForm.VALUE, **told(cast))
    checked = verify(cast, fact, cast.sam)
    assert checked.is_verified
    assert (checked.verified_organisation, checked.verified_how) == (
        cast.police,
        Verification.SEEN_DOCUMENT,
    )
    assert [event.verb for event in history.of(fact.reference)] == [
        "entered",
        "offered",
        "verified",
    ]


def verify(cast: Cast, fact: Fact, user: User) -> Fact:
    """Check a fact by a document."""
    return facts.verify(
        fact=fact, how=Verification.SEEN_DOCUMENT, by=cast.by(user), at=cast.later(hours=1)
    )


def police(cast: Cast, **fields: Any) -> Reason:
    """Give the police a reason about Jamie."""
    return factories.reason(cast, cast.jamie, **fields)


def told(cast: Cast, user: User | None = None) -> dict[str, Any]:
    """Return who offers, and when."""
    return {"by": cast.by(user or cast.fred_user), "at": cast.at}


OLD_ENOUGH = facts.Question("at_least", 80, "Is at school at least 80 days of 100?")


def test_a_value_is_read_by_the_holder_of_the_reason_and_nobody_else(cast: Cast):
    offered = facts.offer(fact=enter(cast), reason=police(cast), form=FactForm.VALUE, **told(cast))
    read = facts.read(offered=offered, user=cast.sam, at=cast.at)
    assert (read.value, read.is_verified) == (True, False)
    for user in (cast.ingrid, cast.fred_user, cast.amira, cast.dev):
        with pytest.raises(facts.NotOffered):
            facts.read(offered=offered, user=user, at=cast.at)
    offered.refresh_from_db()
    assert offered.read_at == cast.at
    assert Look.objects.get(subject_kind="fact").user == cast.sam
    assert not sharing.visible(Fact.objects.all(), user=cast.sam, at=cast.at)


def test_a_yes_or_no_is_told_and_the_value_never(cast: Cast):
    fact = enter(cast, key="school_attendance_percent", value=63)
    offered = facts.offer(
        fact=fact,
        reason=police(cast),
        form=FactForm.YES_NO,
        question=OLD_ENOUGH,
        **told(cast),
    )
    read = facts.read(offered=offered, user=cast.sam, at=cast.at)
    assert (read.answer, read.value) == (False, None)
    assert "63" not in repr(read)
    with pytest.raises(facts.NotTheirs):
        verify(cast, fact, cast.sam)  # what one was not told one does not check


def test_what_is_corrected_is_told_anew_and_the_old_no_more(cast: Cast):
    fact = enter(cast, key="school_attendance_percent", value=63)
    open_, closed = police(cast), police(cast, closed_at=cast.at)
    facts.offer(fact=fact, reason=open_, form=FactForm.YES_NO, question=OLD_ENOUGH, **told(cast))
    factories.fact_offer(cast, fact, reason=closed)
    new = facts.correct(
        fact=fact, value=91, came_from=Source.DOCUMENT, by=cast.by(cast.fred_user), at=cast.at
    )
    (offered,) = facts.offers_to(user=cast.sam, at=cast.at)
    assert (offered.fact, offered.reason) == (new, open_)
    assert facts.read(offered=offered, user=cast.sam, at=cast.at).answer is True


def test_what_is_stopped_is_read_no_more(cast: Cast):
    reason = police(cast)
    offered = facts.offer(fact=enter(cast), reason=reason, form=FactForm.VALUE, **told(cast))
    sharing.stop(reason=reason, by=cast.by(cast.fred_user), at=cast.at)
    with pytest.raises(facts.NotOffered):
        facts.read(offered=offered, user=cast.sam, at=cast.at)


def test_a_fact_is_offered_only_with_a_live_reason_about_the_same_person_by_who_may(cast: Cast):
    fact = enter(cast)
    value: dict[str, Any] = {"fact": fact, "form": FactForm.VALUE}
    for reason in (
        police(cast, closed_at=cast.at),
        police(cast, ends_at=cast.at),
        factories.reason(cast, cast.josh),
    ):
        with pytest.raises(facts.NoReason):
            facts.offer(reason=reason, **value, **told(cast))
    for user in (cast.anne_user, cast.sam, cast.nadia):
        with pytest.raises(facts.NotTheirs):
            facts.offer(reason=police(cast), **value, **told(cast, user))
    with pytest.raises(facts.NothingSaid):
        facts.offer(fact=fact, reason=police(cast), form=FactForm.YES_NO, **told(cast))
    assert not FactOffer.objects.exists()


def test_a_secret_fact_stays_with_what_it_was_told_for(cast: Cast):
    subject = uuid.uuid4()
    secret = enter(cast, cast.jamie_user, key="uses_drugs", told_for=subject)
    assert secret.is_confidential
    for user in (cast.fred_user, cast.anne_user, cast.sam):
        assert not sharing.visible(Fact.objects.all(), user=user, at=cast.at)
    assert sharing.visible(Fact.objects.all(), user=cast.amira, at=cast.at).get() == secret
    by = told(cast, cast.jamie_user)
    police(cast, scope=Scope.RECORD)
    with pytest.raises(facts.NoReason):
        facts.offer(fact=secret, reason=police(cast), form=FactForm.VALUE, **by)
    asked = police(cast, subject=subject, is_confidential=True)
    with pytest.raises(facts.NotTheirs):
        facts.offer(fact=secret, reason=asked, form=FactForm.VALUE, **told(cast))
    offered = facts.offer(fact=secret, reason=asked, form=FactForm.VALUE, **by)
    assert facts.read(offered=offered, user=cast.sam, at=cast.at).value is True
    assert not facts.known(person=cast.jamie, day=cast.day)


def test_at_home_only_who_decides_sees_what_is_known(cast: Cast):
    fact = enter(cast)
    for user, may in (
        (cast.jamie_user, True),
        (cast.fred_user, True),
        (cast.amira, True),
        (cast.anne_user, False),
        (cast.stacey_user, False),
    ):
        assert sharing.visible(Fact.objects.filter(pk=fact.pk), user=user, at=cast.at).exists() is (
            may
        )


def test_answers_about_who_can_have_it_are_facts_and_nobody_is_asked_twice(cast: Cast):
    for service in (cast.mentor, cast.family_support):
        Criterion.objects.create(
            service=service,
            fact="attends_school",
            operator="is",
            value=True,
            sentence="They go to school.",
        )
    first = climbing.refer(cast)
    by = cast.by(cast.amira)
    referrals.check_eligibility(referral=first, answers={"attends_school": True}, by=by, at=cast.at)
    fact = Fact.objects.get()
    assert (fact.key, fact.value, fact.came_from) == ("attends_school", True, Source.SAID)
    assert fact.offers.get().form == FactForm.VALUE
    second = climbing.refer(cast, service=cast.family_support)
    assert referrals.eligible(referral=second, answers={}, at=cast.at).met
    referrals.check_eligibility(referral=second, answers={}, by=by, at=cast.at)
    offered = FactOffer.objects.get(reason__subject=second.reference)
    assert (offered.form, offered.question) == (FactForm.YES_NO, "They go to school.")
    assert facts.read(offered=offered, user=cast.ingrid, at=cast.at).answer is True
    verify(cast, fact, cast.ingrid)
    answers.land(referral=second, answers={"attends_school": False}, by=by, at=cast.at)
    assert Fact.objects.get().value is True  # what was checked is corrected, not said otherwise


def test_what_is_said_for_a_secret_is_known_nowhere_else(cast: Cast):
    Criterion.objects.create(
        service=cast.mentor,
        fact="uses_drugs",
        operator="is",
        value=True,
        sentence="They use drugs.",
    )
    referral = climbing.refer(cast, is_confidential=True)
    referrals.check_eligibility(
        referral=referral, answers={"uses_drugs": True}, by=cast.by(cast.amira), at=cast.at
    )
    fact = Fact.objects.get()
    assert (fact.is_confidential, fact.told_for) == (True, referral.reference)
    assert "uses_drugs" not in answers.known(
        person=referral.person, family=cast.family, day=cast.day
    )
    assert fact.offers.get().reason.subject == referral.reference


BROKEN: tuple[dict[str, Any], ...] = (
    {"came_from": Source.AGENCY},
    {"verified_at": "2026-06-03T00:00Z"},
    {"told_for": uuid.uuid4()},
)


def test_the_database_refuses_what_cannot_be(cast: Cast):
    fact = enter(cast)
    own = {
        "verified_by": cast.amira,
        "verified_at": cast.at,
        "verified_how": Verification.SEEN_DOCUMENT,
        "verified_role": Role.ADVOCATE,
    }
    for changes in (*BROKEN, own):
        with pytest.raises(IntegrityError), transaction.atomic():
            Fact.objects.filter(pk=fact.pk).update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.fact(cast, cast.jamie)
    offered = factories.fact_offer(cast, fact)
    for asked in ({"operator": "is"}, {"form": FactForm.YES_NO}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FactOffer.objects.filter(pk=offered.pk).update(**asked)
