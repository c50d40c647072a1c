"""An address that makes no sense is answered all the same, and never with an error of ours."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import Transfer
from tests.cast import Cast


@pytest.mark.parametrize(
    ("who", "page", "query"),
    [
        ("fred_user", "family_money", {"year": "²"}),
        ("fred_user", "family_money", {"year": "9" * 5000}),
        ("fred_user", "family_next", {"page": "9" * 5000}),
        ("fred_user", "family_choose", {"for": "x", "change": "goal-x"}),
        ("fred_user", "catalogue", {"age": "NaN", "price": "-1", "wait": "²"}),
        ("amira", "advocate_chase", {"family": "x", "show": "x"}),
        ("dev", "provider_calendar", {"week": "9999-12-31"}),
        ("dev", "provider_payments", {"year": "99999"}),
        ("colin", "commissioner_spend", {"first": "x", "provider": "x"}),
        ("colin", "commissioner_movements", {"month": "9999-12-31"}),
        ("colin", "commissioner_movements", {"month": "0001-01-01"}),
        ("colin", "commissioner_agreements", {"on": "9999-12-31"}),
        ("colin", "commissioner_agreements", {"on": "0001-01-01"}),
    ],
)
def test_a_query_that_makes_no_sense_is_answered(
    cast_today: Cast, client: Client, who: str, page: str, query: dict[str, str]
) -> None:
    client.force_login(cast_today.users[who])
    assert client.get(reverse(page), query).status_code == 200


@pytest.mark.parametrize("key", ["x" * 1000, "pay-in:1", ""])
def test_a_key_that_is_none_is_never_kept_with_the_money(
    cast_today: Cast, client: Client, key: str
) -> None:
    client.force_login(cast_today.colin)
    page = reverse("commissioner_fund_pay_in", args=[cast_today.county_fund.reference])
    assert client.post(page, {"amount": "5", "form_key": key}).status_code == 302
    written = Transfer.objects.latest("pk").key
    assert uuid.UUID(written.removeprefix("pay-in:"))


@pytest.mark.parametrize("page", ["catalogue", "compare", "account_login"])
def test_text_that_no_database_keeps_is_refused_in_words(
    cast_today: Cast, client: Client, page: str
) -> None:
    asked = client.get(reverse(page), {"words": "a\0b", "service": "\0"})
    sent = client.post(reverse("account_login"), {"login": "a\0b", "password": "x"})
    for answer in (asked, sent):
        assert answer.status_code == 400
        assert "Go back and type it again." in answer.content.decode()
