"""Every cell of every sheet; takes its time."""

import pytest

from tests.cast import Cast
from tests.oracle import cells, comparing
from tests.oracle.cells import Sheet
from tests.oracle.scene import Scene

pytestmark = pytest.mark.soak


@pytest.mark.once
@pytest.mark.parametrize("sheet", cells.SHEETS, ids=lambda sheet: sheet.name)
def test_no_cell_differs(sheet: Sheet, cast: Cast) -> None:
    found = comparing.compare(Scene(cast), sheet.situations())
    assert found.differences[:20] == []
    assert found.cells == len(sheet) * comparing.CELLS_A_SITUATION


def test_nothing_differs_anywhere(cast: Cast) -> None:
    found = comparing.compare(Scene(cast), cells.anywhere(5_000, comparing.SEED))
    assert found.differences[:20] == []
