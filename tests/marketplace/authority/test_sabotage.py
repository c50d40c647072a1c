"""Each guarantee has a twin: with the check switched off, its test goes red."""

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.authority import authority, rules, uses
from marketplace.authority.models import Agreement, Rule, RuleQuerySet
from marketplace.people import competences
from marketplace.people.models import Membership
from marketplace.people.models.membership import DatedQuerySet
from tests.cast import Cast
from tests.marketplace.authority import test_decide, test_limits, test_persons, test_who_can

pytestmark = [pytest.mark.once, pytest.mark.django_db]

Test = Callable[[Cast], None]

SABOTAGE: dict[str, tuple[Any, str, Any, Test]] = {
    "the roles of another are believed": (
        authority.Known,
        "is_for",
        lambda known, *, by, family: True,
        lambda cast: test_decide.test_nobody_is_judged_by_what_was_gathered_for_another(
            "family", cast
        ),
    ),
    "the rules of another day are believed": (
        authority.Known,
        "is_about",
        lambda known, *, service, at: True,
        lambda cast: test_decide.test_nobody_is_judged_by_what_was_gathered_for_another("at", cast),
    ),
    "limits are passed by": (
        authority,
        "_passes",
        lambda amount_pence, limit_pence: False,
        lambda cast: test_limits.test_a_commission_up_to_the_limit_goes_through(
            50_001, False, cast
        ),
    ),
    "a limit refuses what equals it": (
        authority,
        "_passes",
        lambda amount_pence, limit_pence: limit_pence is not None and amount_pence >= limit_pence,
        lambda cast: test_limits.test_a_commission_up_to_the_limit_goes_through(50_000, True, cast),
    ),
    "running totals are forgotten": (
        uses,
        "totals",
        lambda **asked: uses.Totals(0, 0),
        test_limits.test_splitting_does_not_get_round_the_limit_of_a_family,
    ),
    "cover is not asked for": (
        rules,
        "has_cover",
        lambda *, rule, day: True,
        lambda cast: test_limits.test_cover_holds_until_the_day_it_ends(0, False, cast),
    ),
    "a rule holds for ever": (
        RuleQuerySet,
        "in_force",
        lambda rules, day: rules,
        lambda cast: test_decide.test_everything_is_judged_on_the_day(
            Rule, "valid_to", 0, False, cast
        ),
    ),
    "an agreement holds for ever": (
        RuleQuerySet,
        "in_force",
        lambda rules, day: rules,
        lambda cast: test_decide.test_everything_is_judged_on_the_day(
            Agreement, "valid_to", 0, False, cast
        ),
    ),
    "a suspension is not heard of": (
        RuleQuerySet,
        "in_force",
        lambda rules, day: rules,
        test_decide.test_a_suspended_agreement_holds_no_more_and_a_resumed_one_does,
    ),
    "roles hold for ever": (
        DatedQuerySet,
        "on",
        lambda rows, day: rows,
        lambda cast: test_decide.test_everything_is_judged_on_the_day(
            Membership, "ends_on", 0, False, cast
        ),
    ),
    "any rule will do": (
        rules,
        "most_specific",
        list,
        test_decide.test_the_most_specific_rule_wins_also_where_it_allows_less,
    ),
    "the general rule is named": (
        rules,
        "most_specific",
        list,
        test_who_can.test_a_general_rule_does_not_help_where_a_specific_one_says_less,
    ),
    "the first of equals wins": (
        authority,
        "_merit",
        lambda decision: 0,
        test_decide.test_among_equals_the_one_that_lets_her_wins,
    ),
    "competences are not asked for": (
        competences,
        "holds",
        lambda **asked: True,
        test_persons.test_a_step_that_asks_for_a_competence_is_refused_without_it,
    ),
    "interests are not asked for": (
        authority,
        "_gains",
        lambda case: False,
        test_persons.test_who_gains_from_the_provider_needs_somebody_elses_yes,
    ),
    "appointments are not asked for": (
        authority,
        "_is_appointed",
        lambda case: True,
        test_persons.test_an_advocate_acts_only_for_a_family_that_asked_her,
    ),
    "anybody at home decides": (
        authority,
        "_decides_in_family",
        lambda **asked: True,
        test_persons.test_a_child_who_is_decided_for_commissions_nothing,
    ),
    "intake may do everything": (
        authority,
        "_is_owners",
        lambda case, rules: case.by.organisation == case.service.owner.reference,
        test_persons.test_diagnosis_stays_with_the_providers_specialists,
    ),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_check_that_is_switched_off_is_noticed(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    owner, attribute, instead, test = SABOTAGE[name]
    monkeypatch.setattr(owner, attribute, instead)
    with pytest.raises(AssertionError):
        test(cast)
