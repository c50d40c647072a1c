"""Only the ladder calls an arrow, and an arrow is bare: no conditions, no permissions."""

import ast
from collections.abc import Iterator

import pytest

from marketplace.referrals.models import Referral
from tests.laws import tree
from tests.laws.tree import Source

pytestmark = pytest.mark.once

LADDER = "marketplace/referrals/ladder.py"
ARROWS = {
    transition.method.__name__: transition
    for transition in Referral._meta.get_field("rung").get_all_transitions(Referral)
}


def called_arrows(source: Source) -> Iterator[str]:
    """Yield each call of an arrow on a referral: a bare method of its name, or by `getattr`."""
    for node in ast.walk(source.parsed):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        is_bare = not node.args and not node.keywords
        if (
            isinstance(called, ast.Attribute)
            and called.attr in ARROWS
            and is_bare
            and "referral" in ast.unparse(called.value)
        ):
            yield f"{source.path}:{node.lineno} {called.attr}"
        if isinstance(called, ast.Name) and called.id == "getattr" and "arrow" in ast.dump(node):
            yield f"{source.path}:{node.lineno} getattr"


def test_only_the_ladder_calls_an_arrow() -> None:
    found = [
        call
        for source in tree.sources(".py")
        if source.path.startswith("marketplace/") and source.path != LADDER
        for call in called_arrows(source)
    ]
    assert found == []


def test_a_call_elsewhere_would_be_seen() -> None:
    assert list(called_arrows(Source("marketplace/pages/x.py", "referral.soft_refer()\n")))
    assert list(called_arrows(Source("marketplace/pages/x.py", "getattr(referral, arrow)()\n")))
    assert not list(called_arrows(Source("x.py", "referrals.apply(referral=referral)\n")))


def test_an_arrow_is_bare() -> None:
    assert len(ARROWS) == 11
    for transition in ARROWS.values():
        assert not transition.conditions
        assert transition.permission is None
