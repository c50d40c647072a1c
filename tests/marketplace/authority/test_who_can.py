"""Who can, where somebody cannot."""

from typing import Any

import pytest

from cms.models import Service, Step
from marketplace.authority import authority
from marketplace.authority.models import Cover
from tests.cast import Cast
from tests.marketplace.authority.asking import add_rule, decide

pytestmark = pytest.mark.django_db


# Who can, then.


def who_can(cast: Cast, step: Step, service: Service, amount_pence: int = 0) -> list[Any]:
    """Return organisation and role of whoever can."""
    found = authority.who_can(step=step, service=service, amount_pence=amount_pence, at=cast.at)
    return [(one.organisation, one.role) for one in found]


def test_the_owners_intake_comes_first_with_how_to_reach_it(cast: Cast):
    first = authority.who_can(step=Step.ASSESS, service=cast.family_support, at=cast.at)[0]
    assert (first.organisation, first.role) == (cast.county.name, "Intake worker")
    assert first.contact == cast.county.phone


def test_holders_of_rules_follow(cast: Cast):
    assert who_can(cast, Step.CHECK_ELIGIBILITY, cast.mentor) == [
        (cast.county.name, "Intake worker"),
        (cast.beacon.name, "Advocate"),
    ]


def test_who_cannot_for_this_amount_is_not_named(cast: Cast):
    assert (cast.beacon.name, "Advocate") in who_can(cast, Step.COMMISSION, cast.mentor, 50_000)
    over = who_can(cast, Step.COMMISSION, cast.mentor, 50_001)
    assert (cast.beacon.name, "Advocate") not in over
    assert (cast.county.name, "Commissioner") in over


def test_a_general_rule_does_not_help_where_a_specific_one_says_less(cast: Cast):
    add_rule(cast)  # every service, without limit
    assert (cast.beacon.name, "Advocate") not in who_can(cast, Step.COMMISSION, cast.mentor, 50_001)


def test_who_is_not_covered_today_is_not_named(cast: Cast):
    Cover.objects.filter(pk=cast.cover.pk).update(valid_to=cast.day)
    assert who_can(cast, Step.CHECK_ELIGIBILITY, cast.mentor) == [
        (cast.county.name, "Intake worker")
    ]


def test_the_provider_comes_first_where_it_answers_itself(cast: Cast):
    assert who_can(cast, Step.BOOK, cast.mentor)[0] == (cast.mentors.name, "Provider worker")
    assert who_can(cast, Step.DIAGNOSE, cast.mentor) == [(cast.mentors.name, "Provider worker")]


def test_whoever_can_is_allowed(cast: Cast):
    """Whoever is named is let in: the list and the decision agree."""
    holders = {
        (cast.county.name, "Intake worker"): cast.ingrid,
        (cast.county.name, "Commissioner"): cast.helena,
        (cast.beacon.name, "Advocate"): cast.amira,
        (cast.mentors.name, "Provider worker"): cast.dev,
        (cast.lantern.name, "Provider worker"): cast.lena,
    }
    for service in (cast.mentor, cast.family_support):
        for step in Step:
            for named in who_can(cast, step, service):
                assert decide(cast, holders[named], step, service).allowed, (service, step, named)
