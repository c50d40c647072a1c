"""Every parameter of the feed, alone and with others, against a program that knows only records."""

import math
import random
import uuid
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from cms import catalogue, places
from cms.models import Schedule, Service, Term, TermTaxonomy
from marketplace.openreferral import standard
from pricing.models import Price
from tests.marketplace.openreferral.feeding import Fed, get

SEED = 20261124
POSTCODES = ("LE10 0FR", "LE11 2QG", "LE3 8BU", "LE10 0BB")
NAMES = ("Reading", "Cooking", "Football", "Gardening", "Painting")


@pytest.fixture
def many(fed: Fed) -> Fed:
    """Put up a catalogue that a filter has something to leave out of."""
    chance = random.Random(SEED)
    terms = [fed.need, fed.smaller_need, fed.polish]
    terms += [catalogue.add_term(taxonomy=TermTaxonomy.ISSUE, name=name) for name in NAMES]
    bodies = [catalogue.add_organisation(name=f"Body {number}") for number in range(3)]
    halls = [
        catalogue.add_place(organisation=bodies[0], name=f"Hall {code}", postcode=code)
        for code in POSTCODES
    ]
    for number in range(16):
        low = chance.choice([None, 0, 5, 11, 18])
        service = catalogue.add_service(
            name=f"{chance.choice(NAMES)} group {number}",
            owner=chance.choice(bodies),
            terms=chance.sample(terms, 2),
            places=chance.sample(halls, chance.randint(0, 2)),
            districts=chance.choice([[], ["Blaby"], ["Hinckley and Bosworth", "Charnwood"]]),
            minimum_age=low,
            maximum_age=None if low is None else chance.choice([None, low + 5]),
            schedules=[
                Schedule(weekday=chance.randint(0, 6), opens_at=opens, closes_at=closes)
                for opens, closes in chance.sample(
                    [(time(9), time(11)), (time(13), None), (None, None), (time(18), time(20))], 2
                )
            ],
        )
        moved = fed.at - timedelta(days=chance.randint(1, 60), minutes=number)
        Service.objects.filter(pk=service.pk).update(changed_at=moved)
    return fed


def records(**query: object) -> list[dict[str, Any]]:
    """Ask for whole services."""
    asked = urlencode({**query, "full": "true", "per_page": 250})
    rows: list[dict[str, Any]] = get(f"/services?{asked}").json()["contents"]
    return rows


def is_right(record: dict[str, Any], asked: dict[str, str]) -> bool:
    """Say of a record whether it is what was asked for: an independent program."""
    low, high = record.get("minimum_age", 0), record.get("maximum_age", 1000)
    terms = [row["taxonomy_term"] for row in record.get("attributes", [])]
    point = places.find(postcode=asked["postcode"]) if "postcode" in asked else None
    areas = [row["name"] for row in record.get("service_areas", [])]
    checks = {
        "minimum_age": lambda value: high >= int(value),
        "maximum_age": lambda value: low <= int(value),
        "organization_id": lambda value: record["organization_id"] == value,
        "taxonomy_term_id": lambda value: value in {row["id"] for row in terms},
        "taxonomy_id": lambda value: value in {row["taxonomy_id"] for row in terms},
        "modified_after": lambda value: (
            datetime.fromisoformat(record["last_modified"]) >= datetime.fromisoformat(value)
        ),
        "postcode": lambda _value: not areas or (point is not None and point.district in areas),
        "proximity": lambda value: any(
            metres(point, row["location"]) <= int(value)
            for row in record.get("service_at_locations", [])
        ),
    }
    times = {"day", "start_time", "end_time"} & set(asked)
    return all(check(asked[name]) for name, check in checks.items() if name in asked) and (
        not times or any(fits(row, asked) for row in record.get("schedules", []))
    )


def fits(row: dict[str, str], asked: dict[str, str]) -> bool:
    """Say whether it is on then."""
    opens, closes = row.get("opens_at"), row.get("closes_at", "99")
    if "day" in asked and row.get("byday") != asked["day"]:
        return False
    if opens is None:
        return "start_time" not in asked and "end_time" not in asked
    return closes[:5] > asked.get("start_time", "") and opens[:5] < asked.get("end_time", "99")


def metres(point: Any, location: dict[str, Any]) -> float:
    """Return how far a place is, on a flat piece of the earth."""
    if "latitude" not in location:
        return math.inf
    across = math.cos(math.radians(point.latitude))
    north = (location["latitude"] - point.latitude) * 111_195
    return math.hypot(north, (location["longitude"] - point.longitude) * 111_195 * across)


def choices(fed: Fed) -> dict[str, list[str]]:
    """Return what each parameter may be asked."""
    return {
        "minimum_age": ["3", "12", "40"],
        "maximum_age": ["4", "10", "17"],
        "organization_id": [
            str(row.provider.reference) for row in Service.objects.select_related("provider")[:9]
        ],
        "taxonomy_term_id": [str(row.reference) for row in Term.objects.all()],
        "taxonomy_id": [*standard.taxonomy_ids().values()],
        "day": [*standard.DAYS],
        "start_time": ["08:00", "11:00", "19:30"],
        "end_time": ["09:30", "13:01", "23:00"],
        "postcode": [*POSTCODES],
        "modified_after": [
            (fed.at - timedelta(days=days)).isoformat().replace("+00:00", "Z")
            for days in (0, 9, 50)
        ],
    }


