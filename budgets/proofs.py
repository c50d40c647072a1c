"""Recompute the whole ledger from its transfers, and say which row or account does not agree."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from budgets import totals
from budgets.models import Account, AccountKind, Phase, Proof, Total, Transfer
from budgets.models.transfer import DIGESTED, digest_of

ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class Problem:
    """Something that does not agree, and where: references of the account and the transfer."""

    sentence: str
    account: uuid.UUID | None = None
    transfer: uuid.UUID | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Outcome:
    """The outcome of a proof: what does not agree, and how many transfers were read."""

    problems: list[Problem]
    transfers: int

    @property
    def ok(self) -> bool:
        """Tell whether everything agrees."""
        return not self.problems


@dataclass
class Sums:
    """One account as its transfers say."""

    posted_pence: int = 0
    pending_out_pence: int = 0
    spent_pence: int = 0


@dataclass
class Recount:
    """Everything that is recomputed while the transfers go by."""

    accounts: dict[int, Account]
    sums: dict[int, Sums] = field(default_factory=lambda: defaultdict(Sums))
    heads: dict[int, str] = field(default_factory=dict)
    holds: dict[int, Transfer] = field(default_factory=dict)
    lines: dict[totals.Line, list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0] * 4)
    )
    problems: list[Problem] = field(default_factory=list)
    transfers: int = 0

    def complain(
        self, sentence: str, *, account: Account | None = None, row: Transfer | None = None
    ) -> None:
        """Note a problem."""
        self.problems.append(
            Problem(
                sentence=sentence
                % {
                    "account": account.reference if account else "",
                    "transfer": row.reference if row else "",
                },
                account=account.reference if account else None,
                transfer=row.reference if row else None,
            )
        )


def prove(*, watch: Callable[[], object] = lambda: None) -> Outcome:
    """Recompute chains, balances, holds and totals in one snapshot; `watch` is called per row."""
    with _snapshot():
        accounts = {account.pk: account for account in Account.objects.select_related("envelope")}
        recount = Recount(accounts=accounts)
        rows = Transfer.objects.order_by("debit_id", "id").iterator(chunk_size=ROWS_AT_ONCE)
        for row in rows:
            recount.transfers += 1
            if not {row.debit_id, row.credit_id} <= accounts.keys():
                recount.complain(_("Transfer %(transfer)s: its account is missing."), row=row)
                continue
            _check_chain(recount, row)
            _check_accounts(recount, row)
            _count(recount, row)
            watch()
        for account in accounts.values():
            _check_account(recount, account)
        _check_reversals(recount)
        _check_totals(recount)
    return Outcome(problems=recount.problems, transfers=recount.transfers)


def run(*, at: datetime, watch: Callable[[], object] = lambda: None) -> Outcome:
    """Prove, and keep the outcome for `/readyz` and for the auditors."""
    outcome = prove(watch=watch)
    Proof.objects.create(
        at=at,
        ok=outcome.ok,
        problems=len(outcome.problems),
        transfers=outcome.transfers,
    )
    return outcome


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read everything as it was at one moment, while others go on writing."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _check_chain(recount: Recount, row: Transfer) -> None:
    account = recount.accounts[row.debit_id]
    if digest_of(getattr(row, name) for name in DIGESTED) != row.digest:
        recount.complain(
            _("Transfer %(transfer)s of account %(account)s was edited."), account=account, row=row
        )
    if recount.heads.get(row.debit_id, "") != row.previous:
        recount.complain(
            _(
                "Account %(account)s: the chain breaks before transfer %(transfer)s: "
                "a row was edited, removed or put elsewhere."
            ),
            account=account,
            row=row,
        )
    recount.heads[row.debit_id] = row.digest


def _check_accounts(recount: Recount, row: Transfer) -> None:
    debit, credit = recount.accounts[row.debit_id], recount.accounts[row.credit_id]
    if row.envelope_id != (debit.envelope_id or credit.envelope_id):
        recount.complain(
            _("Transfer %(transfer)s of account %(account)s names another plan's envelope."),
            account=debit,
            row=row,
        )


def _count(recount: Recount, row: Transfer) -> None:
    amount = row.amount_pence
    debit, credit = recount.accounts[row.debit_id], recount.accounts[row.credit_id]
    taken, given = recount.sums[debit.pk], recount.sums[credit.pk]
    if row.phase == Phase.PENDING:
        recount.holds[row.pk] = row
        taken.pending_out_pence += amount
        _count_line(recount, row, row.at, [amount, 1, 0, 0])
    if row.settles_id is not None:
        _settle(recount, row)
    if row.phase == Phase.POSTED:
        taken.posted_pence -= amount
        given.posted_pence += amount
        ends = (debit.kind, credit.kind)
        if ends == (AccountKind.ENVELOPE, AccountKind.PROVIDER):
            taken.spent_pence += amount
            _count_line(recount, row, row.at, [0, 0, amount, 1])
        elif ends == (AccountKind.PROVIDER, AccountKind.ENVELOPE):
            given.spent_pence -= amount
            _count_line(recount, row, row.at, [0, 0, -amount, -1])


def _settle(recount: Recount, row: Transfer) -> None:
    """Match a settlement with its hold, which the same account's chain had before it."""
    hold = recount.holds.pop(row.settles_id or 0, None)
    same = ("debit_id", "credit_id", "amount_pence", "service_id")
    if hold is None or any(getattr(hold, name) != getattr(row, name) for name in same):
        recount.complain(
            _(
                "Account %(account)s: transfer %(transfer)s settles something else than one open "
                "hold of the same amount."
            ),
            account=recount.accounts[row.debit_id],
            row=row,
        )
    if hold is not None:
        recount.sums[row.debit_id].pending_out_pence -= hold.amount_pence
        _count_line(recount, hold, hold.at, [-hold.amount_pence, -1, 0, 0])


