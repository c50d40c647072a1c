"""What a service costs from a day on, and what it costs on a day."""

from datetime import date

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from cms.models import Service
from pricing import money
from pricing.models import Confidence, Funding, Price, PriceUnit


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
    cost_pence: int | None = None,
) -> Price:
    """Set what one unit costs from a day on; the price that was open ends on that day.

    A price that says what the open one says changes nothing; one that starts on the same day
    corrects it. Raises PriceRefused.
    """
    figures = {
        "amount_pence": amount_pence,
        "cost_pence": cost_pence,
        "funding": Funding(funding),
        "confidence": Confidence(confidence),
        "price_year": price_year,
        "source": source,
    }
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        before = Price.objects.open().filter(service=service, unit=unit).first()
        _must_be_plausible(amount_pence=amount_pence, cost_pence=cost_pence)
        if before is not None:
            _must_follow(before, valid_from)
            if all(getattr(before, name) == value for name, value in figures.items()):
                return before
            if before.valid_from == valid_from:
                for name, value in figures.items():
                    setattr(before, name, value)
                before.save(update_fields=list(figures))
                return before
            before.valid_to = valid_from
            before.save(update_fields=["valid_to"])
        return Price.objects.create(
            service=service, unit=PriceUnit(unit), valid_from=valid_from, **figures
        )


def end(*, service: Service, unit: PriceUnit, on: date) -> None:
    """End the open price of a unit on a day, not included. Raises NoPrice, PriceRefused."""
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        before = Price.objects.open().filter(service=service, unit=unit).first()
        if before is None:
            raise NoPrice(service=service)
        if on <= before.valid_from:
            raise PriceRefused(_("A price ends after the day it starts. Choose a later day."))
        before.valid_to = on
        before.save(update_fields=["valid_to"])


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


def _must_be_plausible(*, amount_pence: int, cost_pence: int | None) -> None:
    if amount_pence < 0 or (cost_pence or 0) < 0:
        raise PriceRefused(_("A price cannot be less than nothing. Check the amount."))
    if max(amount_pence, cost_pence or 0) > money.LARGEST_PENCE:
        raise PriceRefused(
            _("A price above %(most)s is not accepted. Check the amount.")
            % {"most": money.show(money.LARGEST_PENCE)}
        )


def _must_follow(before: Price, valid_from: date) -> None:
    if valid_from < before.valid_from:
        raise PriceRefused(
            _("There is already a price from %(day)s. Choose that day or a later one.")
            % {"day": formats.date_format(before.valid_from, "j F Y")}
        )
