"""Every topic of the live pages × each of the cast; what is denied sounds like what is not there.

The table is `sockets.csv`, beside this file: `yes` may listen, `no` is turned away, `out` is not
signed in. A kind of topic that the product knows and the table does not fails the build.
"""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.security.websocket import WebsocketDenier
from django.utils import timezone

from marketplace import asgi
from marketplace.pages import listeners, live
from tests.cast import Cast
from tests.marketplace.pages import test_live, test_matrix
from tests.marketplace.pages.test_matrix import VISITORS

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

scene = test_matrix.scene


def table() -> list[dict[str, str]]:
    """Read the table."""
    with Path(__file__).with_name("sockets.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def topic_of(row: dict[str, str], cast: Cast, scene: dict[str, Any]) -> str:
    """Return the topic of a row, as a page names it."""
    found = scene.get(row["about"]) or getattr(cast, row["about"]).reference
    return f"{row['topic']}.{found}"


def sessions(cast: Cast) -> dict[str, str]:
    """Sign everybody in, and return the keys of their sessions."""
    users = {name: cast.users.get(name) or cast.users.get(f"{name}_user") for name in VISITORS}
    return {name: test_live.sign_in(user) if user else "" for name, user in users.items()}


def cells(cast: Cast, scene: dict[str, Any]) -> list[str]:
    """Return where the product differs from the table."""
    at, wrong = timezone.now(), []
    passes = {name: listeners.enter(session_key=key, at=at) for name, key in sessions(cast).items()}
    for row in table():
        topic = topic_of(row, cast, scene)
        for visitor, entry in passes.items():
            found = "out"
            if entry is not None:
                verdict = listeners.check(wanted=[(entry, topic)], at=at)
                found = "yes" if (entry, topic) in verdict.allowed else "no"
            if found != row[visitor]:
                wrong.append(f"{row['topic']} {row['about']} {visitor}: {found}")
    return wrong


def test_everybody_listens_to_what_the_table_says(cast_today: Cast, scene: dict[str, Any]) -> None:
    assert cells(cast_today, scene) == []


def test_every_kind_of_topic_is_in_the_table() -> None:
    named = re.match(r"\(([a-z|]+)\)", listeners.TOPIC.pattern)
    assert named is not None
    assert {row["topic"] for row in table()} == set(named[1].split("|"))


def test_there_is_one_socket_and_every_other_address_is_refused() -> None:
    routes = [route.callback for route in asgi.sockets.routes]
    ours = [each.consumer_class for each in routes if hasattr(each, "consumer_class")]
    assert ours == [live.Live, WebsocketDenier]


async def frames(key: str, topic: str) -> list[Any]:
    """Return all that a page hears after naming a topic, up to the end."""
    socket = test_live.page(key)
    await socket.connect(timeout=5)
    await socket.send_json_to({"topics": [topic]})
    heard = [await socket.receive_output(timeout=5)]
    await socket.disconnect()
    return heard


@pytest.mark.parametrize("kind", ["inbox", "plan", "referral"])
async def test_anothers_topic_sounds_like_one_that_there_never_was(
    kind: str, cast_today: Cast, scene: dict[str, Any]
) -> None:
    keys = await sync_to_async(sessions)(cast_today)
    rows = {row["about"]: row for row in table() if row["topic"] == kind}
    for visitor in ("fred", "nadia", "lena"):
        unknown = await frames(keys[visitor], topic_of(rows["unknown"], cast_today, scene))
        for row in rows.values():
            if row[visitor] == "no":
                heard = await frames(keys[visitor], topic_of(row, cast_today, scene))
                assert heard == unknown, (kind, row["about"], visitor)


def test_a_wrong_table_is_noticed(
    cast_today: Cast, scene: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: where everybody may listen, the table goes red."""

    def believe(*, wanted: Any, at: Any) -> listeners.Verdict:
        pairs = frozenset(wanted)
        return listeners.Verdict(standing=frozenset(), allowed=pairs)

    monkeypatch.setattr(listeners, "check", believe)
    assert len(cells(cast_today, scene)) > 50
