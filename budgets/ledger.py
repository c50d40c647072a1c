"""Where every penny is, and the only writer of money.

Every verb locks the accounts that keep a balance, in the order of their ids, then compares; the
database's CHECK has the last word. A key that was used before returns what was written then.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from budgets import accounts, balances, chain, history, proofs
from budgets.models import Account, AccountKind, Envelope, Person, Phase, Plan, Transfer
from cms.models import Organisation, Service
from pricing import money


class NotEnough(history.Refused):
    """Less is left than was asked for; both in pence."""

    def __init__(self, *, left_pence: int, asked_pence: int) -> None:
        super().__init__(
            _("There is %(left)s left, and this costs %(asked)s.")
            % {"left": money.show(left_pence), "asked": money.show(asked_pence)}
        )
        self.left_pence = left_pence
        self.asked_pence = asked_pence


class KeyReused(history.Refused):
    """The key stands for another movement of money."""

    def __init__(self) -> None:
        super().__init__(_("This payment was already made with different figures. Nothing moved."))


class NothingToMove(history.Refused):
    """An amount is above nothing."""

    def __init__(self) -> None:
        super().__init__(_("An amount has to be more than nothing."))


class NotAHold(history.Refused):
    """Only money that was set aside can be spent from, or put back."""

    def __init__(self) -> None:
        super().__init__(_("This money was not set aside, so it cannot be spent or put back."))


class AlreadySettled(history.Refused):
    """What was set aside is spent or put back once."""

    def __init__(self) -> None:
        super().__init__(_("This money was already spent or put back."))


class NotReversible(history.Refused):
    """Only a posted movement that is no reversal itself is reversed."""

    def __init__(self) -> None:
        super().__init__(_("Only money that has moved can be moved back."))


class AlreadyReversed(history.Refused):
    """A movement is reversed once."""

    def __init__(self) -> None:
        super().__init__(_("This money was already moved back."))


SAID = (
    "debit_id",
    "credit_id",
    "amount_pence",
    "phase",
    "settles_id",
    "reverses_id",
    "service_id",
    "subject",
    "person_id",
    "is_confidential",
)
"""What a repeat of a key must say again."""


def transfer(
    *,
    debit: Account,
    credit: Account,
    amount_pence: int,
    key: str,
    by: history.Actor,
    at: datetime,
    service: Service | None = None,
    subject: uuid.UUID | None = None,
    person: Person | None = None,
    is_confidential: bool = False,
) -> Transfer:
    """Move money from one account to another, at once.

    Raises NothingToMove, NotEnough, KeyReused.
    """
    draft = Transfer(
        debit=debit,
        credit=credit,
        amount_pence=amount_pence,
        phase=Phase.POSTED,
        key=key,
        service=service,
        subject=subject,
        person=person,
        is_confidential=is_confidential,
    )
    with _moving(keys=[key]):
        locked = accounts.lock(accounts=[debit, *([credit] if credit.keeps_balance else [])])
        draft.debit, draft.credit = locked[debit.pk], locked.get(credit.pk, credit)
        return (_repeated([draft]) or _write([draft], by=by, at=at))[0]


def hold(
    *,
    envelope: Envelope,
    organisation: Organisation,
    amount_pence: int,
    key: str,
    service: Service | None,
    subject: uuid.UUID | None,
    by: history.Actor,
    at: datetime,
    person: Person | None = None,
    is_confidential: bool = False,
) -> Transfer:
    """Set money of an envelope aside for a provider. Raises NothingToMove, NotEnough, KeyReused."""
    (held,) = hold_each(
        envelopes=[envelope],
        amounts_pence=[amount_pence],
        keys=[key],
        organisation=organisation,
        service=service,
        subject=subject,
        by=by,
        at=at,
        person=person,
        is_confidential=is_confidential,
    )
    return held


def hold_each(
    *,
    envelopes: Sequence[Envelope],
    amounts_pence: Sequence[int],
    keys: Sequence[str],
    organisation: Organisation,
    service: Service | None,
    subject: uuid.UUID | None,
    by: history.Actor,
    at: datetime,
    person: Person | None = None,
    is_confidential: bool = False,
) -> list[Transfer]:
    """Set several amounts aside at once, each from its envelope under its key: all or none.

    For the sessions of one commission. Several commissions in one transaction: in the order of
    their services' ids, since totals are shared. Raises NothingToMove, NotEnough, KeyReused.
    """
    with _moving(keys=keys):
        credit = accounts.of(kind=AccountKind.PROVIDER, organisation=organisation)
        locked = {
            account.envelope_id: account
            for account in Account.objects.locked().filter(envelope__in=envelopes)
        }
        drafts = [
            Transfer(
                debit=locked[envelope.pk],
                credit=credit,
                amount_pence=amount_pence,
                phase=Phase.PENDING,
                key=key,
                service=service,
                subject=subject,
                person=person,
                is_confidential=is_confidential,
            )
            for envelope, amount_pence, key in zip(envelopes, amounts_pence, keys, strict=True)
        ]
        return _repeated(drafts) or _write(drafts, by=by, at=at)


def post(*, hold: Transfer, key: str, by: history.Actor, at: datetime) -> Transfer:
    """Spend exactly what was set aside. Raises NotAHold, AlreadySettled, KeyReused."""
    return _settle(hold, phase=Phase.POSTED, key=key, by=by, at=at)


def void(*, hold: Transfer, key: str, by: history.Actor, at: datetime) -> Transfer:
    """Put back exactly what was set aside. Raises NotAHold, AlreadySettled, KeyReused."""
    return _settle(hold, phase=Phase.VOID, key=key, by=by, at=at)


def reverse(*, transfer: Transfer, key: str, by: history.Actor, at: datetime) -> Transfer:
    """Move back what a posted transfer moved: a correction is a new row.

    Raises NotReversible, AlreadyReversed, KeyReused, and NotEnough where it is no longer there.
    """
    if not transfer.is_posted or transfer.reverses_id is not None:
        raise NotReversible
    draft = _after(transfer, phase=Phase.POSTED, key=key)
    draft.reverses = transfer
    with _moving(keys=[key]):
        locked = accounts.lock(accounts=[transfer.debit, transfer.credit])
        draft.debit, draft.credit = locked[transfer.credit_id], locked[transfer.debit_id]
        if repeated := _repeated([draft]):
            return repeated[0]
        if Transfer.objects.filter(reverses=transfer).exists():
            raise AlreadyReversed
        return _write([draft], by=by, at=at)[0]


def balance(*, account: Account) -> balances.Balance:
    """Return what is left, set aside and posted in an account, in pence.

    For a provider: what it has earned, and what is set aside for it.
    """
    if account.keeps_balance:
        row = Account.objects.get(pk=account.pk)
        return balances.Balance(row.left_pence, row.pending_out_pence, row.posted_pence)
    moves = Transfer.objects.posted()
    posted = moves.filter(credit=account).sum_pence() - moves.filter(debit=account).sum_pence()
    set_aside = Transfer.objects.open_holds().filter(credit=account).sum_pence()
    return balances.Balance(left_pence=posted, set_aside_pence=set_aside, posted_pence=posted)


def plan_balance(
    *, plan: Plan, year: int | None = None, hidden: QuerySet[Transfer] | None = None
) -> balances.PlanMoney:
    """Return a plan's money in pence, of one financial year where it is given.

    `hidden` are transfers the reader may not know of. What they hold or spent counts as left: so
    no figure moves when money moves in secret, and the three add up to what was put in.
    """
    seen = _plan_money(plans=[plan], year=year).get(plan.pk, balances.NOTHING)
    if hidden is None:
        return seen
    unseen = Transfer.objects.filter(pk__in=hidden.order_by().values("pk"), envelope__plan=plan)
    if year is not None:
        unseen = unseen.filter(envelope__year=year)
    return seen.without(
        set_aside_pence=unseen.open_holds().sum_pence(),
        spent_pence=unseen.paid().sum_pence() - unseen.paid_back().sum_pence(),
    )


def plan_balances(
    *, plans: Iterable[Plan], year: int | None = None
) -> dict[int, balances.PlanMoney]:
    """Return the money of many plans by their ids, in one query, for lists."""
    wanted = list(plans)
    return {plan.pk: balances.NOTHING for plan in wanted} | _plan_money(plans=wanted, year=year)


def prove() -> proofs.Outcome:
    """Recompute everything from the transfers, and say what does not agree."""
    return proofs.prove()


def written(*, key: str) -> Transfer | None:
    """Return what was written under a key, or None."""
    return Transfer.objects.filter(key=key).first()


@contextmanager
def _moving(*, keys: Sequence[str]) -> Iterator[None]:
    """Move money in one transaction; of two movements at once under one key, refuse the second."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not Transfer.objects.filter(key__in=keys).exists():
            raise
        raise KeyReused from error


