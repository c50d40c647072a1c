"""Every movement of money: what it does, what it refuses, and that it happens once."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from budgets import accounts, balances, history, ledger
from budgets.models import Account, AccountKind, Phase, Total, Transfer
from tests.budgets.conftest import ENVELOPE_PENCE, FUND_PENCE, Purse
from tests.cast import NOW

SUBJECT = uuid.UUID(int=3)


def hold(purse: Purse, **said: Any) -> Transfer:
    """Set £25.00 aside for the mentors, or what is said instead."""
    figures: dict[str, Any] = {
        "envelope": purse.envelope,
        "organisation": purse.mentors,
        "amount_pence": 2_500,
        "key": "hold",
        "service": purse.service,
        "subject": SUBJECT,
        "by": purse.by,
        "at": NOW,
    }
    return ledger.hold(**{**figures, **said})


def trace() -> list[Any]:
    """Return all that money leaves behind."""
    return [list(model.objects.order_by("pk").values()) for model in (Account, Transfer, Total)]


def money(purse: Purse) -> tuple[int, int, int]:
    """Return the plan's left, set aside and spent."""
    found = ledger.plan_balance(plan=purse.plan)
    return found.left_pence, found.set_aside_pence, found.spent_pence


def provider(purse: Purse) -> balances.Balance:
    """Return what the mentors have earned, and what is set aside for them."""
    account = accounts.of(kind=AccountKind.PROVIDER, organisation=purse.mentors)
    return ledger.balance(account=account)


def test_a_hold_moves_left_to_set_aside(purse: Purse) -> None:
    row = hold(purse)
    assert money(purse) == (7_500, 2_500, 0)
    assert provider(purse) == balances.Balance(0, 2_500, 0)
    assert row.is_hold
    assert (row.service, row.subject, row.envelope) == (purse.service, SUBJECT, purse.envelope)
    assert (row.actor_kind, row.actor_reference, row.at) == ("person", "colin", NOW)


def test_posting_moves_set_aside_to_spent(purse: Purse) -> None:
    row = ledger.post(hold=hold(purse), key="post", by=purse.by, at=NOW)
    assert money(purse) == (7_500, 0, 2_500)
    assert provider(purse) == balances.Balance(2_500, 0, 2_500)
    assert row.is_posted
    assert (row.service, row.subject) == (purse.service, SUBJECT)


def test_voiding_puts_it_back(purse: Purse) -> None:
    row = ledger.void(hold=hold(purse), key="void", by=purse.by, at=NOW)
    assert money(purse) == (ENVELOPE_PENCE, 0, 0)
    assert provider(purse) == balances.Balance(0, 0, 0)
    assert row.is_void


def test_reversing_moves_it_back_as_a_new_row(purse: Purse) -> None:
    posted = ledger.post(hold=hold(purse), key="post", by=purse.by, at=NOW)
    row = ledger.reverse(transfer=posted, key="reverse", by=purse.by, at=NOW)
    assert money(purse) == (ENVELOPE_PENCE, 0, 0)
    assert provider(purse) == balances.Balance(0, 0, 0)
    assert (row.debit, row.credit, row.reverses) == (posted.credit, posted.debit, posted)
    assert Transfer.objects.filter(key="post").exists()
    assert ledger.prove().ok


def test_an_allocation_is_reversed_only_while_it_is_there(purse: Purse) -> None:
    allocated = Transfer.objects.get(key="purse:plan")
    held = hold(purse, amount_pence=1)
    before = trace()
    with pytest.raises(ledger.NotEnough):
        ledger.reverse(transfer=allocated, key="back", by=purse.by, at=NOW)
    assert trace() == before
    ledger.void(hold=held, key="void", by=purse.by, at=NOW)
    ledger.reverse(transfer=allocated, key="back", by=purse.by, at=NOW)
    assert purse.fund_account.left_pence == FUND_PENCE


def test_what_is_set_aside_cannot_be_set_aside_again(purse: Purse) -> None:
    hold(purse, amount_pence=9_000)
    before = trace()
    with pytest.raises(ledger.NotEnough) as refusal:
        hold(purse, amount_pence=1_001, key="second")
    assert (refusal.value.left_pence, refusal.value.asked_pence) == (1_000, 1_001)
    assert refusal.value.sentence == "There is £10.00 left, and this costs £10.01."
    assert trace() == before
    hold(purse, amount_pence=1_000, key="second")
    assert money(purse) == (0, 10_000, 0)


