"""What a service costs from a day on, what it will cost, and what it cost on a day.

A price that holds is never overwritten without a trace: what it said before is kept as a change,
and a quote that was made keeps its own figures whatever happens here.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cms import catalogue
from cms.models import Service
from pricing import money
from pricing.models import (
    Confidence,
    CostShare,
    Funding,
    Price,
    PriceChange,
    PriceChangeKind,
    PriceUnit,
)
from pricing.models.price import Figures, PriceQuerySet

NIGHTS_BACK = timedelta(days=7)
"""So that a week without its nightly work leaves no price of the search behind."""

SHOWN = tuple(field.name for field in Figures._meta.local_fields)


class PriceRefused(Exception):
    """A price that cannot be set; its sentence says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NoPrice(Exception):
    """Nobody has said what the service costs on that day."""

    def __init__(self, *, service: Service) -> None:
        self.sentence = _("Nobody has said yet what %(service)s costs.") % {"service": service.name}
        super().__init__(self.sentence)


@transaction.atomic
def set_price(
    *,
    service: Service,
    amount_pence: int,
    unit: PriceUnit,
    funding: Funding,
    confidence: Confidence,
    price_year: str,
    source: str,
    valid_from: date,
    by: str,
    at: datetime,
    cost_pence: int | None = None,
    contract_reference: str = "",
) -> Price:
    """Set what one unit costs from a day on, also days ahead, until the next price that is planned.

    The price of that day ends there and hands its shares on. A price that says what that one says
    changes nothing; one that begins on the same day corrects it, and what it said is kept. `by` is
    the actor's reference. Raises PriceRefused.
    """
    figures: dict[str, Any] = {
        "amount_pence": amount_pence,
        "cost_pence": cost_pence,
        "funding": Funding(funding),
        "confidence": Confidence(confidence),
        "price_year": price_year,
        "source": source,
        "contract_reference": contract_reference,
    }
    _lock(service)
    _must_be_plausible(amount_pence=amount_pence, cost_pence=cost_pence)
    today, there = timezone.localdate(at), Price.objects.filter(service=service, unit=unit)
    _must_follow(there, valid_from=valid_from, today=today)
    standing = there.on(valid_from).first()
    if standing is not None and _says(standing, figures):
        return standing
    told = figures | {"set_by": by, "set_at": at}
    if standing is not None and standing.valid_from == valid_from:
        price = _correct(standing, told, by=by, at=at)
    else:
        told |= {"service": service, "unit": PriceUnit(unit), "valid_from": valid_from}
        price = _insert(there, standing, told)
    if valid_from <= today:
        hand_down(service=service, on=today)
    return price


@transaction.atomic
def end(*, service: Service, unit: PriceUnit, on: date, by: str, at: datetime) -> None:
    """End the last price of a unit on a day, not included. Raises NoPrice, PriceRefused."""
    _lock(service)
    today = timezone.localdate(at)
    last = Price.objects.open().filter(service=service, unit=unit).first()
    if last is None:
        raise NoPrice(service=service)
    if last.is_planned(today):
        raise PriceRefused(_("Take the prices back first that are planned for later."))
    if on <= last.valid_from:
        raise PriceRefused(_("A price ends after the day it starts. Choose a later day."))
    if on < today:
        raise PriceRefused(_("A price ends today or later. Choose a later day."))
    _keep(last, PriceChangeKind.ENDED, by=by, at=at)
    last.valid_to, last.ended_by, last.ended_at = on, by, at
    last.save(update_fields=["valid_to", "ended_by", "ended_at"])
    if on <= today:
        hand_down(service=service, on=today)


@transaction.atomic
def remove(*, price: Price, by: str, at: datetime) -> None:
    """Take a planned price back before it begins: the one before it goes on. Raises PriceRefused.

    What was planned is kept as a change.
    """
    _lock(price.service)
    found = Price.objects.filter(pk=price.pk).first()
    if found is None:
        raise PriceRefused(_("This price was taken back already."))
    if not found.is_planned(timezone.localdate(at)):
        raise PriceRefused(_("This price holds already. Set another from a day on, or end it."))
    _keep(found, PriceChangeKind.REMOVED, by=by, at=at)
    before = Price.objects.filter(
        service=found.service_id,
        unit=found.unit,
        valid_to=found.valid_from,
        ended_at__isnull=True,  # what somebody ended stays ended
    ).first()
    ending = {"valid_to": found.valid_to, "ended_by": found.ended_by, "ended_at": found.ended_at}
    found.delete()
    if before is not None:
        Price.objects.filter(pk=before.pk).update(**ending)


@transaction.atomic
def share(*, price: Price, parts: Iterable[tuple[int, int]], by: str, at: datetime) -> None:
    """Agree who bears which part of a price: pairs of an organisation's key and its parts.

    None means that nobody shares it. Quotes that were made keep theirs. Raises PriceRefused.
    """
    _lock(price.service)
    agreed = dict(parts)
    if len(agreed) == 1 or min(agreed.values(), default=1) < 1:
        raise PriceRefused(_("Name two organisations at least, and a part of one at least each."))
    _keep(price, PriceChangeKind.SHARED, by=by, at=at)
    CostShare.objects.filter(price=price).delete()
    CostShare.objects.bulk_create(
        CostShare(price=price, organisation_id=organisation, parts=part)
        for organisation, part in agreed.items()
    )


