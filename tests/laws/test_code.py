"""How the code is kept: sizes, names of rooms, imports at the top, no address of this machine."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.laws import tree
from tests.laws.tree import Source

pytestmark = pytest.mark.once

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 70
NO_ROOMS = {"utils", "helpers", "common", "services", "selectors"}
# Every address of Wagtail's goes by row number; none but signed-in staff reach them.
WAGTAILS_OWN = (
    "marketplace/pages/catalogue_editing.py",
    "marketplace/pages/catalogue_proposals.py",
    "marketplace/pages/wagtail_hooks.py",
)
IMPORTS_LATE = ("marketplace/insight/frames.py",)
# Written in halves, so that this file does not break its own law.
NO_ADDRESSES = re.compile(
    "|".join(
        first + second
        for first, second in (
            ("pypi", r"\.org"), ("python", "hosted"), ("registry", r"\.npmjs"),
            ("deb", r"\.debian"),
            ("registry", r"\.yarnpkg"), ("proxy", r"\.golang"), ("/work", "/(main|shared)"),
            ("/root", "/"), ("/tmp/", "alongside/"), ("/opt", "/wheels"), ("/home", "/[a-z]+/"),
        )
    )
)  # fmt: skip


def too_long(source: Source) -> Iterator[str]:
    """Yield the file, and each of its functions, that is longer than the law allows."""
    lines = len(source.text.splitlines())
    if lines > MOST_LINES:
        yield f"{source.path} has {lines} lines"
    if not source.path.endswith(".py"):
        return
    for node in ast.walk(source.parsed):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                yield f"{source.path}:{node.lineno} {node.name} has {length} lines"


def late_imports(source: Source) -> Iterator[str]:
    """Yield each import inside a function."""
    for function in ast.walk(source.parsed):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"{source.path}:{node.lineno}"


def refreshed_referrals(source: Source) -> Iterator[str]:
    """Yield each `refresh_from_db` that may be a referral's.

    In django-fsm-2 a failed one leaves the protection of the rung off for the whole process.
    """
    for node in ast.walk(source.parsed):
        if isinstance(node, ast.Attribute) and node.attr == "refresh_from_db":
            whose = ast.unparse(node.value)
            if "referral" in whose.lower() or "/referrals/" in source.path:
                yield f"{source.path}:{node.lineno} {whose}"


def test_no_file_and_no_function_is_too_long() -> None:
    own = (".py", ".html", ".txt", ".scss", ".js")
    found = [
        place
        for source in tree.sources(*own)
        if "/migrations/" not in source.path and not source.path.startswith("requirements/")
        for place in too_long(source)
    ]
    assert found == []


def test_imports_are_at_the_top() -> None:
    found = [
        place
        for source in tree.python(tests=True)
        if source.path not in IMPORTS_LATE
        for place in late_imports(source)
    ]
    assert found == []


def test_no_room_is_a_drawer_for_everything() -> None:
    # A page may be about services, which are a noun of ours; a room of that name would be a drawer.
    rooms = [
        path for path in tree.paths(".py") if not path.startswith(("marketplace/pages", "tests"))
    ]
    parts = {part.removesuffix(".py") for path in rooms for part in path.split("/")}
    assert parts & NO_ROOMS == set()


def test_a_referral_is_selected_again_and_never_refreshed() -> None:
    found = [place for source in tree.python(tests=True) for place in refreshed_referrals(source)]
    assert found == []


def row_numbers(source: Source) -> Iterator[str]:
    """Yield each address that would show a stranger a row's number instead of a reference."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(r"<(int:)?(pk|id|\w+_id)>|<int:\w+(pk|id)>", line):
            yield f"{source.path}:{number}"


def test_strangers_see_a_reference_and_never_a_row_number() -> None:
    found = [
        place
        for source in tree.python()
        if source.path not in WAGTAILS_OWN
        for place in row_numbers(source)
    ]
    assert found == []


def test_no_file_names_a_package_host_or_a_folder_of_one_machine() -> None:
    text = (".py", ".toml", ".txt", ".json", ".html", ".md", ".js", ".scss", ".css", ".yml", "run")
    found = [
        f"{source.path}:{number}"
        for source in tree.sources(*text, "Makefile", ".npmrc", ".editorconfig")
        for number, line in enumerate(source.text.splitlines(), 1)
        if NO_ADDRESSES.search(line)
    ]
    assert found == []


def test_each_of_these_would_be_seen() -> None:
    long = "def a():\n" + "    pass\n" * 400
    assert len(list(too_long(Source("long.py", long)))) == 2
    assert list(late_imports(Source("late.py", "def a():\n    import json\n"))) == ["late.py:2"]
    assert list(refreshed_referrals(Source("a.py", "self.referral.refresh_from_db()"))) != []
    assert list(row_numbers(Source("urls.py", "path('families/<int:pk>/', page)"))) != []
    assert NO_ADDRESSES.search("https://" + "pypi" + ".org/simple")
    assert NO_ADDRESSES.search("/work" + "/main/manage.py")