def _settle(hold: Transfer, *, phase: Phase, key: str, by: history.Actor, at: datetime) -> Transfer:
    with _moving(keys=[key]):
        debit = Account.objects.locked().get(pk=hold.debit_id)
        related = {
            row.pk: row
            for row in Transfer.objects.select_related("credit").filter(
                Q(pk=hold.pk) | Q(settles=hold) | Q(key=key)
            )
        }
        fresh = related.pop(hold.pk)
        if not fresh.is_hold:
            raise NotAHold
        draft = _after(fresh, phase=phase, key=key)
        draft.debit, draft.credit, draft.settles = debit, fresh.credit, fresh
        for row in related.values():
            if row.key == key:
                return _same(row, draft)
        if related:
            raise AlreadySettled
        return _write([draft], by=by, at=at)[0]


def _after(before: Transfer, *, phase: Phase, key: str) -> Transfer:
    """Draft a row that settles or reverses another: for the same thing and the same amount."""
    return Transfer(
        amount_pence=before.amount_pence,
        phase=phase,
        key=key,
        service_id=before.service_id,
        subject=before.subject,
        person_id=before.person_id,
        is_confidential=before.is_confidential,
    )


def _repeated(drafts: list[Transfer]) -> list[Transfer]:
    """Return the rows that the drafts' keys stand for, or nothing where none was used."""
    found = Transfer.objects.filter(key__in=[draft.key for draft in drafts])
    before = {row.key: row for row in found}
    if before and len(before) != len(drafts):
        raise KeyReused
    return [_same(before[draft.key], draft) for draft in drafts if before]


