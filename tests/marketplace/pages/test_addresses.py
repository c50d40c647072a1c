"""Whom a limit counts: each address for herself, behind proxies too, and each worker."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.pages import addresses, sign_in
from marketplace.pages.advocate import enquire
from marketplace.referrals.models import Enquiry
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser
from tests.marketplace.pages.test_ways_in import SAID, send

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("trusted", "heard", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),  # nobody is trusted: the line is anybody's to write
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.4, 203.0.113.9", "203.0.113.9"),  # the first was made up
        (2, "198.51.100.4, 203.0.113.9", "198.51.100.4"),
        (2, "203.0.113.9", "192.0.2.1"),  # too short a line
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9, somebody", "192.0.2.1"),
        (1, "2001:db8:0::1", "2001:db8::1"),
    ],
)
def test_an_address_is_as_many_from_the_right_as_proxies_are_trusted(
    settings: Any, rf: Any, trusted: int, heard: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=heard)
    assert addresses.of(request) == address
    assert sign_in.Adapter(request).get_client_ip(request) == address


def test_behind_a_proxy_each_has_a_limit_of_her_own(cast_today: Cast, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    one = Client(HTTP_X_FORWARDED_FOR="203.0.113.1")
    other = Client(HTTP_X_FORWARDED_FOR="203.0.113.2")
    assert [send(one).status_code for _number in range(6)] == [302] * 5 + [429]
    assert send(other).status_code == 302
    made_up = Client(HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.1")
    assert send(made_up).status_code == 429


def test_with_the_line_believed_from_the_left_that_test_goes_red(
    cast_today: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(request: Any) -> str:
        return str(request.META["HTTP_X_FORWARDED_FOR"].split(",")[0])

    monkeypatch.setattr(addresses, "of", first)
    with pytest.raises(AssertionError):
        test_behind_a_proxy_each_has_a_limit_of_her_own(cast_today, settings)


def test_a_worker_sends_so_many_an_hour_and_what_was_typed_is_kept(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enquire, "MOST_AN_HOUR", 2)
    sam, path = browser(cast_today.sam), reverse("advocate_enquiry_new")
    said = {**SAID, "consent_how": "here"}
    sent = [sam.post(path, {**said, "form_key": uuid.uuid4()}) for _number in range(3)]
    assert [answer.status_code for answer in sent] == [302, 302, 429]
    page = sent[-1].content.decode()
    assert 'value="Rosa"' in page
    assert "a lot of these from you" in page
    assert Enquiry.objects.count() == 2
    other = browser(cast_today.amira).post(path, {**said, "form_key": uuid.uuid4()})
    assert other.status_code == 302
