"""The feed for machines: shape, statuses, what is withheld, and how it answers over HTTP."""

import gzip
import json
import uuid
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from cms import catalogue
from cms.models import Mentor, Service
from marketplace.openreferral import standard
from tests.marketplace.openreferral import feeding
from tests.marketplace.openreferral.feeding import BASE, Fed, get

HOME = "https://openreferraluk.org/specifications/3.0/schema/"
SCHEMAS = {
    path.name: json.loads(path.read_text(encoding="utf-8"))
    for path in (standard.DATA / "schema").glob("*.json")
}
LISTS = ("services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms")
ENVELOPE = {
    "total_items",
    "total_pages",
    "page_number",
    "size",
    "first_page",
    "last_page",
    "empty",
    "contents",
}
ONE = {
    "services": "service",
    "service_at_locations": "service_at_location",
    "organizations": "organization",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}


def registry() -> Registry:
    """Return every schema of the standard, under its own address."""
    resources = [
        (f"{HOME}{name}", DRAFT202012.create_resource(content)) for name, content in SCHEMAS.items()
    ]
    return Registry().with_resources(resources)


def faults(record: Any, name: str) -> list[str]:
    """Return what a schema has against a record; ids and addresses are checked too."""
    validator = jsonschema.Draft202012Validator(
        SCHEMAS[f"{name}.json"],
        registry=registry(),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(record)]


def count(path: str) -> int:
    """Return how often the database is asked for an answer."""
    with CaptureQueriesContext(connection) as asked:
        assert get(path).getvalue()
    return len(asked)


def of(fed: Fed, name: str = "swimming") -> Any:
    """Return one service as the feed has it."""
    return get(f"/services/{getattr(fed, name).reference}").json()


@pytest.mark.parametrize("name", LISTS)
def test_each_list_and_each_of_its_records_fits_its_schema(fed: Fed, name: str) -> None:
    page = get(f"/{name}").json()
    assert set(page) == ENVELOPE
    assert page["contents"]
    assert faults(page, f"{ONE[name]}_list") == []
    for row in page["contents"]:
        one = get(f"/{name}/{row['id']}")
        assert one.status_code == 200
        assert faults(one.json(), ONE[name]) == []
        assert one.json()["id"] == row["id"]


@pytest.mark.parametrize("query", ["full=true", "full=true&full_service=true"])
@pytest.mark.parametrize("name", ["services", "service_at_locations", "organizations"])
def test_whole_records_fit_the_schema_of_one(fed: Fed, name: str, query: str) -> None:
    if "full_service" in query and name != "organizations":
        query = "full=true"
    for row in get(f"/{name}?{query}").json()["contents"]:
        assert faults(row, ONE[name]) == []
        for service in row.get("services", []):
            assert faults(service, "service") == []


@pytest.mark.once
def test_the_root_and_its_document_are_the_standards(fed: Fed) -> None:
    root = get("/").json()
    # The profile is a name, though its schema notes (and does not assert) that it is an address.
    assert jsonschema.Draft202012Validator(SCHEMAS["api_details.json"]).is_valid(root)
    assert (root["version"], root["profile"]) == ("HSDS-UK-3.0", "HSDS-UK-3.0")
    address = root["openapi_url"]
    assert address.endswith(f"{BASE}/openapi.json")
    served, published = get("/openapi.json").json(), standard.document()
    assert served["paths"] == published["paths"]
    assert served["components"] == published["components"]
    assert "YOUR" not in json.dumps(served["info"])


@pytest.mark.once
def test_every_schema_of_the_standard_is_there_and_sound() -> None:
    assert len(SCHEMAS) == 29
    examples = ("service_full", "organization_full", "service_at_location_full")
    here = feeding.EXAMPLES
    for name in examples:
        record = json.loads((here / f"{name}.json").read_text(encoding="utf-8"))
        assert faults(record, name.removesuffix("_full")) == []
    for name, schema in SCHEMAS.items():
        if name not in ("open_api.json", "empy_list_response.json"):
            jsonschema.Draft202012Validator.check_schema(schema)
    # Twin: a schema that lets everything pass would be no test.
    assert faults({"id": "7", "name": 1, "status": "open"}, "service") != []
    assert faults({"contents": [{"id": str(uuid.uuid4())}]}, "service_list") != []


