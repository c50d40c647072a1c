"""A search of the catalogue: what somebody asks, and what is found, with counts beside choices."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from cms import catalogue, listings
from cms.listings import Understood
from cms.models import Listing, Term

PER_PAGE = 10


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

    A page beyond the last is empty. Rows come with their service and its provider, and with
    `distance_km` where it was asked near a point.
    """
    found = catalogue.search(
        on=on,
        words=asked.words,
        terms=asked.terms,
        district=asked.district,
        near=asked.near,
        kind=asked.kinds,
        age=asked.age,
        price_to_pence=asked.price_to_pence,
        wait_to_days=asked.wait_to_days,
    )
    start = (max(page, 1) - 1) * per_page
    counts: dict[str, dict[str, int]] = {}
    if facets:
        for kind in found.order_by().values_list("kind", flat=True):
            here = counts.setdefault("kind", {})
            here[kind] = here.get(kind, 0) + 1
    return Found(
        total=found.count(),
        rows=[*found[start : start + per_page]],
        facets=counts,
        understood=listings.understand(asked.words),
    )
