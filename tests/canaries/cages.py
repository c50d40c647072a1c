"""The places where no canary may ever be: logs, addresses, caches, subjects, messages, tables."""

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import models

from marketplace.pages import logs
from tests.canaries.planting import CANARY, holds_words

OURS = ("marketplace", "budgets", "pricing", "cms")
ADDRESS = re.compile(r'(?:href|src|action|hx-[a-z]+|content)="([^"]*)"')


@dataclass
class Cages:
    """What was written during a run, by place."""

    log: io.StringIO = field(default_factory=io.StringIO)
    raw: io.StringIO = field(default_factory=io.StringIO)
    addresses: set[str] = field(default_factory=set)
    messages: list[Any] = field(default_factory=list)
    handlers: list[tuple[logging.Logger, logging.Handler]] = field(default_factory=list)

    def listen(self) -> None:
        """Write down all that is logged: as set up for everybody, and uncleaned for our own."""
        cleaned = logging.StreamHandler(self.log)
        cleaned.addFilter(logs.PersonalDataFilter())
        cleaned.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        ours = logging.StreamHandler(self.raw)
        ours.setFormatter(logging.Formatter("%(name)s %(message)s"))
        named = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
        for logger in [logging.root, *(each for each in named if not each.propagate)]:
            self._add(logger, cleaned)
        for name in OURS:
            self._add(logging.getLogger(name), ours)

    def _add(self, logger: logging.Logger, handler: logging.Handler) -> None:
        logger.addHandler(handler)
        self.handlers.append((logger, handler))

    def stop(self) -> None:
        """Listen no more."""
        for logger, handler in self.handlers:
            logger.removeHandler(handler)

    def note(self, answer: Any) -> str:
        """Write down every address in an answer, and return its page."""
        self.addresses.add(answer.headers.get("Location", ""))
        streamed = getattr(answer, "streaming_content", None)
        content = b"".join(streamed) if streamed is not None else answer.content
        self.addresses.add(answer.headers.get("Content-Disposition", ""))
        page = unpacked(content)
        # Whom to write to or ring is asked of no server: it is on the page as its text is.
        found = (each for each in ADDRESS.findall(page) if not each.startswith(("mailto:", "tel:")))
        self.addresses.update(found)
        return str(page)

    def escaped(self) -> list[str]:
        """Return what flew where it may not."""
        places: dict[str, Any] = {
            "the log": self.log.getvalue(),
            "our own log lines": self.raw.getvalue(),
            "addresses": sorted(self.addresses),
            "the cache": cached(),
            "subjects of e-mails": [message.subject for message in mail.outbox],
            "headers of e-mails": [message.extra_headers for message in mail.outbox],
            "messages between processes": self.messages,
            "sessions": [session.get_decoded() for session in Session.objects.all()],
            **dict(tables()),
        }
        return [
            f"{place}: {sorted(found)[:5]}"
            for place, what in places.items()
            if (found := {around(text, match) for text, match in matches(what)})
        ]


def unpacked(content: bytes) -> str:
    """Return an answer as text; of an archive, all that is in it."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def matches(what: Any) -> Iterator[tuple[str, re.Match[str]]]:
    """Return every canary in something, with the text that it is in."""
    text = words(what)
    for match in CANARY.finditer(text):
        yield text, match


def around(text: str, match: re.Match[str]) -> str:
    """Return a canary with a little of what stands around it, so that one sees whose it is."""
    return text[max(0, match.start() - 40) : match.end() + 10].replace("\n", " ")


def words(what: Any) -> str:
    """Return anything as text; bytes too, since a cache keeps them."""
    if isinstance(what, bytes):
        return what.decode("latin1")
    if isinstance(what, list | tuple | set):
        return "\n".join(words(each) for each in what)
    return str(what)


def cached() -> list[tuple[Any, Any]]:
    """Return all that the cache holds, as it holds it: in this process, or in Redis."""
    kept: Any = cache._cache  # type: ignore[attr-defined]
    if hasattr(kept, "items"):
        return [*kept.items()]
    redis = kept.get_client(None)
    # The channel layer keeps its own things there, which are not plain strings.
    return [(key, redis.get(key)) for key in redis.scan_iter("*") if redis.type(key) == b"string"]


def tables() -> Iterator[tuple[str, list[Any]]]:
    """Return all words in what is not personal: other fields, and the tables of others.

    Wagtail's revisions, search and log are among them, notices, tasks, and the answers to forms.
    """
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:
            continue
        declared = getattr(model, "PERSONAL", {})
        names = [
            found.name
            for found in model._meta.concrete_fields
            if not declared.get(found.name, False)
            and (holds_words(found) or isinstance(found, models.BinaryField))
        ]
        if names:
            rows = model._base_manager.values_list(*names)
            yield f"table {model._meta.label}", list(rows)
