"""The worker: a killed one loses nothing, and the nudge is only a nudge."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from marketplace.management.commands.sweep import do_tasks
from marketplace.notices import notices, outbox, tasks
from marketplace.notices.models import Channel, Notice
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast

PATIENCE = 30


def tell(cast: Cast) -> list[Notice]:
    """Tell Dev by e-mail."""
    return notices.tell(
        users=[cast.dev],
        kind="booking_for_you",
        subject_kind="agreement",
        subject=cast.agreement.reference,
        at=cast.at,
        over=[Channel.EMAIL],
    )


def database_url() -> str:
    """Return the address of the database that this test is using."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    return f"{base}/{name}"


class SilentServer:
    """A mail server that takes the call and then says nothing more."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.called = threading.Event()
        self.calls: list[socket.socket] = []
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        try:
            call, _address = self.listening.accept()
        except OSError:
            return
        self.calls.append(call)
        self.called.set()

    def close(self) -> None:
        """Hang up."""
        for one in [self.listening, *self.calls]:
            one.close()


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    """Give a test a mail server that hangs."""
    server = SilentServer()
    yield server
    server.close()


@pytest.mark.usefixtures("transactional_db")
def test_a_worker_killed_while_sending_loses_nothing(cast: Cast, silent: SilentServer):
    (notice,) = tell(cast)
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "sweep", "--once"],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{silent.port}",
        },
    )
    try:
        assert silent.called.wait(PATIENCE)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    notice.refresh_from_db()
    assert notice.sent_at is None
    assert notice.claimed_until is not None
    later = timezone.now() + outbox.LEASE + timedelta(seconds=1)
    assert notices.sweep(at=later) == 1
    (message,) = mail.outbox
    assert message.extra_headers["Message-ID"] == f"<{notice.reference}@alongside>"


def test_sweeping_once_sends_and_chases_and_says_so(cast: Cast, capsys: Any):
    tell(cast)
    referral = factories.referral(cast, cast.jamie)
    factories.promise(cast, referral, due_on=cast.day)
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        subject=referral.reference,
    )
    call_command("sweep", "--once")
    # Dev's message, and Ingrid's, whose promise is late.
    assert "Sent 2 notices, chased 1 promises." in capsys.readouterr().out
    assert {message.to[0] for message in mail.outbox} == {
        "dev@alongside.example",
        "ingrid@alongside.example",
    }


def nudges() -> int:
    """Return how many nudges there are."""
    return DBTaskResult.objects.filter(task_path=tasks.send_now.module_path).count()


@pytest.mark.usefixtures("transactional_db")
def test_telling_nudges_a_worker_once_a_transaction(cast: Cast):
    with transaction.atomic():
        tell(cast)
        tell(cast)
        assert nudges() == 0
    assert nudges() == 1
    tell(cast)
    assert nudges() == 1, "one that waits is enough"


@pytest.mark.usefixtures("transactional_db")
def test_an_act_that_is_undone_nudges_nobody(cast: Cast):
    with transaction.atomic():
        tell(cast)
        transaction.set_rollback(True)
    assert nudges() == 0


@pytest.mark.usefixtures("transactional_db")
def test_the_nudge_sends_and_is_forgotten(cast: Cast):
    tell(cast)
    assert do_tasks(at=timezone.now()) >= 1
    assert len(mail.outbox) == 1
    assert tasks.forget(at=timezone.now()) == 1
    assert nudges() == 0


@pytest.mark.usefixtures("transactional_db")
def test_a_lost_nudge_loses_nothing(cast: Cast):
    tell(cast)
    DBTaskResult.objects.all().delete()
    assert notices.sweep(at=cast.at) == 1
