"""The oracle itself: it knows nothing of ours, and every row of its table decides something."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.oracle import cells, comparing, oracle

pytestmark = pytest.mark.once

HERE = Path(oracle.__file__).parent
ROOMS = ("cms", "pricing", "budgets", "marketplace", "django")


def imported(path: Path) -> set[str]:
    """Return the packages that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("name", ["oracle.py", "cells.py"])
def test_the_oracle_imports_nothing_but_pythons_own(name: str) -> None:
    assert imported(HERE / name) <= sys.stdlib_module_names


def test_the_oracle_runs_where_there_is_nothing_of_ours() -> None:
    program = (
        "import runpy, sys;"
        f"found = runpy.run_path({str(HERE / 'oracle.py')!r});"
        "assert len(found['RULES']) > 30;"
        f"assert not set(sys.modules) & set({ROOMS!r})"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, timeout=60)


def test_an_import_of_ours_is_noticed() -> None:
    assert not imported(HERE / "scene.py") <= sys.stdlib_module_names


# What the report and the design say in so many words, asked of the oracle by hand.

PLAIN = cells.PLAIN | {"Step": "commission"}
NO_RULE = {"Agreement": "of another owner"}
INTAKE = NO_RULE | {"Role": "intake_worker", "Works for": "the owner"}
SPECIALIST = NO_RULE | {"Role": "provider_worker", "Works for": "the provider"}
AT_HOME = {"Role": "family", "Works for": "herself: at home"}
SAID: list[tuple[str, dict[str, str], str]] = [
    ("an advocate under her rule buys", {}, ""),
    ("up to and with the limit", {"Limit a time": "equal"}, ""),
    ("a penny over asks", {"Limit a time": "a penny over"}, "ask over_limit"),
    (
        "splitting does not help",
        {"Limit a family and year": "a penny over"},
        "ask over_family_limit",
    ),
    ("a legal right costs nothing", {"Service": "legal right", "Limit a time": "a penny over"}, ""),
    ("cover lapses on its day", {"Cover": "until today"}, "no no_cover"),
    ("cover holds on its last day", {"Cover": "last day"}, ""),
    ("the owner may bear it", {"Cover": "the owner's"}, ""),
    (
        "approval makes up for no cover",
        {"Cover": "none", "Limit a time": "a penny over"},
        "no no_cover over_limit",
    ),
    ("no agreement, no", {"Agreement": "of another owner"}, "no no_rule"),
    ("a suspended one", {"Agreement": "suspended"}, "no no_rule"),
    ("nobody asked her", {"Appointed": "by nobody"}, "no not_appointed"),
    ("a friend is no advocate", {"Appointed": "as a family friend"}, "no not_appointed"),
    ("who gains asks", {"Interest": "declared"}, "ask interest"),
    ("intake of the owner", INTAKE, ""),
    ("intake does not diagnose", INTAKE | {"Step": "diagnose"}, "no no_rule"),
    ("specialists do", SPECIALIST | {"Step": "diagnose"}, ""),
    ("a child", {"Role": "family", "Works for": "herself: decided for"}, "no no_role"),
    ("a family needs no cover", AT_HOME | {"Cover": "none"}, ""),
    ("on any ground", {"Basis": "consent", "Safeguard": "open"}, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"), [said[1:] for said in SAID], ids=[s[0] for s in SAID]
)
def test_the_oracle_says_what_the_design_says(changes: dict[str, str], expected: str) -> None:
    said = oracle.answer(PLAIN | changes, question="authority")
    words = [] if said.allowed else ["ask" if said.ask else "no", *sorted(said.codes)]
    assert " ".join(words) == expected


@pytest.mark.parametrize("column", ["Basis", "Safeguard"])
def test_what_makes_no_difference_is_in_no_other_row(column: str) -> None:
    assert [
        row.number for row in oracle.RULES if column in {name for name, *_ in row.conditions}
    ] == []
    assert [row for row in oracle.lines("rules.csv") if row["And where"] == f"{column}: any"]


def test_every_row_says_why_and_from_where() -> None:
    for line in oracle.lines("rules.csv"):
        assert line["In plain words"].endswith(".")
        assert line["Source"]
        assert bool(line["Code"]) is (line["Then"] in ("no", "ask"))


def test_every_value_that_a_row_names_is_known() -> None:
    """A misspelt word would never fit, and nobody would notice."""
    derived = {
        "Question": {"authority", "referral"},
        "On the ladder": {"yes", "no"},
        "Step is": {"to do", "done", "not needed"},
        "Earlier step": {"none", "still to do"},
        "Costs the plan": {"yes", "no"},
        "Deciding rule": {"main", "second", "broader", "none"},
        "Step": set(cells.STEPS),
    }
    known = derived | {column: set(values) for column, values in cells.COLUMNS.items()}
    for row in oracle.RULES:
        for column, _meant, values in row.conditions:
            assert values <= known[column], (row.number, column)


def test_the_sample_reaches_every_row_that_can_decide() -> None:
    reached: Counter[str] = Counter()
    dont_apply: set[str] = set()
    yes = 0
    for part in (1, 2):
        for situation in comparing.part_of_the_sample(part):
            for step in cells.STEPS:
                facts = situation | {"Step": step}
                dont_apply |= {
                    row.number for row in oracle.RULES if row.part == "1" and row.fits(facts)
                }
                for question in ("referral", "authority"):
                    said = oracle.answer(facts, question=question)
                    reached.update(said.rows)
                    yes += said.allowed
    expected = {row.number for row in oracle.RULES if row.part not in ("1", "5")}
    assert expected - {row for row, times in reached.items() if times >= 3} == set()
    assert {row.number for row in oracle.RULES if row.part == "1"} == dont_apply
    assert yes > 1_000


def test_all_cells_are_some_hundred_thousand() -> None:
    assert sum(map(len, cells.SHEETS)) * len(cells.STEPS) > 300_000
