"""Taking up again what ended: a new request, linked to the old one, with what was answered.

Why a new referral and no arrow back: ADR 0019.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Plan, PlanStatus
from cms.models import Step
from marketplace.referrals import (
    acts,
    applications,
    eligibility,
    facts,
    ladder,
    parties,
    referrals,
    routes,
    sittings,
)
from marketplace.referrals.models import Application, Referral, Rung, StepTaken

DAYS = 90
"""Days in which it can be taken up again; after that it is asked for anew."""

CAN_BE: tuple[Rung, ...] = (Rung.DECLINED, Rung.WITHDRAWN, Rung.EXPIRED)


class NotTheirsToReopen(history.Refused):
    """Only who speaks for the person takes it up again."""


class NothingToReopen(history.Refused):
    """What is open, or was finished, is not taken up again."""


class TooLate(history.Refused):
    """It ended too long ago: things have changed, so it is asked for anew."""


class SaysNotWhy(history.Refused):
    """Taking it up again says what has changed."""


class IsReopened(history.Refused):
    """It was taken up again already; `referral` is the one that stands."""

    def __init__(self, referral: Referral) -> None:
        super().__init__(_("This was taken up again already."))
        self.referral = referral


def why_not(*, referral: Referral, at: datetime) -> history.Refused | None:
    """Return why a referral cannot be taken up again at a moment, or None where it can."""
    if referral.rung not in CAN_BE or referral.ended_at is None:
        return NothingToReopen(_("Only what ended before it was finished is taken up again."))
    again = Referral.objects.filter(reopened_from=referral).first()
    if again is not None:
        return IsReopened(again)
    if at > last_moment(referral):
        return TooLate(
            _("It ended more than %(days)s days ago. Ask for it anew; nothing stands against it.")
            % {"days": DAYS}
        )
    return None


def last_moment(referral: Referral) -> datetime:
    """Return until when an ended referral can be taken up again."""
    return (referral.ended_at or referral.asked_at) + timedelta(days=DAYS)


@transaction.atomic
def reopen(*, referral: Referral, note: str, by: history.Actor, at: datetime) -> Referral:
    """Take an ended referral up again, within 90 days, as a new one, with a note for the service.

    The check and the application are done again with the answers that were given, as far as the
    actor may by today's rules; a rule that is not met now, or a new question, stops it there.
    Raises NotTheirsToReopen, NothingToReopen, IsReopened, TooLate, SaysNotWhy, and what
    `referrals.refer` raises.
    """
    referral = ladder.locked(referral)
    if not parties.tells_for(referral=referral, by=by, at=at):
        raise NotTheirsToReopen(_("Only the family, its advocate or its lead can do this."))
    refusal = why_not(referral=referral, at=at)
    if refusal is not None:
        raise refusal
    if not note.strip():
        raise SaysNotWhy(_("Say what has changed, so that they look at it again."))
    again = _refer(referral, note=note.strip(), by=by, at=at)
    ladder.write(
        referral=again,
        verb="reopen",
        before=again.rung,
        by=by,
        at=at,
        reason=referral.end_reason,
        text=note.strip(),
    )
    again = _checked(again, referral, by=by, at=at)
    again = _applied(again, referral, by=by, at=at)
    return sittings.close(referral=again, by=by, at=at)


def _refer(referral: Referral, *, note: str, by: history.Actor, at: datetime) -> Referral:
    plan = referral.plan
    if plan is not None and plan.status == PlanStatus.CLOSED:
        plan = Plan.objects.current().filter(family=referral.family).first()
    is_same_plan = plan is not None and plan.pk == referral.plan_id
    route = routes.of(user=parties.user_of(by), by=by, at=at)
    return referrals.refer(
        person=referral.person,
        family=referral.family,
        service=referral.service,
        plan=plan,
        goal=referral.goal if is_same_plan else None,
        need=referral.need,
        barrier=referral.barrier,
        instead_of=referral.instead_of,
        is_confidential=referral.is_confidential,
        came=routes.Came(route, enquiry=referral.enquiry, reopened_from=referral, note=note),
        by=by,
        at=at,
    )


def _checked(again: Referral, before: Referral, *, by: history.Actor, at: datetime) -> Referral:
    said = StepTaken.objects.filter(referral=before, step=Step.CHECK_ELIGIBILITY).first()
    act = acts.act_for(referral=again, step=Step.CHECK_ELIGIBILITY, by=by, at=at)
    if said is None or not act.allowed:
        return again
    day = timezone.localdate(at)
    known = facts.known(person=again.person, family=again.family, day=day)
    result = eligibility.evaluate(facts.criteria(again.service), {**said.facts, **known})
    if result.met is not True:
        return again
    return referrals.check_eligibility(referral=again, answers=said.facts, by=by, at=at)


def _applied(again: Referral, before: Referral, *, by: history.Actor, at: datetime) -> Referral:
    told = Application.objects.filter(referral=before).first()
    if told is None:
        return again
    questions = again.service.questions.filter(is_required=True)
    if any(told.answers.get(question.key) in (None, "") for question in questions):
        return again  # a question is new since: it is asked before the form is sent
    sent = applications.send(chosen=[again], answers=told.answers, by=by, at=at)
    return sent[0] if sent else again
