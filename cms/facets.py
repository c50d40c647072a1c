"""Hits, their number and the counts beside every choice, in one statement.

The conditions are Django's own; only what goes round them is written here. A row that meets all
choices has code 0; one that fails a single choice has that choice's code, and counts beside the
values of that choice alone: what there would be with another value chosen in its stead.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from cms import listings
from cms.filters import PARTS_OF_DAY
from cms.models import Listing, TermTaxonomy

# What is grouped together: names of columns of which the database counts each combination.
SETS: Mapping[str, tuple[str, ...]] = {
    "needs": ("needs",),
    "issues": ("issues",),
    "audiences": ("audiences",),
    "eases": ("barriers", "languages"),
    "times": ("hours", "free_step"),
    "traits": ("traits",),
}
GROUPED = tuple(name for names in SETS.values() for name in names)
# Which facets each column counts.
COUNTED: Mapping[str, tuple[str, ...]] = {
    "needs": ("need",),
    "issues": ("issue",),
    "audiences": ("audience",),
    "barriers": ("barrier",),
    "languages": ("language",),
    "hours": ("weekday", "part_of_day"),
    "free_step": ("free",),
    "traits": ("kind", "unit", "price", "wait", "step_free"),
}
TAXONOMIES = {name: facets[0] for name, facets in COUNTED.items() if facets[0] in TermTaxonomy}
FACETS = tuple(facet for facets in COUNTED.values() for facet in facets)
TOTAL = "traits"
FREE_STEPS = (7, 28)  # days from today


@dataclass(frozen=True)
class Cards:
    """What is to be found and counted.

    `rows` are the listings with `code` and `free_step`, and `codes` the facets that each code but 0
    counts for. `scored` and `nearby` lead to them: listings with relevance, services with distance.
    """

    rows: QuerySet[Listing, dict[str, Any]]
    codes: Mapping[int, frozenset[str]]
    scored: QuerySet[Any, Any] | None = None
    nearby: QuerySet[Any, Any] | None = None
    weekday: int | None = None
    part_of_day: str = ""

    def counts(self, code: int, *facets: str) -> bool:
        """Say whether rows of a code count beside the values of one of some facets."""
        return not code or not self.codes[code].isdisjoint(facets)

    @property
    def is_driven(self) -> bool:
        """Say whether words or a distance lead to the rows, so that few are looked at."""
        return self.scored is not None or self.nearby is not None


@dataclass(frozen=True)
class Counted:
    """How many hits there are, the keys of one page with distance, and the counts by facet."""

    total: int
    page: Mapping[int, float | None]
    facets: Mapping[str, Mapping[str, int]]


def count(cards: Cards, *, start: int, stop: int, facets: bool = True) -> Counted:
    """Find one page of keys, count all hits, and count beside every choice: one statement."""
    statement, params = written(cards, start=start, stop=stop, facets=facets)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return read(cards, cursor.fetchall())


def written(cards: Cards, *, start: int, stop: int, facets: bool) -> tuple[str, list[Any]]:
    """Return the statement with its parameters."""
    sources: list[str] = []
    params: list[Any] = []
    drivers = {
        "scored (listing_id, relevance)": cards.scored,
        "nearby (service_id, square)": cards.nearby,
    }
    for name, driver in drivers.items():
        if driver is not None:
            sql, given = driver.query.sql_with_params()
            sources.append(f"{name} AS ({sql})")
            params += given
    sql, given = cards.rows.query.sql_with_params()
    sources.append(f"found AS {hint(cards)} ({found(cards, sql)})")
    order = ", ".join(order_of(cards))
    answers = [
        f"SELECT 'page', ROW_NUMBER() OVER (ORDER BY {order}), CAST(id AS text), "
        "CAST(square AS text), 0 FROM (SELECT id, name, relevance, square FROM found "
        f"WHERE code = 0 ORDER BY {order} LIMIT %s OFFSET %s) page"
    ]
    if facets:
        answers += [*grouped(), "SELECT 'term', 0, CAST(id AS text), slug, 0 FROM cms_term"]
    else:
        answers.append("SELECT 'total', 0, '', '', COUNT(*) FROM found WHERE code = 0")
    statement = f"WITH {', '.join(sources)} {' UNION ALL '.join(answers)}"
    return statement, [*params, *given, stop - start, start]


def found(cards: Cards, rows: str) -> str:
    """Return what is found: the rows joined with what leads to them."""
    columns = ", ".join(column(cards, name) for name in GROUPED)
    relevance = "scored.relevance" if cards.scored is not None else "0"
    square = "nearby.square" if cards.nearby is not None else "CAST(NULL AS real)"
    joins = " JOIN scored ON scored.listing_id = l.id" if cards.scored is not None else ""
    joins += " JOIN nearby ON nearby.service_id = l.service_id" if cards.nearby is not None else ""
    return (
        f"SELECT l.id, l.name, l.code, {relevance} AS relevance, {square} AS square, {columns} "
        f"FROM ({rows}) l{joins}"
    )


def order_of(cards: Cards) -> list[str]:
    """Return the order of hits: the most relevant, else the nearest, then by name."""
    if cards.scored is not None:
        return ["relevance DESC", "name", "id"]
    return ["square", "name", "id"] if cards.nearby is not None else ["name", "id"]


def hint(cards: Cards) -> str:
    """Say whether rows are kept aside: not where one pass over the whole catalogue is all."""
    in_one_pass = connection.vendor == "postgresql" and not cards.is_driven
    return "NOT MATERIALIZED" if in_one_pass else "MATERIALIZED"


def column(cards: Cards, name: str) -> str:
    """Return a column as it is counted: only in rows whose code counts for one of its facets."""
    cast = f"CAST(l.{name} AS text)"
    codes = [str(code) for code in cards.codes if cards.counts(code, *COUNTED[name])]
    if len(codes) == len(cards.codes):
        return f"{cast} AS {name}"
    return f"CASE WHEN l.code IN ({', '.join(codes)}) THEN {cast} ELSE '' END AS {name}"


def grouped() -> list[str]:
    """Return how combinations are counted: in one pass where the database can."""
    if connection.vendor == "postgresql":
        firsts = ", ".join(names[0] for names in SETS.values())
        seconds = ", ".join(names[1] for names in SETS.values() if len(names) > 1)
        sets = ", ".join(f"(code, {', '.join(names)})" for names in SETS.values())
        return [
            f"SELECT CAST(GROUPING({firsts}) AS text), code, COALESCE({firsts}), "
            f"COALESCE({seconds}), COUNT(*) FROM found GROUP BY GROUPING SETS ({sets})"
        ]
    return [
        f"SELECT '{name}', code, {names[0]}, {names[1] if len(names) > 1 else 'NULL'}, COUNT(*) "
        f"FROM found GROUP BY code, {', '.join(names)}"
        for name, names in SETS.items()
    ]


def sets_by_answer() -> dict[str, tuple[str, ...]]:
    """Return the columns that an answer counts, by how each database names them."""
    # PostgreSQL's GROUPING has a bit for each first column that is not of the set.
    bits = {
        str(2 ** len(SETS) - 1 - 2 ** (len(SETS) - 1 - place)): names
        for place, names in enumerate(SETS.values())
    }
    return bits | dict(SETS)


def read(cards: Cards, rows: Iterable[tuple[str, int, str, str | None, int]]) -> Counted:
    """Make sense of the statement's answer."""
    sets = sets_by_answer()
    page: dict[int, tuple[int, float | None]] = {}
    slugs: dict[str, str] = {}
    counted: Counter[tuple[str, int, str]] = Counter()
    total = 0
    for name, code, first, second, number in rows:
        if name == "page":
            page[code] = (int(first), None if second is None else math.sqrt(float(second)))
        elif name == "term":
            slugs[first] = str(second)
        elif name == "total":
            total = number
        else:
            for column, value in zip(sets[name], (first, second), strict=False):
                counted[column, code, str(value)] += number
    total += sum(n for (column, code, _v), n in counted.items() if column == TOTAL and not code)
    return Counted(
        total, dict(page[place] for place in sorted(page)), by_facet(cards, counted, slugs)
    )


