"""The drawing of the ladder is the ladder: out of date, it fails; every arrow is in it."""

import pytest

from marketplace.management import drawing
from marketplace.management.commands import draw_ladder
from marketplace.referrals import graph
from marketplace.referrals.models import Rung
from marketplace.referrals.models.referral import CLIMB, ENDS

pytestmark = pytest.mark.once


def test_the_drawing_in_docs_is_of_todays_code() -> None:
    for path, content in draw_ladder.drawings().items():
        assert path.read_text(encoding="utf-8") == content, "Run: manage.py draw_ladder"


def test_a_ladder_with_one_arrow_less_would_be_drawn_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fewer = graph.arrows()[1:]
    monkeypatch.setattr(graph, "arrows", lambda: fewer)
    with pytest.raises(AssertionError):
        test_the_drawing_in_docs_is_of_todays_code()


def test_every_arrow_is_drawn_and_says_whose_it_is() -> None:
    picture, page = drawing.svg(), drawing.table()
    for arrow in graph.arrows():
        assert arrow.who
        assert f"{arrow.source} to {arrow.target} by {arrow.name}." in picture
        assert f"| `{arrow.source}` | `{arrow.target}` | {arrow.name} |" in page


def test_nothing_leaves_an_end_and_every_rung_leads_to_one() -> None:
    arrows = graph.arrows()
    assert not [arrow for arrow in arrows if arrow.source in ENDS]
    assert {arrow.source for arrow in arrows} == set(CLIMB)
    for rung in CLIMB:
        assert Rung.WITHDRAWN in {arrow.target for arrow in arrows if arrow.source == rung}
