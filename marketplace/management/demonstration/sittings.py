"""The referrer's sitting: as far up the ladder as the rules let her, then handed over."""

from datetime import datetime, timedelta

from django.utils import timezone

from budgets import history
from cms.models import Step
from marketplace.bookings import bookings
from marketplace.management.demonstration import crew, steps, times
from marketplace.management.demonstration.homes import data
from marketplace.management.demonstration.requests import Request
from marketplace.referrals import acts, approvals, referrals

MINUTES_A_STEP = timedelta(minutes=4)
DAYS_BEFORE_FIRST_TIME = 12
SECRETS_PERCENT = 5
BARRIERS_PERCENT = 35
INSTEAD_PERCENT = 20
# What families say would help with what could stop it.
MET_BY = (
    "Her sister comes along the first time.",
    "A lift there, and a message the day before.",
    "Somebody reads the letters out to us.",
)


def sit(request: Request, *, at: datetime) -> datetime:
    """Refer, take every step that is allowed, ask for a time, hand over; return when it ended."""
    _refer(request, at=at)
    if request.want.service.is_universal:
        ask_for_time(request, by=request.by, at=at)
    while (step := steps.next_step(request.made)) is not None:
        at += MINUTES_A_STEP
        if not _attempt(request, step, at=at):
            break
    if request.refused is not None and request.refused.needs_approval:
        _ask_approval(request, at=at)
    if request.made.is_commissioned:
        ask_for_time(request, by=request.by, at=at)
    at += MINUTES_A_STEP
    request.referral = referrals.hand_over(referral=request.made, by=request.by, at=at)
    return at


def ask_for_time(request: Request, *, by: history.Actor, at: datetime) -> bool:
    """Ask the provider for the first weekly times that are free; tell whether there were any."""
    stage, slug = request.stage, request.want.slug
    count = request.made.quantity or request.want.service.standard_quantity
    first = timezone.localdate(at) + timedelta(days=DAYS_BEFORE_FIRST_TIME)
    patterns = times.bookable(stage, slug)
    request.home.dice.shuffle(patterns)
    for pattern in patterns:
        slot = times.free(stage, slug, pattern, first=first, count=count)
        if slot is None:
            continue
        try:
            booking = bookings.ask(referral=request.made, first=slot, by=by, at=at)
        except history.Refused:  # not enough weeks like this one: another day or hour
            continue
        request.referral = booking.referral
        return True
    return False


def _refer(request: Request, *, at: datetime) -> None:
    home, want, terms = request.home, request.want, request.stage.terms
    is_adult = want.person.is_adult_on(timezone.localdate(at))
    keys = request.stage.data[want.slug]["terms"]
    barriers, is_stopped = data()["barriers"], request.chance(BARRIERS_PERCENT)
    barrier = terms[home.dice.choice(barriers)] if is_stopped else None
    goal = next((goal for goal in home.goals if goal.term and _key(goal.term) in keys), None)
    request.referral = referrals.refer(
        person=want.person,
        family=home.family,
        service=want.service,
        plan=home.plan,
        goal=goal if goal and goal.person_id in (None, want.person.pk) else None,
        need=next((terms[key] for key in keys if key.startswith("need:")), None),
        barrier=barrier,
        met_by=MET_BY[barrier.pk % len(MET_BY)] if barrier else "",
        is_weighed=True,
        instead_of=home.dice.choice(data()["instead_of"])
        if request.chance(INSTEAD_PERCENT)
        else "",
        is_confidential=is_adult and request.chance(SECRETS_PERCENT),
        by=request.by,
        at=at,
    )


def _key(term: object) -> str:
    return f"{getattr(term, 'taxonomy', '')}:{getattr(term, 'slug', '')}"


def _attempt(request: Request, step: Step, *, at: datetime) -> bool:
    """Take a step if the rules let the referrer; keep the refusal where they do not."""
    try:
        if step == Step.COMMISSION:
            if request.home.plan is None:
                return False
            request.referral = referrals.say_yes(referral=request.made, **request.yes(at))
        request.referral = steps.take(
            request.made, step, answers=request.says(at), by=request.by, at=at
        )
    except acts.NotAllowed as refusal:
        request.refused = refusal.act
        return False
    except history.Refused:
        return False
    return True


def _ask_approval(request: Request, *, at: datetime) -> None:
    amount = acts.amount_pence(request.made)
    if crew.commissioners(request.stage, request.owner, amount):
        approvals.ask(referral=request.made, by=request.by, at=at)
