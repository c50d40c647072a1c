"""The triggers are there after every migrate, once, and can be lifted for a test only."""

import pytest
from django.core.management import call_command
from django.db import connection

from budgets import triggers
from pricing import constraints


@pytest.mark.django_db(transaction=True)
def test_a_migrate_brings_back_what_is_missing_and_leaves_the_rest() -> None:
    assert triggers.installed(connection) == triggers.EXPECTED
    triggers.lift()
    assert triggers.installed(connection) == set()
    for _ in range(2):
        call_command("migrate", verbosity=0)
        assert triggers.installed(connection) == triggers.EXPECTED


@pytest.mark.django_db
def test_prices_are_kept_apart_by_the_database() -> None:
    assert constraints.installed(connection) == constraints.EXPECTED[connection.vendor]
    constraints.install()
    assert constraints.installed(connection) == constraints.EXPECTED[connection.vendor]
