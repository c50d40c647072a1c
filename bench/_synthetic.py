"""Synthetic services for measuring: made by chance, always the same; saved in bulk."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

from django.db import connection

from cms import listings, words
from cms.models import Listing, Mention, Organisation, Place, Schedule, Service, Term, Word

ROOT = Path(__file__).resolve().parent.parent
ON = date(2026, 6, 3)
AT_A_TIME = 2000
TAXONOMIES = ("need", "issue", "barrier", "audience", "language")
DISTRICTS = [f"District {number}" for number in range(300)]
SYLLABLES = [
    *("ash", "bur", "cot", "dal", "el", "fen", "gar", "hol", "ing", "kes", "lan"),
    *("mor", "net", "orp", "pel", "quor", "rad", "sto", "thu", "wig"),
]
ENGLAND = (50.6, 54.8, -3.2, 0.6)  # south, north, west, east


@dataclass
class Made:
    """One synthetic service with all that belongs to it, not saved yet."""

    service: Service
    terms: list[Term]
    places: list[Place]
    times: list[Schedule]
    handed_down: dict[str, object]


class Maker:
    """Makes services by chance, always the same."""

    def __init__(self) -> None:
        self.chance = random.Random(2011)
        self.rows = json.loads((ROOT / "cms/data/services.json").read_text())["services"]
        self.terms = self.put_terms()
        self.by_taxonomy = {
            name: [term for term in self.terms.values() if term.taxonomy == name]
            for name in TAXONOMIES
        }
        self.providers = Organisation.objects.bulk_create(
            Organisation(name=f"{self.town()} {number}") for number in range(400)
        )

    def put_terms(self) -> dict[str, Term]:
        """Save the demonstration's terms."""
        said = json.loads((ROOT / "cms/data/also_said.json").read_text())["also_said"]
        found: dict[str, Term] = {}
        for row in json.loads((ROOT / "cms/data/taxonomies.json").read_text())["terms"]:
            key = f"{row['taxonomy']}:{row['slug']}"
            found[key] = Term.objects.create(
                taxonomy=row["taxonomy"],
                slug=row["slug"],
                name=row["name"],
                plain_name=row["plain_name"],
                description=row["description"],
                also_said=said.get(key, ""),
                parent=found[row["parent"]] if row["parent"] else None,
            )
        return found

    def town(self) -> str:
        """Return a name that sounds like a place."""
        return "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(2, 4))).title()

    def make(self, number: int) -> Made:
        """Return one service."""
        chance = self.chance
        row, other = chance.choice(self.rows), chance.choice(self.rows)
        town, provider = self.town(), chance.choice(self.providers)
        sentences = f"{row['description']} {other['description']}".split(". ")
        service = Service(
            slug=f"s-{number}",
            name=f"{row['name']} in {town}"[:200],
            kind=row["kind"],
            owner=provider,
            provider=provider,
            summary=row["summary"],
            description=". ".join(chance.sample(sentences, min(4, len(sentences))))
            + " "
            + " ".join(self.town() for _each in range(6)),
            minimum_age=chance.choice([row["minimum_age"], row["minimum_age"], None, 5, 11, 18]),
            maximum_age=None,
            wait_days=chance.choice([None, 0, 3, 7, 14, 21, 28, 60]),
            checked_on=ON,
            districts=chance.sample(DISTRICTS, 2) if chance.random() < 0.4 else [],
        )
        given = {
            "price_from_pence": chance.choice([None, 0, 0, 450, 1500, 2900, 4500, 9000]),
            "price_unit": chance.choice(["session", "hour", "day", "week", "course"]),
            "next_free_at": self.free_at(),
        }
        return Made(service, self.terms_of(row), self.places_of(provider), self.times_of(), given)

    def terms_of(self, row: dict[str, Any]) -> list[Term]:
        """Return most of an entry's terms and sometimes another."""
        kept = [key for key in row["terms"] if key in self.terms and self.chance.random() < 0.85]
        found = {key: self.terms[key] for key in kept}
        if self.chance.random() < 0.5:
            taxonomy = self.chance.choice([*self.by_taxonomy])
            term = self.chance.choice(self.by_taxonomy[taxonomy])
            found[f"{taxonomy}:{term.slug}"] = term
        return [*found.values()]

    def places_of(self, provider: Organisation) -> list[Place]:
        """Return none, one or two places somewhere in England."""
        south, north, west, east = ENGLAND
        return [
            Place(
                organisation=provider,
                name=f"{self.town()} Hall",
                district=self.chance.choice(DISTRICTS),
                latitude=self.chance.uniform(south, north),
                longitude=self.chance.uniform(west, east),
                step_free=self.chance.choice([True, False, None]),
            )
            for _each in range(self.chance.choice([0, 1, 1, 1, 2]))
        ]

    def times_of(self) -> list[Schedule]:
        """Return up to three times of the week."""
        opens = [(9, 12), (10, 16), (13, 17), (16, 19), (18, 20)]
        return [
            Schedule(weekday=self.chance.randrange(7), opens_at=clock(a), closes_at=clock(b))
            for a, b in self.chance.choices(opens, k=self.chance.choice([0, 1, 1, 2, 3]))
        ]

    def free_at(self) -> datetime | None:
        """Return when it is next free, for two in three."""
        if self.chance.random() < 0.33:
            return None
        return datetime(2026, 6, 3, 9, tzinfo=UTC) + timedelta(days=self.chance.randrange(60))


def batched(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Return numbers so many at a time."""
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def load(maker: Maker, size: int) -> None:
    """Save so many services with all their rows, as the catalogue's own verbs would."""
    vocabulary: set[str] = set()
    for numbers in batched(range(size), AT_A_TIME):
        vocabulary |= save([maker.make(number) for number in numbers])
    Word.objects.bulk_create(
        (Word(text=word, stem=words.stem(word), length=len(word)) for word in sorted(vocabulary)),
        batch_size=AT_A_TIME,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def save(made: Sequence[Made]) -> set[str]:
    """Save some services and their listings; return the words they say."""
    Service.objects.bulk_create(one.service for one in made)
    Place.objects.bulk_create(place for one in made for place in one.places)
    for one in made:
        for schedule in one.times:
            schedule.service = one.service
    Schedule.objects.bulk_create(time for one in made for time in one.times)
    for field, key in (("terms", "term_id"), ("places", "place_id")):
        through = getattr(Service, field).through
        through.objects.bulk_create(
            through(service_id=one.service.pk, **{key: row.pk})
            for one in made
            for row in getattr(one, field)
        )
    rows = [Listing(service=one.service) for one in made]
    for row, one in zip(rows, made, strict=True):
        listings.fill(row, one.service, one.terms, one.places, one.times, one.handed_down)
    Listing.objects.bulk_create(rows)
    return say(rows, made)


def say(rows: Iterable[Listing], made: Iterable[Made]) -> set[str]:
    """Copy what the listings say, which is most of the rows, past the ORM."""
    vocabulary: set[str] = set()
    copy = f"COPY {Mention._meta.db_table} (listing_id, stem, points) FROM STDIN"
    with connection.cursor() as cursor, cursor.cursor.copy(copy) as into:
        for row, one in zip(rows, made, strict=True):
            points, found = listings.points_of(listings.said_by(one.service, one.terms, one.places))
            vocabulary |= found
            for stem, each in points.items():
                into.write_row((row.pk, stem, each))
    return vocabulary
