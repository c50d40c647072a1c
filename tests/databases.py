"""Databases for the tests, cloned from one that is migrated once.

Migrating takes twelve seconds, nearly all of it Wagtail's. So the first run builds a template,
named after everything that shapes it; each process then clones it in a moment. After a test that
really committed, the clone is put back to exactly what the template holds: Wagtail's root page,
site and locale, permissions, triggers and all.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

FOLDER = settings.VAR_DIR / "tests"
# What shapes a migrated database beside migrations: the hooks that run after them.
AFTER_MIGRATING = ("apps.py", "triggers.py", "constraints.py")

# The SQLite file this process was cloned from; the rows a PostgreSQL clone begins with, by table.
_template: list[Path] = []
_baseline: dict[str, bytes] = {}


def is_sqlite() -> bool:
    """Return whether the tests run on SQLite."""
    return connection.vendor == "sqlite"


def fingerprint() -> str:
    """Return a short digest of all that shapes a migrated database."""
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda each: each.label):
        root = Path(config.path)
        shaping = [*root.glob("migrations/*.py"), *(root / name for name in AFTER_MIGRATING)]
        shaping.append(root / "data" / "retention.json")  # read by a migration
        for path in sorted(path for path in shaping if path.is_file()):
            digest.update(f"{config.label}/{path.name}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one process at a time build what all of them use."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def clone(worker: str) -> str:
    """Clone the template for this process and use the clone; return its name."""
    stamp = fingerprint()
    with one_at_a_time():
        name = _clone_file(stamp, worker) if is_sqlite() else _clone_postgres(stamp, worker)
    _use(name)
    if not is_sqlite():
        _baseline.update(_copy_out())
    return name


def _clone_file(stamp: str, worker: str) -> str:
    template = FOLDER / f"template-{stamp}.sqlite3"
    if not template.exists():
        _remove_old_templates()
        unfinished = template.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _use(str(unfinished))
        call_command("migrate", verbosity=0, interactive=False)
        # The journal is folded into the file, so that the file alone can be copied.
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        unfinished.rename(template)
    _template.append(template)
    name = FOLDER / f"clone-{worker}-{os.getpid()}.sqlite3"
    shutil.copyfile(template, name)
    return str(name)


def _remove_old_templates() -> None:
    """Remove what no test run of today can still be using."""
    for path in FOLDER.glob("*.sqlite3*"):
        if path.stat().st_mtime < time.time() - 24 * 60 * 60:
            path.unlink(missing_ok=True)


def _clone_postgres(stamp: str, worker: str) -> str:
    template, name = f"alongside_template_{stamp}", f"alongside_{worker}_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if cursor.fetchone() is None:
            unfinished = f"{template}_unfinished"
            cursor.execute(f"DROP DATABASE IF EXISTS {unfinished}")
            cursor.execute(f"CREATE DATABASE {unfinished}")
            _use(unfinished)
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            cursor.execute(f"ALTER DATABASE {unfinished} RENAME TO {template}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def drop(name: str) -> None:
    """Remove this process's clone."""
    connection.close()
    if is_sqlite():
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def restore() -> None:
    """Put the clone back to what the template holds."""
    if is_sqlite():
        connection.close()
        _restore_file(Path(settings.DATABASES["default"]["NAME"]))
    else:
        _restore_postgres()


def _restore_file(clone: Path) -> None:
    file = sqlite3.connect(clone, isolation_level=None, timeout=20)
    with contextlib.closing(file):
        file.execute("PRAGMA foreign_keys=OFF")
        file.execute("ATTACH ? AS template", [str(_template[-1])])
        file.execute("BEGIN IMMEDIATE")
        # Ledger rows and events cannot be deleted while their triggers stand.
        for (name,) in file.execute(
            "SELECT name FROM main.sqlite_master WHERE type='trigger'"
        ).fetchall():
            file.execute(f'DROP TRIGGER main."{name}"')
        for (table,) in file.execute(
            "SELECT name FROM template.sqlite_master WHERE type='table'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE '%_fts_%'"
        ).fetchall():
            file.execute(f'DELETE FROM main."{table}"')
            file.execute(f'INSERT INTO main."{table}" SELECT * FROM template."{table}"')
        for (sql,) in file.execute(
            "SELECT sql FROM template.sqlite_master WHERE type='trigger'"
        ).fetchall():
            file.execute(sql)
        file.execute("COMMIT")


def _restore_postgres() -> None:
    """Empty what has rows, and write those of the template again.

    Rows are deleted, for to truncate takes a new file for each table and each of its indexes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # triggers and keys stand aside
        for table in _filled(cursor):
            cursor.execute(f'DELETE FROM "{table}"')
            _restart(cursor, table)
        for table, rows in _baseline.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(rows)
            _restart(cursor, table)
        cursor.execute("SET session_replication_role = DEFAULT")


def _filled(cursor: Any) -> list[str]:
    """Return the tables that hold any row."""
    names = connection.introspection.table_names(cursor)
    asked = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    cursor.execute(" UNION ALL ".join(asked))
    return [name for (name,) in cursor.fetchall()]


def _restart(cursor: Any, table: str) -> None:
    """Count a table's keys on from the last row that it holds, or from one."""
    for column in _counted(table):
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max, 1), max IS NOT NULL)"
            f' FROM (SELECT max("{column}") FROM "{table}") AS held',
            [f'"{table}"', column],
        )


@functools.cache
def _counted(table: str) -> list[str]:
    """Return the columns that a sequence counts."""
    with connection.cursor() as cursor:
        return [each["column"] for each in connection.introspection.get_sequences(cursor, table)]


def _copy_out() -> dict[str, bytes]:
    """Return the rows that a migrated PostgreSQL database begins with, by table."""
    found: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                rows = b"".join(bytes(chunk) for chunk in copy)
            if rows:
                found[table] = rows
    return found
