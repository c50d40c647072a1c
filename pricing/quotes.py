"""What somebody was told something would cost: figures copied, never looked up again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.models import Service
from pricing import money, prices
from pricing.models import Price, PriceUnit, Quote, QuoteShare

VALID = timedelta(days=14)
"""How long a quote holds."""


@transaction.atomic
def quote(*, service: Service, quantity: int, at: datetime, unit: PriceUnit | None = None) -> Quote:
    """Freeze the price of that day for a quantity, with what each organisation bears of it.

    Raises prices.NoPrice, prices.PriceRefused.
    """
    if quantity < 1:
        raise prices.PriceRefused(_("Ask for one at least."))
    price = prices.price_on(service=service, day=timezone.localdate(at), unit=unit)
    made = Quote.objects.create(
        service=service,
        service_name=service.name,
        unit=price.unit,
        quantity=quantity,
        unit_amount_pence=price.amount_pence,
        total_pence=price.amount_pence * quantity,
        unit_cost_pence=price.cost_pence,
        funding=price.funding,
        confidence=price.confidence,
        price_year=price.price_year,
        source=price.source,
        contract_reference=price.contract_reference,
        price_reference=price.reference,
        quoted_at=at,
        expires_at=at + VALID,
    )
    _share_out(made, price)
    return made


def still_holds(*, quote: Quote, at: datetime) -> bool:
    """Tell whether a quote holds, or has run out but would be made again with the same figures."""
    if not quote.has_expired(at):
        return True
    try:
        price = prices.price_on(
            service=quote.service, day=timezone.localdate(at), unit=PriceUnit(quote.unit)
        )
    except prices.NoPrice:
        return False
    return bool(price.amount_pence == quote.unit_amount_pence)


def _share_out(made: Quote, price: Price) -> None:
    """Copy who bears which part, to the penny: the largest remainders get what cannot be split."""
    shares = list(price.shares.all())
    if not shares:
        return
    amounts = money.split(made.total_pence, [share.parts for share in shares])
    QuoteShare.objects.bulk_create(
        QuoteShare(
            quote=made,
            organisation_id=share.organisation_id,
            parts=share.parts,
            amount_pence=amount,
        )
        for share, amount in zip(shares, amounts, strict=True)
    )
