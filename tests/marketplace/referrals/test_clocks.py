"""Clocks against a program that reckons by itself: 500 cases, and 10,000 in the soak."""

import json
import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from marketplace import checks
from marketplace.notices import working_days
from marketplace.referrals import promises

pytestmark = pytest.mark.once

PROGRAM = Path(__file__).with_name("reckoning.py")
FIRST, DAYS = date(2019, 1, 2), 3200
SEED = 20110401


def reckoned(*arguments: str, cases: list[dict[str, Any]] | None = None) -> Any:
    """Return what the program says."""
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *arguments],
        input=json.dumps(cases or []),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return json.loads(done.stdout)


def cases(count: int) -> list[dict[str, Any]]:
    """Return promises of any length, on any day, with up to three pauses, always the same."""
    dice = random.Random(SEED)
    found = []
    for _number in range(count):
        made = FIRST + timedelta(days=dice.randrange(DAYS))
        starts = made + timedelta(days=dice.randint(-10, 5))
        pauses = []
        for _pause in range(dice.choice([0, 0, 1, 1, 2, 3])):
            ends = starts + timedelta(days=dice.randint(0, 28))
            pauses.append([starts.isoformat(), ends.isoformat()])
            starts = ends + timedelta(days=dice.randint(0, 9))
        found.append(
            {
                "made": made.isoformat(),
                "given": dice.choice([0, 1, 2, 5, 5, 10, dice.randint(0, 60)]),
                "pauses": pauses,
                "day": (made + timedelta(days=dice.randint(0, 60))).isoformat(),
            }
        )
    return found


def ours(case: dict[str, Any]) -> dict[str, Any]:
    """Return what the product says of a case."""
    made, day = date.fromisoformat(case["made"]), date.fromisoformat(case["day"])
    spans = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in case["pauses"]]
    due = promises.due_by(made, case["given"], spans=spans)
    clock = promises.reckon(made_on=made, due_on=due, spans=spans, day=day)
    return {
        "due": due.isoformat(),
        "amber": promises.amber_on(made, case["given"], spans=spans).isoformat(),
        "light": clock.light,
        "left": clock.working_days_left,
    }


def differences(count: int) -> list[tuple[dict[str, Any], Any, Any]]:
    """Return each case in which the two disagree."""
    asked = cases(count)
    pairs = zip(asked, map(ours, asked), reckoned(cases=asked), strict=True)
    return [(case, mine, theirs) for case, mine, theirs in pairs if mine != theirs]


def test_five_hundred_clocks_agree_with_an_independent_reckoning() -> None:
    assert differences(500) == []


@pytest.mark.soak
def test_ten_thousand_clocks_agree_with_an_independent_reckoning() -> None:
    assert differences(10_000) == []


def test_that_test_goes_red_when_a_bank_holiday_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = frozenset(day for day in working_days.bank_holidays() if day.month != 5)
    monkeypatch.setattr(working_days, "bank_holidays", lambda: kept)
    assert differences(500)


def test_that_test_goes_red_when_pauses_do_not_stop_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working_days, "stands", lambda day, spans: False)
    assert differences(500)


def test_the_published_bank_holidays_are_those_that_the_rules_give() -> None:
    """Nobody has to believe the list: seventeen years of it follow from the rules."""
    published = sorted(day.isoformat() for day in working_days.bank_holidays())
    worked_out = reckoned("holidays")
    until = working_days.known_until().isoformat()
    assert published == [day for day in worked_out if published[0] <= day <= until]


def test_the_list_says_how_long_it_is_good_for_and_warns_a_year_before() -> None:
    last = working_days.known_until()
    assert (last.month, last.day) == (12, 31)
    assert not working_days.runs_out(day=last - timedelta(days=366))
    assert working_days.runs_out(day=last - timedelta(days=365))


def test_the_warning_is_a_numbered_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.bank_holidays(None) == []
    monkeypatch.setattr(working_days, "known_until", lambda: date(2024, 12, 31))
    (warning,) = checks.bank_holidays(None)
    assert warning.id == "alongside.W008"


def test_so_many_working_days_before_are_so_many_between() -> None:
    for count in range(12):
        day = date(2026, 5, 27)
        start = working_days.before(day, count)
        assert working_days.between(start, day) == count
