"""Running totals go on where a rule is replaced by a new version of itself."""

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from budgets import history
from cms.models import Step
from marketplace.authority import agreements, covers, uses
from marketplace.authority.models import (
    AgreementState,
    Rule,
    Suspension,
    Use,
)
from marketplace.people.roles import Role
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.authority.asking import codes, decide, rule_of
from tests.marketplace.authority.dealing import agree, signatory

pytestmark = pytest.mark.django_db

LIMITS: dict[str, Any] = {"limit_commission_pence": 50_000, "limit_family_year_pence": 100_000}


def commissioning(cast: Cast) -> Rule:
    """Return the trust's newest rule for commissioning the mentor."""
    return Rule.objects.filter(
        agreement__holder=cast.trust, step=Step.COMMISSION, service=cast.mentor
    ).latest("pk")


def test_totals_do_not_restart_with_a_new_version(cast: Cast):
    agree(cast, **LIMITS)
    first = commissioning(cast)
    uses.add(rule=first, family=cast.family, year=2026, amount_pence=90_000)
    later = cast.later(days=1)
    agree(cast, at=later, **LIMITS)
    second = commissioning(cast)
    assert second.pk != first.pk
    assert uses.totals(rule=second, family=cast.family, year=2026).family_pence == 90_000
    over = decide(cast, cast.ruth, Step.COMMISSION, amount_pence=20_000, at=later)
    assert codes(over) == ["over_family_limit"]
    # What came back of the older one's counts for the newer one, too.
    uses.add(rule=first, family=cast.family, year=2026, amount_pence=-90_000)
    assert decide(cast, cast.ruth, Step.COMMISSION, amount_pence=20_000, at=later).allowed


def test_totals_do_not_restart_where_a_cell_replaces_part_of_a_larger_agreement(cast: Cast):
    uses.add(rule=rule_of(cast), family=cast.family, year=2026, amount_pence=90_000)
    agree(cast, holder=cast.beacon)
    newest = Rule.objects.filter(agreement__holder=cast.beacon, step=Step.COMMISSION).latest("pk")
    assert newest.role == Role.LEAD_PROFESSIONAL
    assert newest.lineage != rule_of(cast).lineage
    assert not Rule.objects.in_force(cast.day).filter(pk=rule_of(cast).pk).exists()


def test_totals_do_not_restart_by_asking_for_a_competence_or_by_ending_and_agreeing_anew(
    cast: Cast,
):
    agree(cast, **LIMITS)
    lineage = commissioning(cast).lineage
    agree(cast, at=cast.later(days=1), competence="social_worker", **LIMITS)
    assert commissioning(cast).lineage == lineage
    version = commissioning(cast).agreement
    agreements.end(agreement=version, by=CLOCK, at=cast.later(days=2))
    agree(cast, at=cast.later(days=3), **LIMITS)
    assert commissioning(cast).lineage == lineage


def test_rules_side_by_side_for_different_competences_have_totals_of_their_own(cast: Cast):
    junior, senior = (
        Rule.objects.get(agreement=agreement) for agreement in (cast.scheme, cast.senior_scheme)
    )
    assert junior.lineage != senior.lineage


def test_totals_do_not_restart_with_a_renewed_cover(cast: Cast):
    rule = rule_of(cast)
    uses.add(rule=rule, family=cast.family, year=2026, amount_pence=90_000)
    covers.renew(
        cover=cast.cover,
        insurer="Fenwick Mutual (invented)",
        amount_pence=500_000_000,
        valid_from=cast.day,
        valid_to=cast.day + timedelta(days=900),
        by=signatory(cast, cast.beacon),
        at=cast.at,
    )
    over = decide(cast, cast.amira, Step.COMMISSION, amount_pence=20_000)
    assert over.rule is not None
    assert (over.rule.pk == rule.pk, codes(over)) == (False, ["over_family_limit"])


def migration(name: str):
    """Return a step of the migration that gave lineages, to be run on the tables of today."""
    return getattr(importlib.import_module("marketplace.authority.migrations.0003_lineages"), name)


def test_the_migration_gives_versions_of_a_rule_one_lineage(cast: Cast):
    agree(cast)
    agree(cast, at=cast.later(days=1))
    agree(cast, holder=cast.police)
    for number, rule in enumerate(Rule.objects.all()):
        Rule.objects.filter(pk=rule.pk).update(lineage=f"{number:032x}")
    migration("give_lineages")(apps, None)
    found = Rule.objects.filter(step=Step.COMMISSION, agreement__pathway__isnull=False)
    lineages = {
        holder: set(found.filter(agreement__holder=holder).values_list("lineage", flat=True))
        for holder in (cast.trust, cast.police)
    }
    assert [len(found) for found in lineages.values()] == [1, 1]
    assert lineages[cast.trust] != lineages[cast.police]


def test_the_migration_dates_what_was_stopped_by_its_history(cast: Cast):
    agreements.suspend(agreement=cast.agreement, by=CLOCK, at=cast.later(days=4))
    Suspension.objects.all().delete()
    migration("date_stops")(apps, None)
    assert Suspension.objects.get().starts_on == cast.day + timedelta(days=4)
    assert (
        not Rule.objects.in_force(cast.day + timedelta(days=4))
        .filter(agreement=cast.agreement)
        .exists()
    )
    events = history.of(cast.agreement.reference)
    assert [event.verb for event in events][-1] == AgreementState.SUSPENDED


def test_a_use_belongs_to_a_lineage_once_a_year(cast: Cast):
    rule = rule_of(cast)
    for _time in range(2):
        uses.add(rule=rule, family=cast.family, year=2026, amount_pence=1)
    assert Use.objects.filter(lineage=rule.lineage).count() == 2
