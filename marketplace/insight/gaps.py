"""What people look for and do not find, beside what is offered for it (report 3.3.1 and 3.3.2).

From searches without a sign-in: counts of nobody.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from cms.models import Service, ServiceKind, Term, TermTaxonomy, UnmetSearch

MOST_WORDS = 30


@dataclass(frozen=True)
class Gap:
    """One thing looked for: how often in vain, where, and how many services there are for it."""

    taxonomy: str
    name: str
    searches: int
    districts: tuple[tuple[str, int], ...]
    offered: int


@dataclass(frozen=True)
class Gaps:
    """What was looked for in vain between two days."""

    searches: int
    terms: tuple[Gap, ...]
    words: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    districts: tuple[tuple[str, int], ...]
    filters: tuple[tuple[str, int], ...]


def of(*, since: date, until: date, district: str = "") -> Gaps:
    """Return the searches that found nothing from one day to another, both included.

    As many queries however many searches there were.
    """
    found = UnmetSearch.objects.filter(day__gte=since, day__lte=until)
    if district:
        found = found.filter(district=district)
    rows = _summed(found)
    kinds = dict(ServiceKind.choices)
    return Gaps(
        searches=sum(row["times"] for row in rows),
        terms=_terms(rows, on=until),
        words=tuple(_counted(rows, "words").most_common(MOST_WORDS)),
        kinds=tuple(
            (str(kinds.get(kind, kind)), number)
            for kind, number in _counted(rows, "kind").most_common()
        ),
        districts=tuple(_by_district(rows).most_common()),
        filters=tuple(_counted(rows, "filters").most_common()),
    )


def districts() -> list[str]:
    """Return the districts that searches came from, by name."""
    found = UnmetSearch.objects.exclude(district="").order_by("district")
    return list(found.values_list("district", flat=True).distinct())


Row = Mapping[str, object]


def _summed(found: QuerySet[UnmetSearch]) -> list[dict[str, int]]:
    rows = found.order_by().values("terms", "words", "kind", "district", "filters")
    return list(rows.annotate(times=Sum("count")))


def _counted(rows: Iterable[Mapping[str, object]], name: str) -> Counter[str]:
    """Count each entry of a list in text; the commonest first, then by name."""
    found: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: str(row[name])):
        for entry in str(row[name]).split():
            found[entry] += int(str(row["times"]))
    return found


def _by_district(rows: Iterable[Mapping[str, object]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: str(row["district"])):
        found[str(row["district"])] += int(str(row["times"]))
    return found


def _terms(rows: list[dict[str, int]], *, on: date) -> tuple[Gap, ...]:
    counted = _counted(rows, "terms")
    offered = _offered(on=on)
    named = {f"{term.taxonomy}:{term.slug}": term for term in Term.objects.all()} if counted else {}
    gaps = []
    for code, number in counted.most_common():
        term = named.get(code)
        if term is None:
            continue
        here = [row for row in rows if code in str(row["terms"]).split()]
        gaps.append(
            Gap(
                taxonomy=str(TermTaxonomy(term.taxonomy).label),
                name=term.name,
                searches=number,
                districts=tuple(_by_district(here).most_common()),
                offered=offered.get(term.pk, 0),
            )
        )
    return tuple(gaps)


def _offered(*, on: date) -> dict[int, int]:
    """Return how many services are offered for each term on a day."""
    found = Service.objects.offered(on).order_by().values("terms").annotate(number=Count("pk"))
    return {row["terms"]: row["number"] for row in found if row["terms"] is not None}
