"""The domain has no clock: `at` is passed in. Only doors (pages, commands, checks, tasks) ask."""

import ast
from collections.abc import Iterator

import pytest

from tests.laws import tree
from tests.laws.tree import Source

pytestmark = pytest.mark.once

DOORS = (
    "marketplace/pages/",
    "marketplace/management/",
    "marketplace/settings.py",
    "marketplace/checks.py",
)
CLOCKS = {"now", "utcnow", "today", "localdate", "localtime", "time_ns"}
OWNERS = {"timezone", "datetime", "date", "time"}


def clocks(source: Source) -> Iterator[str]:
    """Yield each place where a file asks for the time."""
    for node in ast.walk(source.parsed):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        # timezone.localdate(at) turns a moment that was passed in into a day: no clock.
        is_asking = not node.args or node.func.attr in {"now", "today"}
        if name in OWNERS and node.func.attr in CLOCKS and is_asking:
            yield f"{source.path}:{node.lineno} {name}.{node.func.attr}()"


def test_the_domain_has_no_clock() -> None:
    found = [
        place
        for source in tree.python()
        if not source.path.startswith(DOORS) and not source.path.endswith("/tasks.py")
        for place in clocks(source)
    ]
    assert found == []


def test_a_clock_would_be_seen() -> None:
    bad = "a = timezone.now()\nb = datetime.datetime.now(tz=UTC)\nc = date.today()\n"
    assert len(list(clocks(Source("budgets/bad.py", bad)))) == 3
    assert list(clocks(Source("good.py", "day = timezone.localdate(at)\n"))) == []
