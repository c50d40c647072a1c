"""What can be done with a referral now, by whom, and if not, why not and who can.

Pages and verbs ask this one function.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import funds, history, ledger
from cms import freshness
from cms.models import Service, Step
from marketplace.authority import authority
from marketplace.authority.models import Rule
from marketplace.referrals.models import Referral
from pricing import money, quotes


@dataclass(frozen=True)
class Act:
    """One step, allowed or refused; each refusal with its reason and who can."""

    step: Step
    allowed: bool
    reasons: tuple[authority.Refusal, ...] = ()
    who_can: tuple[authority.WhoCan, ...] = ()
    rule: Rule | None = None
    needs_approval: bool = False

    @property
    def label(self) -> str:
        """Return the step in words."""
        return str(self.step.label)

    @property
    def sentence(self) -> str:
        """Return why not, and who can, in words; nothing where it is allowed."""
        why = " ".join(reason.sentence for reason in self.reasons)
        if not self.who_can:
            return why
        first = self.who_can[0]
        return (
            why
            + " "
            + _("%(role)s at %(organisation)s can do it: %(contact)s.")
            % {
                "role": first.role,
                "organisation": first.organisation,
                "contact": first.contact,
            }
        )


class NotAllowed(history.Refused):
    """The step is refused; `act` says why not and who can."""

    def __init__(self, act: Act) -> None:
        super().__init__(act.sentence)
        self.act = act


def needed(service: Service) -> list[Step]:
    """Return the steps a service needs, in its own order; asked for once a fetched service."""
    prefetch_related_objects([service], "processes")
    return [Step(process.step) for process in service.processes.all()]


def taken(referral: Referral) -> frozenset[str]:
    """Return the steps that are done or passed."""
    return frozenset(row.step for row in referral.steps.all())


def remaining(referral: Referral) -> list[Step]:
    """Return the steps still to do, in the service's order."""
    done = taken(referral)
    return [step for step in needed(referral.service) if step not in done]


def available(*, referral: Referral, by: history.Actor, at: datetime) -> tuple[Act, ...]:
    """Return each step still to do on an open referral, allowed or refused, for this actor."""
    if not referral.is_open:
        return ()
    steps = remaining(referral)
    known = authority.Known(by, referral.service, referral.family, at)
    return tuple(
        _act(referral=referral, step=step, earlier=steps[:position], known=known)
        for position, step in enumerate(steps)
    )


def act_for(*, referral: Referral, step: Step, by: history.Actor, at: datetime) -> Act:
    """Return one step of `available()`, judged alone. One that is done or not needed is refused."""
    steps = remaining(referral) if referral.is_open else []
    if step in steps:
        earlier = steps[: steps.index(step)]
        known = authority.Known(by, referral.service, referral.family, at)
        return _act(referral=referral, step=step, earlier=earlier, known=known)
    done = authority.Refusal("done", _("This is done already, or this service does not need it."))
    return Act(step=step, allowed=False, reasons=(done,))


def _act(*, referral: Referral, step: Step, earlier: list[Step], known: authority.Known) -> Act:
    at = known.at
    amount = amount_pence(referral) if step == Step.COMMISSION else 0
    decision = _decide(referral=referral, step=step, amount=amount, known=known)
    reasons = list(decision.reasons)
    if earlier:
        reasons.append(_too_early(earlier[0]))
    elif step == Step.COMMISSION:
        reasons += _commission_refusals(referral=referral, amount=amount, at=at)
    others = len(reasons) > len(decision.reasons)
    return Act(
        step=step,
        allowed=not reasons,
        reasons=tuple(reasons),
        who_can=()
        if decision.allowed
        else authority.who_can(
            step=step, service=referral.service, amount_pence=amount, at=at, known=known
        ),
        rule=decision.rule,
        needs_approval=decision.needs_approval and not others,
    )


def _decide(
    *, referral: Referral, step: Step, amount: int, known: authority.Known
) -> authority.Decision:
    if step == Step.BOOK and referral.service.is_universal:
        return authority.Decision(allowed=True)  # open to everyone: nobody's leave is needed
    return authority.decide(
        by=known.by,
        step=step,
        service=referral.service,
        family=referral.family,
        amount_pence=amount,
        at=known.at,
        known=known,
    )


def _too_early(first: Step) -> authority.Refusal:
    return authority.Refusal("too_early", _("First: %(step)s.") % {"step": first.label})


def amount_pence(referral: Referral) -> int:
    """Return what the commission takes from the plan, in pence; nothing for a legal right."""
    if referral.quote is None or referral.service.is_statutory:
        return 0
    return int(referral.quote.total_pence)


def _entry_refusals(*, referral: Referral, on: date) -> list[authority.Refusal]:
    """Return what stands against buying in the catalogue itself.

    What nobody has checked for fifteen months is not bought, but told of and asked for as before.
    A legal right is not bought: it does not wait for somebody to read a page.
    """
    offered = Service.objects.offered(on).select_related("owner", "provider")
    service = offered.filter(pk=referral.service_id).first()
    if service is None:
        return [authority.Refusal("not_offered", _("It is not offered now: a check has run out."))]
    if service.is_statutory or freshness.state(service, on).may_be_commissioned:
        return []
    return [
        authority.Refusal(
            "not_checked",
            _(
                "Nobody has checked its page for %(months)s months, so no money can be set aside "
                "for it until somebody does. %(keepers)s can check it."
            )
            % {"months": freshness.STOP_MONTHS, "keepers": freshness.keepers(service)},
        )
    ]


def _quote_refusals(*, referral: Referral, at: datetime) -> list[authority.Refusal]:
    """Refuse to buy at a figure that nobody is held to any more, where today's is another."""
    quote = referral.quote
    if quote is None or referral.service.is_statutory or quotes.still_holds(quote=quote, at=at):
        return []
    return [
        authority.Refusal(
            "quote_expired",
            _("Its price has changed since it was told. It is worked out again, and asked again."),
        )
    ]


def _commission_refusals(
    *, referral: Referral, amount: int, at: datetime
) -> list[authority.Refusal]:
    found = _entry_refusals(referral=referral, on=timezone.localdate(at))
    if referral.quote is None and not referral.service.is_statutory:
        # What has no price is not free: no limit could be judged and nothing set aside.
        found.append(authority.Refusal("no_price", _("Nobody has set its price yet.")))
    found += _quote_refusals(referral=referral, at=at)
    if not referral.has_yes:
        found.append(authority.Refusal("no_yes", _("The family has to say yes to it first.")))
    if amount == 0:
        return found
    if not referral.is_weighed:
        found.append(
            authority.Refusal(
                "not_weighed", _("First say what it is for, and what could stop it working.")
            )
        )
    plan = referral.plan
    if plan is None or not plan.is_active:
        found.append(
            authority.Refusal("no_plan", _("There is no active plan whose money could be used."))
        )
        return found
    left = ledger.plan_balance(plan=plan, year=funds.year_of(timezone.localdate(at))).left_pence
    if left < amount:
        found.append(
            authority.Refusal(
                "no_money",
                # Never how much: part of it may be set aside for what the reader may not know of.
                _("It costs %(amount)s, and less than that is left in the plan.")
                % {"amount": money.show(amount)},
            )
        )
    return found
