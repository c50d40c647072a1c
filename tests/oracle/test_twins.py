"""Each a deliberate change of the product; the comparison goes red. With none it is green."""

from collections.abc import Iterator
from typing import Any

import pytest

from marketplace.authority import authority, uses
from marketplace.authority.models import Cover, RuleQuerySet
from marketplace.people import competences
from marketplace.referrals import acts
from marketplace.sharing.models import Safeguard
from tests.cast import Cast
from tests.oracle import cells, comparing, oracle
from tests.oracle.scene import Scene

pytestmark = pytest.mark.once

Where = dict[str, str]

real_decide = authority.decide


def _with_a_safeguard_in_the_way(**asked: Any) -> authority.Decision:
    if Safeguard.objects.open().filter(person__members__family=asked["family"]).exists():
        return authority.Decision(allowed=False)
    return real_decide(**asked)


def _by_role_only(case: authority.Case, *_rules: Any) -> bool:
    return "intake_worker" in case.roles and case.step != "diagnose" and not any(map(any, _rules))


# What is changed, to what, and where that shows.
TWINS: dict[str, tuple[Any, str, Any, Where]] = {
    "the limit refuses what equals it": (
        authority,
        "_passes",
        lambda amount_pence, limit_pence: limit_pence is not None and amount_pence >= limit_pence,
        {"Limit a time": "equal"},
    ),
    "the limit is forgotten": (
        authority,
        "_passes",
        lambda amount_pence, limit_pence: False,
        {"Limit a family and year": "a penny over"},
    ),
    "what was used before is forgotten": (
        uses,
        "totals",
        lambda **asked: uses.Totals(0, 0),
        {"Limit of the rule a year": "a penny over"},
    ),
    "the date of the cover is ignored": (
        Cover,
        "holds_on",
        lambda cover, day: True,
        {"Cover": "until today"},
    ),
    "the relation of the organisation is ignored": (
        authority,
        "_is_owners",
        _by_role_only,
        {
            "Role": "intake_worker",
            "Works for": "another organisation",
            "Agreement": "of another owner",
        },
    ),
    "a rule holds for ever": (
        RuleQuerySet,
        "in_force",
        lambda rules, day: rules,
        {"Rule dates": "the day after"},
    ),
    "a suspension is not heard of": (
        RuleQuerySet,
        "in_force",
        lambda rules, day: rules,
        {"Agreement": "suspended from today"},
    ),
    "anybody acts for any family": (
        authority,
        "_is_appointed",
        lambda case: True,
        {"Appointed": "by the neighbours"},
    ),
    "who gains says yes to herself": (
        competences,
        "has_interest",
        lambda **asked: False,
        {"Interest": "declared"},
    ),
    "an open concern stands in the way": (
        authority,
        "decide",
        _with_a_safeguard_in_the_way,
        {"Safeguard": "open"},
    ),
    "steps are taken in any order": (
        acts,
        "_too_early",
        lambda first: authority.Refusal("nothing", ""),
        {"Rung": "signposted"},
    ),
    "money is not asked for": (
        acts,
        "_commission_refusals",
        lambda **asked: [],
        {"Plan": "a penny short"},
    ),
}


def there(where: Where) -> Iterator[dict[str, str]]:
    """Return the plain situation of everybody, changed as a twin says."""
    for role, works_for in cells.PLACES:
        yield cells.PLAIN | {"Role": role, "Works for": works_for} | where


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """What the oracle's situations are put up in."""
    return Scene(cast)


@pytest.mark.parametrize("name", TWINS)
def test_a_change_of_the_product_is_noticed(
    name: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, attribute, instead, where = TWINS[name]
    monkeypatch.setattr(owner, attribute, instead)
    assert comparing.compare(scene, there(where)).differences != []


def test_without_a_change_there_is_nothing_to_notice(scene: Scene) -> None:
    for _owner, _attribute, _instead, where in TWINS.values():
        assert comparing.compare(scene, there(where)).differences == []


@pytest.mark.parametrize("row", ["2.9", "3.2", "3.4", "3.8", "4.1"])
def test_a_row_taken_out_of_the_table_is_noticed(
    row: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison looks both ways: a wrong table goes red as a wrong product does."""
    monkeypatch.setattr(oracle, "RULES", [each for each in oracle.RULES if each.number != row])
    where: dict[str, Where] = {
        "2.9": {"Agreement": "of another owner"},
        "3.2": {"Cover": "none"},
        "3.4": {"Limit a time": "a penny over"},
        "4.1": {"Rung": "signposted"},
    }
    assert comparing.compare(scene, there(where.get(row, {}))).differences != []
