"""Commissioning: the rung that moves a family's money, in the same transaction (design §4, §6)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import funds, history, ledger
from budgets.models import Goal, Phase, Transfer
from cms.models import Service, Step, Term
from marketplace.authority import uses
from marketplace.authority.models import Rule
from marketplace.notices import notices
from marketplace.people.roles import Role
from marketplace.referrals import acts, ladder, parties, promises, referrals, requotes, yeses
from marketplace.referrals.models import PromiseKind, Referral, Rung
from marketplace.sharing import sharing
from marketplace.sharing.models import ReasonKind


class NotTheirsToCancel(history.Refused):
    """The actor has no part in this commission."""


class NotTheirsToWeigh(history.Refused):
    """The actor has no part in this referral, or the goal is not the person's."""


class SaysNotWhatMeetsIt(history.Refused):
    """What could stop a support needs an answer before money is set aside for it."""


class TooLate(history.Refused):
    """A yes can be taken back until the provider accepts; then it is stopped instead."""


@transaction.atomic
def weigh(
    *,
    referral: Referral,
    goal: Goal | None,
    barrier: Term | None,
    met_by: str,
    instead_of: str,
    by: history.Actor,
    at: datetime,
) -> Referral:
    """Keep what is asked before buying: its goal, what could stop it, and instead of what.

    None is an answer too: no goal of the plan, nothing known to stop it; no words: as well. A
    barrier needs what would meet it: words, or a service asked for beside (report §3.3.2).
    Raises NotTheirsToWeigh, SaysNotWhatMeetsIt, referrals.Ended, referrals.AlreadySettled.
    """
    referral = ladder.locked(referral)
    if not referral.is_open:
        raise referrals.Ended(_("This has ended. You can ask for it again."))
    if Step.COMMISSION in acts.taken(referral):
        raise referrals.AlreadySettled(_("The money is set aside already."))
    if not _may_weigh(referral=referral, goal=goal, by=by, at=at):
        raise NotTheirsToWeigh(_("Only the family, its advocate or the service can say this."))
    if barrier is not None and not met_by.strip() and not referral.asked_beside.open().exists():
        raise SaysNotWhatMeetsIt(_("Say what would help with what could stop this."))
    referral.goal, referral.barrier, referral.weighed_at = goal, barrier, at
    referral.met_by, referral.instead_of = met_by.strip(), instead_of.strip()
    referral.save(update_fields=["goal", "barrier", "met_by", "instead_of", "weighed_at"])
    ladder.write(referral=referral, verb="weigh", before=referral.rung, by=by, at=at)
    ladder.publish(referral)
    return referral


@transaction.atomic
def add_beside(
    *, referral: Referral, service: Service, by: history.Actor, at: datetime
) -> Referral:
    """Put the person on the first rung for a service that meets what could stop this one.

    Raises NotTheirsToWeigh where the service is for something else, and what `refer` raises.
    """
    referral = ladder.locked(referral)
    if referral.barrier is None or not service.terms.filter(pk=referral.barrier_id).exists():
        raise NotTheirsToWeigh(_("This service does not help with what could stop the other one."))
    return referrals.refer(
        person=referral.person,
        family=referral.family,
        service=service,
        plan=referral.plan,
        goal=referral.goal,
        is_weighed=True,  # it is bought for what the other one is bought for
        beside=referral,
        is_confidential=referral.is_confidential,
        by=by,
        at=at,
    )


