"""Whatever is done with money in whatever order, the ledger holds after it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budgets import history, ledger, proofs
from budgets.models import Account, Transfer
from tests.budgets import conftest, test_ledger
from tests.cast import NOW

Command = tuple[str, int, int]
COMMANDS = st.one_of(
    st.tuples(st.sampled_from(["hold", "hold_each"]), st.integers(0, 6_000), st.integers(0, 4)),
    st.tuples(st.sampled_from(["post", "void", "reverse"]), st.integers(0, 8), st.integers(0, 8)),
    st.tuples(st.just("allocate"), st.integers(0, 3_000), st.integers(0, 4)),
)


class TheLedgerHolds(TestCase):
    """Random sequences of every verb, refused or not."""

    def setUp(self) -> None:
        """Make Fred's plan, with £100 in it."""
        self.purse = conftest.build()

    def act(self, verb: str, first: int, second: int) -> Any:
        """Carry out one command; a repeated key may come with other figures."""
        purse = self.purse
        if verb == "hold_each":
            return test_ledger.hold_each(purse, [first, second * 100, 100], key=f"each {second}")
        if verb == "hold":
            return test_ledger.hold(purse, amount_pence=first, key=f"hold {second}")
        if verb == "allocate":
            return ledger.transfer(
                debit=purse.fund_account,
                credit=purse.account,
                amount_pence=first,
                key=f"allocate {second}",
                by=purse.by,
                at=NOW,
            )
        rows = list(Transfer.objects.order_by("pk"))
        row = rows[-1 - first % len(rows)]
        key = f"{verb} {second}"
        if verb == "reverse":
            return ledger.reverse(transfer=row, key=key, by=purse.by, at=NOW)
        act = ledger.post if verb == "post" else ledger.void
        return act(hold=row, key=key, by=purse.by, at=NOW)

    @settings(
        max_examples=100,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    )
    @given(st.lists(COMMANDS, max_size=12))
    def test_after_any_sequence(self, commands: list[Command]) -> None:
        """A hundred short sequences."""
        self.prove_after(commands)

    @pytest.mark.soak
    @settings(
        max_examples=1_500,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    )
    @given(st.lists(COMMANDS, max_size=40))
    def test_after_any_long_sequence(self, commands: list[Command]) -> None:
        """Fifteen hundred long ones."""
        self.prove_after(commands)

    def prove_after(self, commands: list[Command]) -> None:
        """Act, and prove after it: nothing lost, made, doubled or below nothing."""
        for command in commands:
            count = Transfer.objects.count()
            try:
                self.act(*command)
            except history.Refused:
                assert Transfer.objects.count() == count
        outcome = proofs.prove()
        assert outcome.problems == []
        account, fund = self.purse.account, self.purse.fund_account
        assert account.left_pence >= 0
        assert fund.left_pence >= 0
        mentors = test_ledger.provider(self.purse)
        assert mentors.posted_pence == account.spent_pence
        assert mentors.set_aside_pence == account.pending_out_pence
        everywhere = [ledger.balance(account=one).posted_pence for one in Account.objects.all()]
        assert sum(everywhere) == 0
