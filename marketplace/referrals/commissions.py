"""Commissioning: the rung that moves a family's money, in the same transaction (design §4, §6)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import funds, history, ledger
from budgets.models import Phase, Transfer
from cms.models import Step
from marketplace.authority import uses
from marketplace.authority.models import Rule
from marketplace.notices import notices
from marketplace.people.roles import Role
from marketplace.referrals import acts, ladder, parties, promises, referrals
from marketplace.referrals.models import PromiseKind, Referral
from marketplace.sharing import sharing
from marketplace.sharing.models import ReasonKind


class NotTheirsToCancel(history.Refused):
    """The actor has no part in this commission."""


@transaction.atomic
def commission(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """Buy the support: set its money aside in the plan, one hold a unit, and climb.

    Raises NotAllowed, uses.OverLimit, ledger.NotEnough. A legal right costs the plan nothing.
    """
    referral = ladder.locked(referral)
    act = referrals.allowed(referral=referral, step=Step.COMMISSION, by=by, at=at)
    amount = acts.amount_pence(referral)
    holds: list[Transfer] = []
    if amount:
        _count_use(referral=referral, rule=act.rule, amount_pence=amount, at=at)
        holds = _set_aside(referral=referral, by=by, at=at)
    referral.is_charged_to_plan = bool(holds)
    referral.save(update_fields=["is_charged_to_plan"])
    ladder.climb(
        referral=referral, act=act, by=by, at=at, transfers=[hold.reference for hold in holds]
    )
    ladder.close_approval(referral=referral, at=at)
    _open_to_provider(referral=referral, by=by, at=at)
    return referral


@transaction.atomic
def cancel(
    *,
    referral: Referral,
    by: history.Actor,
    at: datetime,
    reason: str = "",
    but: Collection[int] = (),
) -> Referral:
    """Cancel a commission without a booking: its money goes back to what is left.

    The holds named in `but` stay set aside, for sessions that have begun. Raises
    NotTheirsToCancel, ladder.WrongRung.
    """
    referral = ladder.locked(referral)
    if not _may_cancel(referral=referral, by=by, at=at):
        raise NotTheirsToCancel(_("Only the family, its advocate or the service can cancel this."))
    returned = give_back(referral=referral, by=by, at=at, but=but)
    referral.is_charged_to_plan = bool(but)
    referral.yes_by, referral.yes_at, referral.yes_how = None, None, ""
    referral.save(update_fields=["is_charged_to_plan", "yes_by", "yes_at", "yes_how"])
    sharing.close_reasons(subject=referral.reference, kind=ReasonKind.BOOKING, at=at)
    return ladder.step_down(
        referral=referral,
        arrow="cancel",
        undone=(Step.COMMISSION,),
        by=by,
        at=at,
        reason=reason,
        transfers=[transfer.reference for transfer in returned],
    )


def holds_of(referral: Referral) -> list[Transfer]:
    """Return what is still set aside for a referral, in the order it was set aside."""
    return list(
        Transfer.objects.filter(
            subject=referral.reference, phase=Phase.PENDING, settled_by__isnull=True
        ).order_by("pk")
    )


def give_back(
    *, referral: Referral, by: history.Actor, at: datetime, but: Collection[int] = ()
) -> list[Transfer]:
    """Return what is still set aside for a locked referral to what is left.

    `but` names holds that stay: of sessions that have begun and are not recorded yet.
    """
    returned = [
        ledger.void(hold=hold, key=f"void:{hold.reference}", by=by, at=at)
        for hold in holds_of(referral)
        if hold.pk not in but
    ]
    uncount(referral=referral, amount_pence=sum(transfer.amount_pence for transfer in returned))
    return returned


def uncount(*, referral: Referral, amount_pence: int) -> None:
    """Take what came back, in pence, off the running totals of the rule it was bought under.

    A hold counted at once, so what comes back counts no more (design §9).
    """
    step = referral.steps.filter(step=Step.COMMISSION, rule__isnull=False).first()
    if step is not None and step.rule is not None and amount_pence:
        uses.add(
            rule=Rule.objects.get(reference=step.rule),
            family=referral.family,
            year=uses.year_of(timezone.localdate(step.at)),
            amount_pence=-amount_pence,
        )


def _may_cancel(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    owner, provider = referral.service.owner, referral.service.provider
    return (
        parties.is_for_family(referral=referral, by=by, at=at)
        or parties.works_at(organisation=owner, role=Role.INTAKE_WORKER, by=by, at=at)
        or parties.works_at(organisation=provider, role=Role.PROVIDER_WORKER, by=by, at=at)
    )


def _set_aside(*, referral: Referral, by: history.Actor, at: datetime) -> list[Transfer]:
    quote, plan = referral.quote, referral.plan
    assert quote is not None  # else the amount is nothing
    assert plan is not None  # acts.available() refused otherwise
    # A commission that was cancelled and made again has held before: its keys go on from there.
    first = Transfer.objects.filter(subject=referral.reference).count()
    envelopes = funds.spread(
        plan=plan,
        service_terms=list(referral.service.terms.all()),
        year=funds.year_of(timezone.localdate(at)),
        amounts_pence=[quote.unit_amount_pence] * quote.quantity,
    )
    return ledger.hold_each(
        envelopes=envelopes,
        amounts_pence=[quote.unit_amount_pence] * quote.quantity,
        keys=[f"hold:{referral.reference}:{first + number}" for number in range(quote.quantity)],
        organisation=referral.service.provider,
        service=referral.service,
        subject=referral.reference,
        person=referral.person,
        is_confidential=referral.is_confidential,
        by=by,
        at=at,
    )


def _count_use(*, referral: Referral, rule: Rule | None, amount_pence: int, at: datetime) -> None:
    if rule is not None:
        uses.add(
            rule=rule,
            family=referral.family,
            year=uses.year_of(timezone.localdate(at)),
            amount_pence=amount_pence,
        )


def _open_to_provider(*, referral: Referral, by: history.Actor, at: datetime) -> None:
    provider = referral.service.provider
    ladder.open_to(
        referral=referral,
        organisation=provider,
        role=Role.PROVIDER_WORKER,
        kind=ReasonKind.BOOKING,
        by=by,
        at=at,
    )
    promises.make(
        referral=referral,
        kind=PromiseKind.OFFER_TIME,
        organisation=provider,
        working_days_given=referral.service.answer_days,
        at=at,
    )
    notices.tell_role(
        organisation=provider,
        role=Role.PROVIDER_WORKER,
        kind="booking_for_you",
        subject_kind="referral",
        subject=referral.reference,
        at=at,
    )
