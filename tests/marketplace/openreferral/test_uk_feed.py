"""Reading Open Referral UK 3.0: the standard's own examples, and the faults of live feeds."""

import contextlib
import functools
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command

from cms.models import Problem, Service, Term, TermTaxonomy
from marketplace.openreferral import downloads, feeds, files, uk_feed
from tests.marketplace.openreferral.feeding import EXAMPLES

ID = "ac148810-d857-441c-9679-408f346de14b"
ORGANISATION = {"id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "name": "Body", "description": ""}


def service(**changes: Any) -> dict[str, Any]:
    """Return a service as a live feed has it, with one thing changed."""
    good = {
        "id": ID,
        "name": "Baby talk",
        "status": "active",
        "description": "Sing and play.",
        "organization": ORGANISATION,
        "attributes": [{"id": "1", "taxonomy_term": {"id": "t", "name": "Play"}}],
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def read(*rows: Any) -> feeds.Feed:
    """Read services in the standard's envelope."""
    return files.read(content=json.dumps({"contents": [*rows]}).encode())


def codes(*rows: Any) -> set[str]:
    """Return what is wrong with services."""
    return {problem.code for problem in read(*rows).problems}


@pytest.mark.once
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_of_the_standard_is_read(path: Any) -> None:
    feed = files.read(content=path.read_bytes())
    assert feed.shape == uk_feed.SHAPE
    has_service = path.stem.startswith("service") or path.stem == "organization_full"
    assert len(feed.services) == has_service
    assert len(feed.organisations) == ("taxonomy" not in path.stem)
    if path.stem.endswith("_full"):
        (found,) = feed.services
        assert (found.name, found.minimum_age, found.is_open) == ("Community Counselling", 12, True)
        assert {schedule.weekday for schedule in found.schedules} == {3, 4}
        assert len(found.place_ids) == len(found.term_ids) == 1
        assert [price.amount_pence for price in found.prices] == [3500]


@pytest.mark.once
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"attributes": []}, "no_taxonomy"),
        ({"minimum_age": -1}, "age_negative"),
        ({"minimum_age": 40, "maximum_age": 3}, "ages_crossed"),
        ({"maximum_age": "old"}, "bad_age"),
        ({"fees": "Ask us, it depends"}, "price_in_words"),
        ({"cost_options": [{"id": "1", "amount": None, "option": "from £3"}]}, None),
        ({"cost_options": [{"id": "1", "option": "Donation"}]}, "price_in_words"),
        ({"description": "Costs £3 a time."}, "price_in_words"),
        ({"description": ...}, "no_description"),
        ({"description": "<p>Sing</p>"}, "html_in_text"),
        ({"status": ...}, "no_status"),
        ({"status": "open"}, "bad_status"),
        ({"status": "defunct"}, "not_active"),
        ({"name": None}, "no_name_or_id"),
        ({"id": ""}, "no_name_or_id"),
        ({"organization": ...}, "no_organisation"),
        ({"organization": ..., "organization_id": "unknown"}, "no_organisation"),
        ({"url": "see poster"}, "bad_url"),
        ({"email": "ring us"}, "bad_email"),
        ({"assured_date": "soon"}, "bad_date"),
        ({"schedules": [{"id": "1", "byday": "XX"}]}, "bad_day"),
        ({"schedules": [{"id": "1", "byday": "MO", "opens_at": "noon"}]}, "bad_time"),
        ({"schedules": [{"id": "1", "freq": "MONTHLY", "byday": "2MO"}]}, "not_weekly"),
        ({"schedules": [{"id": "1", "byday": "MO", "opens_at": "9:00", "closes_at": "8:00"}]},
         "bad_hours"),
        ({"service_areas": [{"id": "1", "name": "All over"}]}, "area_in_words"),
        ({"alongside": {"kind": "sorcerer"}}, "bad_extras"),
        ({"alongside": {"criteria": [{"fact": "age", "operator": "between", "value": 7,
                                      "sentence": "Seven."}]}}, "bad_extras"),
    ],
)  # fmt: skip
def test_each_fault_of_a_live_feed_is_a_line_for_the_review_list(
    fault: dict[str, Any], code: str | None
) -> None:
    assert codes(service()) == set()
    assert codes(service(**fault)) == ({code} if code else set())


@pytest.mark.once
def test_nulls_wrong_types_and_odd_lists_are_taken_for_nothing() -> None:
    empty = dict.fromkeys(
        ("minimum_age", "url", "email", "schedules", "cost_options", "service_at_locations", "fees")
    )
    assert codes(service(**empty)) == set()
    for value in ("text", 7, True, {"a": 1}, [None, 7, "x"], [{"location": 7}]):
        odd = dict.fromkeys(
            ("schedules", "cost_options", "service_areas", "languages", "phones", "contacts"), value
        )
        (found,) = read(service(**odd, service_at_locations=value)).services
        assert found.place_ids == ()
    assert len(read(None, 7, "x", service()).services) == 1
    twice = read(service(), service(name="Again"))
    assert [row.name for row in twice.services] == ["Baby talk"]
    assert {problem.code for problem in twice.problems} == {"duplicate_id"}


