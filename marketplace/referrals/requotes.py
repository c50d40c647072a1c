"""A quote holds fourteen days: after that it is made again, and a new figure needs a new yes.

What costs the same is quoted again without anybody's doing. What costs something else is not
bought on the old yes: the family is asked again, and whoever was asked to approve no longer is.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from budgets import history
from cms.models import Step
from marketplace.referrals import acts, ladder, offers, owing, promises, yeses
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung
from pricing import prices, quotes
from pricing.models import Price, PriceUnit, Quote

CLOCK = history.Actor(kind=history.ActorKind.CLOCK, reference="quotes")
BEFORE_BUYING = (Rung.SIGNPOSTED, Rung.SOFT_REFERRED, Rung.APPLIED, Rung.HARD_REFERRED)
AT_ONCE = 200


def due(at: datetime) -> QuerySet[Referral]:
    """Return what was not bought yet and whose quote has run out, or which can be quoted by now."""
    priced = Price.objects.on(timezone.localdate(at)).filter(service=OuterRef("service"))
    return (
        Referral.objects.filter(
            Q(quote__expires_at__lte=at)
            | (Q(quote__isnull=True, quantity__isnull=False) & Exists(priced)),
            rung__in=BEFORE_BUYING,
        )
        .exclude(steps__step=Step.COMMISSION)
        .order_by("quote__expires_at", "pk")
    )


@transaction.atomic
def renew(*, referral: Referral, at: datetime) -> Referral:
    """Quote again what has run out; where it costs something else, ask the family again.

    A service that has no price any more has no quote, until it has a price again. A quote that
    still holds stays as it is.
    """
    referral = ladder.locked(referral)
    if not due(at).filter(pk=referral.pk).exists():
        return referral
    before = acts.amount_pence(referral)
    if referral.quote is None:
        offers.freeze(referral=referral, quantity=referral.quantity, at=at)
    freshen(referral=referral, at=at)
    if acts.amount_pence(referral) != before:
        _ask_again(referral=referral, at=at)
    return referral


def freshen(*, referral: Referral, at: datetime) -> None:
    """Put a quote of today in the place of a locked referral's that has run out."""
    old = referral.quote
    if old is None or not old.has_expired(at):
        return
    referral.quote = _again(old, at=at)
    referral.save(update_fields=["quote"])


def sweep(*, at: datetime) -> int:
    """Quote again whatever has to be, and return how many those were."""
    found = list(due(at)[:AT_ONCE])
    for referral in found:
        renew(referral=referral, at=at)
    return len(found)


def _again(old: Quote, *, at: datetime) -> Quote | None:
    try:
        return quotes.quote(
            service=old.service, quantity=old.quantity, unit=PriceUnit(old.unit), at=at
        )
    except prices.NoPrice:
        return None


def _ask_again(*, referral: Referral, at: datetime) -> None:
    """Take the yes off that was said to another figure, and say whose turn it is now."""
    had_yes = referral.has_yes
    yeses.clear(referral)
    ladder.close_approval(referral=referral, at=at)
    ladder.write(
        referral=referral,
        verb="requote",
        before=referral.rung,
        by=CLOCK,
        at=at,
        reason="price_changed",
    )
    if referral.handed_over_rung and had_yes:
        promises.let_go(referral=referral, at=at)
        ladder.expect(referral=referral, at=at)
        asked = Promise.objects.open().filter(referral=referral, kind=PromiseKind.SAY_YES).first()
        if asked is not None:
            owing.tell(asked, kind="price_changed", at=at)
    ladder.publish(referral)
