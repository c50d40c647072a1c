"""The cast with everything that can be about it."""

import pytest

from tests import stage
from tests.cast import Cast
from tests.marketplace.sharing import record
from tests.snapshots import Snapshot


def _build() -> Cast:
    cast = stage.build()
    record.write(cast)
    return cast


SNAPSHOT = Snapshot(_build)


@pytest.fixture
def whole(db: None) -> Cast:
    """Give a test the cast, with at least one row of every kind about both households."""
    return SNAPSHOT.put()
