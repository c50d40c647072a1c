"""Limits and cover: a penny over needs approval; no insurance means no."""

from datetime import timedelta

import pytest

from cms.models import Step
from marketplace.authority import uses
from marketplace.authority.models import Cover, Rule
from tests.cast import Cast
from tests.marketplace.authority.asking import codes, decide, rule_of

pytestmark = pytest.mark.django_db


# Limits.


@pytest.mark.parametrize(
    ("amount_pence", "allowed"),
    [(0, True), (49_999, True), (50_000, True), (50_001, False), (5_000_000, False)],
)
def test_a_commission_up_to_the_limit_goes_through(amount_pence: int, allowed: bool, cast: Cast):
    decision = decide(cast, cast.amira, Step.COMMISSION, amount_pence=amount_pence)
    assert decision.allowed is allowed
    assert codes(decision)[:1] == ([] if allowed else ["over_limit"])
    assert decision.needs_approval is not allowed


def test_the_refusal_names_both_amounts(cast: Cast):
    (reason,) = decide(cast, cast.amira, Step.COMMISSION, amount_pence=50_001).reasons
    assert "£500.01" in reason.sentence
    assert "£500.00" in reason.sentence


def test_no_limit_means_none(cast: Cast):
    Rule.objects.filter(agreement=cast.agreement).update(
        limit_commission_pence=None, limit_family_year_pence=None, limit_year_pence=None
    )
    assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=10**9).allowed


def test_a_limit_of_nothing_allows_nothing_but_what_costs_nothing(cast: Cast):
    Rule.objects.filter(agreement=cast.agreement).update(limit_commission_pence=0)
    assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=0).allowed
    assert not decide(cast, cast.amira, Step.COMMISSION, amount_pence=1).allowed


def test_splitting_does_not_get_round_the_limit_of_a_family(cast: Cast):
    rule = rule_of(cast)
    for _part in range(2):
        assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=45_000).allowed
        uses.add(rule=rule, family=cast.family, year=2026, amount_pence=45_000)
    assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=10_000).allowed  # exactly £1,000
    third = decide(cast, cast.amira, Step.COMMISSION, amount_pence=10_001)
    assert codes(third) == ["over_family_limit"]
    assert third.needs_approval


def test_what_another_family_used_counts_for_the_rule_and_not_for_the_family(cast: Cast):
    rule = rule_of(cast)
    uses.add(rule=rule, family=cast.neighbours, year=2026, amount_pence=100_000)
    assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=50_000).allowed
    uses.add(rule=rule, family=cast.family, year=2026, amount_pence=60_000)
    over = decide(cast, cast.amira, Step.COMMISSION, amount_pence=40_001)
    assert codes(over) == ["over_family_limit", "over_year_limit"]


def test_last_years_use_does_not_count(cast: Cast):
    uses.add(rule=rule_of(cast), family=cast.family, year=2025, amount_pence=100_000)
    assert decide(cast, cast.amira, Step.COMMISSION, amount_pence=50_000).allowed


def test_limits_are_asked_only_of_commissions(cast: Cast):
    assert decide(cast, cast.amira, Step.DECIDE_ELIGIBILITY, amount_pence=10**9).allowed


# Cover.


@pytest.mark.parametrize(
    ("days_to_the_last", "allowed"), [(2, True), (1, True), (0, False), (-1, False)]
)
def test_cover_holds_until_the_day_it_ends(days_to_the_last: int, allowed: bool, cast: Cast):
    cast.cover.valid_to = cast.day + timedelta(days=days_to_the_last)
    cast.cover.save()
    decision = decide(cast, cast.amira, Step.COMMISSION)
    assert decision.allowed is allowed
    assert codes(decision) == ([] if allowed else ["no_cover"])
    assert not decision.needs_approval, "nobody's approval makes up for insurance"


def test_cover_does_not_hold_before_its_first_day(cast: Cast):
    Cover.objects.filter(pk=cast.cover.pk).update(valid_from=cast.day + timedelta(days=1))
    assert codes(decide(cast, cast.amira)) == ["no_cover"]


def test_a_rule_without_cover_allows_nothing(cast: Cast):
    Rule.objects.filter(agreement=cast.agreement).update(cover=None)
    assert codes(decide(cast, cast.amira)) == ["no_cover"]


def test_families_need_no_cover(cast: Cast):
    assert decide(cast, cast.fred_user, Step.COMMISSION, amount_pence=1_000).allowed
