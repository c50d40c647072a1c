"""What holds of prices and quotes in the database itself, beside the tables, on both databases.

No two prices of one unit of one service on the same day; a quote, its shares and what a price said
before are never changed; the shares of a quote are never more than the whole.

An exclusion constraint in a model's Meta is a syntax error on SQLite, and SQLite drops triggers
whenever a migration rebuilds their table: so all are installed after every migrate.
"""

from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

NAME = "pricing_price_no_overlap"
FROZEN = {
    f"{table}_is_frozen": table
    for table in ("pricing_quote", "pricing_quoteshare", "pricing_pricechange")
}
WHOLE = "pricing_quoteshare_within_the_whole"
TRIGGERS = {**FROZEN, WHOLE: "pricing_quoteshare"}
EXPECTED = {
    "sqlite": {f"{NAME}_insert", f"{NAME}_update", *TRIGGERS},
    "postgresql": {NAME, *TRIGGERS},
}

SQLITE_OVERLAP = """
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
POSTGRESQL_OVERLAP = """
ALTER TABLE pricing_price ADD CONSTRAINT pricing_price_no_overlap EXCLUDE USING gist (
    int8range(service_id, service_id, '[]') WITH &&,
    int8range(hashtext(unit)::bigint, hashtext(unit)::bigint, '[]') WITH &&,
    daterange(valid_from, valid_to) WITH &&
)
"""
IS_MORE = """
COALESCE((SELECT SUM(amount_pence) FROM pricing_quoteshare WHERE quote_id = NEW.quote_id), 0)
+ NEW.amount_pence > (SELECT total_pence FROM pricing_quote WHERE id = NEW.quote_id)
"""
SQLITE = {
    **{
        name: (
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        )
        for name, table in FROZEN.items()
    },
    WHOLE: (
        f"CREATE TRIGGER {WHOLE} BEFORE INSERT ON pricing_quoteshare WHEN {IS_MORE} "
        f"BEGIN SELECT RAISE(ABORT, '{WHOLE}'); END"
    ),
    **{
        f"{NAME}_{act}": SQLITE_OVERLAP.format(name=f"{NAME}_{act}", act=act)
        for act in ("insert", "update")
    },
}
POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION pricing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = '23001'; END $$;
CREATE OR REPLACE FUNCTION pricing_refuse_more_than_the_whole() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF {IS_MORE} THEN RAISE EXCEPTION '{WHOLE}' USING ERRCODE = '23514'; END IF;
RETURN NEW;
END $$
"""
POSTGRESQL = {
    **{
        name: (
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pricing_refuse_change()"
        )
        for name, table in FROZEN.items()
    },
    WHOLE: (
        f"CREATE TRIGGER {WHOLE} BEFORE INSERT ON pricing_quoteshare "
        "FOR EACH ROW EXECUTE FUNCTION pricing_refuse_more_than_the_whole()"
    ),
    NAME: POSTGRESQL_OVERLAP,
}
LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT conname FROM pg_constraint WHERE contype = 'x' UNION "
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE NOT tgisinternal AND pg_table_is_visible(pg_class.oid)"
    ),
}


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of what the database has of ours."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED[connection.vendor])
        return {name for (name,) in cursor.fetchall()} & EXPECTED[connection.vendor]


def install(connection: BaseDatabaseWrapper = connection) -> None:
    """Create what is missing."""
    missing = EXPECTED[connection.vendor] - installed(connection)
    tables = set(connection.introspection.table_names()) if missing else set()
    statements = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    with connection.cursor() as cursor:
        if missing and connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTIONS)
        for name in sorted(missing):
            if TRIGGERS.get(name, "pricing_price") in tables:
                cursor.execute(statements[name])


def lift(connection: BaseDatabaseWrapper = connection) -> None:
    """Drop all of it: for the twins of the tests, and for nothing else."""
    with connection.cursor() as cursor:
        for name in sorted(installed(connection)):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {name}")
            elif name == NAME:
                cursor.execute(f"ALTER TABLE pricing_price DROP CONSTRAINT {name}")
            else:
                cursor.execute(f"DROP TRIGGER {name} ON {TRIGGERS[name]}")


def after_migrate(*, using: str, **kwargs: Any) -> None:
    """Install after every migrate."""
    install(connections[using])
