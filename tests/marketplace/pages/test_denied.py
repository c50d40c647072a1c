"""What is denied looks like what is not there: the same status and the same page, byte for byte.

Keys that change at each request, and the address itself, are left out of the comparison. Who
belongs to the organisation that has a record learns that only her role is in the way (403, design
§5); to everybody else it is as absent as a reference that was never given.
"""

import re
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from tests.cast import Cast
from tests.marketplace.pages import test_matrix
from tests.marketplace.pages.test_matrix import VISITORS, browser, path_of, table, visitors

pytestmark = pytest.mark.once

scene = test_matrix.scene

# What is new at each request: keys against forgery, keys of forms, keys of scripts.
KEYS = re.compile(
    rb'(name="(?:csrfmiddlewaretoken|form_key)" value="|nonce="|"X-CSRFToken": ?"|'
    rb"csrf_?[tT]oken[\"']?[:=] ?[\"']?)[\w-]+"
)


def told(client: Client, *, method: str, path: str) -> tuple[int, str, bytes]:
    """Visit an address; return status, where it leads and the page, without what changes."""
    client.cookies.pop("messages", None)  # what the last page had to say is no part of this one
    with transaction.atomic():
        answer = client.generic(method, path)
        transaction.set_rollback(True)
    return plain(answer, path)


def plain(answer: HttpResponseBase, path: str) -> tuple[int, str, bytes]:
    """Return an answer without its keys and its own address."""
    streamed = getattr(answer, "streaming_content", None)
    content = getattr(answer, "content", b"") if streamed is None else b"".join(streamed)
    own = {path.split("?")[0].encode(), path.encode()}
    for name in own | {part.replace(b"/", b"%2F") for part in own}:
        content = content.replace(name, b"")
    leads = answer.headers.get("Location", "").replace(path, "")
    return answer.status_code, leads, KEYS.sub(rb"\1", content)


def about_something(row: dict[str, str]) -> bool:
    """Tell whether a row is about a record that there is."""
    return "reference=" in row["about"] and "reference=unknown" not in row["about"]


def denied(cell: str) -> list[tuple[dict[str, str], str]]:
    """Return each row about a record, with each visitor to whom it is denied in this way."""
    return [
        (row, visitor)
        for row in table()
        if about_something(row)
        for visitor in VISITORS
        if row[visitor] == cell
    ]


def compare(
    cast: Cast, scene: dict[str, Any], pairs: list[tuple[dict[str, str], str]]
) -> list[str]:
    """Return where a record that is denied answers otherwise than one that was never there."""
    browsers, unknown, wrong = visitors(cast), {}, []
    nowhere = {name: uuid.uuid4() for name in scene} | {"slug": scene["slug"]}
    for row, visitor in pairs:
        asked, client = (row["name"], row["method"], row["about"], visitor), browsers[visitor]
        if asked not in unknown:
            absent = path_of(row, nowhere)
            unknown[asked] = told(client, method=row["method"], path=absent)
        found = told(client, method=row["method"], path=path_of(row, scene))
        if found != unknown[asked]:
            wrong.append(f"{row['name']} {row['about']} {visitor}: {found[0]}")
    return wrong


def in_turn(
    pairs: list[tuple[dict[str, str], str]], *columns: str
) -> list[tuple[dict[str, str], str]]:
    """Return one visitor of each group of rows that are alike in these columns, in turn."""
    groups: dict[tuple[str, ...], list[tuple[dict[str, str], str]]] = {}
    for row, visitor in pairs:
        groups.setdefault(tuple(row[column] for column in columns), []).append((row, visitor))
    return [each[number % len(each)] for number, each in enumerate(groups.values())]


def test_what_is_not_shown_is_as_absent_as_what_never_was(
    cast_today: Cast, scene: dict[str, Any], settings: Any
) -> None:
    settings.DEMO = False
    pairs = in_turn(denied("404"), "name", "about", "method")
    assert len(pairs) > 60
    assert compare(cast_today, scene, pairs) == []


def test_a_door_that_is_shut_says_nothing_of_what_is_behind(
    cast_today: Cast, scene: dict[str, Any], settings: Any
) -> None:
    """A role that is in the way is in the way of any reference."""
    settings.DEMO = False
    assert compare(cast_today, scene, in_turn(denied("403"), "name")) == []


@pytest.mark.soak
@pytest.mark.parametrize("cell", ["403", "404"])
def test_nothing_that_is_denied_says_anything_to_anybody(
    cell: str, cast_today: Cast, scene: dict[str, Any], settings: Any
) -> None:
    settings.DEMO = False
    assert compare(cast_today, scene, denied(cell)) == []


def test_a_page_that_says_a_little_more_is_noticed(cast_today: Cast, settings: Any) -> None:
    """The twin: two pages that differ in one byte are not the same."""
    client = browser(cast_today.fred_user)
    assert told(client, method="GET", path="/nowhere/") == told(
        client, method="GET", path="/nowhere-else/"
    )
    assert told(client, method="GET", path="/family/") != told(
        client, method="GET", path="/family/money/"
    )