def by_facet(
    cards: Cards, counted: Mapping[tuple[str, int, str], int], slugs: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    """Return how many rows there are by facet and value."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for (column, code, held), number in counted.items():
        for facet in COUNTED[column]:
            if cards.counts(code, facet):
                for value in values_of(cards, column, facet, held):
                    counts[facet][value] += number
    for facet in TAXONOMIES.values():
        counts[facet] = Counter({slugs[key]: n for key, n in counts[facet].items()})
    return {facet: dict(values) for facet, values in counts.items()}


def values_of(cards: Cards, column: str, facet: str, held: str) -> Iterable[str]:
    """Return the values of a facet that a row meets, by what its column holds."""
    if column in TAXONOMIES:
        return held.split()
    if column == "hours":
        return hours_met(cards, facet, held.split())
    if column == "free_step":
        return up_to(held, FREE_STEPS)
    trait = dict(zip(listings.TRAITS, held.split("|"), strict=False)).get(facet, "")
    if facet == "price":
        return up_to(trait, listings.PRICE_STEPS)
    if facet == "wait":
        return up_to(trait, listings.WAIT_STEPS)
    return [trait] if trait else []


def up_to(held: str, steps: Sequence[int]) -> list[str]:
    """Return the steps that something within one step is within."""
    return [str(step) for step in steps if held.isdigit() and int(held) <= step]


def hours_met(cards: Cards, facet: str, held: Iterable[str]) -> set[str]:
    """Return the days, or parts of the day, of a list of hours that meet what is asked beside."""
    pairs = ((entry[0], entry[1]) for entry in held)
    if facet == "weekday":
        part = PARTS_OF_DAY.get(cards.part_of_day)
        return {day for day, at in pairs if day.isdigit() and part in (None, at)}
    day_asked = None if cards.weekday is None else str(cards.weekday)
    names = {letter: name for name, letter in PARTS_OF_DAY.items()}
    return {names[at] for day, at in pairs if at in names and day_asked in (None, day)}
