"""The product is written wrongly on purpose, in a copy, and the tests that should see it do."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.sabotage import mutations
from tests.sabotage.mutations import Mutation
from tests.sabotage.on_the_ladder import ON_THE_LADDER

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)
COPIED = ("cms", "pricing", "budgets", "marketplace", "tests", "pyproject.toml")
# They hold nothing that a fault is written into, or are too large to be copied each time.
LINKED = ("templates", "var", "manage.py", "Makefile", "marketplace/static", "docs", "README.md")
MUTATIONS = (*mutations.MUTATIONS, *ON_THE_LADDER)
SOME_FAILED = 1  # pytest's word for it; 2 and more mean that it could not run at all


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source, with the database template of these tests."""
    folder = tmp_path_factory.mktemp("sabotage")
    left_out = shutil.ignore_patterns("__pycache__", "node_modules", "static")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
        else:
            shutil.copy(ROOT / name, folder / name)
    for name in LINKED:
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    return folder


def run(copy: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run tests on the copy, in a process of their own."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    # SQLite is enough: what is asked is whether somebody notices.
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL") and not name.startswith("PYTEST_")
    }
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def written_wrongly(copy: Path, mutation: Mutation) -> str:
    """Write the fault into the copy, and return what stood there."""
    path = copy / mutation.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")
    return text


def test_there_are_more_than_twenty_and_no_two_are_the_same() -> None:
    assert len(MUTATIONS) >= 40
    assert len({(each.file, each.before, each.after) for each in MUTATIONS}) == len(MUTATIONS)
    rooms = {"authority", "sharing", "people", "referrals", "pages"}
    assert {each.file.split("/")[1] for each in MUTATIONS} == rooms


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)
def test_the_table_is_of_today(mutation: Mutation) -> None:
    """The words stand there once, the file is Python with the fault in it, and the tests exist."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.before) == 1
    ast.parse(text.replace(mutation.before, mutation.after))
    for test in mutation.tests:
        file, _dots, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.soak
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)
def test_a_fault_is_noticed(mutation: Mutation, copy: Path) -> None:
    text = written_wrongly(copy, mutation)
    try:
        found = run(copy, mutation.tests)
    finally:
        (copy / mutation.file).write_text(text, encoding="utf-8")
    assert found.returncode == SOME_FAILED, found.stdout[-3000:]


@pytest.mark.soak
def test_without_a_fault_they_are_all_green(copy: Path) -> None:
    """The twin: it is the fault that they see."""
    every = tuple(dict.fromkeys(test for each in MUTATIONS for test in each.tests))
    found = run(copy, every)
    assert found.returncode == 0, found.stdout[-3000:]
