"""The demonstration place of the journeys: seeded once, copied for each, served for real."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import servers


@dataclass(frozen=True)
class Place:
    """A served copy of the demonstration place: its address, and the file behind it."""

    address: str
    file: Path

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what the database holds, asked past our own code."""
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as file:
            return file.execute(sql, values).fetchall()


def environment(file: Path) -> dict[str, str]:
    """Return the environment in which a process works on a file."""
    return {
        **os.environ,
        "DEMO": "1",
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "DATABASE_URL": f"sqlite:///{file}",
    }


def seed(file: Path, *, families: int, template: Path | None = None) -> None:
    """Build the demonstration place in a file; `template` is one that is migrated already."""
    commands = [["seed_demo", "--families", str(families)]]
    if template is not None and template.exists():
        shutil.copyfile(template, file)
    else:
        commands.insert(0, ["migrate", "--verbosity", "0"])
    for command in commands:
        run(file, "manage.py", *command)


def run(file: Path, *command: str) -> str:
    """Run Python with a command against a file; return what it printed, raise where it failed."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=servers.BASE_DIR,
        env=environment(file),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def copy(file: Path, to: Path) -> None:
    """Copy a database that is not in use, its journal folded in."""
    with (
        contextlib.closing(sqlite3.connect(file)) as source,
        contextlib.closing(sqlite3.connect(to)) as copied,
    ):
        source.backup(copied)


@contextlib.contextmanager
def serve(file: Path) -> Iterator[Place]:
    """Serve a file over ASGI, sockets included."""
    with servers.alongside(environment=environment(file)) as address:
        yield Place(address=address, file=file)
