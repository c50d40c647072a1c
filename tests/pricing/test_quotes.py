"""A quote copies its figures, and never changes with the price."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cms.models import Organisation, OrganisationKind, Service, ServiceKind
from pricing import constraints, prices, quotes
from pricing.models import Confidence, Funding, PriceUnit, Quote, QuoteShare

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
        contract_reference="SPOT-7",
        by="colin",
        at=AT,
    )
    return service


def test_a_quote_copies_every_figure(priced: Service) -> None:
    quote = quotes.quote(service=priced, quantity=6, at=AT)
    price = priced.prices.get()
    assert quote.total_pence == 15_000
    assert quote.service_name == priced.name
    assert quote.price_reference == price.reference
    copied = ("unit", "funding", "confidence", "price_year", "source", "contract_reference")
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
        by="colin",
        at=AT,
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


def test_a_quote_holds_fourteen_days_and_not_a_moment_longer(priced: Service) -> None:
    quote = quotes.quote(service=priced, quantity=1, at=AT)
    last = AT + timedelta(days=14)
    assert quote.expires_at == last
    assert not quote.has_expired(last - timedelta(microseconds=1))
    assert quote.has_expired(last)


def change(service: Service, amount_pence: int, on: date) -> None:
    """Set another price of a session."""
    prices.set_price(
        service=service,
        amount_pence=amount_pence,
        unit=PriceUnit.SESSION,
        funding=Funding.SPOT_PURCHASE,
        confidence=Confidence.AGREED,
        price_year="2026/27",
        source="The owner",
        valid_from=on,
        by="colin",
        at=AT,
    )


def test_what_has_run_out_still_holds_where_it_would_cost_the_same(priced: Service) -> None:
    quote = quotes.quote(service=priced, quantity=1, at=AT)
    late = quote.expires_at
    assert quotes.still_holds(quote=quote, at=late)
    change(priced, 2_600, late.date())
    assert quotes.still_holds(quote=quote, at=late - timedelta(seconds=1))
    assert not quotes.still_holds(quote=quote, at=late)
    prices.remove(price=priced.prices.get(amount_pence=2_600), by="colin", at=AT)
    prices.end(service=priced, unit=PriceUnit.SESSION, on=late.date(), by="colin", at=AT)
    assert not quotes.still_holds(quote=quote, at=late)


def test_the_database_keeps_a_quote_as_it_was_made(priced: Service) -> None:
    quote = quotes.quote(service=priced, quantity=1, at=AT)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Quote.objects.filter(pk=quote.pk).update(total_pence=0, unit_amount_pence=0)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        quote.save()


@pytest.mark.django_db(transaction=True)
def test_without_its_trigger_a_quote_would_be_changed(priced: Service) -> None:
    quote = quotes.quote(service=priced, quantity=1, at=AT)
    constraints.lift()
    try:
        assert Quote.objects.filter(pk=quote.pk).update(source="Another source") == 1
    finally:
        constraints.install()


def shared(service: Service, *parts: int) -> None:
    """Let as many organisations share the price, each with its parts."""
    organisations = [
        Organisation.objects.create(name=f"Sharer {number}", kind=OrganisationKind.SCHOOL)
        for number, _part in enumerate(parts)
    ]
    pairs = zip([one.pk for one in organisations], parts, strict=True)
    prices.share(price=service.prices.get(), parts=pairs, by="colin", at=AT)


def test_shares_are_copied_and_add_up_to_the_penny(priced: Service) -> None:
    shared(priced, 1, 1, 1)
    quote = quotes.quote(service=priced, quantity=1, at=AT)
    assert sorted(share.amount_pence for share in quote.shares.all()) == [833, 833, 834]
    prices.share(price=priced.prices.get(), parts=(), by="colin", at=AT)
    assert quote.shares.count() == 3
    assert not quotes.quote(service=priced, quantity=1, at=AT).shares.exists()


def test_shares_are_never_more_than_the_whole(priced: Service) -> None:
    shared(priced, 60, 40)
    quote = quotes.quote(service=priced, quantity=1, at=AT)
    other = Organisation.objects.create(name="A third", kind=OrganisationKind.SCHOOL)
    with pytest.raises(DatabaseError, match="within_the_whole"), transaction.atomic():
        QuoteShare.objects.create(quote=quote, organisation=other, parts=1, amount_pence=1)


@pytest.mark.parametrize("parts", [(100,), (60, 0)])
def test_shares_that_are_none_are_refused(priced: Service, parts: tuple[int, ...]) -> None:
    with pytest.raises(prices.PriceRefused):
        shared(priced, *parts)


class SharesAddUp(TestCase):
    """Whatever it costs and however it is shared, the shares are the whole."""

    def setUp(self) -> None:
        """Make the service."""
        owner = Organisation.objects.create(name="Mentors", kind=OrganisationKind.MENTORS_GROUP)
        self.service = Service.objects.create(
            name="Mentor", slug="any", kind=ServiceKind.MENTOR, owner=owner, provider=owner
        )

    @settings(max_examples=20, deadline=None)
    @given(
        st.integers(0, 100_000),
        st.integers(1, 50),
        st.lists(st.integers(1, 500), min_size=2, max_size=5),
    )
    def test_shares_are_the_whole(self, pence: int, quantity: int, parts: list[int]) -> None:
        """Price it, share it, quote it."""
        change(self.service, pence, AT.date())
        shared(self.service, *parts)
        quote = quotes.quote(service=self.service, quantity=quantity, at=AT)
        borne = [share.amount_pence for share in quote.shares.all()]
        assert sum(borne) == quote.total_pence
        whole = sum(parts)
        for share in quote.shares.all():
            assert abs(share.amount_pence * whole - quote.total_pence * share.parts) < whole
