"""Reads a file into a feed, whatever directory it is from; a bad file is one clear sentence."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from marketplace.openreferral import council_feed, family_hubs_feed, uk_feed
from marketplace.openreferral.feeds import BadFeed, Feed

LARGEST_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Shape:
    """One kind of feed: how it is known, and how it is read."""

    recognises: Callable[[Any], bool]
    read: Callable[[Any], Feed]


# Another standard is another module and a line here.
SHAPES = (
    Shape(family_hubs_feed.recognises, family_hubs_feed.read),
    Shape(council_feed.recognises, council_feed.read),
    Shape(uk_feed.recognises, uk_feed.read),
)


def read(*, content: bytes) -> Feed:
    """Read a file's bytes. Raises `BadFeed` with the sentence that says what is wrong with it."""
    data = parse(content)
    for shape in SHAPES:
        if shape.recognises(data):
            return shape.read(data)
    raise BadFeed(
        _(
            "This is not a directory we can read. It must be a list of services with their "
            "organisations (Open Referral), or the tables of a family-hubs directory."
        )
    )


def parse(content: bytes) -> Any:
    """Return what a JSON file holds."""
    if not content.strip():
        raise BadFeed(_("The file is empty."))
    if len(content) > LARGEST_BYTES:
        raise BadFeed(_("The file is larger than 200 MB. Import it in parts."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFeed(
            _("The file is not UTF-8 text (byte %(byte)s). Save it as UTF-8 and try again.")
            % {"byte": error.start + 1}
        ) from error
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except RecursionError as error:
        raise BadFeed(_("The file has lists inside lists too deep to be a directory.")) from error
    except ValueError as error:
        if (rows := lines_of(text)) is not None:
            return rows
        line = getattr(error, "lineno", 0)
        raise BadFeed(
            _("The file is not JSON: see line %(line)s.") % {"line": line}
            if line
            else _("The file is not JSON that everybody can read: it has a number that is none.")
        ) from error


def lines_of(text: str) -> list[Any] | None:
    """Return the records of a file that has one a line (ndjson), or None where it is no such."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return [json.loads(line, parse_constant=refuse_constant) for line in lines]
    except (ValueError, RecursionError):
        return None


def refuse_constant(constant: str) -> None:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(constant)
