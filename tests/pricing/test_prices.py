"""Prices follow one another without gap or overlap, and say where they come from."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cms.models import Organisation, OrganisationKind, Service, ServiceKind
from pricing import money, prices
from pricing.models import Confidence, Funding, Price, PriceUnit
from tests.budgets.test_races import race

APRIL = date(2026, 4, 1)
MAY = date(2026, 5, 1)
JUNE = date(2026, 6, 1)
NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)

FIGURES: dict[str, Any] = {
    "amount_pence": 2_500,
    "unit": PriceUnit.SESSION,
    "funding": Funding.SPOT_PURCHASE,
    "confidence": Confidence.PLACEHOLDER,
    "price_year": "2025/26",
    "source": "Nobody has published one",
    "valid_from": APRIL,
}


def set_price(service: Service, **figures: Any) -> Price:
    """Set a price of £25.00 a session from 1 April, or what is said instead, by Colin."""
    return prices.set_price(service=service, **{**FIGURES, "by": "colin", "at": NOW, **figures})


def end(service: Service, *, on: date, at: datetime = NOW) -> None:
    """End the price of a session."""
    prices.end(service=service, unit=PriceUnit.SESSION, on=on, by="colin", at=at)


def rows() -> list[tuple[Any, ...]]:
    """Return every price there is."""
    return list(Price.objects.order_by("id").values_list())


def test_a_new_price_ends_the_one_before_on_its_day(service: Service) -> None:
    first = set_price(service)
    second = set_price(service, amount_pence=3_000, valid_from=JUNE)
    first.refresh_from_db()
    assert (first.valid_to, second.valid_to) == (JUNE, None)
    last_day = JUNE - timedelta(days=1)
    assert prices.price_on(service=service, day=last_day).amount_pence == 2_500
    assert prices.price_on(service=service, day=JUNE).amount_pence == 3_000
    assert second.is_open
    assert not first.is_open


def test_setting_the_same_price_again_changes_nothing(service: Service) -> None:
    first = set_price(service)
    before = rows()
    assert set_price(service) == first
    assert set_price(service, valid_from=JUNE) == first
    assert rows() == before


def test_a_slip_is_corrected_on_its_own_day(service: Service) -> None:
    first = set_price(service)
    corrected = set_price(service, amount_pence=2_600, cost_pence=4_000)
    assert corrected == first
    first.refresh_from_db()
    assert (first.amount_pence, first.cost_pence, first.valid_to) == (2_600, 4_000, None)


def test_another_unit_has_its_own_price(service: Service) -> None:
    set_price(service)
    hour = set_price(service, unit=PriceUnit.HOUR, amount_pence=1_800)
    assert prices.price_on(service=service, day=APRIL, unit=PriceUnit.HOUR) == hour
    assert prices.price_on(service=service, day=APRIL).unit == PriceUnit.SESSION


@pytest.mark.parametrize(
    "figures",
    [
        {"amount_pence": -1},
        {"cost_pence": -1},
        {"amount_pence": money.LARGEST_PENCE + 1},
        {"amount_pence": 1, "valid_from": APRIL - timedelta(days=1)},
    ],
)
def test_a_price_that_cannot_be_is_refused_and_changes_nothing(
    service: Service, figures: dict[str, Any]
) -> None:
    set_price(service)
    before = rows()
    with pytest.raises(prices.PriceRefused) as refusal:
        set_price(service, **figures)
    assert refusal.value.sentence
    assert rows() == before


def test_a_service_that_nobody_priced_says_so(service: Service) -> None:
    with pytest.raises(prices.NoPrice, match="A mentor for Fridays"):
        prices.price_on(service=service, day=APRIL)
    set_price(service)
    with pytest.raises(prices.NoPrice):
        prices.price_on(service=service, day=APRIL - timedelta(days=1))
    with pytest.raises(prices.NoPrice):
        prices.price_on(service=service, day=APRIL, unit=PriceUnit.WEEK)


def test_a_price_that_ended_no_longer_holds(service: Service) -> None:
    set_price(service)
    with pytest.raises(prices.PriceRefused):
        end(service, on=APRIL)
    end(service, on=MAY)
    with pytest.raises(prices.NoPrice):
        prices.price_on(service=service, day=MAY)
    with pytest.raises(prices.NoPrice):
        end(service, on=JUNE)


def test_the_database_refuses_two_open_prices(service: Service) -> None:
    set_price(service)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Price.objects.create(service=service, **{**FIGURES, "valid_from": JUNE})


def test_the_database_refuses_two_prices_on_one_day(service: Service) -> None:
    set_price(service, valid_from=MAY)
    Price.objects.create(service=service, **FIGURES, valid_to=MAY)
    earlier = {**FIGURES, "valid_from": APRIL - timedelta(days=9)}
    with pytest.raises(DatabaseError, match="no_overlap"), transaction.atomic():
        Price.objects.create(service=service, **earlier, valid_to=APRIL + timedelta(days=1))
    with pytest.raises(DatabaseError, match="no_overlap"), transaction.atomic():
        Price.objects.filter(valid_to=MAY).update(valid_to=JUNE)
    other = {**FIGURES, "unit": PriceUnit.HOUR}
    Price.objects.create(service=service, **other)


@pytest.mark.parametrize(
    "wrong",
    [{"amount_pence": -1}, {"valid_to": APRIL}, {"unit": "fortnight"}, {"confidence": "sure"}],
)
def test_the_database_refuses_what_is_no_price(service: Service, wrong: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Price.objects.create(service=service, **{**FIGURES, **wrong})


@pytest.mark.django_db(transaction=True)
def test_of_eight_prices_set_at_once_each_ends_the_one_before(service: Service) -> None:
    ends = race(lambda number: set_price(service, amount_pence=number, valid_from=APRIL))
    assert all(isinstance(end, Price) for end in ends), ends
    assert Price.objects.count() == 1
    ends = race(
        lambda number: set_price(
            # None says what the open one says, which would change nothing.
            service,
            amount_pence=100 + number,
            valid_from=JUNE + timedelta(days=number),
        )
    )
    assert all(isinstance(end, Price) for end in ends), ends
    assert Price.objects.count() == 1 + len(ends)
    assert Price.objects.open().count() == 1


class EveryDayHasOnePriceAtMost(TestCase):
    """Whatever prices are set in whatever order, no day has two."""

    def setUp(self) -> None:
        """Make the service."""
        owner = Organisation.objects.create(name="Mentors", kind=OrganisationKind.MENTORS_GROUP)
        self.service = Service.objects.create(
            name="Mentor", slug="any", kind=ServiceKind.MENTOR, owner=owner, provider=owner
        )

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), max_size=8))
    def test_no_day_has_two(self, steps: list[tuple[int, int]]) -> None:
        """Set prices, some refused, and count each day's."""
        for days, amount_pence in steps:
            try:
                set_price(
                    self.service,
                    amount_pence=amount_pence,
                    valid_from=APRIL + timedelta(days=days),
                )
            except prices.PriceRefused:
                continue
        rows = list(Price.objects.order_by("valid_from"))
        for earlier, later in itertools.pairwise(rows):
            assert earlier.valid_to == later.valid_from
        assert not rows or rows[-1].is_open


@pytest.mark.parametrize("confidence", Confidence.values)
def test_it_is_said_in_words_how_sure_a_price_is_and_of_which_year(confidence: str) -> None:
    price = Price(confidence=confidence, price_year="2012/13")
    said = prices.sureness(price)
    assert "2012/13" in said
    assert ("Nobody has set the real price yet" in said) is (confidence == "placeholder")
    assert len({prices.sureness(Price(confidence=one)) for one in Confidence.values}) == 4