@pytest.mark.once
def test_a_service_says_what_the_standard_has_no_field_for(fed: Fed) -> None:
    told = of(fed)
    extras = told["alongside"]
    assert (extras["kind"], extras["wait_days"], extras["places_at_once"]) == ("group", 0, 12)
    assert extras["steps"] == [{"step": "take_application", "interaction": 1}, {"step": "book"}]
    assert extras["bands"][0]["units"] == 9
    assert extras["freshness"]["counted_from"] == told["assured_date"]
    session = next(row for row in told["cost_options"] if row["alongside"]["unit"] == "session")
    assert session["amount"] == 4.5
    assert session["alongside"]["confidence"] == "placeholder"
    assert [row["byday"] for row in told["schedules"] if "byday" in row] == ["TU", "SA"]
    assert told["languages"][0]["name"] == "Polish"
    assert told["minimum_age"] == 8
    assert "<b>Warm</b>" in told["description"]


@pytest.mark.once
def test_what_is_empty_is_left_out_and_never_null(fed: Fed) -> None:
    def walk(value: object, path: str = "") -> list[str]:
        if isinstance(value, dict):
            return [found for name, one in value.items() for found in walk(one, f"{path}/{name}")]
        if isinstance(value, list):
            return [found for one in value for found in walk(one, path)] or ([path] * (not value))
        is_empty = value is None or value == ""
        return [path] if is_empty and not path.endswith("/description") else []

    for name in LISTS:
        query = "?full=true" if name in ("services", "organizations") else ""
        assert walk(get(f"/{name}{query}").json()["contents"]) == []
    assert walk({"a": None}) == ["/a"]


def test_a_draft_a_mentors_own_and_what_is_nobody_elses_stay_here(fed: Fed) -> None:
    Mentor.objects.create(service=fed.mentor, first_name="Canarykai", story="Canary story.")
    Service.objects.filter(pk=fed.mentor.pk).update(name="Canarykai: a mentor for young people")
    everything = "".join(
        get(path).content.decode()
        for path in (
            "/services?full=true",
            "/services?full=true&modified_after=2000-01-01",
            "/service_at_locations?full=true",
            "/organizations?full_service=true",
            "/taxonomy_terms",
            f"/services/{fed.mentor.reference}",
            f"/organizations/{fed.sole_trader.reference}?full_service=true",
        )
    )
    assert "canary" not in everything.lower().replace("ms canary tutor", "")
    assert "98765" not in everything
    assert "01632 960999" not in everything
    assert "What do you like?" not in everything
    assert of(fed, "mentor")["name"] == "A mentor for young people"
    assert get(f"/services/{fed.draft.reference}").status_code == 404
    # The canaries are there to be found.
    assert Service.objects.filter(name__icontains="canary").count() == 2


def test_what_ended_is_told_to_whoever_asks_what_changed(fed: Fed) -> None:
    before = timezone.now()
    catalogue.merge(service=fed.refuge, into=fed.swimming, on=fed.on)
    catalogue.withdraw(service=fed.mentor, on=fed.on)
    Service.objects.filter(pk=fed.swimming.pk).update(live=False)
    found = {
        row["id"]: row for row in get("/services?modified_after=2000-01-01").json()["contents"]
    }
    status = {name: found[str(getattr(fed, name).reference)]["status"] for name in vars(fed) if name
              in ("refuge", "mentor", "swimming", "lapsed")}  # fmt: skip
    assert status == {
        "refuge": "defunct",
        "mentor": "defunct",
        "swimming": "inactive",
        "lapsed": "temporarily closed",
    }
    into = str(fed.swimming.reference)
    assert found[str(fed.refuge.reference)]["alongside"] == {"merged_into": into}
    assert str(fed.draft.reference) not in found
    assert get("/services").json()["contents"] == []
    assert get("/organizations").json()["empty"]
    assert of(fed, "refuge")["status"] == "defunct"
    assert "description" not in of(fed, "refuge")
    since = before.isoformat().replace("+00:00", "Z")
    changed = get(f"/services?modified_after={since}").json()["contents"]
    assert str(fed.refuge.reference) in {row["id"] for row in changed}


