"""May this person do this step on this service: roles, days, the most specific rule."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from budgets import history
from cms.models import Organisation, Step
from marketplace.authority import agreements, authority
from marketplace.authority.models import Agreement, Cover, CoverKind, Rule
from marketplace.people import memberships, users
from marketplace.people.models import Appointment, Membership
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.authority.asking import add_rule, codes, decide, rule_of

pytestmark = pytest.mark.django_db


# Who may do what, without limits coming into it.

ALLOWED = {
    "amira": {
        "mentor": {"check_eligibility", "take_application", "decide_eligibility", "commission"},
        "family_support": {"check_eligibility", "take_application"},
    },
    "ingrid": {
        service: {
            "check_eligibility",
            "take_application",
            "decide_eligibility",
            "assess",
            "commission",
            "book",
        }
        for service in ("mentor", "family_support", "youth_club")
    },
    "dev": {"mentor": {"book", "diagnose"}},
    "lena": {"family_support": {"book", "diagnose"}},
    "colin": {service: {"commission"} for service in ("mentor", "family_support", "youth_club")},
    "helena": {service: {"commission"} for service in ("mentor", "family_support", "youth_club")},
    "fred_user": {
        "mentor": {"check_eligibility", "take_application", "decide_eligibility", "commission"}
    },
    "anne_user": {
        "mentor": {"check_eligibility", "take_application", "decide_eligibility", "commission"}
    },
    "stacey_user": {
        "mentor": {"check_eligibility", "take_application", "decide_eligibility", "commission"}
    },
}


@pytest.mark.parametrize("service", ["mentor", "family_support", "youth_club", "confidential"])
def test_everybody_may_do_what_was_agreed_and_nothing_else(service: str, cast: Cast):
    for name, user in cast.users.items():
        allowed = {
            step.value for step in Step if decide(cast, user, step, getattr(cast, service)).allowed
        }
        assert allowed == ALLOWED.get(name, {}).get(service, set()), name


def test_a_refusal_says_why_in_words_and_in_code(cast: Cast):
    decision = decide(cast, cast.nadia)
    assert codes(decision) == ["no_rule"]
    assert cast.county.name in decision.reasons[0].sentence
    assert not decision.needs_approval


def test_an_allowed_step_says_by_which_rule(cast: Cast):
    assert decide(cast, cast.amira).rule == rule_of(cast, Step.CHECK_ELIGIBILITY)
    assert decide(cast, cast.ingrid).rule is None


@pytest.mark.parametrize("kind", [kind for kind in history.ActorKind if kind != "person"])
def test_only_a_person_takes_a_step(kind: history.ActorKind, cast: Cast):
    assert codes(decide(cast, replace(cast.by(cast.amira), kind=kind))) == ["not_a_person"]


def test_a_role_is_asked_for_where_somebody_says_she_works(cast: Cast):
    borrowed = replace(cast.by(cast.nadia), organisation=cast.county.reference)
    assert codes(decide(cast, borrowed)) == ["no_role"]


def test_the_role_at_another_organisation_does_not_count(cast: Cast):
    memberships.join(
        user=cast.nadia,
        organisation=cast.beacon,
        role=Role.EDITOR,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    at_beacon = replace(cast.by(cast.nadia), organisation=cast.beacon.reference)
    assert codes(decide(cast, at_beacon)) == ["no_rule"]


def test_deciding_takes_few_queries(cast: Cast, django_assert_max_num_queries: Any):
    with django_assert_max_num_queries(8):
        decide(cast, cast.amira, Step.COMMISSION, amount_pence=1_000)


def test_a_worker_at_two_organisations_acts_for_the_one_she_names(cast: Cast):
    worker = factories.worker(cast, cast.police, Role.LEAD_PROFESSIONAL)
    memberships.join(
        user=worker,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )

    def acting_for(organisation: Organisation) -> history.Actor:
        return history.Actor(
            kind=history.ActorKind.PERSON,
            reference=str(worker.reference),
            organisation=organisation.reference,
        )

    assert decide(cast, acting_for(cast.county)).allowed
    assert codes(decide(cast, acting_for(cast.police))) == ["no_rule"]


# Days.


@pytest.mark.parametrize(
    ("model", "field", "days", "allowed"),
    [
        (Rule, "valid_from", 0, True),
        (Rule, "valid_from", 1, False),
        (Rule, "valid_to", 1, True),
        (Rule, "valid_to", 0, False),
        (Agreement, "valid_from", 0, True),
        (Agreement, "valid_from", 1, False),
        (Agreement, "valid_to", 1, True),
        (Agreement, "valid_to", 0, False),
        (Membership, "starts_on", 0, True),
        (Membership, "starts_on", 1, False),
        (Membership, "ends_on", 1, True),
        (Membership, "ends_on", 0, False),
        (Appointment, "starts_on", 0, True),
        (Appointment, "starts_on", 1, False),
        (Appointment, "ends_on", 1, True),
        (Appointment, "ends_on", 0, False),
    ],
)
def test_everything_is_judged_on_the_day(
    model: Any, field: str, days: int, allowed: bool, cast: Cast
):
    model.objects.update(**{field: cast.day + timedelta(days=days)})
    assert decide(cast, cast.amira).allowed is allowed


def test_the_day_is_the_local_one(cast: Cast):
    Rule.objects.update(valid_to=cast.day + timedelta(days=1))
    before_midnight = datetime.fromisoformat("2026-06-03T22:59:00+00:00")  # 23:59 in Leicester
    assert decide(cast, cast.amira, at=before_midnight).allowed
    assert not decide(cast, cast.amira, at=before_midnight + timedelta(minutes=1)).allowed


def test_a_suspended_agreement_holds_no_more_and_a_resumed_one_does(cast: Cast):
    agreements.suspend(agreement=cast.agreement, by=CLOCK, at=cast.at)
    assert codes(decide(cast, cast.amira)) == ["no_rule"]
    agreements.resume(agreement=cast.agreement, by=CLOCK, at=cast.at)
    assert decide(cast, cast.amira).allowed


def test_an_agreement_nobody_signed_gives_nothing(cast: Cast):
    agreement = agreements.propose(
        owner=cast.county,
        holder=cast.stepping_stones,
        valid_from=cast.day,
        valid_to=None,
        by=CLOCK,
        at=cast.at,
    )
    agreements.add_rules(
        agreement=agreement,
        role=Role.ADVOCATE,
        steps=[Step.CHECK_ELIGIBILITY],
        service=cast.mentor,
        valid_from=cast.day,
        cover=agreements.add_cover(agreement=agreement, kind=CoverKind.OWNER, valid_from=cast.day),
    )
    assert codes(decide(cast, cast.nadia, family=cast.neighbours)) == ["no_rule"]
    agreements.sign(agreement=agreement, party=cast.county, by=CLOCK, at=cast.at)
    assert codes(decide(cast, cast.nadia, family=cast.neighbours)) == ["no_rule"]
    agreements.sign(agreement=agreement, party=cast.stepping_stones, by=CLOCK, at=cast.at)
    assert decide(cast, cast.nadia, family=cast.neighbours).allowed


def test_somebody_let_go_may_do_nothing(cast: Cast):
    users.deactivate(user=cast.amira, by=CLOCK, at=cast.at)
    assert codes(decide(cast, cast.amira)) == ["no_role"]


# Which rule.


def test_the_most_specific_rule_wins_also_where_it_allows_less(cast: Cast):
    add_rule(cast)  # every service of the county's, without limit
    by_term = add_rule(cast, term=cast.need, limit_commission_pence=100_000)
    assert codes(decide(cast, cast.amira, Step.COMMISSION, amount_pence=50_001)) == ["over_limit"]
    Rule.objects.filter(agreement=cast.agreement, service=cast.mentor).delete()
    assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=50_001).rule == by_term
    assert not decide(cast, cast.amira, Step.COMMISSION, amount_pence=100_001).allowed
    by_term.delete()
    assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=100_001).allowed


def test_a_rule_for_a_term_is_about_that_terms_services_only(cast: Cast):
    add_rule(cast, term=cast.need, step=Step.ASSESS)
    assert decide(cast, cast.amira, Step.ASSESS, cast.mentor).allowed
    assert not decide(cast, cast.amira, Step.ASSESS, cast.family_support).allowed


def test_a_rule_for_all_is_about_one_owners_services_only(cast: Cast):
    add_rule(cast, step=Step.ASSESS)
    assert decide(cast, cast.amira, Step.ASSESS, cast.family_support).allowed
    assert not decide(cast, cast.amira, Step.ASSESS, cast.confidential).allowed


def test_among_equals_the_one_that_lets_her_wins(cast: Cast):
    # Helena is senior and Colin is not: each goes by the rule that fits.
    assert decide(cast, cast.helena, Step.COMMISSION, amount_pence=1_000_000).allowed
    assert not decide(cast, cast.helena, Step.COMMISSION, amount_pence=1_000_001).allowed
    assert decide(cast, cast.colin, Step.COMMISSION, amount_pence=100_000).allowed
    assert codes(decide(cast, cast.colin, Step.COMMISSION, amount_pence=100_001)) == ["over_limit"]


def test_among_equals_one_whose_cover_lapsed_does_not_stand_in_the_way(cast: Cast):
    lapsed = Rule.objects.get(agreement=cast.senior_scheme)
    Cover.objects.filter(rules=lapsed).update(valid_to=cast.day)
    assert decide(cast, cast.helena, Step.COMMISSION, amount_pence=100_000).allowed


@pytest.mark.once
@pytest.mark.parametrize("differs", ["by", "service", "family", "at"])
def test_nobody_is_judged_by_what_was_gathered_for_another(differs: str, cast: Cast):
    """Fred would decide for the neighbours, and Amira tomorrow what she may today."""
    asked: dict[str, Any] = {
        "by": cast.by(cast.fred_user), "service": cast.mentor, "family": cast.family, "at": cast.at,
    }  # fmt: skip
    others = {
        "by": cast.by(cast.olive_user),
        "service": cast.family_support,
        "family": cast.neighbours,
        "at": cast.later(days=1),
    }
    known = authority.Known(**asked)
    step = Step.CHECK_ELIGIBILITY
    assert authority.decide(**asked, step=step, known=known).allowed
    asked[differs] = others[differs]
    assert differs != "family" or not authority.decide(**asked, step=step).allowed
    with pytest.raises(authority.KnownOfAnother):
        assert not authority.decide(**asked, step=step, known=known).allowed
    if differs in ("service", "at"):
        with pytest.raises(authority.KnownOfAnother):
            authority.who_can(service=asked["service"], at=asked["at"], step=step, known=known)
