"""The pages of prices: the commissioner's and the provider's, each by a browser's own clicks."""

import html
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from marketplace.notices.models import Notice
from marketplace.people.models import User
from marketplace.referrals import approvals, price_proposals
from pricing import prices, published, quotes
from pricing.models import (
    Confidence,
    Funding,
    Price,
    PriceChange,
    PriceProposal,
    PriceUnit,
    UnitCost,
)
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once

FIGURES = {
    "amount": "27.50",
    "unit": "session",
    "cost": "31",
    "funding": "spot_purchase",
    "contract_reference": "WWM-1",
    "confidence": "agreed",
    "price_year": "2026/27",
    "source": "The next contract",
}


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def words(answer: Any) -> str:
    """Return an answer's text without its tags."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return html.unescape(text)


def send(client: Client, address: str, *args: object, **fields: str) -> Any:
    """Send a form with a key of its own."""
    return client.post(reverse(address, args=args), {"form_key": str(uuid.uuid4()), **fields})


def plan(cast: Cast, amount: str = "27.50", days: int = 30) -> Price:
    """Plan a price on the page, as Colin."""
    on = (cast.day + timedelta(days=days)).isoformat()
    given = {**FIGURES, "amount": amount, "valid_from": on}
    answer = send(browser(cast.colin), "commissioner_price_set", cast.mentor.slug, **given)
    assert answer.status_code == 302, words(answer)
    return Price.objects.get(service=cast.mentor, valid_from=on)


def shown(cast: Cast) -> str:
    """Return what Colin reads on the page of the mentor's prices."""
    return words(browser(cast.colin).get(reverse("commissioner_price", args=[cast.mentor.slug])))


def test_a_planned_price_stands_on_the_page_with_who_set_it_and_the_contract(
    cast_today: Cast,
) -> None:
    plan(cast_today)
    page = shown(cast_today)
    for part in ("£27.50", "planned", "holds now", "WWM-1", cast_today.colin.name, "-£3.50"):
        assert part in page
    listed = words(browser(cast_today.colin).get(reverse("commissioner_prices")))
    assert "£27.50 from" in listed


def test_a_planned_price_is_changed_and_taken_back_and_both_are_kept(cast_today: Cast) -> None:
    cast = cast_today
    planned = plan(cast)
    slug, colin = cast.mentor.slug, browser(cast.colin)
    given = {**FIGURES, "amount": "29"}
    send(colin, "commissioner_price_correct", slug, planned.reference, **given)
    assert Price.objects.get(pk=planned.pk).amount_pence == 2_900
    send(colin, "commissioner_price_remove", slug, planned.reference)
    assert Price.objects.get(service=cast.mentor).is_open
    assert PriceChange.objects.count() == 2
    page = shown(cast)
    assert "taken back before it began" in page
    assert "corrected" in page


def test_what_holds_cannot_be_taken_back_and_its_end_is_a_form(cast_today: Cast) -> None:
    cast = cast_today
    price = Price.objects.get(service=cast.mentor)
    colin, slug = browser(cast.colin), cast.mentor.slug
    answer = send(colin, "commissioner_price_remove", slug, price.reference)
    assert "holds already" in words(colin.get(answer["Location"]))
    answer = send(colin, "commissioner_price_end", slug, price.reference, on="2001-01-01")
    assert answer.status_code == 422
    later = cast.day + timedelta(days=9)
    send(colin, "commissioner_price_end", slug, price.reference, on=later.isoformat())
    price.refresh_from_db()
    assert (price.valid_to, price.ended_by) == (later, str(cast.colin.reference))
    again = send(colin, "commissioner_price_end", slug, price.reference, on=later.isoformat())
    assert again.status_code == 422  # nothing is open any more


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"price_year": "2026/28"}, "Write two years that follow"),
        ({"price_year": "soon"}, "Write the year like"),
        ({"amount": "lots"}, "Write an amount like"),
        ({"valid_from": "2001-01-01"}, "There is already a price from"),
    ],
)
def test_a_wrong_price_says_what_to_do_and_keeps_what_was_typed(
    cast_today: Cast, wrong: dict[str, str], said: str
) -> None:
    given = {**FIGURES, "valid_from": cast_today.day.isoformat(), **wrong}
    slug = cast_today.mentor.slug
    answer = send(browser(cast_today.colin), "commissioner_price_set", slug, **given)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="The next contract"' in answer.content.decode()
    assert Price.objects.filter(service=cast_today.mentor).count() == 1


