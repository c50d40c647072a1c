"""What must hold in the database beside the tables is there, and it bites."""

import pytest
from django.db import DatabaseError, connection, transaction

from budgets import triggers

# Whoever adds a trigger adds its line here, and says in docs/adr what it is for.
IMMUTABLE = {
    "budgets_event_no_delete",
    "budgets_event_no_update",
    "budgets_transfer_no_delete",
    "budgets_transfer_no_update",
}
# A hidden person's record is shown again on purpose, or not at all.
SHIELD = {"budgets_person_keeps_shield"}
# What was quoted, who bears it and what a price said before stay as they were written; shares are
# never more than the whole.
PRICES = {
    "pricing_pricechange_is_frozen",
    "pricing_quote_is_frozen",
    "pricing_quoteshare_is_frozen",
    "pricing_quoteshare_within_the_whole",
}
# Two prices of one service never overlap; PostgreSQL has an exclusion constraint for it.
IN_STEAD_OF_CONSTRAINTS = {
    "sqlite": {"pricing_price_no_overlap_insert", "pricing_price_no_overlap_update"},
    "postgresql": set(),
}
EXCLUSIONS = {"pricing_price_no_overlap"}


def in_the_database() -> set[str]:
    """Return the names of the triggers on our tables."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = {name for (name,) in cursor.fetchall()}
    # Wagtail keeps its own search index in step with triggers.
    return {name for name in names if "wagtail" not in name}


@pytest.mark.django_db
def test_the_triggers_are_those_listed() -> None:
    expected = IMMUTABLE | SHIELD | PRICES | IN_STEAD_OF_CONSTRAINTS[connection.vendor]
    assert in_the_database() == expected


@pytest.mark.django_db(transaction=True)
def test_a_lifted_trigger_is_missed_and_put_back() -> None:
    triggers.lift()
    assert in_the_database() & (IMMUTABLE | SHIELD) == set()
    triggers.install()
    triggers.install()
    assert in_the_database() >= IMMUTABLE | SHIELD


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_exclusion_constraints_are_those_listed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'x'")
        assert {name for (name,) in cursor.fetchall()} == EXCLUSIONS


@pytest.mark.django_db
@pytest.mark.postgres
def test_an_empty_ledger_cannot_be_emptied_either() -> None:
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE budgets_transfer CASCADE")
