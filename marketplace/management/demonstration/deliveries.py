"""Times agreed and support given: what the provider answers, and what became of each occasion."""

from datetime import datetime, timedelta

from django.utils import timezone

from budgets import plans
from marketplace.bookings import bookings, sessions
from marketplace.bookings.models import Booking, Session, SessionState
from marketplace.management.demonstration import farewells, sittings, times
from marketplace.management.demonstration.days import Acts, Life
from marketplace.management.demonstration.homes import data
from marketplace.management.demonstration.requests import Request
from marketplace.referrals.models import EndReason, Referral

NO_TIME_PERCENT = 7
OTHER_TIME_PERCENT = 10
FALLS_THROUGH_PERCENT = 3
STOPS_PERCENT = 2
MOST_TRIES = 4
WEIGHTS = {
    SessionState.DELIVERED: 88,
    SessionState.DID_NOT_COME: 6,
    SessionState.WAS_NOT_BROUGHT: 6,
    SessionState.DID_NOT_HAPPEN: 4,
}
REASONS = {
    EndReason.GOAL_MET: 45,
    EndReason.GOAL_PARTLY_MET: 35,
    EndReason.GOAL_NOT_MET: 20,
}


def live(request: Request, *, at: datetime) -> Life:
    """Agree on times, have the support, and say how it was."""
    for _try in range(MOST_TRIES):
        at = yield from _agree(request, at)
        if fresh(request).is_booked:
            break
    else:
        farewells.withdraw(request, words=data()["no_time_words"], at=at)
        return
    booking = Booking.objects.live().get(referral=request.made)
    for session in booking.sessions.planned().order_by("number"):
        at = max(at, session.ends_at + timedelta(minutes=request.home.dice.randint(5, 300)))
        yield at
        if request.chance(STOPS_PERCENT):
            farewells.withdraw(request, at=at)
            return
        state = _outcome(request, session)
        sessions.record(session=session, state=state, by=request.provider(), at=at)
    at = request.later(at, low=2, high=14)
    yield at
    _complete(request, at=at)


def fresh(request: Request) -> Referral:
    """Return the request's referral as it is now."""
    request.referral = Referral.objects.with_names().get(pk=request.made.pk)
    return request.referral


def _agree(request: Request, at: datetime) -> Acts:
    """Ask for times unless they were asked for, and let the provider answer."""
    waiting = Booking.objects.live().filter(referral=request.made).first()
    if waiting is None:
        at = request.soon(at)
        yield at
        by = request.spokesperson()
        if not sittings.ask_for_time(request, by=by, at=at):
            at = request.later(at, low=20, high=35)
            yield at
            return at
        waiting = Booking.objects.live().get(referral=request.made)
    if waiting.is_accepted:
        return at  # open to everyone: agreed at once
    first = waiting.sessions.order_by("number").values_list("starts_at", flat=True)[0]
    at = min(request.answered(at), first - timedelta(hours=20))
    yield at
    return (yield from _provider_answers(request, waiting, at))


def _provider_answers(request: Request, booking: Booking, at: datetime) -> Acts:
    by = request.provider()
    if request.chance(NO_TIME_PERCENT):
        words = request.home.dice.choice(data()["full_words"])
        bookings.decline(booking=booking, reason=EndReason.NO_PLACE, words=words, by=by, at=at)
        return at
    if request.chance(OTHER_TIME_PERCENT) and _offer(request, booking, at=at):
        at = request.soon(at)
        yield at
        bookings.take_offer(booking=booking, by=request.spokesperson(), at=at)
        return at
    bookings.accept(booking=booking, by=by, at=at)
    if request.chance(FALLS_THROUGH_PERCENT):
        at = request.soon(at, most=2)
        yield at
        bookings.cancel(booking=booking, by=by, at=at, reason=EndReason.NO_PLACE)
    return at


def _offer(request: Request, booking: Booking, *, at: datetime) -> bool:
    """Offer another weekly time, if there is one."""
    count = booking.sessions.count()
    first = timezone.localdate(at) + timedelta(days=sittings.DAYS_BEFORE_FIRST_TIME)
    for pattern in times.bookable(request.stage, request.want.slug):
        slot = times.free(request.stage, request.want.slug, pattern, first=first, count=count)
        if slot is not None and times.has_room(slot, count=count):
            bookings.offer(booking=booking, first=slot, by=request.provider(), at=at)
            return True
    return False


def _outcome(request: Request, session: Session) -> SessionState:
    """Return what became of an occasion, of what can become of this person's."""
    possible = sessions.outcomes(person=request.want.person, at=session.starts_at)
    weights = [WEIGHTS[state] for state in possible]
    return request.home.dice.choices(possible, weights)[0]


def _complete(request: Request, *, at: datetime) -> None:
    """Finish in the family's words, and say how near the goal is now."""
    dice, by = request.home.dice, request.spokesperson()
    (reason,) = dice.choices(list(REASONS), list(REASONS.values()))
    words = dice.choice(data()["end_words"])
    request.referral = bookings.complete(
        referral=request.made, reason=reason, words=words, by=by, at=at
    )
    goal = request.made.goal
    if goal is not None and reason != EndReason.GOAL_NOT_MET:
        better = min((goal.score_now or 1) + dice.randint(1, 2), 10)
        plans.score(goal=goal, score=better, by=by, at=at)
