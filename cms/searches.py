"""A search of the catalogue: what somebody asks, and what is found, with counts beside choices."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Sqrt

from cms import facets as counting
from cms import filters, spelling
from cms.models import Listing, Mention, Service, Term
from cms.spelling import Understood

PER_PAGE = 10
COUNTED = ("id", "service_id", "name", "code", *counting.GROUPED)


@dataclass(frozen=True)
class Asked:
    """What somebody looks for; what is empty narrows nothing.

    Terms of one taxonomy are alternatives, and all taxonomies must be met. `near` is latitude,
    longitude and kilometres; `weekday` counts from 0, Monday; `part_of_day` is morning, afternoon
    or evening; `free_by` asks for a free time on that day or before.
    """

    words: str = ""
    terms: tuple[Term, ...] = ()
    kinds: tuple[str, ...] = ()
    age: int | None = None
    near: tuple[float, float, float] | None = None
    district: str = ""
    price_to_pence: int | None = None
    price_unit: str = ""
    wait_to_days: int | None = None
    weekday: int | None = None
    part_of_day: str = ""
    free_by: datetime.date | None = None
    step_free: bool = False


@dataclass(frozen=True)
class Found:
    """What a search finds: how many in all, one page of rows, and the counts beside the choices.

    `facets` is filter → value → how many there would be with that value chosen and that filter's
    present choice left out: issue, need, barrier, audience, language (a term's slug), kind, price
    (pence), unit, wait (days), weekday, part_of_day, free (days), step_free ("1"). A value that
    is not there would find nothing.
    """

    total: int
    rows: list[Listing]
    facets: Mapping[str, Mapping[str, int]]
    understood: Understood


def find(
    *, asked: Asked, on: datetime.date, page: int = 1, per_page: int = PER_PAGE, facets: bool = True
) -> Found:
    """Find what is offered on a day and fits, the most relevant first, then by name.

    Two statements, and one to three before them where there are words (`spelling.understand`). A
    page beyond the last is empty. Rows come with their service and its provider, and with
    `distance_km` where it was asked near a point.
    """
    understood = spelling.understand(asked.words)
    if understood.stems and not understood.known:
        return Found(0, [], {facet: {} for facet in counting.FACETS}, understood)
    start = (max(page, 1) - 1) * per_page
    cards = cards_of(asked, on, understood)
    counted = counting.count(cards, start=start, stop=start + per_page, facets=facets)
    return Found(counted.total, rows_of(counted.page, on), counted.facets, understood)


def rows_of(page: Mapping[int, float | None], on: datetime.date) -> list[Listing]:
    """Return the rows of a page in its order, with their service and its provider.

    Whether it is offered is asked of the service itself: what was withdrawn is never shown.
    """
    rows = Listing.objects.filter(service__in=Service.objects.offered(on)).select_related(
        "service__provider"
    )
    found = rows.in_bulk([*page])
    for key, row in found.items():
        row.distance_km = page[key]
    return [found[key] for key in page if key in found]


def matching(*, asked: Asked, on: datetime.date) -> QuerySet[Listing]:
    """Return the same hits in the same order as a queryset, with `distance_km` where asked near.

    For whoever goes on narrowing or fetches more with each; a results page asks `find`.
    """
    understood = spelling.understand(asked.words)
    conditions = choices(asked, on)
    found = Listing.objects.filter(
        must(asked, on), *conditions.values(), service__in=Service.objects.offered(on)
    )
    if asked.weekday is not None and asked.part_of_day:
        found = found.filter(filters.on_at(asked.weekday, asked.part_of_day))
    order: list[str] = []
    if asked.near is not None:
        near = filters.near(*asked.near)
        nearest = near.filter(service=OuterRef("service")).values(km=Sqrt("square"))
        found = found.filter(service__in=near.values("service"))
        found = found.annotate(distance_km=Subquery(nearest))  # type: ignore[no-redef]
        order = ["distance_km"]
    if understood.stems:
        scored = said(understood)
        relevance = scored.filter(listing=OuterRef("pk")).values("relevance")
        found = found.filter(pk__in=scored.values("listing"))
        found = found.annotate(relevance=Subquery(relevance))
        order = ["-relevance"]
    return found.order_by(*order, "name", "pk").select_related("service__provider")


def said(understood: Understood) -> QuerySet[Any, dict[str, Any]]:
    """Return the listings that say half of what was asked, by weight, with their relevance."""
    known = understood.known
    weight = Case(
        *(When(stem=stem, then=Value(weight)) for stem, weight in known.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
    scored: QuerySet[Any, dict[str, Any]] = (
        Mention.objects.filter(stem__in=[*known])
        .order_by()
        .values("listing")
        .annotate(relevance=Sum(weight * F("points")), weight=Sum(weight))
        .filter(weight__gte=max(sum(known.values()) // 2, 1))
    )
    return scored


def must(asked: Asked, on: datetime.date) -> Q:
    """Return what always holds: offered on the day, for the age, in the district."""
    condition = filters.offered(on)
    if asked.district:
        condition &= filters.serving(asked.district)
    if asked.age is not None:
        condition &= filters.for_age(asked.age)
    return condition


def choices(asked: Asked, on: datetime.date) -> dict[str, Q]:
    """Return what was chosen: a condition for each filter."""
    found = filters.by_taxonomy(asked.terms)
    if asked.kinds:
        found["kind"] = Q(kind__in=asked.kinds)
    if asked.price_to_pence is not None:
        found["price"] = Q(price_from_pence__lte=asked.price_to_pence)
    if asked.price_unit:
        found["unit"] = Q(price_unit=asked.price_unit)
    if asked.wait_to_days is not None:
        found["wait"] = Q(wait_days__lte=asked.wait_to_days)
    if asked.weekday is not None:
        found["weekday"] = filters.on_at(asked.weekday, "")
    if asked.part_of_day:
        found["part_of_day"] = filters.on_at(None, asked.part_of_day)
    if asked.free_by is not None:
        found["free"] = filters.free_between(on, asked.free_by)
    if asked.step_free:
        found["step_free"] = Q(step_free=True)
    return found


def cards_of(asked: Asked, on: datetime.date, understood: Understood) -> counting.Cards:
    """Return what a search finds and counts: rows that fail one choice at most, with its code."""
    chosen = choices(asked, on)
    code, codes = coded(asked, chosen)
    rows: QuerySet[Listing, dict[str, Any]] = (
        Listing.objects.filter(must(asked, on))
        .annotate(code=code, free_step=free_step(on))
        .order_by()
        .values(*COUNTED)
    )
    if chosen:
        rows = rows.filter(Q(code__in=[*codes]))
    return counting.Cards(
        rows=rows,
        codes=codes,
        scored=said(understood).values("listing", "relevance") if understood.stems else None,
        nearby=filters.near(*asked.near) if asked.near is not None else None,
        weekday=asked.weekday,
        part_of_day=asked.part_of_day,
    )


def coded(asked: Asked, chosen: Mapping[str, Q]) -> tuple[Combinable, dict[int, frozenset[str]]]:
    """Return a code for each row, and for each code the facets that its rows count for.

    A choice that a row fails adds its own bit, so that failing two gives a code that is not there.
    """
    codes = {0: frozenset(counting.FACETS)}
    code: Any = Value(0)
    for place, (facet, condition) in enumerate(chosen.items()):
        codes[2**place] = frozenset([facet])
        code = code + failing(2**place, condition)
    if asked.weekday is not None and asked.part_of_day:
        # On that day and in that part of some day, but not both at once.
        bit = 2 ** len(chosen)
        codes[bit] = frozenset(["weekday", "part_of_day"])
        both = filters.on_at(asked.weekday, asked.part_of_day)
        code = code + failing(bit, both | ~chosen["weekday"] | ~chosen["part_of_day"])
    return code, codes


def failing(bit: int, condition: Q) -> Case:
    """Return a bit where a condition fails, else nothing."""
    return Case(When(condition, then=Value(0)), default=Value(bit), output_field=IntegerField())


def free_step(on: datetime.date) -> Case:
    """Return within how many days of a day something has a free time: the lowest step, or none."""
    return Case(
        *(
            When(
                filters.free_between(on, on + datetime.timedelta(days=days)), then=Value(str(days))
            )
            for days in counting.FREE_STEPS
        ),
        default=Value(""),
    )
