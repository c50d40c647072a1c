"""A served demonstration place for each file of journeys, and browsers that visit it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests import databases
from tests.journeys import browsing, place
from tests.journeys.browsing import Visitor
from tests.journeys.place import Place

FAMILIES = 3


class Visit(Protocol):
    """Opens a browser, signed in as somebody unless nobody is named."""

    def __call__(
        self,
        name: str = "",
        *,
        size: ViewportSize = browsing.DESK,
        has_javascript: bool = True,
    ) -> Visitor: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder: it opens a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def seeded(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with the demonstration place in it, built once, and what came before today."""
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own  # of the whole run
    template = databases.FOLDER / f"template-{databases.fingerprint()}.sqlite3"
    with databases.one_at_a_time():  # whichever process comes first builds it for all
        file = folder / "seeded.sqlite3"
        if not file.exists():
            unfinished = folder / "unfinished.sqlite3"
            unfinished.unlink(missing_ok=True)
            place.seed(unfinished, families=FAMILIES, template=template)
            place.run(unfinished, "-m", "tests.journeys.earlier")
            place.copy(unfinished, file)
    return file


@pytest.fixture(scope="module")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Serve a copy of the place to one file of tests."""
    file = tmp_path_factory.mktemp("site") / "site.sqlite3"
    place.copy(seeded, file)
    with place.serve(file) as served:
        yield served


# Not for the whole session: while it runs, tests that are coroutines cannot.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Run one browser for all journeys."""
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def visit(chromium: Browser, site: Place) -> Iterator[Visit]:
    """Open browsers of one's own; at the end none of them may have complained."""
    opened: list[Visitor] = []
    with contextlib.ExitStack() as stack:

        def open_one(
            name: str = "",
            *,
            size: ViewportSize = browsing.DESK,
            has_javascript: bool = True,
        ) -> Visitor:
            visitor = stack.enter_context(
                browsing.visit(
                    chromium, address=site.address, size=size, has_javascript=has_javascript
                )
            )
            if name:
                visitor.sign_in(name)
            opened.append(visitor)
            return visitor

        yield open_one
        assert [complaint for visitor in opened for complaint in visitor.complaints] == []
