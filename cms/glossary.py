"""The common language as other pages use it: which words it has, and a link at their first use.

Only running text is touched: a word in a link, a heading, a button or a form stays as it is, and
what goes in as safe HTML comes out as it.
"""

import functools
import re
from dataclasses import dataclass

from django.utils.html import escape, format_html

from cms.models import GlossaryEntry

# Where no link may go, or none would help.
NAMES_LEFT_ALONE = """
    a abbr audio button caption code dt form h1 h2 h3 h4 h5 h6 label legend nav option script
    select style summary svg textarea th time title video
"""
LEFT_ALONE = "|".join(NAMES_LEFT_ALONE.split())


@dataclass(frozen=True)
class Entry:
    """A word of the glossary, what else it is called, and whether running text links to it."""

    slug: str
    forms: tuple[str, ...]
    is_linked: bool


Words = tuple[Entry, ...]


def words() -> Words:
    """Return the words of the glossary that is live, in one query."""
    rows = (
        GlossaryEntry.objects.filter(page__live=True)
        .order_by("page", "slug")
        .values_list("slug", "word", "said_as", "is_linked")
    )
    return tuple(
        Entry(slug, tuple(form for form in (word, said_as) if form), is_linked)
        for slug, word, said_as, is_linked in rows
    )


def link(html: str, *, known: Words, href: str) -> str:
    """Return safe HTML with the first use of each word that is linked leading to its meaning.

    What is kept between pages is the pattern of a version of the glossary, never a page: it may be
    about somebody.
    """
    pattern = _pattern(known)
    if pattern is None:
        return html
    slugs: dict[str, str] = {
        escape(form.lower()): entry.slug for entry in known for form in entry.forms
    }
    used: set[str] = set()

    def anchor(found: re.Match[str]) -> str:
        if not found["word"]:
            return found[0]
        slug = slugs[" ".join(found["word"].lower().split())]
        if slug in used:
            return found[0]
        used.add(slug)
        return f'<a class="gloss" href="{escape(href)}#{escape(slug)}">{found[0]}</a>'

    return pattern.sub(anchor, html)


def anchor(slug: str, text: str, *, known: Words, href: str) -> str:
    """Return a text as a link to its meaning, or as it is where the glossary has no such word."""
    if all(entry.slug != slug for entry in known):
        return escape(text)
    return format_html('<a class="gloss" href="{}#{}">{}</a>', href, slug, text)


@functools.lru_cache(maxsize=8)
def _pattern(known: Words) -> re.Pattern[str] | None:
    forms = sorted(
        {form.lower() for entry in known if entry.is_linked for form in entry.forms},
        key=lambda form: (-len(form), form),
    )
    if not forms:
        return None
    spaced = "|".join("\\s+".join(map(re.escape, escape(form).split())) for form in forms)
    # One or many: branches are more than one branch, and planes are no plans.
    return re.compile(
        rf"<!--.*?-->|<(?P<tag>{LEFT_ALONE})\b[^>]*>.*?</(?P=tag)\s*>|<[^>]*>"
        rf"|(?<![\w&#])(?P<word>{spaced})(?:(?<=[sxz])es|(?<=[cs]h)es|s)?(?!\w)",
        re.IGNORECASE | re.DOTALL,
    )