def test_a_refused_hold_leaves_the_callers_transaction_usable(purse: Purse) -> None:
    with transaction.atomic():
        with pytest.raises(ledger.NotEnough):
            hold(purse, amount_pence=ENVELOPE_PENCE + 1)
        hold(purse, key="smaller")
    assert money(purse) == (7_500, 2_500, 0)


@pytest.mark.parametrize("amount_pence", [0, -1])
def test_nothing_cannot_be_moved(purse: Purse, amount_pence: int) -> None:
    before = trace()
    with pytest.raises(ledger.NothingToMove):
        hold(purse, amount_pence=amount_pence)
    assert trace() == before


Act = Callable[[Purse, Transfer, str], Transfer]
ACTS: dict[str, Act] = {
    "post": lambda purse, row, key: ledger.post(hold=row, key=key, by=purse.by, at=NOW),
    "void": lambda purse, row, key: ledger.void(hold=row, key=key, by=purse.by, at=NOW),
}


@pytest.mark.parametrize("first", ACTS)
@pytest.mark.parametrize("second", ACTS)
def test_a_hold_is_settled_once(purse: Purse, first: str, second: str) -> None:
    row = hold(purse)
    ACTS[first](purse, row, "first")
    before = trace()
    with pytest.raises(ledger.AlreadySettled):
        ACTS[second](purse, row, "second")
    assert trace() == before


@pytest.mark.parametrize("name", ACTS)
def test_only_what_was_set_aside_is_settled(purse: Purse, name: str) -> None:
    allocated = Transfer.objects.get(key="purse:plan")
    before = trace()
    with pytest.raises(ledger.NotAHold):
        ACTS[name](purse, allocated, "settle")
    assert trace() == before


def test_only_what_has_moved_is_reversed_and_once(purse: Purse) -> None:
    held = hold(purse)
    with pytest.raises(ledger.NotReversible):
        ledger.reverse(transfer=held, key="reverse", by=purse.by, at=NOW)
    posted = ledger.post(hold=held, key="post", by=purse.by, at=NOW)
    reversal = ledger.reverse(transfer=posted, key="reverse", by=purse.by, at=NOW)
    before = trace()
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(transfer=posted, key="again", by=purse.by, at=NOW)
    with pytest.raises(ledger.NotReversible):
        ledger.reverse(transfer=reversal, key="again", by=purse.by, at=NOW)
    assert trace() == before


def test_a_key_used_again_returns_the_row_that_was_written(purse: Purse) -> None:
    held = hold(purse)
    assert hold(purse) == held
    posted = ledger.post(hold=held, key="post", by=purse.by, at=NOW)
    before = trace()
    assert ledger.post(hold=held, key="post", by=purse.by, at=NOW) == posted
    assert hold(purse) == held
    reversal = ledger.reverse(transfer=posted, key="reverse", by=purse.by, at=NOW)
    assert ledger.reverse(transfer=posted, key="reverse", by=purse.by, at=NOW) == reversal
    assert len(trace()[1]) == len(before[1]) + 1


@pytest.mark.parametrize(
    "other", [{"amount_pence": 2_501}, {"service": None}, {"subject": uuid.UUID(int=4)}]
)
def test_a_key_used_for_something_else_is_refused(purse: Purse, other: dict[str, Any]) -> None:
    held = hold(purse)
    before = trace()
    with pytest.raises(ledger.KeyReused):
        hold(purse, **other)
    with pytest.raises(ledger.KeyReused):
        hold(purse, organisation=purse.county)
    with pytest.raises(ledger.KeyReused):
        ledger.post(hold=held, key="hold", by=purse.by, at=NOW)
    assert trace() == before


def test_a_void_does_not_answer_for_a_post(purse: Purse) -> None:
    held = hold(purse)
    ledger.void(hold=held, key="settle", by=purse.by, at=NOW)
    with pytest.raises(ledger.KeyReused):
        ledger.post(hold=held, key="settle", by=purse.by, at=NOW)


