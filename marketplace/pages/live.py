"""The socket behind live pages: it says *that* something changed, never what (design §7).

The page then fetches what it may see, through the same access check as always. One subscription
a process and topic; before an event is passed on, and every four seconds, everybody who listens
is asked for again: signed out, a lost role or a sharing that was stopped closes the socket.
"""

import asyncio
import contextlib
import json
import logging
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from marketplace.pages import listeners

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

NOT_UNDERSTOOD, NOT_SIGNED_IN, NOT_ALLOWED, TRY_LATER = 4400, 4401, 4403, 1013
MOST_TOPICS = 20
LONGEST_MESSAGE = 4096
CHECK_EVERY_SECONDS = 4.0


class Live(AsyncWebsocketConsumer):
    """One open page: it names its topics once, and is then told which of them changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry: listeners.Pass | None = None
        self.topics: frozenset[str] = frozenset()

    async def connect(self) -> None:
        """Let in whoever is signed in.

        Accepted first, because a browser learns the code only of a socket that was open.
        """
        await self.accept()
        self.entry = await database_sync_to_async(listeners.enter)(
            session_key=self.scope["cookies"].get(settings.SESSION_COOKIE_NAME, ""),
            at=timezone.now(),
        )
        if self.entry is None:
            await self.close(NOT_SIGNED_IN)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take the page's topics, each of which its user must be allowed to listen to."""
        wanted = _topics(text_data)
        if self.entry is None or wanted is None:
            await self.close(NOT_UNDERSTOOD)
            return
        pairs = [(self.entry, topic) for topic in wanted]
        verdict = await database_sync_to_async(listeners.check)(wanted=pairs, at=timezone.now())
        if any(pair not in verdict.allowed for pair in pairs):
            await self.close(NOT_ALLOWED)
            return
        await database_sync_to_async(listeners.look)(
            entry=self.entry, topics=wanted - self.topics, at=timezone.now()
        )
        await hub().join(self, wanted - self.topics)

    async def disconnect(self, code: int) -> None:
        """Stop listening."""
        await hub().leave(self)

    async def tell(self, topic: str) -> None:
        """Tell the page that something under a topic changed, and nothing else."""
        await self.send(text_data=json.dumps({"topic": topic}))


class Hub:
    """All sockets of one process: one subscription a topic, one check for all of its listeners."""

    def __init__(self) -> None:
        self.layer = get_channel_layer()
        self.channel = ""
        self.sockets: set[Live] = set()
        self.listening: Counter[str] = Counter()
        self.changed: set[str] = set()
        self.something = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.turn = asyncio.Lock()

    async def join(self, socket: Live, topics: frozenset[str]) -> None:
        """Let a socket hear of more topics."""
        async with self.turn:
            if not self.tasks:
                self.channel = await self.layer.new_channel("live")
                works = (self._receive, self._pass_on, self._watch)
                self.tasks = [asyncio.create_task(work()) for work in works]
            for topic in topics:
                if not self.listening[topic]:
                    await self.layer.group_add(topic, self.channel)
                self.listening[topic] += 1
            self.sockets.add(socket)
            socket.topics |= topics

    async def leave(self, socket: Live) -> None:
        """Forget a socket, and the topics that nobody listens to any more."""
        async with self.turn:
            self.sockets.discard(socket)
            for topic in socket.topics:
                self.listening[topic] -= 1
                if not self.listening[topic]:
                    del self.listening[topic]
                    await self.layer.group_discard(topic, self.channel)
            socket.topics = frozenset()
            if not self.sockets:
                await self._stop()

    async def _stop(self) -> None:
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _receive(self) -> None:
        """Note what changed; many changes of one topic at once are one."""
        while True:
            try:
                message = await self.layer.receive(self.channel)
            except Exception:
                logger.exception("the channel layer could not be read")
                await asyncio.sleep(1)
                continue
            self.changed.add(message["topic"])
            self.something.set()

    async def _pass_on(self) -> None:
        while True:
            await self.something.wait()
            self.something.clear()
            changed, self.changed = self.changed, set()
            await self._check(tell=changed)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY_SECONDS)
            await self._check(tell=None)

    async def _check(self, *, tell: set[str] | None) -> None:
        """Ask again for everybody (or who listens to `tell`), close and tell accordingly."""
        asked = {
            socket: socket.topics if tell is None else socket.topics & tell
            for socket in self.sockets
        }
        try:
            verdict = await database_sync_to_async(listeners.check)(
                wanted=[
                    (socket.entry, topic) for socket, topics in asked.items() for topic in topics
                ],
                at=timezone.now(),
            )
        except Exception:
            # Nobody is told what could not be checked; pages ask again by themselves.
            logger.exception("live pages could not be checked")
            await _each(socket.close(TRY_LATER) for socket, topics in asked.items() if topics)
            return
        await _each(
            self._answer(socket, topics, verdict, is_told=tell is not None)
            for socket, topics in asked.items()
            if topics
        )

    async def _answer(
        self,
        socket: Live,
        topics: frozenset[str],
        verdict: listeners.Verdict,
        *,
        is_told: bool,
    ) -> None:
        if socket.entry not in verdict.standing:
            await socket.close(NOT_SIGNED_IN)
        elif any((socket.entry, topic) not in verdict.allowed for topic in topics):
            await socket.close(NOT_ALLOWED)
        elif is_told:
            for topic in sorted(topics):
                await socket.tell(topic)


class SameOrigin:
    """Refuses the handshake of a page that is not ours: a cookie alone proves nothing."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass our own pages on."""
        headers = {name: value.decode("latin1") for name, value in scope.get("headers", [])}
        is_ours = _is_ours(origin=headers.get(b"origin", ""), host=headers.get(b"host", ""))
        application = self.application if is_ours else WebsocketDenier()
        await application(scope, receive, send)


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of this process (of its event loop)."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def _is_ours(*, origin: str, host: str) -> bool:
    """Tell whether a page comes from the very host it speaks to, and that host is ours."""
    if origin == settings.SITE_URL.rstrip("/"):
        return True
    domain, _port = split_domain_port(host)
    allowed = settings.ALLOWED_HOSTS or ["localhost", "127.0.0.1"]
    parsed = urlsplit(origin)
    is_safe = parsed.scheme == "https" or not settings.IS_SECURE
    return bool(domain) and validate_host(domain, allowed) and is_safe and parsed.netloc == host


def _topics(text: str | None) -> frozenset[str] | None:
    """Return the topics a page named, or None where it does not speak our language."""
    if text is None or len(text) > LONGEST_MESSAGE:
        return None
    try:
        named = json.loads(text)["topics"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(named, list) or not 0 < len(named) <= MOST_TOPICS:
        return None
    return frozenset(named) if all(map(listeners.is_topic, named)) else None


async def _each(sends: Iterable[Awaitable[None]]) -> None:
    """Send to each; one that has just gone away keeps nobody else from hearing."""
    for send in sends:
        try:
            await send
        except Exception:
            logger.info("a live page had gone")