@pytest.mark.once
def test_an_entry_nobody_checked_for_a_year_says_so(fed: Fed) -> None:
    assert "may be out of date" in of(fed, "refuge")["alert"]
    assert "alert" not in of(fed)
    catalogue.check(service=fed.refuge, on=fed.on)
    assert "alert" not in of(fed, "refuge")


def test_ids_are_stable_and_lead_back(fed: Fed) -> None:
    first = {name: get(f"/{name}").json()["contents"] for name in LISTS}
    catalogue.update(service=Service.objects.get(pk=fed.swimming.pk))
    ids = {name: [row["id"] for row in rows] for name, rows in first.items()}
    assert {
        name: [row["id"] for row in get(f"/{name}").json()["contents"]] for name in LISTS
    } == ids
    whole = of(fed)
    inner = [row["id"] for rows in whole.values() if isinstance(rows, list) for row in rows]
    assert len(set(inner)) == len(inner)
    catalogue.update(service=Service.objects.get(pk=fed.swimming.pk))
    again = of(fed)
    assert [row["id"] for rows in again.values() if isinstance(rows, list) for row in rows] == inner
    assert again["service_at_locations"][0]["id"] == ids["service_at_locations"][0]
    one, other = uuid.uuid4(), uuid.uuid4()
    made = uuid.UUID(standard.at_location(one, other))
    low, high = standard.services_at(made)
    assert low <= one <= high
    assert made.version == 8


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("colour=red", "colour"),
        ("page=0", "page"),
        ("page=two", "page"),
        ("per_page=0", "per_page"),
        ("per_page=251", "per_page"),
        ("per_page=99999999999999999999", "per_page"),
        ("minimal=true&per_page=5001", "per_page"),
        ("taxonomy_id=7", "taxonomy_id"),
        ("organization_id=abc", "organization_id"),
        ("modified_after=yesterday", "modified_after"),
        ("modified_after=2026-13-01", "modified_after"),
        ("minimum_age=-1", "minimum_age"),
        ("maximum_age=131", "maximum_age"),
        ("minimum_age=٣", "minimum_age"),
        ("start_time=25:00", "start_time"),
        ("day=Someday", "day"),
        ("postcode=nowhere", "postcode"),
        ("proximity=500", "proximity"),
        ("format=xml", "format"),
        ("full=perhaps", "full"),
        ("search=" + "a" * 201, "search"),
        ("search=a&search=b", "search"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(db: None, query: str, parameter: str) -> None:
    answer = get(f"/services?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    told = answer.json()
    assert (told["status"], told["parameter"]) == (400, parameter)
    assert told["detail"].endswith(".")


@pytest.mark.once
def test_everybody_may_read_and_nobody_may_write(fed: Fed) -> None:
    for path in ("/", "/services", "/nowhere", "/services/7", f"/services/{uuid.uuid4()}"):
        assert get(path)["Access-Control-Allow-Origin"] == "*"
    assert get("/nowhere").status_code == get("/services/7").status_code == 404
    assert get("/services/").headers["Location"] == f"{BASE}/services"
    assert get("/services/?page=2").headers["Location"] == f"{BASE}/services?page=2"
    head = Client().head(f"{BASE}/services")
    assert head.status_code == 200
    assert head.content == b""
    options = Client().options(f"{BASE}/services")
    assert options.status_code == 204
    assert options["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    refused = Client().post(f"{BASE}/services", {})
    assert refused.status_code == 405
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in Client().get("/healthz")


@pytest.mark.once
def test_what_is_known_already_is_not_sent_again(fed: Fed) -> None:
    for path in ("/services", f"/services/{fed.swimming.reference}", "/organizations"):
        first = get(path)
        assert first["ETag"]
        assert get(path, if_none_match=first["ETag"]).status_code == 304
        assert get(path, if_modified_since=first["Last-Modified"]).status_code == 304
        assert get(path, if_none_match='"else"').status_code == 200
        not_sent = get(path, if_none_match=first["ETag"])
        assert not_sent["Access-Control-Allow-Origin"] == "*"
        assert not_sent.content == b""
    before = get("/services")
    Service.objects.filter(pk=fed.swimming.pk).update(
        name="Diving", changed_at=timezone.now() + timedelta(seconds=5)
    )
    assert get("/services", if_none_match=before["ETag"]).status_code == 200
    assert get("/services", if_modified_since=before["Last-Modified"]).status_code == 200


@pytest.mark.once
def test_it_is_sent_small_to_whoever_can_take_that(fed: Fed) -> None:
    small = get("/services?full=true", accept_encoding="gzip")
    assert small["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(small.content))["contents"]
    etag = small["ETag"]
    assert get("/services?full=true", accept_encoding="gzip", if_none_match=etag).status_code == 304


def test_lines_are_all_of_it_or_the_page_asked_for(fed: Fed) -> None:
    whole = get("/services?full=true&format=ndjson")
    assert whole["Content-Type"] == "application/x-ndjson"
    assert whole.streaming
    lines = [json.loads(line) for line in whole.getvalue().splitlines()]
    assert lines == get("/services?full=true").json()["contents"]
    paged = get("/services?full=true&format=ndjson&per_page=1&page=2")
    assert [json.loads(line) for line in paged.getvalue().splitlines()] == lines[1:2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.once
async def test_lines_are_streamed_by_an_asynchronous_server_too() -> None:
    answer: Any = await AsyncClient().get(f"{BASE}/taxonomies?format=ndjson")
    assert answer.streaming
    lines = b"".join([piece async for piece in answer]).splitlines()
    assert len(lines) == len(standard.taxonomy_ids())


def test_pages_add_up_and_one_beyond_is_empty(fed: Fed) -> None:
    total = get("/services").json()["total_items"]
    seen = []
    for number in range(1, total + 1):
        page = get(f"/services?per_page=1&page={number}").json()
        assert (page["total_pages"], page["size"], page["page_number"]) == (total, 1, number)
        assert (page["first_page"], page["last_page"]) == (number == 1, number == total)
        seen += [row["id"] for row in page["contents"]]
    assert len(set(seen)) == total
    beyond = get(f"/services?page={total + 1}").json()
    assert (beyond["empty"], beyond["size"], beyond["last_page"]) == (True, 0, True)


def test_the_minimal_list_is_ids_and_when_each_changed(fed: Fed) -> None:
    rows = get("/services?minimal=true").json()["contents"]
    assert {frozenset(row) for row in rows} == {frozenset({"id", "modified_date"})}
    assert len(rows) == get("/services").json()["total_items"]


@pytest.mark.once
@pytest.mark.parametrize(
    "path",
    [
        "/services?full=true",
        "/services",
        "/services?minimal=true",
        "/service_at_locations?full=true",
        "/organizations?full_service=true",
        "/taxonomy_terms",
        "/services?full=true&format=ndjson",
    ],
)
def test_a_page_asks_the_database_as_often_however_much_there_is(fed: Fed, path: str) -> None:
    few = count(path)
    for number in range(4):
        feeding.swimming(
            catalogue.add_organisation(name=f"Club {number}"),
            [fed.need, fed.polish],
            on=fed.on,
            at=fed.at,
        )
    assert count(path) == few
