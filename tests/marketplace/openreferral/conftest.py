"""The two feeds, and how the tests bring them in."""

import json
import pathlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from budgets import history
from marketplace.openreferral import files, imports
from tests.marketplace.openreferral import feeding

HERE = pathlib.Path(__file__).parent
FAMILY_HUBS = HERE / "dfe_family_hubs_seed.json"
FAULTY = HERE / "faulty_feed.json"
NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
BY = history.Actor(kind=history.ActorKind.IMPORT, reference="import:test")

Change = Callable[[list[dict[str, Any]]], None]


def bring(
    path: pathlib.Path = FAULTY,
    *,
    change: Change | None = None,
    by: history.Actor = BY,
    at: datetime = NOW,
) -> imports.ImportReport:
    """Import a feed, changed first where a test wants it so."""
    content = path.read_bytes()
    if change is not None:
        rows = json.loads(content)
        change(rows)
        content = json.dumps(rows).encode()
    return imports.import_feed(feed=files.read(content=content), source="test", by=by, at=at)


@pytest.fixture
def imported(db: None) -> imports.ImportReport:
    """Import the faulty feed."""
    return bring()


@pytest.fixture
def fed(db: None) -> feeding.Fed:
    """Put up a catalogue with one of everything."""
    return feeding.put_up()
