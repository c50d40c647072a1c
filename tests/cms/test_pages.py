"""Guides and the glossary."""

from typing import Any

import pytest
from django.test import RequestFactory
from wagtail.blocks import StreamBlockValidationError
from wagtail.models import Page

from cms import blocks
from cms.models import GlossaryEntry, GlossaryPage, GuideIndexPage, GuidePage

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture
def index(db: None) -> GuideIndexPage:
    """The list of guides, under Wagtail's own root."""
    root = Page.objects.get(depth=1)
    page: GuideIndexPage = root.add_child(
        instance=GuideIndexPage(title="Guides", slug="guide-list")
    )
    return page


def guide(index: GuideIndexPage, body: list[tuple[str, Any]]) -> GuidePage:
    """Add a guide."""
    page: GuidePage = index.add_child(
        instance=GuidePage(title="How to choose", summary="In short.", body=body)
    )
    return page


def test_the_list_of_guides_names_those_that_are_live(index: GuideIndexPage) -> None:
    guide(index, [])
    hidden = guide(index, [])
    hidden.title, hidden.live = "Not yet", False
    hidden.save()
    context = index.get_context(RequestFactory().get("/"))
    assert [page.title for page in context["guides"]] == ["How to choose"]


def test_every_block_is_drawn_and_nothing_hostile_gets_through(index: GuideIndexPage) -> None:
    page = guide(
        index,
        [
            ("heading", HOSTILE),
            ("inset", HOSTILE),
            ("warning", HOSTILE),
            ("button", {"label": HOSTILE, "address": "/services/"}),
            ("card", {"heading": HOSTILE, "text": HOSTILE, "address": "/services/"}),
            ("details", {"question": HOSTILE, "answer": HOSTILE}),
            ("paragraph", HOSTILE),
        ],
    )
    drawn = str(GuidePage.objects.get(pk=page.pk).body)
    assert "govuk-button" in drawn
    assert "govuk-details" in drawn
    kept = GuidePage.objects.get(pk=page.pk).body
    for block in kept:
        if block.block_type not in ("paragraph", "details"):
            assert "<script" not in block.render()
            assert "<img" not in block.render()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//elsewhere.example/", "https://elsewhere.example/", "x"]
)
def test_a_button_leads_nowhere_but_to_this_site(address: str) -> None:
    body = blocks.BodyBlock()
    value = body.to_python([{"type": "button", "value": {"label": "Go", "address": address}}])
    with pytest.raises(StreamBlockValidationError):
        body.clean(value)


def test_a_word_of_the_glossary_says_what_it_means(index: GuideIndexPage) -> None:
    page: GlossaryPage = index.add_child(instance=GlossaryPage(title="Words"))
    GlossaryEntry.objects.create(page=page, slug="a", word="Envelope", meaning="Part of a fund.")
    assert [str(entry) for entry in GlossaryPage.objects.get().entries.all()] == ["Envelope"]