@pytest.mark.once
def test_a_place_a_language_a_telephone_and_a_price_are_kept_and_a_name_is_not() -> None:
    place = {
        "id": "p",
        "location_type": "physical",
        "name": "Hall",
        "latitude": 0,
        "longitude": 0,
        "addresses": [{"id": "a", "address_1": "1 Street", "city": "Hinckley",
                       "postal_code": "le100fr"}],
        "accessibility": [{"id": "s", "description": "Step-free entrance"}],
    }  # fmt: skip
    feed = read(
        service(
            service_at_locations=[
                {"id": "l", "location": place},
                {"id": "m", "location": {"id": "v", "location_type": "virtual"}},
            ],
            languages=[{"id": "g", "name": "Polish"}],
            contacts=[{"id": "c", "name": "Ann Persona", "phones": [{"number": "01632 1"}]}],
            cost_options=[{"id": "1", "amount": 4.5, "amount_description": "per session"}],
        )
    )
    (found,), (hall,) = feed.services, feed.places
    assert (hall.postcode, hall.district) == ("LE10 0FR", "Hinckley and Bosworth")
    assert hall.step_free
    assert {problem.code for problem in feed.problems} == {"bad_point"}
    assert found.phone == "01632 1"
    assert "Persona" not in repr(feed)
    assert [(price.amount_pence, price.unit) for price in found.prices] == [(450, "session")]
    assert TermTaxonomy.LANGUAGE in {term.taxonomy for term in feed.terms}


@pytest.mark.once
def test_one_record_a_line_is_a_file_too() -> None:
    lines = "\n".join(json.dumps(service(id=str(number))) for number in range(3))
    assert len(files.read(content=lines.encode()).services) == 3
    assert len(files.read(content=json.dumps(service()).encode()).services) == 1
    with pytest.raises(feeds.BadFeed):
        files.read(content=b'{"a": 1}\n{"b": ')


Answering = Callable[[str, dict[str, list[str]]], Any]


@contextlib.contextmanager
def feed_of(answer: Answering) -> Iterator[str]:
    """Serve a feed of somebody else's; what is None is not found."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            told = answer(parts.path, parse_qs(parts.query))
            if isinstance(told, str):
                self.send_response(302)
                self.send_header("Location", told)
                return self.end_headers()
            self.send_response(404 if told is None else 200)
            self.end_headers()
            self.wfile.write(told if isinstance(told, bytes) else json.dumps(told).encode())
            return None

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v3"
        finally:
            server.shutdown()
            thread.join()


def paged(path: str, query: dict[str, list[str]]) -> Any:
    """Answer as a live feed does: two pages, `full` ignored, no lists but services."""
    rows = [service(id=f"s{number}") for number in range(5)]
    if path == "/v3/services":
        page = int(query["page"][0])
        short = [{"id": row["id"], "name": row["name"], "status": "active"} for row in rows]
        return {"total_pages": 2, "contents": short[3 * (page - 1) : 3 * page]}
    return next((row for row in rows if path.endswith(f"/{row['id']}")), None)


def test_a_feed_is_fetched_page_by_page_and_each_service_whole(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with feed_of(paged) as address:
        call_command("import_services", address)
    assert Service.objects.filter(source="127-0-0-1").count() == 5
    assert Term.objects.filter(name="Play").count() == 1
    assert not Problem.objects.exists()
    assert "5 new" in capsys.readouterr().out


def always(told: Any, _path: str, _query: dict[str, list[str]]) -> Any:
    """Answer the same whatever is asked."""
    return told


@pytest.mark.once
def test_a_feed_that_never_ends_or_leads_astray_does_no_harm() -> None:
    def endless(path: str, query: dict[str, list[str]]) -> Any:
        return {"contents": [service()]} if path == "/v3/services" else None

    with feed_of(endless) as address:
        assert len(json.loads(downloads.fetch(address=address))["services"]) == 1
    for told in (None, {"message": "hello"}, b"<html>", "file:///etc/hostname", "ftp://x.example/"):
        answer = functools.partial(always, told)
        with feed_of(answer) as address, pytest.raises(feeds.BadFeed):
            downloads.fetch(address=address)
    with pytest.raises(feeds.BadFeed, match="http"):
        downloads.fetch(address="file:///etc/hostname")
