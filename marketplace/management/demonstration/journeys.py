"""What becomes of a made-up request after its sitting, act by act, as far as today."""

from datetime import datetime

from budgets import history
from cms.models import Step
from marketplace.management.demonstration import crew, deliveries, farewells, sittings, steps
from marketplace.management.demonstration.days import Acts, Life
from marketplace.management.demonstration.homes import data
from marketplace.management.demonstration.requests import Request
from marketplace.referrals import acts, approvals, commissions, endings, referrals
from marketplace.referrals.models import Approval, Rung

DECLINED_PERCENT = 6
WITHDRAWN_PERCENT = 4
REFUSED_PERCENT = 20
SILENT_PERCENT = 8
ANSWERED_STEPS = (Step.DECIDE_ELIGIBILITY, Step.ASSESS)
EXPIRY = history.Actor(kind=history.ActorKind.CLOCK, reference="expiry")


def live(request: Request, *, at: datetime) -> Life:
    """Ask for something, and see it through."""
    at = sittings.sit(request, at=at)
    if request.made.rung == Rung.SIGNPOSTED:
        yield from _left_with_a_leaflet(request, at)
        return
    while request.made.is_open and (step := steps.next_step(request.made)) is not None:
        if step == Step.COMMISSION:
            at = yield from _commission(request, at)
        else:
            at = yield from _answer(request, step, at)
    if request.made.is_open:
        yield from deliveries.live(request, at=at)


def _left_with_a_leaflet(request: Request, at: datetime) -> Life:
    """Follow a bare signpost: half of them come to nothing (report §5.4.2)."""
    at = request.later(at, low=30, high=60)
    yield at
    if request.chance(50):
        endings.expire(referral=request.made, by=EXPIRY, at=at)
    elif request.chance(50):
        farewells.withdraw(request, words=data()["told_words"], at=at)


def _answer(request: Request, step: Step, at: datetime) -> Acts:
    """Let the service take its next step, unless somebody ends it before."""
    at = request.answered(at)
    yield at
    if step in ANSWERED_STEPS and request.chance(DECLINED_PERCENT):
        farewells.decline(request, at=at)
    elif request.chance(WITHDRAWN_PERCENT):
        farewells.withdraw(request, at=at)
    else:
        _take(request, step, at=at)
    return at


def _take(request: Request, step: Step, *, at: datetime) -> None:
    """Take a step as whoever has it; the owner's intake where an agreement is not yet there."""
    given = request.says(at) | ({"quantity": _assessed(request)} if step == Step.ASSESS else {})
    for by in (request.taker(step), request.intake()):
        try:
            request.referral = steps.take(request.made, step, answers=given, by=by, at=at)
            return
        except acts.NotAllowed:
            continue
    raise LookupError(f"nobody can {step} for {request.want.slug}")


def _assessed(request: Request) -> int:
    standard = request.want.service.standard_quantity
    return request.home.dice.randint(max(1, standard // 4), max(1, standard // 2))


def _commission(request: Request, at: datetime) -> Acts:
    """Get the family's yes and the money, or come to an end for want of either."""
    if request.home.plan is None:
        return (yield from _as_it_stands(request, at))
    waiting = Approval.objects.waiting().filter(referral=request.made).first()
    if waiting is not None:
        return (yield from _approval(request, waiting, at))
    if not request.made.has_yes:
        at = yield from _yes(request, at)
    if request.made.is_open:
        at = request.answered(at)
        yield at
        _buy(request, at=at)
    return at


def _as_it_stands(request: Request, at: datetime) -> Acts:
    """Wait as families without a plan do: most hear that there is no place."""
    at = request.later(at, low=12, high=50)
    yield at
    fate = request.home.dice.randrange(100)
    if fate < 40:
        farewells.decline(request, at=at)
    elif fate < 60:
        farewells.withdraw(request, at=at)
    elif fate < 75:
        request.referral = endings.expire(referral=request.made, by=EXPIRY, at=at)
    return at


def _approval(request: Request, waiting: Approval, at: datetime) -> Acts:
    """Let the next level answer; what it refuses, the family stops asking for."""
    at = request.soon(at, most=6)
    yield at
    if request.chance(REFUSED_PERCENT):
        words = request.home.dice.choice(data()["refused_words"])
        by = crew.commissioners(request.stage, request.owner, 0)[-1]
        request.referral = approvals.refuse(approval=waiting, words=words, by=by, at=at)
        at = request.soon(at)
        yield at
        farewells.withdraw(request, at=at)
        return at
    for by in crew.commissioners(request.stage, request.owner, waiting.amount_pence):
        try:
            request.referral = approvals.approve(approval=waiting, by=by, at=at)
            return at
        except history.Refused:  # an interest, or no money left: the next one is asked
            continue
    farewells.withdraw(request, words=data()["unaffordable_words"], at=at)
    return at


def _yes(request: Request, at: datetime) -> Acts:
    at = request.soon(at, most=6)
    yield at
    if not request.chance(SILENT_PERCENT):
        request.referral = referrals.say_yes(referral=request.made, **request.yes(at))
        return at
    at = request.later(at, low=28, high=45)
    yield at
    request.referral = endings.expire(referral=request.made, by=EXPIRY, at=at)
    return at


def _buy(request: Request, *, at: datetime) -> None:
    """Commission as the first who may; without money the family stops asking."""
    amount = acts.amount_pence(request.made)
    buyers = crew.commissioners(request.stage, request.owner, amount)
    for by in [*buyers, request.intake()]:
        try:
            request.referral = commissions.commission(referral=request.made, by=by, at=at)
            return
        except history.Refused:
            continue
    farewells.withdraw(request, words=data()["unaffordable_words"], at=at)
