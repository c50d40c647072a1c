"""No two prices of one unit of one service on the same day, on both databases.

An exclusion constraint in a model's Meta is a syntax error on SQLite, and SQLite drops triggers
whenever a migration rebuilds their table: so both are installed after every migrate.
"""

from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "pricing_price"
NAME = "pricing_price_no_overlap"
EXPECTED = {
    "sqlite": {f"{NAME}_insert", f"{NAME}_update"},
    "postgresql": {NAME},
}

SQLITE = """
CREATE TRIGGER {name} BEFORE {act} ON pricing_price
WHEN EXISTS (
    SELECT 1 FROM pricing_price AS other
    WHERE other.service_id = NEW.service_id AND other.unit = NEW.unit AND other.id IS NOT NEW.id
    AND other.valid_from < COALESCE(NEW.valid_to, '9999-12-31')
    AND NEW.valid_from < COALESCE(other.valid_to, '9999-12-31')
)
BEGIN SELECT RAISE(ABORT, 'pricing_price_no_overlap'); END
"""
# Equal numbers are written as overlapping ranges of one, so that it needs no extension.
POSTGRESQL = """
ALTER TABLE pricing_price ADD CONSTRAINT pricing_price_no_overlap EXCLUDE USING gist (
    int8range(service_id, service_id, '[]') WITH &&,
    int8range(hashtext(unit)::bigint, hashtext(unit)::bigint, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&
)
"""
LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT conname FROM pg_constraint WHERE contype = 'x'",
}


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of what the database has of ours."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED[connection.vendor])
        return {name for (name,) in cursor.fetchall()} & EXPECTED[connection.vendor]


def install(connection: BaseDatabaseWrapper = connection) -> None:
    """Create what is missing."""
    missing = EXPECTED[connection.vendor] - installed(connection)
    if not missing or TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for name in sorted(missing):
            if connection.vendor == "postgresql":
                cursor.execute(POSTGRESQL)
            else:
                cursor.execute(SQLITE.format(name=name, act=name.rsplit("_", 1)[1]))


def after_migrate(*, using: str, **kwargs: Any) -> None:
    """Install after every migrate."""
    install(connections[using])
