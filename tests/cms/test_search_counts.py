"""Totals and counts beside choices, against a count by hand of the services themselves."""

import dataclasses
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from cms import catalogue, searches, words
from cms.models import (
    ContactCheck,
    Place,
    Schedule,
    Service,
    ServiceKind,
    Term,
)
from cms.searches import Asked

DAY = date(2026, 6, 3)
LONDON = ZoneInfo("Europe/London")
SAID = ["swimming", "football", "cooking", "talking", "drawing", "fishing", "reading"]
MISTAKES = ["swiming", "footbull", "coking", "fishng"]
TAXONOMIES = ["need", "issue", "barrier", "audience", "language"]
HOURS = [(9, 12), (9, 19), (13, 16), (18, 20), (10, None), (12, 17), (None, None)]
PARTS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}


@dataclasses.dataclass
class One:
    """A service, and what was handed down about it, in Python alone."""

    service: Service
    terms: set[Term]
    places: list[Place]
    times: list[Schedule]
    price: int | None
    unit: str
    free_at: datetime | None
    said: set[str] = dataclasses.field(default_factory=set)


class World:
    """A catalogue made by chance, always the same."""

    def __init__(self) -> None:
        self.chance = random.Random(5)
        self.owner = catalogue.add_organisation(name="Council")
        self.terms = [self.term(name, n) for name in TAXONOMIES for n in range(4)]
        self.places = [self.place(n) for n in range(5)]
        self.all = [self.one(n) for n in range(45)]

    def term(self, taxonomy: str, number: int) -> Term:
        """Add a term; the last of each taxonomy is part of the first."""
        slug = f"{taxonomy}-{number}"
        first = Term.objects.filter(taxonomy=taxonomy, slug=f"{taxonomy}-0").first()
        return catalogue.add_term(
            taxonomy=taxonomy, name=slug, slug=slug, parent=first if number == 3 else None
        )

    def place(self, number: int) -> Place:
        """Add a place a few kilometres from the last."""
        return catalogue.add_place(
            organisation=self.owner,
            name=f"Place {number}",
            district=["Charnwood", "Blaby", ""][number % 3],
            latitude=52.5 + number / 20,
            longitude=-1.2,
            step_free=[True, False, None][number % 3],
        )

    def some(self, things: Iterable[Any], most: int) -> list[Any]:
        """Return some of the things."""
        of = [*things]
        return self.chance.sample(of, self.chance.randint(0, min(most, len(of))))

    def one(self, number: int) -> One:
        """Add a service."""
        pick, terms = self.chance.choice, self.some(self.terms, 6)
        places, said = self.some(self.places, 2), self.some(SAID, 3)
        service = catalogue.add_service(
            name=f"Number {number}",
            owner=self.owner,
            kind=pick(ServiceKind.values),
            description=" ".join(said),
            minimum_age=pick([None, None, 5, 11]),
            maximum_age=pick([None, None, 12, 25]),
            wait_days=pick([None, 0, 7, 8, 28, 29]),
            contact_check=pick([ContactCheck.NONE, ContactCheck.NONE, ContactCheck.DBS_ENHANCED]),
            check_valid_until=pick([None, DAY, DAY - timedelta(days=1)]),
            live=pick([True, True, True, False]),
            terms=terms,
            places=places,
            schedules=[self.time() for _each in range(pick([0, 1, 2]))],
        )
        price = pick([None, 0, 450, 2500, 2501, 5000, 9000])
        unit = pick(["session", "hour"]) if price is not None else ""
        days = pick([None, -1, 0, 3, 7, 8, 28, 29])
        evening = datetime.combine(DAY, time(23, 30), LONDON)
        free_at = None if days is None else evening + timedelta(days=days)
        catalogue.list(
            service=service, price_from_pence=price, price_unit=unit, next_free_at=free_at
        )
        if pick([True, False, False, False, False]):
            catalogue.withdraw(service=service, on=DAY + timedelta(days=pick([0, 1])))
            service = Service.objects.get(pk=service.pk)
        times = [*Schedule.objects.filter(service=service)]
        widened = {*terms, *(term.parent for term in terms if term.parent)}
        return One(service, widened, places, times, price, unit, free_at, {*said})

    def time(self) -> Schedule:
        """Return a time of the week."""
        first, last = self.chance.choice(HOURS)
        return Schedule(
            weekday=self.chance.choice([None, 0, 1, 2]),
            opens_at=None if first is None else time(first),
            closes_at=None if last is None else time(last),
        )

    def asked(self) -> Asked:
        """Return a search."""
        pick, maybe = self.chance.choice, lambda of: self.chance.choice([None, None, *of])
        return Asked(
            words=" ".join(self.some(pick([SAID, SAID, MISTAKES]), 2)) if pick([0, 0, 1]) else "",
            terms=tuple(self.some(self.terms, pick([0, 0, 1, 3]))),
            kinds=tuple(self.some(ServiceKind.values, 3)) if pick([0, 0, 1]) else (),
            age=maybe([8, 15]),
            near=maybe([(52.6, -1.2, 6.0)]) if pick([0, 1]) else None,
            district=maybe(["Blaby"]) or "",
            price_to_pence=maybe([0, 3000]),
            price_unit=maybe(["hour"]) or "",
            wait_to_days=maybe([7]),
            weekday=maybe([0, 1]),
            part_of_day=maybe([*PARTS]) or "",
            free_by=maybe([DAY + timedelta(days=7)]),
            step_free=bool(pick([0, 0, 0, 1])),
        )


