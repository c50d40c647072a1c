"""What somebody was told something would cost: figures copied, never looked up again."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from cms.models import Service
from pricing import prices
from pricing.models import PriceUnit, Quote

LONDON = ZoneInfo("Europe/London")
VALID = timedelta(days=14)


def quote(*, service: Service, quantity: int, at: datetime, unit: PriceUnit | None = None) -> Quote:
    """Freeze the price of that day for a quantity. Raises prices.NoPrice, prices.PriceRefused."""
    if quantity < 1:
        raise prices.PriceRefused(_("Ask for one at least."))
    price = prices.price_on(service=service, day=at.astimezone(LONDON).date(), unit=unit)
    return Quote.objects.create(
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
