"""The glossary as other pages use it: links in running text, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms import glossary, guides
from cms.glossary import Entry
from cms.models import GlossaryPage

WORDS = (
    Entry("advocate", ("Advocate",), is_linked=True),
    Entry("lead", ("Lead worker", "Your lead worker"), is_linked=True),
    Entry("left", ("Left",), is_linked=False),
    Entry("safeguard", ("Safeguard", "A worry about somebody's safety"), is_linked=True),
)


def linked(html: str) -> str:
    """Return some HTML with the words of the tests linked."""
    return glossary.link(html, known=WORDS, href="/glossary/")


def a(slug: str, text: str) -> str:
    """Return a link to a word."""
    return f'<a class="gloss" href="/glossary/#{slug}">{text}</a>'


@pytest.mark.once
def test_the_first_use_of_a_word_is_linked_and_no_other() -> None:
    html = "<p>Your advocate and other Advocates.</p><p>An advocate.</p>"
    assert linked(html) == html.replace("advocate", a("advocate", "advocate"), 1)


@pytest.mark.once
@pytest.mark.parametrize(
    "html",
    [
        "<h2>Advocate</h2>",
        '<p><a href="/x/">Your advocate</a></p>',
        '<p title="advocate">Hello</p>',
        "<button>Advocate</button>",
        "<label>Advocate</label>",
        "<script>advocate()</script>",
        "<textarea>my advocate</textarea>",
        "<!-- advocate -->",
        "<p>advocated advocatess advocatees non&advocate</p>",
        "<p>What is left? I left school.</p>",
    ],
)
def test_links_go_into_running_text_only(html: str) -> None:
    assert linked(html) == html


@pytest.mark.once
def test_what_a_word_is_called_to_families_leads_to_it_too() -> None:
    assert linked("<p>Ask your  lead worker.</p>") == (
        f"<p>Ask {a('lead', 'your  lead worker')}.</p>"
    )
    said = "A worry about somebody&#x27;s safety"
    assert linked(f"<p>{said}</p>") == f"<p>{a('safeguard', said)}</p>"


@pytest.mark.once
@given(st.text(alphabet="advocte <>/&\"'=ph1 \n", max_size=60))
def test_nothing_but_links_is_ever_added(text: str) -> None:
    for slug in ("advocate", "lead", "safeguard"):
        opening = f'<a class="gloss" href="/glossary/#{slug}">'
        marked = linked(text)
        if opening in marked:
            before, after = marked.split(opening, 1)
            text, marked = text, before + after.replace("</a>", "", 1)
            assert marked == text


@pytest.mark.once
def test_a_hostile_word_cannot_break_out_of_its_link() -> None:
    hostile = (Entry('x"><script>', ("advocate",), is_linked=True),)
    html = glossary.link("<p>advocate</p>", known=hostile, href="/glossary/")
    assert "<script>" not in html
    assert glossary.anchor("x", "<b>", known=hostile, href="/") == "&lt;b&gt;"


@pytest.mark.django_db
def test_words_come_from_the_live_glossary_in_one_query(
    django_assert_num_queries: object,
) -> None:
    index = guides.put_up_index(site_name="Alongside", title="Guides", slug="guides")
    entries = [
        {"slug": "advocate", "word": "Advocate", "meaning": "Yours."},
        {"slug": "left", "word": "Left", "meaning": "Money.", "is_linked": False},
    ]
    guides.add_glossary(index=index, entries=entries, title="Words", slug="words")  # type: ignore[arg-type]
    with django_assert_num_queries(1):  # type: ignore[operator]
        known = glossary.words()
    assert known == (
        Entry("advocate", ("Advocate",), is_linked=True),
        Entry("left", ("Left",), is_linked=False),
    )
    GlossaryPage.objects.update(live=False)
    assert glossary.words() == ()