def offered(one: One) -> bool:
    """Say by hand whether a service is offered."""
    service = one.service
    held = service.check_valid_until is not None and service.check_valid_until >= DAY
    gone = service.withdrawn_on is not None and service.withdrawn_on <= DAY
    needs_none = service.contact_check == ContactCheck.NONE
    is_checked = not service.is_mentor if needs_none else held
    return service.live and not gone and is_checked


def on_at(one: One, weekday: int | None, part: str) -> bool:
    """Say by hand whether a service is on then."""

    def within(row: Schedule) -> bool:
        if not part:
            return True
        if row.opens_at is None:
            return False
        low, high = PARTS[part]
        first = row.opens_at.hour
        last = row.closes_at.hour if row.closes_at else first + 1
        return first < high and last > low

    return any((weekday is None or row.weekday == weekday) and within(row) for row in one.times)


def free(one: One, last: date) -> bool:
    """Say by hand whether a service has a free time by a day."""
    if one.free_at is None:
        return False
    return DAY <= one.free_at.astimezone(LONDON).date() <= last


def near(one: One, asked: Asked) -> bool:
    """Say by hand whether a service is near enough: the places lie on one line of longitude."""
    assert asked.near
    latitude, _longitude, km = asked.near
    return any(abs((place.latitude or 0) - latitude) * 111.195 <= km for place in one.places)


def serves(one: One, district: str) -> bool:
    """Say by hand whether a service is for a district; one with no place is for all."""
    return not one.places or district in {place.district for place in one.places}


