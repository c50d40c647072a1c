"""A shortlist without signing in: kept in the session, shared by slugs, and where it leads."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import catalogue
from marketplace.pages.public import shortlist
from tests.cast import Cast

LIST = "/services/shortlist/"


def put(client: Client, slug: str, **data: str) -> str:
    """Press the button beside a service, and return where it leads."""
    answer = client.post(reverse("shortlist_add", args=[slug]), data)
    assert answer.status_code == 302
    return answer["Location"]


def kept(client: Client) -> list[str]:
    """Return what is on a visitor's shortlist."""
    return list(client.session.get(shortlist.KEY, []))


def test_a_service_is_put_on_the_list_once_and_taken_off(cast_today: Cast, client: Client) -> None:
    put(client, "mentor-kai")
    put(client, "mentor-kai")
    put(client, "friday-youth-club")
    assert kept(client) == ["mentor-kai", "friday-youth-club"]
    page = client.get(LIST).content.decode()
    assert page.index("Kai: a mentor") < page.index("Friday night youth club")
    client.post(reverse("shortlist_remove", args=["mentor-kai"]))
    assert kept(client) == ["friday-youth-club"]
    client.post(reverse("shortlist_empty"))
    assert shortlist.KEY not in client.session
    assert "Nothing here yet" in client.get(LIST).content.decode()


def test_the_button_leads_back_to_the_page_it_was_on_and_to_nobody_elses(
    cast_today: Cast, client: Client
) -> None:
    assert put(client, "mentor-kai", back="/services/?kind=mentor") == "/services/?kind=mentor"
    for hostile in (
        "https://example.com/",
        "//example.com/",
        "javascript:alert(1)",
        "/\\example.com",
    ):
        assert put(client, "mentor-kai", back=hostile) == LIST


def test_what_is_not_offered_cannot_be_put_on_it_and_leaves_it_quietly(
    cast_today: Cast, client: Client
) -> None:
    assert client.post(reverse("shortlist_add", args=["nothing"])).status_code == 404
    assert kept(client) == []
    put(client, "mentor-kai")
    catalogue.withdraw(service=cast_today.mentor, on=cast_today.day)
    page = client.get(LIST).content.decode()
    assert reverse("service", args=["mentor-kai"]) not in page
    assert "not offered any more" in page


def test_no_more_than_one_form_takes_go_on_it(cast_today: Cast, client: Client) -> None:
    session = client.session
    session[shortlist.KEY] = [f"s-{number}" for number in range(shortlist.MOST)]
    session.save()
    put(client, "mentor-kai")
    assert "mentor-kai" not in kept(client)
    assert f"A shortlist holds {shortlist.MOST}" in client.get(LIST).content.decode()


def test_it_is_shared_by_an_address_of_slugs_and_nothing_else(
    cast_today: Cast, client: Client
) -> None:
    client.force_login(cast_today.fred_user)
    put(client, "mentor-kai")
    put(client, "friday-youth-club")
    page = client.get(LIST).content.decode()
    share = re.search(r'class="share"><a class="link" href="([^"]+)"', page)
    assert share
    address = share[1].replace("&amp;", "&")
    assert address == f"http://testserver{LIST}?service=mentor-kai&service=friday-youth-club"
    other = Client()
    theirs = other.get(address.removeprefix("http://testserver")).content.decode()
    assert "Friday night youth club" in theirs
    assert "A shared shortlist" in theirs
    assert kept(other) == [], "looking at a list keeps nothing"
    other.post(reverse("shortlist_keep"), {"service": ["mentor-kai", "friday-youth-club", "x"]})
    assert kept(other) == ["mentor-kai", "friday-youth-club"]


def test_it_is_still_there_after_signing_in(cast_today: Cast, client: Client) -> None:
    put(client, "mentor-kai")
    client.force_login(cast_today.fred_user)
    page = client.get(LIST).content.decode()
    assert reverse("family_ask", args=["mentor-kai"]) in page
    client.logout()
    assert kept(client) == []


def test_an_advocate_takes_it_to_one_of_her_families(cast_today: Cast, client: Client) -> None:
    client.force_login(cast_today.amira)
    put(client, "mentor-kai")
    put(client, "family-support-at-home")
    assert reverse("advocate_shortlist") in client.get(LIST).content.decode()
    page = client.get(reverse("advocate_shortlist")).content.decode()
    find = reverse("advocate_find", args=[cast_today.family.reference])
    href = re.search(rf'href="({re.escape(find)}\?[^"]+)"', page)
    assert href
    picked = client.get(href[1].replace("&amp;", "&")).content.decode()
    assert "2 chosen" in picked
    assert str(cast_today.neighbours.reference) not in page


def test_nobody_else_is_led_to_a_family_from_it(cast_today: Cast, client: Client) -> None:
    put(client, "mentor-kai")
    page = client.get(LIST).content.decode()
    assert "/advocate/" not in page
    assert "/family/" not in page


def test_it_is_only_changed_by_a_button(cast_today: Cast, client: Client) -> None:
    for name, args in (
        ("shortlist_add", ["mentor-kai"]),
        ("shortlist_remove", ["mentor-kai"]),
        ("shortlist_empty", []),
        ("shortlist_keep", []),
    ):
        assert client.get(reverse(name, args=args)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("shortlist_add", args=["mentor-kai"])).status_code == 403


def test_three_at_most_are_compared(cast_today: Cast, client: Client) -> None:
    slugs = ["talking-help", "mentor-kai", "friday-youth-club", "family-support-at-home"]
    page = client.get("/services/compare/", {"service": slugs}).content.decode()
    assert "these are the first three" in page
    heads = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert heads == [
        "Talking help for young people",
        "Kai: a mentor for young people",
        "Friday night youth club",
    ]
    for line in ("How sure the price is", "Next free time", "Last checked", "Who can have it"):
        assert line in page


@pytest.mark.parametrize("path", [LIST, "/services/compare/"])
def test_a_list_and_a_comparison_cost_the_same_however_long(
    cast_today: Cast, client: Client, path: str
) -> None:
    def queries(*slugs: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(path, {"service": slugs})
        return len(asked)

    one = queries("mentor-kai")
    assert queries("mentor-kai", "friday-youth-club", "family-support-at-home") == one
