"""Reads a Django template the way the laws need it: what a person sees, and what it is built of."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

COMMENT = re.compile(
    r"{#.*?#}|{% comment .*?%}.*?{% endcomment %}|{% comment %}.*?{% endcomment %}", re.S
)
# The area is the name of a class in CSS, not a word on the page.
AREA = re.compile(r"{%\s*block area\s*%}\w*{%\s*endblock\s*%}")
BLOCK = re.compile(r"{% blocktrans(?:late)?\b[^%]*%}(.*?){% endblocktrans(?:late)? %}", re.S)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.S)
TRANSLATED = re.compile(r"""{%\s*trans(?:late)?\s+(?:"([^"]*)"|'([^']*)')""")
UNDERSCORED = re.compile(r"""\b_\(\s*(?:"([^"]*)"|'([^']*)')\s*\)""")
INCLUDE = re.compile(r"{%\s*include\b(.*?)%}", re.S)
ARGUMENT = re.compile(r"""(?<=\s)(\w+)=(?:"([^"]*)"|'([^']*)')(?=\s|$)""")
LETTERS = re.compile(r"[A-Za-z]{2,}")
SEEN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description"}
# Arguments of components that are codes, not words.
CODES = {
    "kind",
    "tone",
    "tag_tone",
    "name",
    "value",
    "id",
    "href",
    "action",
    "area",
    "method",
    "type",
}


@dataclass
class Page(HTMLParser):
    """Collects what a template says without translating it, and what a strict CSP would refuse."""

    untranslated: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _inside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge the attributes of a tag."""
        given = dict(attrs)
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.refused.append(f"{tag} {name}=")
            if name in SEEN_ATTRIBUTES and LETTERS.search(value or ""):
                self.untranslated.append(f"{tag} {name}={value}")
        if tag == "style" or (tag == "script" and "src" not in given):
            self.refused.append(f"inline {tag}")
        if tag in {"script", "style", "code"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave a script, a style sheet or the name of a thing in code."""
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Keep the words that stand there as they are."""
        if not self._inside and LETTERS.search(data):
            self.untranslated.append(" ".join(data.split()))


def _picked(pattern: re.Pattern[str], text: str) -> list[str]:
    return ["".join(match) for match in pattern.findall(text)]


def read(text: str) -> Page:
    """Read a template."""
    page = Page()
    uncommented = AREA.sub("", COMMENT.sub("", text))
    for arguments in INCLUDE.findall(uncommented):
        for name, one, other in ARGUMENT.findall(arguments):
            value = one or other
            if name not in CODES and re.search(r"^[A-Z]|\s", value) and LETTERS.search(value):
                page.untranslated.append(f"include … {name}={value}")
    # A tag becomes nothing, but two words with a tag between them stay two.
    page.feed(TAG.sub("", BLOCK.sub("", uncommented)))
    page.close()
    return page


def sentences(text: str) -> list[str]:
    """Return what a template says to a person, each piece as it is translated."""
    uncommented = COMMENT.sub("", text)
    pieces = _picked(TRANSLATED, uncommented) + _picked(UNDERSCORED, uncommented)
    for body in BLOCK.findall(uncommented):
        for part in re.split(r"{%\s*plural\s*%}", body):
            said = re.sub(r"<[^>]*>", " ", TAG.sub("7", part))  # a value reads as a short word
            pieces.append(" ".join(said.split()))
    return [piece for piece in pieces if piece]