def test_shares_are_agreed_on_the_page_and_stand_in_the_next_quote(cast_today: Cast) -> None:
    cast = cast_today
    price = Price.objects.get(service=cast.mentor)
    colin, slug = browser(cast.colin), cast.mentor.slug
    one = {"organisation_1": str(cast.county.reference), "parts_1": "1"}
    alone = send(colin, "commissioner_price_shares", slug, price.reference, **one)
    assert "Name two organisations at least" in words(alone)
    two = {**one, "organisation_2": str(cast.nhs.reference), "parts_2": "2"}
    send(colin, "commissioner_price_shares", slug, price.reference, **two)
    assert "£8.33" in shown(cast)
    assert "£16.67" in shown(cast)
    quote = quotes.quote(service=cast.mentor, quantity=1, at=timezone.now())
    assert sorted(share.amount_pence for share in quote.shares.all()) == [833, 1_667]
    twice = {**two, "organisation_2": one["organisation_1"]}
    answer = send(colin, "commissioner_price_shares", slug, price.reference, **twice)
    assert "Name each organisation once." in words(answer)


def test_who_approves_reads_who_bears_it_and_until_when_it_is_quoted(cast_today: Cast) -> None:
    cast = cast_today
    parts = [(cast.county.pk, 1), (cast.nhs.pk, 2)]
    price = Price.objects.get(service=cast.mentor)
    prices.share(price=price, parts=parts, by=str(cast.colin.reference), at=cast.at)
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    address = reverse("commissioner_approval", args=[approval.reference])
    page = words(browser(cast.colin).get(address))
    for part in (f"Borne by {cast.nhs.name}", "£100.00", "£50.00", "Quoted until"):
        assert part in page


def test_a_unit_cost_is_built_line_by_line_and_stands_beside_the_price(cast_today: Cast) -> None:
    cast = cast_today
    colin, slug = browser(cast.colin), cast.mentor.slug
    built = {
        "unit": "session",
        "units": "10",
        "role_1": "Mentor",
        "hours_1": "15.5",
        "rate_1": "14",
        "role_2": "Organiser",
        "hours_2": "2",
        "rate_2": "20.00",
        "overhead": "12.5",
        "materials": "30",
        "price_year": "2025/26",
        "source": "Our own time sheets",
    }
    half = send(colin, "commissioner_unit_cost", slug, **{**built, "rate_2": ""})
    assert half.status_code == 422
    assert "Fill in the whole line." in words(half)
    send(colin, "commissioner_unit_cost", slug, **built)
    # (15.5 × £14 + 2 × £20) × 1.125 + £30 = £319.125; over ten £31.91.
    assert UnitCost.objects.get().amount_pence == 3_191
    page = shown(cast)
    for part in ("£31.91", "Mentor: 15.5 hours at £14.00 an hour", "12.5% overheads", "-£6.91"):
        assert part in page


def test_published_costs_are_searched_and_uprated_with_their_factor_shown(
    cast_today: Cast,
) -> None:
    address = reverse("commissioner_unit_costs")
    colin = browser(cast_today.colin)
    assert f"{len(published.costs())} figures." in words(colin.get(address))
    asked = {"words": "SS18.10", "year": "2019/20", "place": "Leicestershire"}
    page = words(colin.get(address, asked))
    for part in ("1 figure.", "£29.00", "2012/13", "£31.61", "0.9605", "High"):
        assert part in page
    assert "no figure found" in words(colin.get(address, {"words": "mentor 1-hour"}))
    assert colin.get(address, {"year": "1066", "page": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"words": "kai"}, {"Kai: a mentor for young people"}),
        ({"confidence": "placeholder"}, {"Kai: a mentor for young people"}),
        ({"funding": "recharge"}, {"Family support at home"}),
        ({"stands": "planned"}, {"Kai: a mentor for young people"}),
        ({"stands": "none"}, set()),
        ({"stands": "asked"}, {"Kai: a mentor for young people"}),
        ({"kind": "mentor", "funding": "recharge"}, set()),
        ({"confidence": "nonsense"}, set()),
    ],
)
def test_the_list_is_narrowed(cast_today: Cast, asked: dict[str, str], found: set[str]) -> None:
    plan(cast_today)
    propose(cast_today)
    answer = browser(cast_today.colin).get(reverse("commissioner_prices"), asked)
    page = words(answer)
    names = {cast_today.mentor.name, cast_today.family_support.name, cast_today.youth_club.name}
    assert {name for name in names if name in page} == found
    assert "Take off:" in page


