"""Send what lies in the outbox, and chase promises that are late: the one worker there must be.

Once a local day it does the night's work too (`nightly`), whichever sweep comes first.
Between sweeps it also does what waits for a background worker (Wagtail keeps an index of what is
used where), so that a small installation needs no second process.
"""

import logging
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
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from marketplace.management.commands import nightly
from marketplace.notices import notices, tasks
from marketplace.referrals import approvals, nudges, requotes

SECONDS = 5
CHASE_EVERY = 12
"""The outbox is looked at every five seconds, promises every minute."""

TASKS_AT_MOST = 200
"""Background tasks a turn, so that they never keep the outbox waiting for long."""


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
        for name in ("django_tasks", "django_tasks_db"):
            logging.getLogger(name).setLevel(logging.WARNING)
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        turn = 0
        while not stopped.is_set():
            self._sweep(is_chasing=turn % CHASE_EVERY == 0)
            self._try(do_tasks, at=timezone.now())
            turn += 1
            close_old_connections()
            stopped.wait(SECONDS)

    def _sweep(self, *, is_chasing: bool) -> tuple[int, int]:
        at = timezone.now()
        chased = self._try(nudges.sweep, at=at) if is_chasing else 0
        sent = self._try(notices.sweep, at=at)
        if is_chasing:
            self._try(tasks.forget, at=at)
            self._try(approvals.sweep, at=at)
            self._try(requotes.sweep, at=at)
            self._try(nightly.sweep, at=at)
        return sent, chased

    def _try(self, job: Callable[..., int], *, at: datetime) -> int:
        """Do one job; a database that is away for a moment must not end the worker."""
        try:
            return job(at=at)
        except Error as error:
            self.stderr.write(f"The sweep goes on after: {type(error).__name__}")
            return 0


def do_tasks(*, at: datetime) -> int:
    """Do what waits for a background worker; return how many tasks waited."""
    waiting: int = DBTaskResult.objects.ready().count()
    if waiting:
        worker = Worker(
            queue_names=["default"],
            excluded_queue_names=[],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=TASKS_AT_MOST,
            worker_id="sweep",
        )
        worker.run()
    return waiting
