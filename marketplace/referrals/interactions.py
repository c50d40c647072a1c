"""Several steps in one interaction: one appointment, one form, all or nothing (report §5.4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Step
from marketplace.referrals import acts, applications, ladder, referrals
from marketplace.referrals.models import Referral


@dataclass(frozen=True)
class Given:
    """What one form says: facts, answers to the service's questions, and how much."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    quantity: int | None = None
    reason: str = ""


class NotTogether(history.Refused):
    """The service does not do these steps in one interaction, or some are done already."""


def steps(referral: Referral) -> tuple[Step, ...]:
    """Return the steps of the next interaction still to do, in the service's order.

    One alone where the next step belongs to no interaction. Steps of one interaction that another
    step stands between wait for it.
    """
    rows = list(referral.service.processes.all())
    number = {row.step: row.interaction for row in rows}
    left = acts.remaining(referral)
    found: list[Step] = []
    for step in left:
        if found and (number[step] is None or number[step] != number[found[0]]):
            break
        found.append(step)
    return tuple(found)


def allowed(*, referral: Referral, by: history.Actor, at: datetime) -> tuple[Step, ...]:
    """Return the steps of the next interaction that the actor may take in one go; none if not all.

    That one of them comes before another is no hindrance: they are done together.
    """
    together = steps(referral)
    available = acts.available(referral=referral, by=by, at=at)[: len(together)]
    for act in available:
        if {reason.code for reason in act.reasons} - {"too_early"}:
            return ()
    return together if len(available) == len(together) else ()


@transaction.atomic
def take(
    *,
    referral: Referral,
    together: tuple[Step, ...],
    given: Given,
    by: history.Actor,
    at: datetime,
) -> Referral:
    """Take every step of the next interaction with one form's answers, all or none.

    Raises NotTogether, and what each step raises.
    """
    referral = ladder.locked(referral)
    if len(together) < 2 or steps(referral) != together:
        raise NotTogether(_("Something was done meanwhile. Look again at what is next."))
    for step in together:
        referral = _take(referral=referral, step=step, given=given, by=by, at=at)
    return referral


def _take(
    *, referral: Referral, step: Step, given: Given, by: history.Actor, at: datetime
) -> Referral:
    if step == Step.CHECK_ELIGIBILITY:
        return referrals.check_eligibility(referral=referral, answers=given.facts, by=by, at=at)
    if step == Step.TAKE_APPLICATION:
        return referrals.apply(
            referral=referral,
            answers=given.answers,
            basis=applications.basis_for(referral),
            by=by,
            at=at,
        )
    if step == Step.DECIDE_ELIGIBILITY:
        return referrals.decide_eligibility(referral=referral, answers=given.facts, by=by, at=at)
    if step == Step.ASSESS:
        return referrals.assess(
            referral=referral,
            quantity=given.quantity,
            answers=given.facts,
            reason=given.reason,
            by=by,
            at=at,
        )
    return referrals.diagnose(referral=referral, by=by, at=at)
