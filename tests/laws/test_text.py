"""What people read: translated, plain on family pages, and without inline style or script."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.laws import markup, reading_age, tree
from tests.laws.tree import Source

pytestmark = pytest.mark.once

# Words that a family never reads (design §3): each says what to write instead.
FORBIDDEN = {
    r"notional": "money set aside for your support",
    r"(?<!Information )commission\w*": "book",
    r"referral pathway": "ask for",
    r"eligibility criteria": "who can have this",
    r"provisions?": "support",
    r"data subjects?": "you",
}
FORBIDDEN_HERE = re.compile("|".join(rf"\b{word}\b" for word in FORBIDDEN), re.IGNORECASE)
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
HARDEST_PAGE = 5.0
HARDEST_OF_ALL = 4.0
FEWEST_WORDS = 40


def templates() -> list[Source]:
    """Return our templates, HTML and plain text."""
    return [source for source in tree.sources(".html", ".txt") if "templates/" in source.path]


def is_a_familys(source: Source) -> bool:
    """Tell whether families read this file: their own pages, and those that everybody reads."""
    return bool(re.search(r"(templates|pages|forms|emails)/(\w+/)?(family|public)", source.path))


def said_by(source: Source) -> list[str]:
    """Return what a template or a module says to people."""
    if not source.path.endswith(".py"):
        return markup.sentences(source.text)
    return [
        argument.value
        for node in ast.walk(source.parsed)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in GETTEXT
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def read_by_families() -> Iterator[Source]:
    """Yield every file that speaks to families."""
    yield from (source for source in [*templates(), *tree.python()] if is_a_familys(source))


def prose(pieces: list[str]) -> str:
    """Return the whole sentences among some pieces: a label of one word is not reading."""
    return " ".join(piece for piece in pieces if re.search(r"[.!?]$", piece.strip()))


def test_every_string_that_people_read_is_translated() -> None:
    found = [
        f"{source.path}: {words}"
        for source in templates()
        for words in markup.read(source.text).untranslated
    ]
    assert found == []


def test_nothing_is_inline_that_a_strict_policy_refuses() -> None:
    found = [
        f"{source.path}: {what}"
        for source in templates()
        for what in markup.read(source.text).refused
    ]
    assert found == []


def test_families_never_read_our_trade_words() -> None:
    found = [
        f"{source.path}: {piece}"
        for source in read_by_families()
        for piece in said_by(source)
        if FORBIDDEN_HERE.search(piece)
    ]
    assert found == []


def test_a_nine_year_old_can_read_what_families_read() -> None:
    texts = {source.path: prose(said_by(source)) for source in read_by_families()}
    long = {path: text for path, text in texts.items() if reading_age.words(text)}
    hard = {
        path: round(reading_age.grade(text), 1)
        for path, text in long.items()
        if len(reading_age.words(text)) >= FEWEST_WORDS and reading_age.grade(text) > HARDEST_PAGE
    }
    assert hard == {}
    if long:
        assert reading_age.grade(" ".join(long.values())) <= HARDEST_OF_ALL


def test_each_of_these_would_be_seen() -> None:
    page = markup.read(
        '{% include "components/card.html" with title="A card" only %}'
        '<p style="color: red">Hello {{ name }}</p><img alt="A cat"><script>go()</script>'
        '{# A comment #}<b onclick="go()">{% translate "Fine" %}</b>'
    )
    assert len(page.untranslated) == 3
    assert len(page.refused) == 3
    clean = markup.read(
        "<p title=\"{% translate 'Good' %}\">{% blocktranslate %}Hi{% endblocktranslate %}</p>"
    )
    assert clean.untranslated == clean.refused == []
    assert is_a_familys(Source("templates/family/money.html", ""))
    assert is_a_familys(Source("marketplace/pages/family.py", ""))
    assert is_a_familys(Source("templates/public/service.html", ""))
    assert not is_a_familys(Source("budgets/models/family.py", ""))
    assert FORBIDDEN_HERE.search("You may commission this")
    assert said_by(Source("a.py", 'x = _("Book this")')) == ["Book this"]


def test_hard_words_read_harder_than_plain_ones() -> None:
    plain = "You can book this now. We will ring you on Monday. You do not have to pay."
    hard = "Commissioning necessitates determination of eligibility by the responsible authority."
    assert reading_age.grade(plain) < 3
    assert reading_age.grade(hard) > 12
    assert reading_age.syllables("budget") == 2