def _count_line(recount: Recount, row: Transfer, at: datetime, added: list[int]) -> None:
    debit, credit = recount.accounts[row.debit_id], recount.accounts[row.credit_id]
    envelope = debit.envelope or credit.envelope
    organisation_id = credit.organisation_id or debit.organisation_id
    if envelope is None or organisation_id is None:
        return
    line = totals.Line(
        month=totals.month_of(at),
        fund_id=envelope.fund_id,
        organisation_id=organisation_id,
        service_id=row.service_id,
        lane=envelope.pk % Total.LANES,
    )
    recount.lines[line] = [old + new for old, new in zip(recount.lines[line], added, strict=True)]


def _check_account(recount: Recount, account: Account) -> None:
    if recount.heads.get(account.pk, "") != account.head:
        recount.complain(
            _("Account %(account)s: the end of its chain was edited or is missing."),
            account=account,
        )
    counted = recount.sums[account.pk] if account.keeps_balance else Sums()
    kept = Sums(account.posted_pence, account.pending_out_pence, account.spent_pence)
    if kept != counted:
        recount.complain(
            _("Account %(account)s: its balance is not what its transfers add up to."),
            account=account,
        )
    if account.left_pence < 0:
        recount.complain(_("Account %(account)s: less than nothing is left."), account=account)


def _check_reversals(recount: Recount) -> None:
    wrong = Transfer.objects.filter(reverses__isnull=False).exclude(
        Q(amount_pence=F("reverses__amount_pence"))
        & Q(debit=F("reverses__credit"))
        & Q(credit=F("reverses__debit"))
        & Q(reverses__phase=Phase.POSTED)
    )
    for row in wrong:
        recount.complain(
            _("Transfer %(transfer)s of account %(account)s reverses something else."),
            account=recount.accounts[row.debit_id],
            row=row,
        )


def _check_totals(recount: Recount) -> None:
    counted = {line: figures for line, figures in recount.lines.items() if any(figures)}
    kept = {}
    for total in Total.objects.iterator(chunk_size=ROWS_AT_ONCE):
        line = totals.Line(
            total.month, total.fund_id, total.organisation_id, total.service_id, total.lane
        )
        figures = [
            total.set_aside_pence,
            total.set_aside_count,
            total.spent_pence,
            total.spent_count,
        ]
        if any(figures):
            kept[line] = figures
    for line in sorted(counted.keys() | kept.keys(), key=str):
        if counted.get(line) != kept.get(line):
            recount.complain(
                _("The totals of %(month)s for fund %(fund)s do not agree with its transfers.")
                % {"month": line.month.strftime("%B %Y"), "fund": line.fund_id}
            )
