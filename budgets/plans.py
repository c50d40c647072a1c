"""A family's plan, from its first draft to its close."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import accounts, families, funds, history, ledger
from budgets.models import Account, Envelope, Family, Goal, Person, Plan, PlanStatus
from cms.models import Term
from pricing import money

LOWEST_SCORE, HIGHEST_SCORE = 1, 10


class HasPlan(history.Refused):
    """A family has one plan at a time."""

    def __init__(self) -> None:
        super().__init__(_("This family already has a plan. Close it before opening another."))


class NotNow(history.Refused):
    """The plan is not where this act starts from."""

    def __init__(self, *, plan: Plan) -> None:
        status = PlanStatus(plan.status).label
        super().__init__(_("This plan is %(status)s, so this cannot be done.") % {"status": status})


class WrongDates(history.Refused):
    """A plan ends after it starts."""

    def __init__(self) -> None:
        super().__init__(_("A plan ends after the day it starts. Check both days."))


class WrongScore(history.Refused):
    """A score is from 1 to 10."""

    def __init__(self) -> None:
        super().__init__(_("Choose a number from 1 to 10."))


class NoWords(history.Refused):
    """A goal is in the family's words, so it has some."""

    def __init__(self) -> None:
        super().__init__(_("Write what should change, in the family's own words."))


class StillSetAside(history.Refused):
    """Money is set aside for support that has not happened yet."""

    def __init__(self, *, set_aside_pence: int) -> None:
        super().__init__(
            _(
                "%(amount)s is still set aside for support that has not happened yet. "
                "Finish or cancel that support first."
            )
            % {"amount": money.show(set_aside_pence)}
        )
        self.set_aside_pence = set_aside_pence


def open(
    *,
    family: Family,
    starts_on: date,
    ends_on: date,
    vision: str,
    by: history.Actor,
    at: datetime,
) -> Plan:
    """Open a family's plan as a draft. Raises HasPlan, WrongDates, families.IsMerged."""
    with transaction.atomic():
        family = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
        if family.is_merged:
            raise families.IsMerged
        if Plan.objects.current().filter(family=family).exists():
            raise HasPlan
        if ends_on <= starts_on:
            raise WrongDates
        plan = Plan.objects.create(
            family=family, starts_on=starts_on, ends_on=ends_on, vision=vision
        )
        _record(plan, by=by, at=at, verb="open", to_state=PlanStatus.DRAFT)
    return plan


def add_goal(
    *,
    plan: Plan,
    words: str,
    by: history.Actor,
    at: datetime,
    person: Person | None = None,
    term: Term | None = None,
    score_at_start: int | None = None,
    is_confidential: bool = False,
) -> Goal:
    """Add what the family, or one of its people, wants to change, after the goals before it.

    Raises NotNow where the plan is closed, NoWords, WrongScore.
    """
    with transaction.atomic():
        plan = _locked(plan)
        if plan.is_closed:
            raise NotNow(plan=plan)
        if not words.strip():
            raise NoWords
        if score_at_start is not None:
            _must_be_a_score(score_at_start)
        goal = Goal.objects.create(
            plan=plan,
            person=person,
            words=words.strip(),
            term=term,
            position=Goal.objects.filter(plan=plan).count(),
            score_at_start=score_at_start,
            score_now=score_at_start,
            is_confidential=is_confidential,
        )
        _record_goal(goal, by=by, at=at, verb="add", to_state="open")
    return goal


def score(*, goal: Goal, score: int, by: history.Actor, at: datetime) -> Goal:
    """Record how near a goal is now, from 1 to 10. Raises WrongScore."""
    _must_be_a_score(score)
    with transaction.atomic():
        goal = Goal.objects.select_for_update(no_key=True, of=("self",)).get(pk=goal.pk)
        before, goal.score_now = goal.score_now, score
        goal.save(update_fields=["score_now"])
        _record_goal(
            goal, by=by, at=at, verb="score", from_state=str(before or ""), to_state=str(score)
        )
    return goal


def reach(*, goal: Goal, on: date, by: history.Actor, at: datetime) -> Goal:
    """Record that a goal was reached; again, and nothing changes."""
    with transaction.atomic():
        goal = Goal.objects.select_for_update(no_key=True, of=("self",)).get(pk=goal.pk)
        if goal.reached_on is None:
            goal.reached_on = on
            goal.save(update_fields=["reached_on"])
            _record_goal(goal, by=by, at=at, verb="reach", from_state="open", to_state="reached")
    return goal