def test_sixty_random_questions_are_answered_as_by_hand(many: Fed) -> None:
    everything = records()
    ended = records(modified_after="2000-01-01T00:00:00Z")
    chance, found = random.Random(SEED), 0
    possible = choices(many)
    for _turn in range(60):
        names = chance.sample([*possible], chance.randint(1, 3))
        asked = {name: chance.choice(possible[name]) for name in names}
        if "postcode" in asked and chance.random() < 0.5:
            asked["proximity"] = chance.choice(["500", "12000"])
        # What has ended answers only to when it changed and who ran it.
        known = ended if set(asked) <= {"modified_after", "organization_id"} else everything
        known = known if "modified_after" in asked else everything
        right = {row["id"] for row in known if is_right(row, asked)}
        assert {row["id"] for row in records(**asked)} == right, asked
        found += bool(right)
    assert found > 15  # else nothing was asked


def test_search_finds_by_the_sites_own_words_and_with_other_filters(many: Fed) -> None:
    said = records(search="swiming")
    assert [row["name"] for row in said] == ["Swimming for two"]
    assert records(search="swimming", minimum_age=40) == []
    assert records(search="the") == records(search="qqqqzz") == []
    expected = {
        row.service.reference
        for row in catalogue.search(on=many.on, words="cooking", age=6)
        if (row.service.minimum_age or 0) <= 6
    }
    found = {
        uuid.UUID(row["id"]) for row in records(search="cooking", minimum_age=6, maximum_age=6)
    }
    assert found == expected
    lines = get("/services?search=cooking&format=ndjson").getvalue().splitlines()
    assert len(lines) == len(records(search="cooking"))


def test_services_at_places_are_near_and_of_what_was_asked_for(many: Fed) -> None:
    point = places.find(postcode="LE10 0FR")
    rows = get("/service_at_locations?full=true&per_page=250").json()["contents"]
    near = get("/service_at_locations?postcode=LE10+0FR&proximity=3000&per_page=250").json()
    right = {
        row["id"]
        for row in rows
        if metres(point, row["location"]) <= 3000
        and is_right(row["service"], {"postcode": "LE10 0FR"})
    }
    assert {row["id"] for row in near["contents"]} == right
    assert 0 < len(right) < len(rows)
    of_need = get(f"/service_at_locations?taxonomy_term_id={many.need.reference}&full=true").json()
    for row in of_need["contents"]:
        assert is_right(row["service"], {"taxonomy_term_id": str(many.need.reference)})
    assert get("/service_at_locations?search=swimming").json()["total_items"] == 1


def test_terms_taxonomies_and_organisations_narrow_too(many: Fed) -> None:
    need = standard.taxonomy_ids()["need"]
    assert get(f"/taxonomy_terms?taxonomy_id={need}").json()["total_items"] == 2
    assert get(f"/taxonomy_terms?taxonomy_id={need}&top_only=true").json()["total_items"] == 1
    (child,) = get(f"/taxonomy_terms?parent_id={many.need.reference}").json()["contents"]
    assert child["name"] == "Exercise"
    assert get("/taxonomy_terms?search=exerc").json()["total_items"] == 1
    assert get("/taxonomies?search=barrier").json()["total_items"] == 1
    assert get("/organizations?search=hinckley").json()["total_items"] == 1


def test_whatever_changes_what_is_told_changes_when_it_did(fed: Fed) -> None:
    # Long ago, all of it, so that only what happens now is new.
    long_ago = fed.at - timedelta(days=20)
    for model in (Service, Term, type(fed.council), type(fed.swimming.places.all()[0])):
        model._default_manager.update(changed_at=long_ago)
    Price.objects.update(set_at=long_ago)
    ref, since = str(fed.swimming.reference), fed.at - timedelta(days=10)

    def is_new() -> bool:
        ids = {row["id"] for row in records(modified_after=stamp(since))}
        record = get(f"/services/{ref}").json()
        moved = datetime.fromisoformat(record["last_modified"]) >= since
        assert (ref in ids) == moved
        return moved

    assert not is_new()
    changes = [
        lambda: fed.council.save(),
        lambda: fed.swimming.places.all()[0].save(),
        lambda: fed.polish.save(),
        lambda: Price.objects.filter(service=fed.swimming).update(set_at=timezone.now()),
        lambda: Service.objects.filter(pk=fed.swimming.pk).update(
            checked_on=fed.on - timedelta(days=366)
        ),
        lambda: Service.objects.filter(pk=fed.swimming.pk).update(
            check_valid_until=fed.on - timedelta(days=1)
        ),
        lambda: Service.objects.filter(pk=fed.swimming.pk).update(withdrawn_on=fed.on),
    ]
    for change in changes:
        change()
        assert is_new()
        for model in (Term, type(fed.council), type(fed.swimming.places.all()[0])):
            model._default_manager.update(changed_at=long_ago)
        Service.objects.update(
            checked_on=fed.on, check_valid_until=fed.on, withdrawn_on=None, changed_at=long_ago
        )
        Price.objects.update(set_at=long_ago)
        assert not is_new()


def stamp(moment: datetime) -> str:
    """Write a moment as an address has it."""
    return moment.isoformat().replace("+00:00", "Z")
