"""The proof finds whatever was done to the ledger behind its back, and says where."""

import io
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from budgets import ledger, proofs, triggers
from budgets.models import Account, Proof, Total, Transfer
from tests.budgets import test_ledger
from tests.budgets.conftest import Purse
from tests.cast import NOW


@pytest.fixture
def busy(purse: Purse) -> Iterator[Purse]:
    """Give a test a purse with some of everything, and its triggers lifted."""
    for number in range(4):
        held = test_ledger.hold(purse, key=f"hold {number}", amount_pence=100 + number)
        at = NOW + timedelta(days=20 * number)
        if number == 0:
            posted = ledger.post(hold=held, key="post", by=purse.by, at=at)
            ledger.reverse(transfer=posted, key="reverse", by=purse.by, at=at)
        if number == 1:
            ledger.post(hold=held, key="post 1", by=purse.by, at=at)
        if number == 2:
            ledger.void(hold=held, key="void", by=purse.by, at=at)
    assert proofs.prove().ok
    triggers.lift()
    yield purse
    triggers.install()


def edit(key: str, **fields: object) -> Callable[[Purse], uuid.UUID | None]:
    """Tamper with one row."""

    def tamper(purse: Purse) -> uuid.UUID | None:
        Transfer.objects.filter(key=key).update(**fields)
        return Transfer.objects.get(key=key).reference

    return tamper


def edit_and_seal_again(purse: Purse) -> uuid.UUID | None:
    """Edit a row and put the hash right that belongs to it."""
    row = Transfer.objects.get(key="hold 0")
    row.amount_pence = 1
    Transfer.objects.filter(pk=row.pk).update(amount_pence=1, digest=row.seal())
    return Transfer.objects.filter(debit=row.debit, pk__gt=row.pk).earliest("pk").reference


def delete_from_the_middle(purse: Purse) -> uuid.UUID | None:
    """Delete a row that others follow."""
    row = Transfer.objects.get(key="void")
    Transfer.objects.filter(pk=row.pk)._raw_delete("default")
    return Transfer.objects.filter(debit=row.debit, pk__gt=row.pk).earliest("pk").reference


def cut_the_tail(purse: Purse) -> uuid.UUID | None:
    """Delete the last row of a chain."""
    Transfer.objects.filter(key="hold 3")._raw_delete("default")
    return None


def reorder(purse: Purse) -> uuid.UUID | None:
    """Let two neighbours change places."""
    first, second = Transfer.objects.get(key="void"), Transfer.objects.get(key="hold 3")
    Transfer.objects.filter(pk=first.pk).update(id=10**6)
    Transfer.objects.filter(pk=second.pk).update(id=first.pk)
    Transfer.objects.filter(pk=10**6).update(id=second.pk)
    return second.reference


def raise_the_balance(purse: Purse) -> uuid.UUID | None:
    """Give the envelope more than was allocated."""
    Account.objects.filter(envelope=purse.envelope).update(posted_pence=F("posted_pence") + 1)
    return None


def forget_a_hold(purse: Purse) -> uuid.UUID | None:
    """Let what is set aside look smaller."""
    Account.objects.filter(envelope=purse.envelope).update(pending_out_pence=0)
    return None


def forget_spending(purse: Purse) -> uuid.UUID | None:
    """Let what is spent look smaller."""
    Account.objects.filter(envelope=purse.envelope).update(spent_pence=0)
    return None


def move_the_head(purse: Purse) -> uuid.UUID | None:
    """Point the account at another end of its chain."""
    Account.objects.filter(envelope=purse.envelope).update(head="0" * 64)
    return None


LOCATED: dict[str, Callable[[Purse], uuid.UUID | None]] = {
    "amount edited": edit("hold 3", amount_pence=1),
    "actor edited": edit("post", actor_reference="nobody"),
    "moment edited": edit("post 1", at=NOW + timedelta(days=365)),
    "subject edited": edit("hold 2", subject=None),
    "service edited": edit("hold 1", service=None),
    "edited and sealed again": edit_and_seal_again,
    "deleted from the middle": delete_from_the_middle,
    "tail cut": cut_the_tail,
    "reordered": reorder,
    "balance raised": raise_the_balance,
    "hold forgotten": forget_a_hold,
    "spending forgotten": forget_spending,
    "head moved": move_the_head,
}