def says(world: World, one: One, asked: Asked) -> bool:
    """Say by hand whether a service says half of what was asked, the rarer word counting more."""
    mended = dict(zip(MISTAKES, ["swimming", "football", "cooking", "fishing"], strict=True))
    meant = [mended.get(word, word) for word in words.split(asked.words)]
    often = {word: sum(word in each.said for each in world.all) for word in meant}
    most = max(often.values())
    weights = {word: (most // count).bit_length() for word, count in often.items() if count}
    has = sum(weight for word, weight in weights.items() if word in one.said)
    return has >= max(sum(weights.values()) // 2, 1)


def fits(world: World, one: One, asked: Asked) -> bool:
    """Say by hand whether a search finds a service."""
    service = one.service
    by_taxonomy: dict[str, set[Term]] = {}
    for term in asked.terms:
        by_taxonomy.setdefault(term.taxonomy, set()).add(term)
    low, high = service.minimum_age, service.maximum_age
    checks: list[Callable[[], bool]] = [
        lambda: offered(one),
        lambda: not asked.words or says(world, one, asked),
        lambda: all(one.terms & wanted for wanted in by_taxonomy.values()),
        lambda: not asked.kinds or service.kind in asked.kinds,
        lambda: asked.age is None or (low or 0) <= asked.age <= (130 if high is None else high),
        lambda: asked.near is None or near(one, asked),
        lambda: not asked.district or serves(one, asked.district),
        lambda: (
            asked.price_to_pence is None
            or (one.price is not None and one.price <= asked.price_to_pence)
        ),
        lambda: not asked.price_unit or one.unit == asked.price_unit,
        lambda: (
            asked.wait_to_days is None
            or (service.wait_days is not None and service.wait_days <= asked.wait_to_days)
        ),
        lambda: (
            (asked.weekday is None and not asked.part_of_day)
            or on_at(one, asked.weekday, asked.part_of_day)
        ),
        lambda: asked.free_by is None or free(one, asked.free_by),
        lambda: not asked.step_free or any(place.step_free for place in one.places),
    ]
    return all(check() for check in checks)


def with_choice(world: World, asked: Asked, facet: str, value: str) -> Asked:
    """Return a search with one value chosen, and that filter's present choice left out."""
    if facet in TAXONOMIES:
        chosen = next(t for t in world.terms if (t.taxonomy, t.slug) == (facet, value))
        kept = tuple(term for term in asked.terms if term.taxonomy != facet)
        return dataclasses.replace(asked, terms=(*kept, chosen))
    changes: dict[str, Any] = {
        "kind": {"kinds": (value,)},
        "price": {"price_to_pence": int(value) if value.isdigit() else 0},
        "unit": {"price_unit": value},
        "wait": {"wait_to_days": int(value) if value.isdigit() else 0},
        "weekday": {"weekday": int(value) if value.isdigit() else 0},
        "part_of_day": {"part_of_day": value},
        "free": {"free_by": DAY + timedelta(days=int(value) if value.isdigit() else 0)},
        "step_free": {"step_free": True},
    }
    return dataclasses.replace(asked, **changes[facet])


def values_of(world: World) -> dict[str, list[str]]:
    """Return every value of every filter."""
    by_term = {name: [t.slug for t in world.terms if t.taxonomy == name] for name in TAXONOMIES}
    return {
        **by_term,
        "kind": ServiceKind.values,
        "price": ["0", "2500", "5000"],
        "unit": ["session", "hour"],
        "wait": ["7", "28"],
        "weekday": ["0", "1", "2"],
        "part_of_day": [*PARTS],
        "free": ["7", "28"],
        "step_free": ["1"],
    }


def by_hand(world: World, asked: Asked) -> dict[str, dict[str, int]]:
    """Count by hand what there would be with each value chosen."""
    counts: dict[str, dict[str, int]] = {}
    for facet, values in values_of(world).items():
        counts[facet] = {}
        for value in values:
            changed = with_choice(world, asked, facet, value)
            if number := sum(fits(world, one, changed) for one in world.all):
                counts[facet][value] = number
    return counts


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Make the catalogue once, and take it down again."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        yield World()
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def test_totals_and_counts_are_those_of_a_count_by_hand(world: World) -> None:
    met = 0
    for _number in range(200):
        asked = world.asked()
        found = searches.find(asked=asked, on=DAY, per_page=50)
        wanted = {one.service.pk for one in world.all if fits(world, one, asked)}
        assert {row.service_id for row in found.rows} == wanted, asked
        assert found.total == len(wanted), asked
        assert found.facets == by_hand(world, asked), asked
        met += bool(wanted)
    assert met > 50  # else the searches were too narrow to show anything


def test_a_listing_remembers_what_its_service_says_of_being_offered(world: World) -> None:
    assert len(world.all) == Service.objects.count()
    for days in (-400, -1, 0, 1, 2, 400):
        on = DAY + timedelta(days=days)
        found = searches.find(asked=Asked(), on=on, per_page=100, facets=False)
        assert found.total == Service.objects.offered(on).count() == len(found.rows)
