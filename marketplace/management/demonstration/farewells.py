"""How a made-up request ends before its time: the service says no, or the family stops."""

from datetime import datetime

from marketplace.bookings import bookings
from marketplace.management.demonstration.homes import data
from marketplace.management.demonstration.requests import Request
from marketplace.referrals import endings, turned_away
from marketplace.referrals.models import EndReason


def decline(request: Request, *, at: datetime) -> None:
    """Say no for the service, in plain words, with what could help instead."""
    rules = turned_away.unmet(referral=request.made, at=at).failed
    reasons = [
        reason
        for reason in data()["decline_reasons"]
        if rules or reason["code"] != EndReason.NOT_ELIGIBLE
    ]
    reason = request.home.dice.choice(reasons)
    request.referral = endings.decline(
        referral=request.made,
        reason=EndReason(reason["code"]),
        words=reason["words"],
        alternatives=request.alternatives(),
        unmet=rules[0] if rules else "",
        by=request.intake(),
        at=at,
    )


def withdraw(request: Request, *, at: datetime, words: str = "") -> None:
    """Stop it for the family, booking, commission and all."""
    request.referral = bookings.withdraw(
        referral=request.made,
        words=words or request.home.dice.choice(data()["withdrawn_words"]),
        by=request.spokesperson(),
        at=at,
    )
