"""A quote copies its figures, and never changes with the price."""

from datetime import UTC, date, datetime

import pytest

from cms.models import Service
from pricing import prices, quotes
from pricing.models import Confidence, Funding, PriceUnit, Quote

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def priced(service: Service) -> Service:
    """Give a test the mentor at £25.00 a session."""
    prices.set_price(
        service=service,
        amount_pence=2_500,
        unit=PriceUnit.SESSION,
        funding=Funding.SPOT_PURCHASE,
        confidence=Confidence.PLACEHOLDER,
        price_year="2025/26",
        source="Nobody has published one",
        valid_from=date(2026, 4, 1),
        cost_pence=4_100,
    )
    return service


def test_a_quote_copies_every_figure(priced: Service) -> None:
    quote = quotes.quote(service=priced, quantity=6, at=AT)
    price = priced.prices.get()
    assert quote.total_pence == 15_000
    assert quote.service_name == priced.name
    assert quote.price_reference == price.reference
    copied = ("unit", "funding", "confidence", "price_year", "source")
    assert [getattr(quote, name) for name in copied] == [getattr(price, name) for name in copied]
    assert (quote.unit_amount_pence, quote.unit_cost_pence) == (2_500, 4_100)
    assert quote.is_payable
    assert quote.is_placeholder


def test_a_later_price_and_name_leave_a_quote_alone(priced: Service) -> None:
    quote = quotes.quote(service=priced, quantity=2, at=AT)
    prices.set_price(
        service=priced,
        amount_pence=9_900,
        unit=PriceUnit.SESSION,
        funding=Funding.ALREADY_FUNDED,
        confidence=Confidence.AGREED,
        price_year="2026/27",
        source="The owner",
        valid_from=date(2026, 6, 3),
    )
    Service.objects.filter(pk=priced.pk).update(name="Another name")
    kept = Quote.objects.get(pk=quote.pk)
    assert (kept.total_pence, kept.service_name) == (5_000, "A mentor for Fridays")
    assert kept.funding == Funding.SPOT_PURCHASE


def test_the_day_of_a_quote_is_londons(priced: Service) -> None:
    # 23:30 UTC on 31 March is half past midnight on 1 April in London.
    quotes.quote(service=priced, quantity=1, at=datetime(2026, 3, 31, 23, 30, tzinfo=UTC))
    with pytest.raises(prices.NoPrice):
        quotes.quote(service=priced, quantity=1, at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))


def test_none_of_something_is_not_quoted(priced: Service) -> None:
    with pytest.raises(prices.PriceRefused):
        quotes.quote(service=priced, quantity=0, at=AT)
    assert not Quote.objects.exists()
