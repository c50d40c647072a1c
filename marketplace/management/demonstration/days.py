"""Lets many lives go on side by side, each act at its own moment, until today.

A life acts when it is resumed and yields the moment of its next act. What lies after today never
happens: so requests are left open on every rung, as they would be.
"""

import heapq
import itertools
from collections.abc import Callable, Generator, Iterator
from datetime import datetime

Life = Iterator[datetime]
Acts = Generator[datetime, None, datetime]
"""A part of a life: it returns the moment of its last act."""


class Days:
    """The acts to come, the soonest first."""

    def __init__(self, *, until: datetime) -> None:
        self.until = until
        self._queue: list[tuple[datetime, int, Life]] = []
        self._numbers = itertools.count()

    def begin(self, life: Life, *, at: datetime) -> None:
        """Let a life begin with an act at a moment."""
        if at < self.until:
            heapq.heappush(self._queue, (at, next(self._numbers), life))

    def run(self, *, watch: Callable[[datetime], object]) -> None:
        """Let everybody live until today; `watch` is told the moment of each act."""
        while self._queue:
            at, _number, life = heapq.heappop(self._queue)
            watch(at)
            then = next(life, None)
            if then is not None:
                # Nobody acts before what has been done already.
                self.begin(life, at=max(then, at))
