"""A quarter of the drawn cells; in files of their own, so that the cores share them."""

import pytest

from tests.cast import Cast
from tests.oracle import comparing

pytestmark = pytest.mark.once


def test_the_product_says_what_the_oracle_says(cast: Cast) -> None:
    found = comparing.compare_part(cast, part=4)
    assert found.differences == []
    assert found.cells == comparing.CELLS // comparing.PARTS
