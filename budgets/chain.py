"""Rows of the ledger, chained by hash on the account that money leaves. For the ledger only."""

from datetime import datetime

from budgets import history, totals
from budgets.models import Account, Transfer


def add(drafts: list[Transfer], *, by: history.Actor, at: datetime) -> list[Transfer]:
    """Chain and insert rows, and keep balances and totals in step with them.

    The caller holds the locks of the debit accounts, and of credit accounts that keep a balance;
    drafts of one account share one object for it.
    """
    touched = {}
    for draft in drafts:
        debit, credit = draft.debit, draft.credit
        draft.at, draft.actor_kind, draft.actor_reference = at, by.kind, by.reference
        draft.envelope = debit.envelope or credit.envelope
        draft.previous = debit.head
        draft.digest = draft.seal()
        _take(draft, debit)
        touched[debit.pk] = debit
        if draft.is_posted and credit.keeps_balance:
            _give(draft, credit)
            touched[credit.pk] = credit
    rows = Transfer.objects.bulk_create(drafts)
    for account in touched.values():
        account.save(update_fields=["head", "posted_pence", "pending_out_pence", "spent_pence"])
    totals.keep(rows)
    return rows


def _take(row: Transfer, debit: Account) -> None:
    debit.head = row.digest
    if not debit.keeps_balance:
        return
    if row.is_hold:
        debit.pending_out_pence += row.amount_pence
    if row.settles_id is not None:
        debit.pending_out_pence -= row.amount_pence
    if row.is_posted:
        debit.posted_pence -= row.amount_pence
    if row.is_payment:
        debit.spent_pence += row.amount_pence


def _give(row: Transfer, credit: Account) -> None:
    credit.posted_pence += row.amount_pence
    if row.is_repayment:
        credit.spent_pence -= row.amount_pence
