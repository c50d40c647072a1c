"""How long until the last open page is told: from commit to the last of N sockets, through Redis.

    python -m tests.servers -- python -m bench.live --sockets 500 2000

Every socket is a worker of one organisation with a session of her own, over TCP to the real server
(one daphne process). Beside it, in the same run, the bare channel layer behind the same server: a
consumer a socket, one group, no database, nobody asked whether she may still know. The ratio is the
figure to keep; the milliseconds belong to the machine they were measured on.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402 - after the set-up above
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import (  # noqa: E402
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from cms.models import Organisation, OrganisationKind  # noqa: E402
from marketplace.notices import topics  # noqa: E402
from marketplace.people.models import Membership, User  # noqa: E402
from marketplace.people.roles import Role  # noqa: E402
from tests import databases, servers  # noqa: E402

AT_A_TIME = 50
PATIENCE_SECONDS = 60


def main() -> None:
    """Measure every number of sockets, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--rounds", type=int, default=20)
    said = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    name = databases.clone("bench")
    try:
        mentors = Organisation.objects.create(
            name="Mentors of the bench", kind=OrganisationKind.MENTORS_GROUP
        )
        keys = hire(mentors, max(said.sockets))
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        print("sockets  ours: median   p95      layer: median   p95      ratio of p95")
        for number in said.sockets:
            with bare_server() as site:
                layer = asyncio.run(pages(site, mentors, keys[:number], said.rounds))
            with servers.alongside(environment={"DATABASE_URL": address}) as site:
                ours = asyncio.run(pages(site, mentors, keys[:number], said.rounds))
            report(number, ours, layer)
    finally:
        databases.drop(name)


def hire(mentors: Organisation, number: int) -> list[str]:
    """Add workers, each signed in; return the keys of their sessions."""
    users = User.objects.bulk_create(
        User(email=f"worker{each}@bench.example", name=f"Worker {each}", password="!")
        for each in range(number)
    )
    Membership.objects.bulk_create(
        Membership(
            user=user,
            organisation=mentors,
            role=Role.PROVIDER_WORKER,
            starts_on=timezone.localdate() - timedelta(days=1),
        )
        for user in users
    )
    store, rows = SessionStore(), []
    for user in users:
        kept = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        rows.append(
            Session(
                session_key=store._get_new_session_key(),
                session_data=store.encode(kept),
                expire_date=timezone.now() + timedelta(hours=1),
            )
        )
    return [row.session_key for row in Session.objects.bulk_create(rows)]


class Bare(AsyncWebsocketConsumer):
    """What Channels gives without us: each socket in the group, each message passed on."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Join the group of whatever topic is named."""
        for topic in json.loads(text_data or "{}")["topics"]:
            await self.channel_layer.group_add(topic, self.channel_name)

    async def changed(self, message: dict[str, str]) -> None:
        """Pass a message on."""
        await self.send(text_data=json.dumps({"topic": message["topic"]}))


bare = ProtocolTypeRouter({"websocket": Bare.as_asgi()})


@contextlib.contextmanager
def bare_server() -> Iterator[str]:
    """Serve the bare consumer; yield its address."""
    port = servers.free_port()
    command = ["-m", "daphne", "--verbosity", "0", "-b", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen([sys.executable, *command, "bench.live:bare"])
    with servers.stopping(process, by=signal.SIGTERM):
        servers.wait_for_port(process, port=port, name="The bare server")
        yield f"http://localhost:{port}"


async def pages(site: str, mentors: Organisation, keys: Sequence[str], rounds: int) -> list[float]:
    """Return the seconds from a commit until the last of N pages is told."""
    topic = topics.inbox(mentors.reference)
    sockets: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    for start in range(0, len(keys), AT_A_TIME):
        some = keys[start : start + AT_A_TIME]
        sockets += await asyncio.gather(*(listen(site, key, topic) for key in some))
    await asyncio.sleep(3)  # the topics of the last ones are taken
    took = []
    for _round in range(rounds):
        waiting = [asyncio.create_task(told(*socket)) for socket in sockets]
        await asyncio.sleep(0.3)
        began = time.perf_counter()
        await sync_to_async(change)(topic)
        await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_SECONDS)
        took.append(time.perf_counter() - began)
    for _reader, writer in sockets:
        writer.close()
    return took


def change(topic: str) -> None:
    """Commit something under a topic, as a verb does."""
    with transaction.atomic():
        topics.publish(topic)


async def listen(
    site: str, key: str, topic: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a page's socket and name its topic."""
    host = urlsplit(site).netloc
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(site).port)
    lines = (
        "GET /live/ HTTP/1.1",
        f"Host: {host}",
        f"Origin: {site}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Cookie: {settings.SESSION_COOKIE_NAME}={key}",
    )
    writer.write("\r\n".join((*lines, "", "")).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in answer, answer
    body = json.dumps({"topics": [topic]}).encode()
    # A client's frame is masked; a mask of nothing leaves the words as they are.
    writer.write(bytes([0x81, 0x80 | len(body)]) + bytes(4) + body)
    await writer.drain()
    return reader, writer


async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read frames until one is a message; a ping is answered."""
    while True:
        first, second = await reader.readexactly(2)
        body = await reader.readexactly(second & 0x7F)
        code = first & 0x0F
        if code == 1:
            return
        assert code != 8, "the server closed the page"
        if code == 9:
            writer.write(bytes([0x8A, 0x80 | len(body)]) + bytes(4) + body)


def report(number: int, ours: list[float], layer: list[float]) -> None:
    """Print one line of the table, in milliseconds."""
    cells = [
        1000 * each for times in (ours, layer) for each in (statistics.median(times), p95(times))
    ]
    print(
        f"{number:>7}  {cells[0]:>9.0f} ms {cells[1]:>6.0f} ms  {cells[2]:>9.0f} ms "
        f"{cells[3]:>6.0f} ms  {cells[1] / cells[3]:>10.2f}",
        flush=True,
    )


def p95(times: list[float]) -> float:
    """Return the time that 95 in 100 stay below."""
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


if __name__ == "__main__":
    main()
