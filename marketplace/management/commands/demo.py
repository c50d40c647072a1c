"""Set up the demonstration, say who can sign in, and serve it until it is interrupted."""

import contextlib
import errno
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import base, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cms import listings
from cms.models import Service

CAST = Path(settings.BASE_DIR) / "marketplace" / "data" / "cast.json"
SERVED = Path(settings.VAR_DIR) / "demo.pid"
LOOPBACKS = (
    ("127.0.0.1", socket.AF_INET, "tcp:{port}:interface=127.0.0.1"),
    ("::1", socket.AF_INET6, "tcp6:{port}:interface=\\:\\:1"),
)
START_SECONDS = 60


class Command(base.BaseCommand):
    """Serve the demonstration place, with everything it needs."""

    help = "Set up the demonstration place if it is not there yet, and serve it."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port, and whether to forget what is there."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--reset", action="store_true", help="set up afresh, and do not serve")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, then serve; with --reset forget what is there and prepare anew."""
        port = options["port"]
        if options["reset"]:
            self._forget()
        else:
            endpoints = free_endpoints(port)
        try:
            call_command("build_assets", stdout=self.stdout)
            prepare(say=self._say)
        except KeyboardInterrupt:
            raise base.CommandError(
                "Stopped before it was ready; make demo starts it again."
            ) from None
        if not options["reset"]:
            self._serve(endpoints, port=port)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _forget(self) -> None:
        """Remove the embedded database and the mail that was sent from it."""
        if not settings.IS_SQLITE:
            raise base.CommandError(
                "DATABASE_URL names a database of your own, which this never empties: drop it "
                "yourself, then run make demo."
            )
        if is_served():
            raise base.CommandError("The demonstration is being served: stop it first (Ctrl-C).")
        connection.close()
        remove(database_file())
        for message in Path(settings.EMAIL_FILE_PATH).glob("*.log"):
            message.unlink()

    def _serve(self, endpoints: Sequence[str], *, port: int) -> None:
        """Run the server and the sweep side by side until one ends or we are interrupted."""
        connection.close()
        environment = {
            **quietly(),
            "DEMO": "1",
            "SITE_URL": os.environ.get("SITE_URL", f"http://localhost:{port}"),
        }
        server = [sys.executable, "-m", "daphne", "--verbosity", "0", "--no-server-name"]
        for endpoint in endpoints:
            server += ["-e", endpoint]
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGHUP, _end)
        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # WhiteNoise warns where there is none
        SERVED.parent.mkdir(parents=True, exist_ok=True)
        SERVED.write_text(str(os.getpid()))
        children: list[subprocess.Popen[bytes]] = []
        try:
            children.append(
                subprocess.Popen([*server, "marketplace.asgi:application"], env=environment)
            )
            children.append(
                subprocess.Popen([sys.executable, "manage.py", "sweep"], env=environment)
            )
            if wait_until_served(children[0], port=port):
                self._announce(port=port)
            watch(children)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping. Your data is kept; make reset starts afresh.")
        finally:
            stop(children)
            SERVED.unlink(missing_ok=True)

    def _announce(self, *, port: int) -> None:
        """Print the address and the cast's sign-ins."""
        write = self.stdout.write
        write(f"\nAlongside is at http://localhost:{port} (Ctrl-C stops it). Sign in as:\n")
        for person in cast():
            write(f"  {person['email']:<36} {person['name']}: {person['role_words']}")
        write("\nThe sign-in page has a button for each of them; no password is needed here.\n")
        self.stdout.flush()


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def database_file() -> Path:
    """Return the embedded database's file."""
    return Path(settings.DATABASES["default"]["NAME"])


def remove(path: Path) -> None:
    """Remove a SQLite database with its journals."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def is_served() -> bool:
    """Return whether a demonstration on this folder is running now."""
    try:
        os.kill(int(SERVED.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def free_endpoints(port: int) -> list[str]:
    """Return daphne's endpoints for localhost: IPv4, and IPv6 where this machine has it.

    Raises CommandError where something else holds the port.
    """
    found = []
    for address, family, endpoint in LOOPBACKS:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as problem:
            if family == socket.AF_INET6 and problem.errno != errno.EADDRINUSE:
                continue  # no IPv6 here, and localhost is 127.0.0.1
            raise base.CommandError(
                f"Port {port} is taken by another program. Choose one: make demo PORT={port + 1}"
            ) from problem
        found.append(endpoint.format(port=port))
    return found


def prepare(*, say: Any) -> None:
    """Migrate what has to be migrated, and seed where nothing is there.

    The embedded database is built under another name and takes its own when it is whole, so that
    an interrupted set-up starts again instead of leaving half a place behind.
    """
    if not settings.IS_SQLITE or (database_file().exists() and not is_empty(database_file())):
        migrate(say=say)
        if not Service.objects.exists():
            call_command("seed_demo")
        return
    unfinished = database_file().with_suffix(".unfinished.sqlite3")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    connection.close()
    remove(unfinished)
    remove(database_file())
    environment = {**quietly(), "DATABASE_URL": f"sqlite:///{unfinished}"}
    for sentence, command in (
        ("Building the database …", ["migrate", "--verbosity", "0"]),
        ("Seeding the demonstration place …", ["seed_demo"]),
    ):
        say(sentence)
        done = subprocess.run([sys.executable, "manage.py", *command], env=environment, check=False)
        if done.returncode:
            raise base.CommandError(f"It stopped at manage.py {command[0]}: see above.")
    unfinished.rename(database_file())


def quietly() -> dict[str, str]:
    """Return the environment for what we start: warnings are told, routine is not."""
    return {"LOG_LEVEL": "WARNING", **os.environ}


def is_empty(path: Path) -> bool:
    """Return whether a SQLite file holds no table yet, as one does that was only opened."""
    with contextlib.closing(sqlite3.connect(path)) as file:
        return not file.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()


def migrate(*, say: Any) -> None:
    """Apply migrations that have come since, if any."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Bringing the database up to date …")
        call_command("migrate", verbosity=0, interactive=False)
    # Rows of the search from before they had words: without these nothing would be found.
    listings.rebuild(services=listings.unsaid())


def wait_until_served(server: subprocess.Popen[bytes], *, port: int) -> bool:
    """Wait until the server answers; return whether it does."""
    limit = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < limit:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.1)
    return False


def watch(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Return when one of the processes has ended by itself; that is never what we wanted."""
    while True:
        for child in children:
            if child.poll() is not None:
                raise base.CommandError(
                    f"A part of the demonstration ended by itself: {child.args!r}. See above."
                )
        time.sleep(0.5)


def stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """End the processes: by asking, and after ten seconds by force."""
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def cast() -> list[dict[str, str]]:
    """Return the people of the demonstration who sign in."""
    found: list[dict[str, str]] = json.loads(CAST.read_text())["cast"]
    return found
