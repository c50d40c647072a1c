"""Send what lies in the outbox, and chase promises that are late: the one worker there must be."""

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Any

from django.core.management import base
from django.db import Error, close_old_connections
from django.utils import timezone

from marketplace.notices import notices, tasks
from marketplace.referrals import promises

SECONDS = 5
CHASE_EVERY = 12
"""The outbox is looked at every five seconds, promises every minute."""


class Command(base.BaseCommand):
    """Sweep until stopped; what a killed sweep had begun, the next one takes up."""

    help = "Send notices and chase late promises, every minute, until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to sweep only once."""
        parser.add_argument("--once", action="store_true", help="sweep once and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep once, or again and again until SIGTERM or SIGINT."""
        if options["once"]:
            sent, chased = self._sweep(is_chasing=True)
            self.stdout.write(f"Sent {sent} notices, chased {chased} promises.")
            return
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        turn = 0
        while not stopped.is_set():
            self._sweep(is_chasing=turn % CHASE_EVERY == 0)
            turn += 1
            stopped.wait(SECONDS)

    def _sweep(self, *, is_chasing: bool) -> tuple[int, int]:
        at = timezone.now()
        chased = self._try(promises.sweep, at=at) if is_chasing else 0
        sent = self._try(notices.sweep, at=at)
        if is_chasing:
            self._try(tasks.forget, at=at)
        return sent, chased

    def _try(self, job: Callable[..., int], *, at: datetime) -> int:
        """Do one job; a database that is away for a moment must not end the worker."""
        try:
            return job(at=at)
        except Error as error:
            self.stderr.write(f"The sweep goes on after: {type(error).__name__}")
            return 0
        finally:
            close_old_connections()
