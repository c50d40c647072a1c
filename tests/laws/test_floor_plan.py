"""Imports go down: the contracts of pyproject.toml hold, and each can go red."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws import tree

pytestmark = pytest.mark.once

LINT = Path(sys.executable).parent / "lint-imports"

VIOLATIONS = {
    "packages": ("cms/catalogue.py", "from budgets import history"),
    "rooms": ("marketplace/notices/notices.py", "from marketplace.referrals import models"),
    "neighbours": ("marketplace/sharing/sharing.py", "from marketplace.authority import models"),
    "rights from below": (
        "marketplace/bookings/bookings.py",
        "from marketplace.rights import models",
    ),
    "a room not on the plan": ("marketplace/helpers/__init__.py", ""),
    "prices": ("budgets/plans.py", "from pricing import models"),
    "stripe": ("marketplace/bookings/models/booking.py", "import stripe"),
    "pandas": ("budgets/history.py", "import pandas"),
    "no Django": ("pricing/money.py", "from django.db import models"),
    "no Django in eligibility": (
        "marketplace/referrals/eligibility.py",
        "from django.utils import timezone",
    ),
    "no Django in assessment": (
        "marketplace/referrals/assessment.py",
        "from django.utils import timezone",
    ),
    "a budget in sight of eligibility": (
        "marketplace/referrals/eligibility.py",
        "from budgets import ledger",
    ),
    "a price in sight of assessment": (
        "marketplace/referrals/assessment.py",
        "from pricing import prices",
    ),
    "a fund in sight of their facts": (
        "marketplace/referrals/facts.py",
        "from budgets import funds",
    ),
    "a plan in sight of their facts, by a detour": (
        "marketplace/sharing/facts.py",
        "from budgets import plans",
    ),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the floor plan's contracts on a tree."""
    return subprocess.run(
        [LINT, "--no-logo", "--no-cache", "--config", "pyproject.toml"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def test_the_floor_plan_holds() -> None:
    done = lint(tree.ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of our packages that a test may spoil."""
    for name in tree.PACKAGES:
        shutil.copytree(
            tree.ROOT / name, tmp_path / name,
            ignore=shutil.ignore_patterns("node_modules", "static", "__pycache__"),
        )  # fmt: skip
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_deliberate_violation_goes_red(name: str, copy: Path) -> None:
    path, line = VIOLATIONS[name]
    spoiled = copy / path
    spoiled.parent.mkdir(parents=True, exist_ok=True)
    spoiled.write_text(f"{line}\n" + (spoiled.read_text() if spoiled.exists() else ""))
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout or "missing layers" in done.stdout.lower(), done.stdout
