"""Eight at once on money for one: exactly one succeeds, and with lock and CHECK off it would not.

The same race on both databases: PostgreSQL is safe by the row lock, SQLite by its one writer.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from budgets import ledger, proofs
from budgets.models import Account, Transfer
from tests.budgets import conftest, test_ledger
from tests.budgets.conftest import ENVELOPE_PENCE, Purse
from tests.cast import NOW

AT_ONCE = 8
CHECK = "budgets_account_left_never_below_nothing"

pytestmark = pytest.mark.django_db(transaction=True)


def race(act: Callable[[int], object]) -> list[object]:
    """Let eight act at the same moment, each on a connection of its own; return how each ended."""
    barrier = threading.Barrier(AT_ONCE)
    ends: list[object] = []

    def run(number: int) -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            ends.append(act(number))
        except Exception as error:  # whatever it is, the test looks at it
            ends.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def succeeded(ends: list[object], refusal: type[Exception]) -> list[Transfer]:
    """Return the rows written; all others must have been refused by name."""
    rows = [end for end in ends if isinstance(end, Transfer)]
    refused = [end for end in ends if isinstance(end, refusal)]
    assert len(rows) + len(refused) == AT_ONCE, ends
    return rows


def test_of_eight_holds_on_money_for_one_exactly_one_succeeds(purse: Purse) -> None:
    ends = race(
        lambda number: test_ledger.hold(purse, amount_pence=ENVELOPE_PENCE, key=f"hold {number}")
    )
    assert len(succeeded(ends, ledger.NotEnough)) == 1
    assert test_ledger.money(purse) == (0, ENVELOPE_PENCE, 0)
    assert proofs.prove().ok


def test_of_eight_holds_with_one_key_one_row_is_written(purse: Purse) -> None:
    ends = race(lambda number: test_ledger.hold(purse, key="the same"))
    rows = succeeded(ends, ledger.KeyReused)
    assert len(rows) == AT_ONCE
    assert len({row.pk for row in rows}) == 1
    assert test_ledger.money(purse) == (7_500, 2_500, 0)


def test_of_eight_settlements_of_one_hold_exactly_one_succeeds(purse: Purse) -> None:
    held = test_ledger.hold(purse)

    def settle(number: int) -> Transfer:
        act = ledger.post if number % 2 else ledger.void
        return act(hold=held, key=f"settle {number}", by=purse.by, at=NOW)

    assert len(succeeded(race(settle), ledger.AlreadySettled)) == 1
    assert proofs.prove().ok


def test_of_eight_reversals_exactly_one_succeeds(purse: Purse) -> None:
    posted = ledger.post(hold=test_ledger.hold(purse), key="post", by=purse.by, at=NOW)
    ends = race(
        lambda number: ledger.reverse(transfer=posted, key=f"reverse {number}", by=purse.by, at=NOW)
    )
    assert len(succeeded(ends, ledger.AlreadyReversed)) == 1
    assert test_ledger.money(purse) == (ENVELOPE_PENCE, 0, 0)


def test_eight_first_payments_to_one_provider_open_one_account(purse: Purse) -> None:
    ends = race(lambda number: test_ledger.hold(purse, amount_pence=100, key=f"hold {number}"))
    assert len(succeeded(ends, ledger.NotEnough)) == AT_ONCE
    assert Account.objects.filter(kind="provider", organisation=purse.mentors).count() == 1
    assert test_ledger.money(purse) == (9_200, 800, 0)
    assert proofs.prove().ok


def carelessly_hold(purse: Purse, at_the_gate: threading.Barrier) -> Any:
    """Read, compare, then write: what a state guard alone does."""
    with transaction.atomic():
        account = Account.objects.get(envelope=purse.envelope)
        at_the_gate.wait(timeout=20)
        if account.left_pence < ENVELOPE_PENCE:
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE budgets_account SET pending_out_pence = pending_out_pence + %s "
                "WHERE id = %s",
                [ENVELOPE_PENCE, account.pk],
            )
        return account


@pytest.fixture
def unchecked(purse: Purse) -> Iterator[Purse]:
    """Take the CHECK away for one test."""
    constraint = next(one for one in Account._meta.constraints if one.name == CHECK)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Account, constraint)
    yield purse
    Account.objects.filter(envelope=purse.envelope).update(pending_out_pence=0)
    with connection.schema_editor() as editor:
        editor.add_constraint(Account, constraint)


@pytest.mark.postgres
def test_without_lock_and_check_the_same_race_overspends(unchecked: Purse) -> None:
    gate = threading.Barrier(AT_ONCE)
    ends = race(lambda number: carelessly_hold(unchecked, gate))
    assert len([end for end in ends if isinstance(end, Account)]) == AT_ONCE
    assert test_ledger.money(unchecked)[0] == ENVELOPE_PENCE * (1 - AT_ONCE)
    assert not proofs.prove().ok


@pytest.mark.postgres
def test_without_the_lock_the_check_still_lets_one_through_only(purse: Purse) -> None:
    gate = threading.Barrier(AT_ONCE)
    ends = race(lambda number: carelessly_hold(purse, gate))
    assert len([end for end in ends if isinstance(end, Account)]) == 1
    assert test_ledger.money(purse) == (0, ENVELOPE_PENCE, 0)


def test_a_reader_finds_every_penny_during_the_race(purse: Purse) -> None:
    done = threading.Event()
    sums: list[int] = []
    problems: list[proofs.Problem] = []

    def read() -> None:
        while not done.is_set():
            sums.append(ledger.plan_balance(plan=purse.plan).total_pence)
            problems.extend(proofs.prove().problems)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()

    def hold_and_settle(number: int) -> Transfer:
        held = test_ledger.hold(purse, amount_pence=500, key=f"hold {number}")
        return ledger.post(hold=held, key=f"post {number}", by=purse.by, at=NOW)

    ends = race(hold_and_settle)
    done.set()
    reader.join()
    assert len(succeeded(ends, ledger.NotEnough)) == AT_ONCE
    assert set(sums) == {ENVELOPE_PENCE}
    assert problems == []


def test_money_put_into_many_plans_at_once_never_exceeds_the_fund(db: None) -> None:
    purse = conftest.build()
    fund_left = purse.fund_account.left_pence
    ends = race(
        lambda number: ledger.transfer(
            debit=purse.fund_account,
            credit=purse.account,
            amount_pence=fund_left // 2,
            key=f"share {number}",
            by=purse.by,
            at=NOW,
        )
    )
    assert len(succeeded(ends, ledger.NotEnough)) == 2
    assert proofs.prove().ok