def test_the_check_has_the_last_word(purse: Purse) -> None:
    with pytest.raises(IntegrityError, match="left_never_below"), transaction.atomic():
        Account.objects.filter(envelope=purse.envelope).update(pending_out_pence=ENVELOPE_PENCE + 1)
    with pytest.raises(IntegrityError, match="only_funds_and_envelopes"), transaction.atomic():
        Account.objects.filter(kind=AccountKind.OUTSIDE).update(posted_pence=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(kind=AccountKind.FUND, organisation=purse.county)


def test_a_chain_never_forks(purse: Purse) -> None:
    row = hold(purse)
    fork = Transfer.objects.get(pk=row.pk)
    fork.pk, fork.reference, fork.key = None, uuid.uuid4(), "fork"
    with pytest.raises(IntegrityError), transaction.atomic():
        fork.save(force_insert=True)


def test_a_row_is_never_changed_or_deleted(purse: Purse) -> None:
    row = hold(purse)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Transfer.objects.filter(pk=row.pk).update(amount_pence=1)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Transfer.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize(
    "wrong",
    [
        {"phase": Phase.VOID},
        {"amount_pence": 0},
        {"is_confidential": True},
        {"key": ""},
    ],
)
def test_the_database_refuses_what_is_no_transfer(purse: Purse, wrong: dict[str, Any]) -> None:
    row = hold(purse)
    copy = Transfer.objects.get(pk=row.pk)
    copy.pk, copy.reference, copy.key, copy.previous = None, uuid.uuid4(), "copy", "x"
    for name, value in wrong.items():
        setattr(copy, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_a_direct_payment_is_spent_at_once(purse: Purse) -> None:
    mentors = accounts.of(kind=AccountKind.PROVIDER, organisation=purse.mentors)
    paid = ledger.transfer(
        debit=purse.account,
        credit=mentors,
        amount_pence=400,
        key="direct",
        service=purse.service,
        by=purse.by,
        at=NOW,
    )
    assert money(purse) == (9_600, 0, 400)
    ledger.reverse(transfer=paid, key="back", by=purse.by, at=NOW)
    assert money(purse) == (10_000, 0, 0)
    assert ledger.prove().ok


def test_what_the_reader_may_not_know_leaves_no_trace_in_the_totals(purse: Purse) -> None:
    secret = hold(purse, key="secret", person=purse.stacey, is_confidential=True)
    gone = hold(purse, key="gone", person=purse.stacey, is_confidential=True)
    ledger.post(hold=gone, key="gone:post", by=purse.by, at=NOW)
    hold(purse, key="seen", amount_pence=300)
    hidden = Transfer.objects.filter(is_confidential=True)
    assert hidden.count() == 3
    seen = ledger.plan_balance(plan=purse.plan, hidden=hidden)
    assert (seen.left_pence, seen.set_aside_pence, seen.spent_pence) == (9_700, 300, 0)
    assert seen.total_pence == ENVELOPE_PENCE
    assert ledger.plan_balance(plan=purse.plan).total_pence == ENVELOPE_PENCE
    ledger.void(hold=secret, key="secret:void", by=purse.by, at=NOW)
    assert ledger.plan_balance(plan=purse.plan, hidden=hidden, year=2026).set_aside_pence == 300


def test_the_money_of_many_plans_takes_one_query(
    purse: Purse, django_assert_num_queries: Any
) -> None:
    hold(purse)
    with django_assert_num_queries(1):
        found = ledger.plan_balances(plans=[purse.plan])
    assert found == {purse.plan.pk: balances.PlanMoney(7_500, 2_500, 0)}
    assert ledger.plan_balance(plan=purse.plan, year=2025) == balances.NOTHING


def test_a_movement_takes_few_queries(purse: Purse, django_assert_max_num_queries: Any) -> None:
    hold(purse, key="first")
    with django_assert_max_num_queries(8):
        row = hold(purse)
    with django_assert_max_num_queries(7):
        ledger.post(hold=row, key="post", by=purse.by, at=NOW)


def hold_each(purse: Purse, amounts_pence: list[int], key: str = "each") -> list[Transfer]:
    """Set the sessions of one commission aside."""
    return ledger.hold_each(
        envelopes=[purse.envelope] * len(amounts_pence),
        amounts_pence=amounts_pence,
        keys=[f"{key} {number}" for number in range(len(amounts_pence))],
        organisation=purse.mentors,
        service=purse.service,
        subject=SUBJECT,
        by=purse.by,
        at=NOW,
    )


def test_the_sessions_of_a_commission_are_set_aside_together(
    purse: Purse, django_assert_max_num_queries: Any
) -> None:
    hold(purse, key="first", amount_pence=100)
    with django_assert_max_num_queries(8):
        rows = hold_each(purse, [500, 600, 700])
    assert [row.amount_pence for row in rows] == [500, 600, 700]
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    assert money(purse) == (8_100, 1_900, 0)
    assert sums() == [("2026-06", 1_900, 0)]
    ledger.post(hold=rows[1], key="post", by=purse.by, at=NOW)
    assert money(purse) == (8_100, 1_300, 600)
    assert ledger.prove().ok


def test_all_sessions_are_set_aside_or_none(purse: Purse) -> None:
    before = trace()
    with pytest.raises(ledger.NotEnough) as refusal:
        hold_each(purse, [4_000, 4_000, 4_000])
    assert (refusal.value.left_pence, refusal.value.asked_pence) == (10_000, 12_000)
    assert trace() == before


def test_setting_sessions_aside_again_changes_nothing(purse: Purse) -> None:
    rows = hold_each(purse, [500, 600])
    before = trace()
    assert hold_each(purse, [500, 600]) == rows
    with pytest.raises(ledger.KeyReused):
        hold_each(purse, [500, 600, 700])
    with pytest.raises(ledger.KeyReused):
        hold_each(purse, [500, 601])
    assert trace() == before


def sums(**where: Any) -> list[tuple[str, int, int]]:
    """Return set aside and spent by month."""
    return [
        (f"{row['month']:%Y-%m}", row["set_aside"], row["spent"])
        for row in Total.objects.filter(**where).sums("month")
        if row["set_aside"] or row["spent"]
    ]


def test_totals_count_set_aside_in_its_month_and_spent_in_its_own(purse: Purse) -> None:
    june, july = NOW, datetime(2026, 7, 1, 9, tzinfo=UTC)
    first, second = hold(purse, key="1"), hold(purse, key="2", amount_pence=1_000)
    assert sums() == [("2026-06", 3_500, 0)]
    posted = ledger.post(hold=first, key="1:post", by=purse.by, at=july)
    assert sums() == [("2026-06", 1_000, 0), ("2026-07", 0, 2_500)]
    ledger.void(hold=second, key="2:void", by=purse.by, at=july)
    assert sums() == [("2026-07", 0, 2_500)]
    ledger.reverse(transfer=posted, key="back", by=purse.by, at=datetime(2026, 8, 3, tzinfo=UTC))
    assert sums() == [("2026-07", 0, 2_500), ("2026-08", 0, -2_500)]
    assert june < july
    assert ledger.prove().ok


def test_a_month_begins_in_london(purse: Purse) -> None:
    hold(purse, at=datetime(2026, 6, 30, 22, 59, tzinfo=UTC), key="june")
    hold(purse, at=datetime(2026, 6, 30, 23, 0, tzinfo=UTC), key="july")
    assert sums() == [("2026-06", 2_500, 0), ("2026-07", 2_500, 0)]


def test_totals_are_by_fund_provider_and_service(purse: Purse) -> None:
    hold(purse)
    hold(purse, key="unnamed", service=None, amount_pence=100)
    hold(purse, key="unnamed too", service=None, amount_pence=100)
    assert sums(fund=purse.fund, organisation=purse.mentors) == [("2026-06", 2_700, 0)]
    assert sums(service=purse.service) == [("2026-06", 2_500, 0)]
    assert sums(service=None) == [("2026-06", 200, 0)]
    assert Total.objects.owned_by(purse.county.pk).count() == 1


def test_an_actor_without_a_person_can_move_money(purse: Purse) -> None:
    clock = history.Actor(kind=history.ActorKind.CLOCK, reference="sweep")
    assert hold(purse, by=clock).actor_kind == "clock"
