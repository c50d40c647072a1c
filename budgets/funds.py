"""Money an organisation puts aside for plans, and its way into them and back."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import accounts, history, ledger
from budgets.models import Account, AccountKind, Envelope, Family, Fund, Plan, Transfer
from budgets.models import fund as fund_models
from cms.models import Organisation, Term

MustBeSafe: TypeAlias = Callable[[Family, datetime], None]
"""Raises a refusal where somebody of the family has to be kept safe; the rooms above know."""


class NoBudget(history.Refused):
    """A family of the control group uses the system as it stands, without a budget."""

    def __init__(self) -> None:
        super().__init__(_("This family is in the group without a budget, so it gets no money."))


class PlanClosed(history.Refused):
    """A closed plan takes no money."""

    def __init__(self) -> None:
        super().__init__(_("This plan has ended. Put the money into the family's new plan."))


class OtherPlace(history.Refused):
    """The fund is for families of other districts."""

    def __init__(self, *, districts: Sequence[str]) -> None:
        super().__init__(
            _("This fund is for families in %(districts)s.") % {"districts": ", ".join(districts)}
        )


def year_of(day: date) -> int:
    """Return the financial year of a day by its first calendar year: 2026 is April 2026 on."""
    return fund_models.year_of(day)


def open(
    *,
    organisation: Organisation,
    name: str,
    year: int,
    by: history.Actor,
    at: datetime,
    needs: Iterable[Term] = (),
    districts: Iterable[str] = (),
) -> Fund:
    """Open a fund of one organisation and financial year, for any plan or for some needs only."""
    with transaction.atomic():
        fund = Fund.objects.create(
            organisation=organisation,
            name=name,
            year=year,
            districts=sorted(districts),
            created_at=at,
        )
        fund.needs.set(needs)
        Account.objects.create(kind=AccountKind.FUND, fund=fund)
        history.record(
            by=by, at=at, verb="open", subject_kind="fund", subject=fund.reference, to_state="open"
        )
    return fund


def pay_in(*, fund: Fund, amount_pence: int, key: str, by: history.Actor, at: datetime) -> Transfer:
    """Record what its organisation pays into a fund: outside, clearing, fund.

    Raises ledger.NothingToMove, ledger.KeyReused.
    """
    with transaction.atomic():
        outside = accounts.of(kind=AccountKind.OUTSIDE, organisation=fund.organisation)
        clearing = accounts.of(kind=AccountKind.CLEARING, organisation=fund.organisation)
        account = Account.objects.get(fund=fund)
        accounts.lock(accounts=[outside, clearing, account])
        before = ledger.written(key=key)
        ledger.transfer(
            debit=outside,
            credit=clearing,
            amount_pence=amount_pence,
            key=f"{key}:clearing",
            by=by,
            at=at,
        )
        paid = ledger.transfer(
            debit=clearing, credit=account, amount_pence=amount_pence, key=key, by=by, at=at
        )
        if before is None:
            _record(by=by, at=at, verb="pay_in", fund=fund, transfer=paid)
    return paid


def allocate(
    *,
    fund: Fund,
    plan: Plan,
    year: int,
    amount_pence: int,
    key: str,
    by: history.Actor,
    at: datetime,
) -> Envelope:
    """Put a share of a fund into a plan for one financial year; return its envelope.

    Raises NoBudget, PlanClosed, OtherPlace, ledger.NothingToMove, ledger.NotEnough,
    ledger.KeyReused.
    """
    with transaction.atomic():
        family = Family.objects.select_for_update(no_key=True).get(pk=plan.family_id)
        plan = Plan.objects.get(pk=plan.pk)
        before = ledger.written(key=key)
        if before is None:
            _must_take(plan=plan, family=family, fund=fund)
        envelope, _is_new = Envelope.objects.get_or_create(plan=plan, fund=fund, year=year)
        account, _is_new = Account.objects.get_or_create(
            kind=AccountKind.ENVELOPE, envelope=envelope
        )
        moved = ledger.transfer(
            debit=Account.objects.get(fund=fund),
            credit=account,
            amount_pence=amount_pence,
            key=key,
            by=by,
            at=at,
        )
        if before is None:
            _record(by=by, at=at, verb="allocate", plan=plan, family=family, transfer=moved)
    return envelope


def choose(*, plan: Plan, service_terms: Iterable[Term], year: int, amount_pence: int) -> Envelope:
    """Return the most restricted envelope that fits and has enough left.

    So that money for some needs only is spent before money for any. Raises ledger.NotEnough with
    the most that one fitting envelope has left. Nothing is locked: the hold compares again.
    """
    (envelope,) = spread(
        plan=plan, service_terms=service_terms, year=year, amounts_pence=[amount_pence]
    )
    return envelope


def spread(
    *, plan: Plan, service_terms: Iterable[Term], year: int, amounts_pence: Sequence[int]
) -> list[Envelope]:
    """Return an envelope for each amount, the most restricted that fits first.

    Raises ledger.NotEnough with what fitting envelopes have left together, or for one amount the
    most that one has left.
    """
    fitting = _fitting(plan=plan, service_terms=service_terms, year=year)
    left = {account.pk: account.left_pence for account in fitting}
    chosen = []
    for amount_pence in amounts_pence:
        account = next((one for one in fitting if left[one.pk] >= amount_pence), None)
        if account is None:
            each = [one.left_pence for one in fitting] or [0]
            raise ledger.NotEnough(
                left_pence=max(each) if len(amounts_pence) == 1 else sum(each),
                asked_pence=sum(amounts_pence),
            )
        left[account.pk] -= amount_pence
        chosen.append(account.envelope)
    return [envelope for envelope in chosen if envelope is not None]


def release(
    *,
    envelope: Envelope,
    key: str,
    must_be_safe: MustBeSafe,
    by: history.Actor,
    at: datetime,
) -> Transfer | None:
    """Return what is left in an envelope to its fund; None where nothing is.

    What is set aside stays until it is spent or put back. While its year runs this tapers the
    family's support, so `must_be_safe`, handed down by the rooms above, has to let it. Raises
    ledger.KeyReused.
    """
    with transaction.atomic():
        both = Account.objects.filter(envelope=envelope) | Account.objects.filter(
            fund=envelope.fund_id
        )
        locked = accounts.lock(accounts=both).values()
        (account,) = (one for one in locked if one.envelope_id)
        (fund_account,) = (one for one in locked if one.fund_id)
        if before := ledger.written(key=key):
            if (before.debit_id, before.credit_id) != (account.pk, fund_account.pk):
                raise ledger.KeyReused
            return before
        if account.left_pence == 0:
            return None
        if envelope.year >= year_of(timezone.localdate(at)):
            must_be_safe(envelope.plan.family, at)
        moved = ledger.transfer(
            debit=account,
            credit=fund_account,
            amount_pence=account.left_pence,
            key=key,
            by=by,
            at=at,
        )
        plan = envelope.plan
        _record(by=by, at=at, verb="release", plan=plan, family=plan.family, transfer=moved)
    return moved


def _must_take(*, plan: Plan, family: Family, fund: Fund) -> None:
    if family.is_control:
        raise NoBudget
    if plan.is_closed:
        raise PlanClosed
    if fund.districts and family.district not in fund.districts:
        raise OtherPlace(districts=fund.districts)


def _fitting(*, plan: Plan, service_terms: Iterable[Term], year: int) -> list[Account]:
    """Return the accounts of a plan's envelopes that may pay for the terms, strictest first."""
    terms = {pk for term in service_terms for pk in (term.pk, term.parent_id) if pk}
    found: QuerySet[Account] = (
        Account.objects.filter(envelope__plan=plan, envelope__year=year)
        .select_related("envelope__fund")
        .prefetch_related("envelope__fund__needs")
    )
    ranked = []
    for account in found:
        assert account.envelope is not None  # filtered by it
        fund = account.envelope.fund
        needs = {term.pk for term in fund.needs.all()}
        if needs and not needs & terms:
            continue
        kinds = bool(needs) + bool(fund.districts)
        breadth = len(needs) + len(fund.districts)
        ranked.append((-kinds, breadth, account.pk, account))
    return [account for _kinds, _breadth, _pk, account in sorted(ranked)]


def _record(
    *,
    by: history.Actor,
    at: datetime,
    verb: str,
    transfer: Transfer,
    fund: Fund | None = None,
    plan: Plan | None = None,
    family: Family | None = None,
) -> None:
    subject = fund or plan
    assert subject is not None
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="fund" if fund else "plan",
        subject=subject.reference,
        family=family,
        transfers=[transfer.reference],
    )
