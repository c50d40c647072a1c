"""The catalogue for everyone: narrowed, shared by its address, and never a dead end."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms import catalogue, places
from cms.models import Place, Schedule, Service, Term, TermTaxonomy, UnmetSearch
from marketplace.pages.public import county_map, filters, unmet
from tests.cast import Cast

PAGE = "/services/"
HERE = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0"}


def text(client: Client, path: str, **headers: str) -> str:
    """Return a page, at the one address that its list has."""
    answer = client.get(path, headers=headers or None, follow=True)
    assert answer.status_code == 200
    assert len(answer.redirect_chain) <= 1
    return answer.content.decode()


def leads_to(client: Client, path: str) -> str:
    """Return where an address leads."""
    answer = client.get(path)
    assert answer.status_code == 302
    return answer["Location"]


def add_hall(cast: Cast, service: Service) -> Place:
    """Let a service be at a hall in Loughborough, on Tuesday evenings."""
    hall = catalogue.add_place(
        organisation=cast.district, name="The hall", postcode="LE11 5EE", district="Charnwood"
    )
    changed: Any = Service.objects.get(pk=service.pk)
    changed.places = [hall]
    changed.schedules = [Schedule(weekday=1)]
    catalogue.update(service=changed, at=cast.at)
    return hall


def test_each_list_has_one_address(cast_today: Cast, client: Client) -> None:
    messy = "?page=1&kind=universal&utm_source=x&price=&words=+pool++toast+&need=&postcode=le115ee"
    assert leads_to(client, PAGE + messy) == (
        f"{PAGE}?words=pool+toast&postcode=LE11+5EE&kind=universal"
    )
    assert leads_to(client, f"{PAGE}?words=") == PAGE
    assert leads_to(client, f"{PAGE}?page=77") == PAGE
    assert client.get(f"{PAGE}?words=pool&safe=yes").status_code == 200


SAID = st.dictionaries(
    st.sampled_from([*filters.Catalogue.base_filters, "page", "safe", "x"]),
    st.lists(
        st.sampled_from(
            ["", " 1 ", "7", "06", "mentor", "leisure", "le101nr", "LE10", "a  b", "²"]
        ),
        max_size=3,
    ),
)


@given(SAID)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
def test_an_address_leads_on_once_at_most(cast_today: Cast, said: dict[str, list[str]]) -> None:
    sent = QueryDict(mutable=True)
    for name, values in said.items():
        sent.setlist(name, [value for value in values if "\0" not in value])
    chosen = filters.Catalogue(sent, on=cast_today.day)
    if chosen.form.is_valid():
        again = filters.Catalogue(QueryDict(chosen.query()), on=cast_today.day)
        assert again.form.is_valid()
        assert again.query() == chosen.query()
        assert again.asked() == chosen.asked()


def test_every_choice_that_is_on_can_be_taken_off(cast_today: Cast, client: Client) -> None:
    page = text(client, f"{PAGE}?need=leisure&kind=mentor&kind=role_model")
    hrefs = [unescape(href) for href in re.findall(r'class="chip" href="([^"]+)"', page)]
    assert hrefs == [
        f"{PAGE}?kind=mentor&kind=role_model",
        f"{PAGE}?need=leisure&kind=role_model",
        f"{PAGE}?need=leisure&kind=mentor",
    ]
    for href in hrefs:
        text(client, href)
    assert "What you need: Leisure" in page
    assert "Kai: a mentor for young people" in page


def test_counts_stand_beside_the_choices(cast_today: Cast, client: Client) -> None:
    page = text(client, PAGE)
    assert "Mentor (1)" in page
    assert "Open to everyone (1)" in page
    narrowed = text(client, f"{PAGE}?kind=mentor")
    assert "Open to everyone (1)" in narrowed, "another choice of the same list stays to be added"


def test_what_makes_no_sense_is_said_and_what_was_typed_kept(
    cast_today: Cast, client: Client
) -> None:
    page = text(client, f"{PAGE}?age=old&words=football")
    assert "We could not read one of your choices" in page
    assert 'value="old"' in page
    assert 'value="football"' in page


def test_nothing_found_leads_on_by_what_would_find_most(cast_today: Cast, client: Client) -> None:
    page = text(client, f"{PAGE}?need=leisure&kind=universal")
    steps = re.search(r'class="empty__steps">(.*?)</ul>', page, re.DOTALL)
    assert steps
    found = re.findall(r'href="([^"]+)">([^<]+)</a>', steps[1])
    assert [(unescape(href), unescape(words)) for href, words in found] == [
        (f"{PAGE}?kind=universal", "Take off “Leisure”: 1 choice"),
        (f"{PAGE}?need=leisure", "Take off “Open to everyone”: 1 choice"),
        (reverse("ask_for_help"), "Tell us what you need, and we will get back to you"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "?words=zzyzxq",
        "?words=zzyzxq&need=leisure&kind=universal&age=99",
        "?age=3&kind=mentor&postcode=LE10+1NR&miles=3&wait=7",
        "?postcode=LE10+1NR&miles=3&kind=universal",
    ],
)
def test_nothing_found_always_offers_three_steps_that_lead_somewhere(
    cast_today: Cast, client: Client, query: str
) -> None:
    add_hall(cast_today, cast_today.youth_club)
    page = text(client, PAGE + query)
    steps = re.search(r'class="empty__steps">(.*?)</ul>', page, re.DOTALL)
    assert steps
    hrefs = [unescape(href) for href in re.findall(r'href="([^"]+)"', steps[1])]
    assert len(hrefs) == len(set(hrefs)) == 3
    assert hrefs[-1] == reverse("ask_for_help")
    for href in hrefs[:-1]:
        assert "Nothing fits all of that" not in text(client, href)


def test_a_wider_distance_is_offered_first(cast_today: Cast, client: Client) -> None:
    add_hall(cast_today, cast_today.youth_club)
    page = text(client, f"{PAGE}?postcode=LE10+1NR&miles=10&kind=universal")
    assert "Look up to 25 miles away: 1 choice" in page


def test_a_search_in_vain_is_counted_once_a_visit(cast_today: Cast, client: Client) -> None:
    path = f"{PAGE}?need=leisure&kind=universal"
    text(client, path, **HERE)
    text(client, path, **HERE)
    text(client, PAGE, **HERE)
    text(Client(), path, **HERE)
    row = UnmetSearch.objects.get()
    assert (row.terms, row.kind, row.count) == ("need:leisure", "universal", 2)
    assert row.day == cast_today.day


def test_without_the_digests_in_the_session_the_test_above_would_go_red(
    cast_today: Cast, client: Client
) -> None:
    for _time in range(2):
        session = client.session
        session.pop(unmet.SEEN, None)
        session.save()
        text(client, f"{PAGE}?need=leisure&kind=universal", **HERE)
    assert UnmetSearch.objects.get().count == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "User-Agent": "Googlebot/2.1"},
        {"Sec-Fetch-Site": "none", "User-Agent": "Mozilla/5.0"},
        {"Sec-Fetch-Site": "cross-site", "Referer": "http://testserver/services/"},
        {"User-Agent": "Mozilla/5.0"},
        {"Referer": "http://testserver.example/"},
    ],
)
def test_a_robot_and_a_shared_address_are_not_counted(
    cast_today: Cast, client: Client, headers: dict[str, str]
) -> None:
    text(client, f"{PAGE}?need=leisure&kind=universal", **headers)
    assert not UnmetSearch.objects.exists()
    assert unmet.SEEN not in client.session


def test_an_older_browser_is_known_by_the_page_that_led_here(
    cast_today: Cast, client: Client
) -> None:
    text(client, f"{PAGE}?need=leisure&kind=universal", Referer="http://testserver/services/")
    assert UnmetSearch.objects.count() == 1


def test_neither_the_session_nor_the_count_holds_what_was_typed(
    cast_today: Cast, client: Client
) -> None:
    text(client, f"{PAGE}?words=wayne+from+hinckley&kind=universal&age=99", **HERE)
    kept = f"{dict(client.session)} {vars(UnmetSearch.objects.get())}".lower()
    assert "wayne" not in kept
    assert "127.0.0.1" not in kept


def test_the_map_is_an_extra_to_a_list_that_is_complete(cast_today: Cast, client: Client) -> None:
    add_hall(cast_today, cast_today.youth_club)
    page = text(client, PAGE)
    drawing = re.search(r"<svg class=\"county__map\".*?</svg>", page, re.DOTALL)
    assert drawing
    assert drawing[0].count("county__dot") == 1
    assert reverse("service", args=["friday-youth-club"]) in drawing[0]
    assert "3 of them are not on the map" in page
    rest = page.replace(drawing[0], "")
    for service in Service.objects.offered(cast_today.day):
        assert reverse("service", args=[service.slug]) in rest
    assert {
        urlsplit(url).netloc for url in re.findall(r'(?:src|href)="(https?://[^"]+)"', page)
    } == set()
    assert "Crown copyright" in page


@pytest.mark.once
def test_dots_at_one_place_stand_side_by_side() -> None:
    dots = county_map._apart([county_map.Dot(350, 50)] * 4)
    assert len({(dot.x, dot.y) for dot in dots}) == 4
    frame = county_map._county()[0]
    point = places.find(postcode="LE10 1NR")
    assert point is not None
    x, y = frame.put(point.latitude, point.longitude)
    assert 0 < x < county_map.WIDTH / 2, "Hinckley is in the west"
    assert frame.height / 2 < y < frame.height, "and in the south"


def add_services(cast: Cast, *, number: int, first: int) -> None:
    """Add services that each have terms, a place and times."""
    term = Term.objects.get(taxonomy=TermTaxonomy.NEED, slug="leisure")
    hall = catalogue.add_place(organisation=cast.district, name="Hut", postcode="LE10 1NR")
    for place in range(first, first + number):
        catalogue.add_service(
            name=f"Kite flying {place}",
            owner=cast.county,
            terms=[term],
            places=[hall],
            schedules=[Schedule(weekday=place % 7)],
        )


def test_a_page_of_results_costs_the_same_however_many_there_are(
    cast_today: Cast, client: Client
) -> None:
    path = f"{PAGE}?words=kite&postcode=LE10+1NR&need=leisure"

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            text(client, path)
        return len(asked)

    add_services(cast_today, number=3, first=0)
    few = queries()
    add_services(cast_today, number=22, first=3)
    assert queries() == few
    assert "25 choices" in text(client, path)
