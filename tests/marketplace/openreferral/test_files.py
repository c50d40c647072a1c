"""Reading a file: what it is, and one clear sentence where it is nothing."""

import json
from typing import Any

import pytest

from cms.models import OrganisationKind
from marketplace.openreferral import feeds, files
from tests.marketplace.openreferral.conftest import FAMILY_HUBS, FAULTY

pytestmark = pytest.mark.once

LIST = FAULTY.read_bytes()

BAD = {
    "empty": (b"", "empty"),
    "only spaces": (b" \n ", "empty"),
    "not JSON": (b"<html>Sorry</html>", "not JSON"),
    "cut short": (LIST[:4000], "not JSON"),
    "another encoding": ("[{“name”}]".encode("utf-16"), "UTF-8"),
    "latin-1": ('[{"name": "café"}]'.encode("latin-1"), "UTF-8"),
    "a number": (b"42", "not a directory"),
    "a word": (b'"services"', "not a directory"),
    "nothing": (b"null", "not a directory"),
    "an empty list": (b"[]", "not a directory"),
    "another list": (b'[{"id": 1, "name": "x"}]', "not a directory"),
    "another object": (b'{"services": []}', "not a directory"),
    "half the tables": (b'{"Services": []}', "not a directory"),
    "not a number": (b'[{"id": NaN, "organisation": {}}]', "number that is none"),
    "an endless number": (b'[{"id": ' + b"9" * 5000 + b"}]", "number that is none"),
    "lists without end": (b"[" * 200_000 + b"]" * 200_000, "too deep"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_one_clear_sentence(content: bytes, said: str) -> None:
    with pytest.raises(feeds.BadFeed) as refusal:
        files.read(content=content)
    assert said in refusal.value.sentence
    assert refusal.value.sentence.endswith(".")


def test_a_file_larger_than_anybody_needs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_BYTES", 100)
    with pytest.raises(feeds.BadFeed) as refusal:
        files.read(content=LIST)
    assert "in parts" in refusal.value.sentence


def test_a_byte_order_mark_is_no_fault() -> None:
    assert files.read(content=b"\xef\xbb\xbf" + LIST) == files.read(content=LIST)


def test_a_page_of_services_reads_like_the_bare_list() -> None:
    rows = json.loads(LIST)
    page = {"totalElements": len(rows), "content": rows}
    assert files.read(content=json.dumps(page).encode()) == files.read(content=LIST)


def faults() -> dict[str, set[str]]:
    """Return the kinds of problem in the faulty feed, by entry."""
    found: dict[str, set[str]] = {}
    for problem in files.read(content=LIST).problems:
        found.setdefault(problem.source_id, set()).add(problem.code)
    return found


def test_every_fault_is_found_where_it_is() -> None:
    assert faults() == {
        "1": {"duplicate_id"},
        "2": {"age_negative"},
        "3": {"ages_crossed"},
        "4": {"bad_age"},
        "5": {"price_in_words"},
        "6": {"price_in_words"},
        "7": {"no_taxonomy"},
        "8": {"no_description"},
        "9": {"bad_url"},
        "10": {"html_in_text"},
        "11": {"bad_day", "bad_hours", "bad_time"},
        "12": {"price_unit_unclear"},
        "13": {"several_prices"},
        "14": {"not_active"},
        "17": {"no_organisation"},
        "18": {"no_name_or_id"},
        "19": {"too_long"},
        "20": {"bad_url", "no_taxonomy"},
        "row:20": {"no_name_or_id"},
        "row:21": {"no_name_or_id"},
        "organisation:11": {"bad_email", "html_in_text"},
        "place:101": {"unknown_postcode"},
        "place:102": {"bad_postcode"},
        "place:103": {"bad_point"},
    }


def test_a_problem_names_the_entry_and_says_what_we_did() -> None:
    found = {
        (problem.source_id, problem.code): problem.sentence
        for problem in files.read(content=LIST).problems
    }
    assert found["2", "age_negative"] == "Toddler tumble: an age of -1. We left it out."
    assert found["5", "price_in_words"] == "Tea and talk: its price is only in its description."


def service(number: str) -> feeds.FeedService:
    """Return one service of the faulty feed."""
    rows = files.read(content=LIST).services
    return next(row for row in rows if row.source_id == number)


def test_a_sound_entry_comes_through_whole() -> None:
    pottery = service("1")
    assert (pottery.minimum_age, pottery.maximum_age) == (8, 16)
    assert pottery.summary == "Clay, glaze and company."
    assert pottery.description == "Clay, glaze and company.\n\nAll welcome."
    assert pottery.term_ids == ("taxonomies:3", "taxonomies:268", "suitabilities:2")
    assert [(row.weekday, str(row.opens_at)) for row in pottery.schedules] == [(5, "10:00:00")]
    assert [(price.amount_pence, price.unit) for price in pottery.prices] == [(450, "session")]


def test_markup_is_taken_out_and_the_words_kept() -> None:
    assert service("10").description == "Dance & sing.\nBring water."


def test_the_highest_price_of_a_unit_is_kept() -> None:
    prices = {price.unit: price.amount_pence for price in service("13").prices}
    assert prices == {"session": 600, "day": 2000}


def test_odd_characters_are_taken_out() -> None:
    odd = service("19")
    assert odd.description == "Odd control characters and a broken half."
    assert len(odd.name) == 200


def test_people_named_in_a_feed_are_not_read() -> None:
    assert "Somebody Private" not in repr(files.read(content=LIST))


def test_an_address_that_is_to_be_hidden_is_only_roughly_kept() -> None:
    rows = files.read(content=LIST).places
    hidden = next(place for place in rows if place.source_id == "104")
    assert "Secret" not in repr(hidden)
    assert (hidden.postcode, hidden.latitude, hidden.longitude) == ("", 52.54, -1.37)
    assert hidden.district == "Hinckley and Bosworth"


def test_a_family_hubs_directory_is_joined_from_its_tables() -> None:
    feed = files.read(content=FAMILY_HUBS.read_bytes())
    assert (len(feed.organisations), len(feed.services), len(feed.terms)) == (12, 5, 49)
    by_name = {row.name: row for row in feed.services}
    autism = by_name["Bristol Autism Team (BAT)"]
    assert (autism.minimum_age, autism.maximum_age) == (4, 18)
    assert len(autism.term_ids) == 12
    assert {row.weekday for row in autism.schedules} == {0, 1, 2, 3, 4}
    assert {row.place_id for row in autism.schedules} == {"", "4"}
    kinds = {row.name: row.kind for row in feed.organisations}
    assert kinds["Suffolk County Council"] == OrganisationKind.COUNTY_COUNCIL
    assert kinds["Tower Hamlets Council"] == OrganisationKind.DISTRICT_COUNCIL
    assert kinds["Elop Mentoring"] == OrganisationKind.CHARITY


def test_a_spoilt_longitude_is_read_from_the_databases_own_point() -> None:
    feed = files.read(content=FAMILY_HUBS.read_bytes())
    elop = next(place for place in feed.places if place.source_id == "1")
    assert elop.latitude == pytest.approx(51.5787, abs=0.0001)
    assert elop.longitude == pytest.approx(-0.0147, abs=0.0001)


def family_hubs(change: Any) -> feeds.Feed:
    """Read the family hubs directory, changed."""
    tables = json.loads(FAMILY_HUBS.read_bytes())
    change(tables)
    return files.read(content=json.dumps(tables).encode())


def test_a_fee_in_a_family_hubs_directory_becomes_pence() -> None:
    def change(tables: Any) -> None:
        tables["Services"][0]["Fees"] = "£4.50 per session"
        tables["Services"][1]["Fees"] = "a small charge"

    feed = family_hubs(change)
    assert [(row.amount_pence, row.unit) for row in feed.services[0].prices] == [(450, "session")]
    assert [(row.source_id, row.code) for row in feed.problems] == [("2", "price_in_words")]


def test_broken_tables_of_a_family_hubs_directory_break_nothing() -> None:
    def change(tables: Any) -> None:
        tables["Schedules"] = "none"
        tables["Languages"] = None
        tables["Eligibilities"] = [None, {"ServiceId": "3", "MinimumAge": "-1"}]
        tables["Services"][1]["OrganisationId"] = "99"
        tables["Services"][2]["Status"] = "Inactive"
        tables["Services"].append(tables["Services"][0])
        tables["Locations"][0]["GeoPoint"] = "0xZZ"

    feed = family_hubs(change)
    assert {(row.source_id, row.code) for row in feed.problems} == {
        ("1", "duplicate_id"),
        ("2", "no_organisation"),
        ("3", "age_negative"),
        ("3", "not_active"),
        ("place:1", "bad_point"),
        ("place:1", "unknown_postcode"),
    }
    assert len(feed.services) == 4
