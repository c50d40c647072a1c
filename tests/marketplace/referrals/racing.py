"""Two acts at once, so that the second comes exactly between what the first saw and what it did.

While the first act is in the middle, the second runs in a thread with a connection of its own. A
guard makes it wait (then it goes on once the first is done), or makes the first look again.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from budgets import history

PATIENCE = 0.35
"""Seconds that the second act gets in the middle; kept waiting by a lock, it goes on after."""

Act = Callable[[], object]


def attempt(act: Act) -> str:
    """Act, and return how it ended: done, or the name of what stopped it."""
    try:
        act()
    except history.Refused as refusal:
        return type(refusal).__name__
    except Exception as error:  # whatever else it is, a test has to see it as no proper end
        return f"error: {type(error).__name__}"
    return "done"


def between(
    monkeypatch: pytest.MonkeyPatch,
    *,
    first: Act,
    second: Act,
    place: Any,
    name: str,
    is_before: bool = False,
) -> tuple[str, str]:
    """Let the second act run when the first returns from (or enters) `place.name`; how each ended.

    Once only: the second act does not set off a third.
    """
    real, ended = getattr(place, name), ["never began"]

    def other() -> None:
        try:
            ended[0] = attempt(second)
        finally:
            connection.close()

    beside = threading.Thread(target=other)
    begun = threading.Event()

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if is_before:
            let_in()
        answer = real(*args, **kwargs)
        if not is_before:
            let_in()
        return answer

    def let_in() -> None:
        if not begun.is_set():
            begun.set()
            beside.start()
            beside.join(PATIENCE)

    with monkeypatch.context() as patch:
        patch.setattr(place, name, wrapped)
        how = attempt(first)
        if begun.is_set():
            beside.join()
    return how, ended[0]


def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read without locking, everywhere: what a state guard alone would be."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_how: self.all())
