"""Prices planned ahead, changed and taken back; and what a price said before is kept."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from cms import catalogue
from cms.models import Listing, Organisation, OrganisationKind, Service
from pricing import prices, quotes
from pricing.models import Price, PriceChange, PriceUnit
from tests.pricing.test_prices import APRIL, JUNE, MAY, NOW, end, set_price

JULY = date(2026, 7, 1)
IN_MAY = datetime(2026, 5, 10, 9, tzinfo=UTC)


def periods(service: Service) -> list[tuple[int, date, date | None]]:
    """Return what a session costs, from when and until when."""
    rows = Price.objects.filter(service=service).order_by("valid_from")
    return [(price.amount_pence, price.valid_from, price.valid_to) for price in rows]


def test_several_prices_are_planned_ahead_in_any_order(service: Service) -> None:
    set_price(service)
    set_price(service, amount_pence=3_000, valid_from=JULY)
    set_price(service, amount_pence=2_800, valid_from=JUNE)
    assert periods(service) == [
        (2_500, APRIL, JUNE),
        (2_800, JUNE, JULY),
        (3_000, JULY, None),
    ]
    planned = Price.objects.planned(APRIL).filter(service=service)
    assert [price.amount_pence for price in planned] == [2_800, 3_000]


def test_between_prices_that_held_nothing_is_written_any_more(service: Service) -> None:
    set_price(service)
    set_price(service, amount_pence=2_800, valid_from=MAY)
    with pytest.raises(prices.PriceRefused, match="1 May 2026"):
        set_price(service, amount_pence=1, valid_from=date(2026, 4, 15), at=IN_MAY)
    assert periods(service) == [(2_500, APRIL, MAY), (2_800, MAY, None)]


def test_a_planned_price_is_changed_and_what_it_said_is_kept(service: Service) -> None:
    set_price(service)
    planned = set_price(service, amount_pence=3_000, valid_from=JUNE)
    set_price(service, amount_pence=2_900, valid_from=JUNE, by="femi", at=IN_MAY)
    assert periods(service) == [(2_500, APRIL, JUNE), (2_900, JUNE, None)]
    change = PriceChange.objects.get(price_reference=planned.reference)
    assert (change.kind, change.amount_pence, change.set_by) == ("corrected", 3_000, "colin")
    assert (change.changed_by, change.changed_at) == ("femi", IN_MAY)


def test_a_planned_price_is_taken_back_and_the_one_before_goes_on(service: Service) -> None:
    set_price(service)
    june = set_price(service, amount_pence=2_800, valid_from=JUNE)
    set_price(service, amount_pence=3_000, valid_from=JULY)
    prices.remove(price=june, by="colin", at=NOW)
    assert periods(service) == [(2_500, APRIL, JULY), (3_000, JULY, None)]
    assert PriceChange.objects.get().kind == "removed"
    with pytest.raises(prices.PriceRefused):
        prices.remove(price=june, by="colin", at=NOW)


def test_what_holds_is_not_taken_back(service: Service) -> None:
    price = set_price(service)
    with pytest.raises(prices.PriceRefused):
        prices.remove(price=price, by="colin", at=NOW)
    assert periods(service) == [(2_500, APRIL, None)]
    assert not PriceChange.objects.exists()


def test_what_somebody_ended_stays_ended(service: Service) -> None:
    set_price(service)
    end(service, on=MAY)
    june = set_price(service, amount_pence=3_000, valid_from=JUNE)
    may = set_price(service, amount_pence=2_600, valid_from=MAY)
    assert periods(service)[1:] == [(2_600, MAY, JUNE), (3_000, JUNE, None)]
    prices.remove(price=may, by="colin", at=NOW)
    assert periods(service) == [(2_500, APRIL, MAY), (3_000, JUNE, None)]
    with pytest.raises(prices.PriceRefused):
        end(service, on=JULY)  # while another is planned
    prices.remove(price=june, by="colin", at=NOW)
    with pytest.raises(prices.NoPrice):
        end(service, on=JULY)


def test_a_price_put_into_one_that_ends_ends_with_it(service: Service) -> None:
    set_price(service)
    end(service, on=JULY)
    june = set_price(service, amount_pence=2_700, valid_from=JUNE)
    assert (june.valid_to, june.ended_by) == (JULY, "colin")
    assert Price.objects.get(valid_from=APRIL).ended_at is None


def test_an_end_in_the_past_is_refused(service: Service) -> None:
    set_price(service)
    with pytest.raises(prices.PriceRefused):
        end(service, on=date(2026, 5, 9), at=IN_MAY)
    assert periods(service) == [(2_500, APRIL, None)]


def test_a_correction_on_the_same_day_keeps_every_figure_that_was_said(service: Service) -> None:
    set_price(service, contract_reference="C-1")
    set_price(service, amount_pence=2_600, contract_reference="C-1")
    set_price(service, amount_pence=2_600, contract_reference="C-2", by="femi", at=IN_MAY)
    price = Price.objects.get()
    assert (price.amount_pence, price.contract_reference, price.set_by) == (2_600, "C-2", "femi")
    said = PriceChange.objects.order_by("pk")
    assert [(one.amount_pence, one.contract_reference) for one in said] == [
        (2_500, "C-1"),
        (2_600, "C-1"),
    ]
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        said.update(amount_pence=0)


def test_a_new_price_keeps_the_shares_of_the_one_before(service: Service) -> None:
    price = set_price(service)
    school = Organisation.objects.create(name="A school", kind=OrganisationKind.SCHOOL)
    parts = {service.owner_id: 70, school.pk: 30}
    prices.share(price=price, parts=parts.items(), by="colin", at=NOW)
    later = set_price(service, amount_pence=3_000, valid_from=JUNE)
    assert dict(later.shares.values_list("organisation", "parts")) == parts
    prices.share(price=later, parts=(), by="colin", at=NOW)
    kept = PriceChange.objects.get(price_reference=later.reference)
    assert kept.shares == {str(service.owner.reference): 70, str(school.reference): 30}
    assert price.shares.count() == 2


def end_before(service: Service, planned: Price) -> None:
    """Take the planned price back, and end the one before."""
    prices.remove(price=planned, by="colin", at=NOW)
    end(service, on=MAY)


@pytest.mark.parametrize("what", ["change", "plan", "remove", "end"])
def test_whatever_is_done_to_a_price_a_quote_made_before_stays(service: Service, what: str) -> None:
    set_price(service)
    planned = set_price(service, amount_pence=9_000, valid_from=JULY)
    quote = quotes.quote(service=service, quantity=3, at=NOW)
    before = vars(quote) | {"_state": None}
    acts: dict[str, Any] = {
        "change": lambda: set_price(service, amount_pence=1),
        "plan": lambda: set_price(service, amount_pence=2, valid_from=MAY),
        "remove": lambda: prices.remove(price=planned, by="colin", at=NOW),
        "end": lambda: end_before(service, planned),
    }
    acts[what]()
    quote = type(quote).objects.get(pk=quote.pk)
    after = vars(quote) | {"_state": None}
    assert {name: after[name] for name in after if name in before} == {
        name: before[name] for name in after if name in before
    }


def test_the_search_shows_what_holds_today_and_no_price_that_is_planned(service: Service) -> None:
    catalogue.list(service=service)
    set_price(service)
    set_price(service, amount_pence=3_000, valid_from=date(2026, 5, 10))
    row = Listing.objects.get(service=service)
    assert (row.price_from_pence, row.price_unit) == (2_500, PriceUnit.SESSION)
    assert prices.nightly(at=IN_MAY) == 1
    row.refresh_from_db()
    assert row.price_from_pence == 3_000
    end(service, on=date(2026, 5, 10 + 1), at=IN_MAY)
    prices.nightly(at=datetime(2026, 5, 11, 1, tzinfo=UTC))
    row = Listing.objects.get(service=service)
    assert (row.price_from_pence, row.price_unit) == (None, "")