def _same(row: Transfer, draft: Transfer) -> Transfer:
    """Return the row that a key stands for, unless it says something else than the draft."""
    for name in SAID:
        if getattr(row, name) != getattr(draft, name):
            raise KeyReused
    return row


def _write(drafts: list[Transfer], *, by: history.Actor, at: datetime) -> list[Transfer]:
    """Compare, then write. The caller holds the locks that `chain.add` asks for."""
    asked: dict[int, int] = defaultdict(int)
    for draft in drafts:
        if draft.amount_pence <= 0:
            raise NothingToMove
        if draft.debit.keeps_balance and draft.settles_id is None:
            asked[draft.debit_id] += draft.amount_pence
            if asked[draft.debit_id] > draft.debit.left_pence:
                raise NotEnough(
                    left_pence=draft.debit.left_pence,
                    asked_pence=sum(each.amount_pence for each in drafts),
                )
    return chain.add(drafts, by=by, at=at)


def _plan_money(*, plans: list[Plan], year: int | None) -> dict[int, balances.PlanMoney]:
    found = Account.objects.filter(envelope__plan__in=plans)
    if year is not None:
        found = found.filter(envelope__year=year)
    rows = (
        found.order_by()
        .values("envelope__plan")
        .annotate(
            left=Sum(F("posted_pence") - F("pending_out_pence")),
            set_aside=Sum("pending_out_pence"),
            spent=Sum("spent_pence"),
        )
    )
    return {
        row["envelope__plan"]: balances.PlanMoney(row["left"], row["set_aside"], row["spent"])
        for row in rows
    }