@pytest.mark.parametrize("name", LOCATED)
def test_tampering_is_found_and_located(busy: Purse, name: str) -> None:
    where = LOCATED[name](busy)
    outcome = proofs.prove()
    assert not outcome.ok
    envelope_account = Account.objects.get(envelope=busy.envelope).reference
    if where is None:
        assert envelope_account in {problem.account for problem in outcome.problems}
    else:
        assert where in {problem.transfer for problem in outcome.problems}
    for problem in outcome.problems:
        assert str(problem)
        assert str(problem.account or "") in problem.sentence


@pytest.mark.parametrize("change", [{"spent_pence": 1}, {"set_aside_count": 9}])
def test_a_total_out_of_step_is_found(busy: Purse, change: dict[str, int]) -> None:
    line = Total.objects.order_by("pk").first()
    assert line is not None
    Total.objects.filter(pk=line.pk).update(**change)
    outcome = proofs.prove()
    assert [problem.account for problem in outcome.problems] == [None]
    assert "June 2026" in outcome.problems[0].sentence


def test_a_missing_total_is_found(busy: Purse) -> None:
    Total.objects.all().delete()
    assert not proofs.prove().ok


def test_a_settlement_of_another_amount_is_found(busy: Purse) -> None:
    row = Transfer.objects.get(key="post 1")
    row.amount_pence += 1
    Transfer.objects.filter(pk=row.pk).update(amount_pence=row.amount_pence)
    sentences = " ".join(map(str, proofs.prove().problems))
    assert "settles something else" in sentences


def test_a_reversal_of_another_amount_is_found(busy: Purse) -> None:
    Transfer.objects.filter(key="reverse").update(amount_pence=99)
    assert "reverses something else" in " ".join(map(str, proofs.prove().problems))


def test_a_row_that_names_another_envelope_is_found(busy: Purse) -> None:
    Transfer.objects.filter(key="hold 3").update(envelope=None)
    assert "another plan" in " ".join(map(str, proofs.prove().problems))


def test_a_row_of_a_missing_account_is_found(busy: Purse) -> None:
    with connection.constraint_checks_disabled():
        Transfer.objects.filter(key="hold 3").update(credit_id=10**6)
        assert "account is missing" in " ".join(map(str, proofs.prove().problems))
        row = Transfer.objects.get(key="hold 2")
        Transfer.objects.filter(key="hold 3").update(credit_id=row.credit_id)


def test_any_edited_byte_is_found(busy: Purse) -> None:
    chance = random.Random(20260603)
    rows = list(Transfer.objects.order_by("pk"))
    for _ in range(40):
        row = chance.choice(rows)
        name = chance.choice(["amount_pence", "key", "actor_reference", "previous", "digest"])
        kept = getattr(row, name)
        changed = kept + 1 if isinstance(kept, int) else f"{kept[1:]}x"[-64:] or "x"
        Transfer.objects.filter(pk=row.pk).update(**{name: changed})
        problems = proofs.prove().problems
        chain = Transfer.objects.filter(debit=row.debit, pk__gte=row.pk)[:2]
        places = {one.reference for one in chain} | {row.debit.reference}
        assert places & {problem.transfer for problem in problems} or places & {
            problem.account for problem in problems
        }
        Transfer.objects.filter(pk=row.pk).update(**{name: kept})
    assert proofs.prove().ok


def test_the_command_prints_a_line_per_problem_and_keeps_the_outcome(busy: Purse) -> None:
    out = io.StringIO()
    call_command("prove_ledger", stdout=out)
    assert "holds" in out.getvalue()
    raise_the_balance(busy)
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 problem") as failure:
        call_command("prove_ledger", stdout=out)
    assert failure.value.returncode == 1
    account = Account.objects.get(envelope=busy.envelope).reference
    assert str(account) in out.getvalue()
    kept = list(Proof.objects.values_list("ok", "problems"))
    assert kept == [(False, 1), (True, 0)]


def test_a_proof_reads_a_constant_number_of_queries(
    purse: Purse, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for number in range(20):
        test_ledger.hold(purse, key=f"hold {number}", amount_pence=10)
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        assert proofs.prove().transfers == 23