def price_on(*, service: Service, day: date, unit: PriceUnit | None = None) -> Price:
    """Return the price that holds on a day. Raises NoPrice.

    Where no unit is asked for and several are priced, the first in the order of `PriceUnit`.
    """
    found = Price.objects.on(day).filter(service=service)
    if unit is not None:
        found = found.filter(unit=unit)
    order = {unit: place for place, unit in enumerate(PriceUnit.values)}
    prices = sorted(found, key=lambda price: order[price.unit])
    if not prices:
        raise NoPrice(service=service)
    return prices[0]


def hand_down(*, service: Service, on: date) -> None:
    """Let the catalogue's search show what a service costs on a day, or that it has no price."""
    try:
        price = price_on(service=service, day=on)
    except NoPrice:
        catalogue.list(service=service, price_from_pence=None, price_unit="")
    else:
        catalogue.list(service=service, price_from_pence=price.amount_pence, price_unit=price.unit)


def nightly(*, at: datetime) -> int:
    """Let the search show the planned prices that have begun and those that ended; how many."""
    day = timezone.localdate(at)
    lately = (day - NIGHTS_BACK, day)
    turned = Price.objects.filter(Q(valid_from__range=lately) | Q(valid_to__range=lately))
    services = Service.objects.filter(pk__in=turned.values("service")).order_by("pk")
    for service in services:
        hand_down(service=service, on=day)
    return len(services)


def sureness(price: Price) -> str:
    """Return how sure the figure is and of which year it is, as one plain text (report 4.7)."""
    words = {
        Confidence.PLACEHOLDER: _("Nobody has set the real price yet. This one stands in for it."),
        Confidence.ESTIMATED: _("This price is our best guess."),
        Confidence.COSTED: _("This price was worked out from what it costs to run."),
        Confidence.AGREED: _("This price is agreed."),
    }
    year = _("It is in the prices of %(year)s.") % {"year": price.price_year}
    return f"{words[Confidence(price.confidence)]} {year}"


def _lock(service: Service) -> None:
    Service.objects.select_for_update(no_key=True).get(pk=service.pk)


def _says(price: Price, figures: dict[str, Any]) -> bool:
    return all(getattr(price, name) == value for name, value in figures.items())


def _correct(price: Price, told: dict[str, Any], *, by: str, at: datetime) -> Price:
    _keep(price, PriceChangeKind.CORRECTED, by=by, at=at)
    for name, value in told.items():
        setattr(price, name, value)
    price.save(update_fields=list(told))
    return price


def _insert(there: PriceQuerySet, standing: Price | None, told: dict[str, Any]) -> Price:
    """Put a price between the one of its first day, which it takes the rest of, and the next."""
    if standing is None:
        later = there.planned(told["valid_from"]).order_by("valid_from").first()
        return Price.objects.create(**told, valid_to=later.valid_from if later else None)
    rest = {
        "valid_to": standing.valid_to,
        "ended_by": standing.ended_by,
        "ended_at": standing.ended_at,
    }
    standing.valid_to, standing.ended_by, standing.ended_at = told["valid_from"], "", None
    standing.save(update_fields=list(rest))
    price = Price.objects.create(**told, **rest)
    CostShare.objects.bulk_create(
        CostShare(price=price, organisation_id=share.organisation_id, parts=share.parts)
        for share in standing.shares.all()
    )
    return price


def _keep(price: Price, kind: PriceChangeKind, *, by: str, at: datetime) -> None:
    """Keep what a price says, before it is changed."""
    shares = price.shares.values_list("organisation__reference", "parts")
    PriceChange.objects.create(
        service=price.service,
        price_reference=price.reference,
        kind=kind,
        shares={str(reference): parts for reference, parts in shares},
        changed_by=by,
        changed_at=at,
        **{name: getattr(price, name) for name in SHOWN},
    )


def _must_be_plausible(*, amount_pence: int, cost_pence: int | None) -> None:
    if amount_pence < 0 or (cost_pence or 0) < 0:
        raise PriceRefused(_("A price cannot be less than nothing. Check the amount."))
    if max(amount_pence, cost_pence or 0) > money.LARGEST_PENCE:
        raise PriceRefused(
            _("A price above %(most)s is not accepted. Check the amount.")
            % {"most": money.show(money.LARGEST_PENCE)}
        )


def _must_follow(there: PriceQuerySet, *, valid_from: date, today: date) -> None:
    """Refuse to write between prices that held before the one of today."""
    begun = there.filter(valid_from__lte=today).order_by("-valid_from").first()
    if begun is not None and valid_from < begun.valid_from:
        raise PriceRefused(
            _("There is already a price from %(day)s. Choose that day or a later one.")
            % {"day": formats.date_format(begun.valid_from, "j F Y")}
        )