def propose(cast: Cast) -> PriceProposal:
    """Ask for £29.00 a session in a month, as Dev on his page."""
    address = reverse("provider_price", args=[cast.mentor.reference])
    dev = browser(cast.dev)
    assert dev.get(address).status_code == 200
    given = {
        "form_key": str(uuid.uuid4()),
        "amount": "29",
        "unit": "session",
        "valid_from": (cast.day + timedelta(days=31)).isoformat(),
        "price_year": "2026/27",
        "reason": "Fares have gone up.",
    }
    answer = dev.post(address, given)
    assert answer.status_code == 302, words(answer)
    return PriceProposal.objects.latest("pk")


def test_a_provider_asks_and_the_owners_commissioner_takes_it_on(cast_today: Cast) -> None:
    cast = cast_today
    proposal = propose(cast)
    assert Price.objects.filter(service=cast.mentor).count() == 1
    assert Notice.objects.filter(kind="price_proposed", user=cast.colin).exists()
    go = browser(cast.colin).get(f"/go/price/{cast.mentor.reference}/", follow=True)
    assert "Fares have gone up." in words(go)
    given = {
        "funding": "spot_purchase",
        "contract_reference": "WWM-2",
        "confidence": "agreed",
        "valid_from": proposal.valid_from.isoformat(),
    }
    args = (cast.mentor.slug, proposal.reference)
    send(browser(cast.colin), "commissioner_price_accept", *args, **given)
    price = Price.objects.get(service=cast.mentor, amount_pence=2_900)
    assert (price.valid_from, price.contract_reference) == (proposal.valid_from, "WWM-2")
    assert "Fares have gone up." in price.source
    assert Notice.objects.filter(kind="price_answered", user=cast.dev).exists()
    page = words(browser(cast.dev).get(reverse("provider_price", args=[cast.mentor.reference])))
    assert "accepted" in page
    twice = send(browser(cast.colin), "commissioner_price_accept", *args, **given)
    assert "answered already" in words(twice)


def test_a_refusal_says_why_and_changes_no_price(cast_today: Cast) -> None:
    cast = cast_today
    proposal = propose(cast)
    args = (cast.mentor.slug, proposal.reference)
    send(browser(cast.colin), "commissioner_price_refuse", *args, words="Not this year.")
    assert Price.objects.filter(service=cast.mentor).count() == 1
    page = words(browser(cast.dev).get(reverse("provider_price", args=[cast.mentor.reference])))
    assert "Not this year." in page


def test_asking_anew_or_taking_it_back_leaves_one_waiting_at_most(cast_today: Cast) -> None:
    cast = cast_today
    first, second = propose(cast), propose(cast)
    first.refresh_from_db()
    assert (first.is_waiting, second.is_waiting) == (False, True)
    service = cast.mentor.reference
    send(browser(cast.dev), "provider_price_take_back", service, second.reference)
    assert not PriceProposal.objects.waiting().exists()


def test_nobody_else_asks_for_a_price_or_answers(cast_today: Cast) -> None:
    cast = cast_today
    proposal = propose(cast)
    figures: dict[str, Any] = {
        "service": cast.mentor,
        "amount_pence": 1,
        "unit": PriceUnit.SESSION,
        "price_year": "2026/27",
        "valid_from": cast.day,
        "reason": "Mine",
        "at": timezone.now(),
    }
    with pytest.raises(price_proposals.NotTheirs):
        price_proposals.propose(**figures, by=cast.by(cast.lena))
    taken: dict[str, Any] = {
        "funding": Funding.SPOT_PURCHASE,
        "confidence": Confidence.AGREED,
        "valid_from": cast.day,
        "contract_reference": "",
        "at": timezone.now(),
    }
    for stranger in (cast.dev, cast.ingrid, cast.femi):
        with pytest.raises(price_proposals.NotTheirs):
            price_proposals.accept(proposal=proposal, by=cast.by(stranger), **taken)
    assert Price.objects.filter(service=cast.mentor).count() == 1


def test_the_pages_cost_as_many_queries_for_many_prices_as_for_few(cast_today: Cast) -> None:
    cast, colin = cast_today, browser(cast_today.colin)
    addresses = [reverse("commissioner_price", args=[cast.mentor.slug]), "/commissioner/prices/"]

    def count() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                colin.get(address)
            found.append(len(queries))
        return found

    def add(number: int) -> None:
        price = plan(cast, amount=f"{25 + number}", days=30 * number)
        parts = [(cast.county.pk, 1), (cast.nhs.pk, number)]
        prices.share(price=price, parts=parts, by=str(cast.femi.reference), at=timezone.now())

    add(1)
    count()
    few = count()
    for number in range(2, 9):
        add(number)
    assert count() == few