def put_before(*, goal: Goal, other: Goal, by: history.Actor, at: datetime) -> Goal:
    """Put a goal just before another of the same plan: the family's own order."""
    with transaction.atomic():
        plan = _locked(goal.plan)
        order = list(Goal.objects.filter(plan=plan))
        moved = order.pop(order.index(goal))
        order.insert(order.index(other), moved)
        for position, one in enumerate(order):
            one.position = position
        Goal.objects.bulk_update(order, ["position"])
        _record_goal(moved, by=by, at=at, verb="put_before")
    return moved


def agree(*, plan: Plan, by: history.Actor, at: datetime) -> Plan:
    """Agree a draft with the family. Raises NotNow."""
    return _move(plan, by=by, at=at, verb="agree", before=PlanStatus.DRAFT, after=PlanStatus.AGREED)


def activate(*, plan: Plan, by: history.Actor, at: datetime, review_on: date | None = None) -> Plan:
    """Start an agreed plan, with the day it is looked at again. Raises NotNow."""
    return _move(
        plan,
        by=by,
        at=at,
        verb="activate",
        before=PlanStatus.AGREED,
        after=PlanStatus.ACTIVE,
        review_on=review_on,
    )


def review(*, plan: Plan, by: history.Actor, at: datetime) -> Plan:
    """Begin to look at an active plan again; support goes on meanwhile. Raises NotNow."""
    return _move(
        plan, by=by, at=at, verb="review", before=PlanStatus.ACTIVE, after=PlanStatus.IN_REVIEW
    )


def resume(*, plan: Plan, by: history.Actor, at: datetime, review_on: date | None = None) -> Plan:
    """Go on with a plan after its review, with the day of the next. Raises NotNow."""
    return _move(
        plan,
        by=by,
        at=at,
        verb="resume",
        before=PlanStatus.IN_REVIEW,
        after=PlanStatus.ACTIVE,
        review_on=review_on,
    )


def close(
    *,
    plan: Plan,
    on: date,
    must_be_safe: funds.MustBeSafe,
    by: history.Actor,
    at: datetime,
) -> Plan:
    """Close a plan and return what is left to its funds.

    `must_be_safe` is handed down by the rooms above, which know whether somebody at home has to be
    kept safe: it raises what it refuses with. Raises NotNow, StillSetAside.
    """
    with transaction.atomic():
        Family.objects.select_for_update(no_key=True).get(pk=plan.family_id)
        plan = _locked(plan)
        if plan.is_closed:
            raise NotNow(plan=plan)
        must_be_safe(plan.family, at)
        envelopes = list(Envelope.objects.of(plan=plan).select_related("fund", "plan__family"))
        accounts.lock(
            accounts=Account.objects.filter(envelope__in=envelopes)
            | Account.objects.filter(fund__in=[envelope.fund_id for envelope in envelopes])
        )
        set_aside_pence = ledger.plan_balance(plan=plan).set_aside_pence
        if set_aside_pence:
            raise StillSetAside(set_aside_pence=set_aside_pence)
        before, plan.status, plan.closed_on = plan.status, PlanStatus.CLOSED, on
        plan.save(update_fields=["status", "closed_on"])
        for envelope in envelopes:
            key = f"close:{plan.reference}:{envelope.reference}"
            funds.release(envelope=envelope, key=key, must_be_safe=must_be_safe, by=by, at=at)
        _record(plan, by=by, at=at, verb="close", from_state=before, to_state=plan.status)
    return plan


def _move(
    plan: Plan,
    *,
    by: history.Actor,
    at: datetime,
    verb: str,
    before: PlanStatus,
    after: PlanStatus,
    review_on: date | None = None,
) -> Plan:
    with transaction.atomic():
        plan = _locked(plan)
        if plan.status != before:
            raise NotNow(plan=plan)
        plan.status, plan.review_on = after, review_on or plan.review_on
        plan.save(update_fields=["status", "review_on"])
        _record(plan, by=by, at=at, verb=verb, from_state=before, to_state=after)
    return plan


def _locked(plan: Plan) -> Plan:
    return (
        Plan.objects.select_for_update(no_key=True, of=("self",))
        .select_related("family")
        .get(pk=plan.pk)
    )


def _must_be_a_score(score: int) -> None:
    if not LOWEST_SCORE <= score <= HIGHEST_SCORE:
        raise WrongScore


def _record(
    plan: Plan,
    *,
    by: history.Actor,
    at: datetime,
    verb: str,
    from_state: str = "",
    to_state: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="plan",
        subject=plan.reference,
        family=plan.family,
        from_state=from_state,
        to_state=to_state,
    )


def _record_goal(
    goal: Goal,
    *,
    by: history.Actor,
    at: datetime,
    verb: str,
    from_state: str = "",
    to_state: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="goal",
        subject=goal.reference,
        family=goal.plan.family,
        person=goal.person,
        from_state=from_state,
        to_state=to_state,
        is_confidential=goal.is_confidential,
    )