@transaction.atomic
def commission(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """Buy the support: set its money aside in the plan, one hold a unit, and climb.

    Raises NotAllowed, uses.OverLimit, ledger.NotEnough. A legal right costs the plan nothing. A
    quote that has run out is made again, where today's figure is the one the family said yes to.
    """
    referral = ladder.locked(referral)
    act = referrals.allowed(referral=referral, step=Step.COMMISSION, by=by, at=at)
    act = still_allowed(act=act, referral=referral, by=by, at=at)
    requotes.freshen(referral=referral, at=at)
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


def still_allowed(
    *, act: acts.Act, referral: Referral, by: history.Actor, at: datetime
) -> acts.Act:
    """Judge once more with the rule locked: whoever lowers its limit comes before or after.

    Raises NotAllowed.
    """
    while act.rule is not None:
        held = Rule.objects.select_for_update(no_key=True, of=("self", "agreement"))
        held.select_related("agreement").get(pk=act.rule.pk)
        before = act.rule
        act = referrals.allowed(referral=referral, step=Step.COMMISSION, by=by, at=at)
        if act.rule == before:
            break
    return act


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
    referral.save(update_fields=["is_charged_to_plan"])
    yeses.clear(referral)
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


@transaction.atomic
def take_yes_back(
    *, referral: Referral, by: history.Actor, at: datetime, but: Collection[int] = ()
) -> Referral:
    """Take the family's yes back until the provider accepts: its money is left again.

    What waits for approval waits no more. Pages call `bookings.take_yes_back`, which lets go of
    times that were asked for. Raises NotTheirsToCancel, TooLate.
    """
    referral = ladder.locked(referral)
    must_be_in_time(referral=referral, by=by, at=at)
    ladder.write(referral=referral, verb="take_yes_back", before=referral.rung, by=by, at=at)
    if referral.is_commissioned:
        return cancel(referral=referral, by=by, at=at, reason="yes_taken_back", but=but)
    yeses.clear(referral)
    ladder.close_approval(referral=referral, at=at)
    if referral.handed_over_rung:
        promises.let_go(referral=referral, at=at)
        ladder.expect(referral=referral, at=at)
    ladder.publish(referral)
    return referral


def has_yes_to_take_back(referral: Referral) -> bool:
    """Tell whether a yes was said that no provider has accepted yet."""
    is_before = referral.is_commissioned or referral.rung == Rung.HARD_REFERRED
    return referral.has_yes and is_before


def must_be_in_time(*, referral: Referral, by: history.Actor, at: datetime) -> None:
    """Refuse who does not speak for the person, and whoever comes after the provider's accept.

    Raises NotTheirsToCancel, TooLate.
    """
    if not parties.has_their_word(referral=referral, by=by, at=at):
        raise NotTheirsToCancel(_("Only the family or its advocate can take the yes back."))
    if not has_yes_to_take_back(referral):
        raise TooLate(_("There is no yes to take back now. You can still stop it."))


def holds_of(referral: Referral) -> list[Transfer]:
    """Return what is still set aside for a referral, in the order it was set aside."""
    return list(
        Transfer.objects.filter(
            subject=referral.reference, phase=Phase.PENDING, settled_by__isnull=True
        ).order_by("pk")
    )


def in_use_pence(bought: QuerySet[Referral]) -> int:
    """Return what these referrals set aside or spent, in pence, and did not give back."""
    held = Transfer.objects.filter(
        subject__in=bought.values("reference"), phase=Phase.PENDING
    ).exclude(settled_by__phase=Phase.VOID)
    return int(held.aggregate(whole=Sum("amount_pence"))["whole"] or 0)


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


def _may_weigh(*, referral: Referral, goal: Goal | None, by: history.Actor, at: datetime) -> bool:
    """Tell whether somebody has a part in it, and the goal is one it can serve in the open."""
    is_known = parties.is_for_family(referral=referral, by=by, at=at) or any(
        parties.works_at(organisation=referral.service.owner, role=role, by=by, at=at)
        for role in (Role.INTAKE_WORKER, Role.COMMISSIONER)
    )
    return is_known and (
        goal is None
        or goal.pk == referral.goal_id
        or (
            goal.plan.family_id == referral.family_id
            and goal.person_id in (None, referral.person_id)
            and goal.is_confidential <= referral.is_confidential
        )
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
