"""Triggers that keep ledger and history as they were written, and the hidden hidden.

Migrations cannot hold them: SQLite drops a table's triggers whenever a migration rebuilds it. So
they are installed after every migrate, where they are missing.
"""

from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

IMMUTABLE = ("budgets_transfer", "budgets_event")
SHIELD = "budgets_person_keeps_shield"
TABLES = {
    **{f"{table}_no_{act}": table for table in IMMUTABLE for act in ("update", "delete")},
    SHIELD: "budgets_person",
}
EXPECTED = set(TABLES)

SQLITE = """
CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION budgets_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = '23001'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER {table}_no_{act} BEFORE {acts} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION budgets_refuse_change()
"""
POSTGRESQL_ACTS = {"update": "UPDATE", "delete": "DELETE OR TRUNCATE"}
# Whoever lifts a shield says when in the same breath (budgets/shields.py); nothing else may.
SHIELD_FUNCTION = """
CREATE OR REPLACE FUNCTION budgets_refuse_unshielding() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a shield is lifted on purpose' USING ERRCODE = '23001'; END $$
"""
SHIELDS = {
    "sqlite": """
CREATE TRIGGER budgets_person_keeps_shield BEFORE UPDATE ON budgets_person
WHEN OLD.is_shielded AND NOT NEW.is_shielded AND NEW.unshielded_at IS OLD.unshielded_at
BEGIN SELECT RAISE(ABORT, 'a shield is lifted on purpose'); END
""",
    "postgresql": """
CREATE TRIGGER budgets_person_keeps_shield BEFORE UPDATE ON budgets_person FOR EACH ROW
WHEN (OLD.is_shielded AND NOT NEW.is_shielded
      AND NEW.unshielded_at IS NOT DISTINCT FROM OLD.unshielded_at)
EXECUTE FUNCTION budgets_refuse_unshielding()
""",
}
LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE NOT tgisinternal AND pg_table_is_visible(pg_class.oid)"
    ),
}


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of our triggers that the database has."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED[connection.vendor])
        return {name for (name,) in cursor.fetchall()} & EXPECTED


def install(connection: BaseDatabaseWrapper = connection) -> None:
    """Create the triggers that are missing."""
    missing = EXPECTED - installed(connection)
    tables = set(connection.introspection.table_names()) if missing else set()
    with connection.cursor() as cursor:
        if missing and connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
            cursor.execute(SHIELD_FUNCTION)
        for table in IMMUTABLE:
            for act, acts in POSTGRESQL_ACTS.items():
                if table in tables and f"{table}_no_{act}" in missing:
                    sql = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
                    cursor.execute(sql.format(table=table, act=act, acts=acts))
        if SHIELD in missing and TABLES[SHIELD] in tables:
            cursor.execute(SHIELDS[connection.vendor])


def lift(connection: BaseDatabaseWrapper = connection) -> None:
    """Drop the triggers: for the flush after a transaction test, and for nothing else."""
    with connection.cursor() as cursor:
        for name in sorted(installed(connection)):
            on = f" ON {TABLES[name]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")


def after_migrate(*, using: str, **kwargs: Any) -> None:
    """Install after every migrate."""
    install(connections[using])
