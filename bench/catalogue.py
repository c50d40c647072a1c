"""How fast the catalogue is searched, beside Wagtail's own database search on the same rows.

    python -m tests.servers -- python -m bench.catalogue                     (10,000 and 100,000)
    python -m tests.servers -- python -m bench.catalogue --sizes 10000 --searches 50

Synthetic services are made by chance, always the same, out of the entries of the demonstration
place: their words, terms, hours and prices, moved over England. Three kinds of search are asked,
each answered by one page of ten, the total and *all* counts beside the choices: by the words of
the golden searches, by what somebody has narrowed down to (near, for an age, one or two choices),
and wide open (nothing or one choice). Wagtail is asked for the same words and filters, one page,
the total, its facets and the counts of terms, a queryset each. Both take turns, search by search.

Measured once, on 2 processors with a load of 8 from other work, when a bare scan of the rows took
ten to twenty times what it takes on a quiet machine: at 100,000 text 300/939 ms (p50/p95; Wagtail
3,209/7,796), filtered 22/46 (30/92), wide 499/1,301 with all counts (145/491 with one facet, all
that Wagtail was asked for then). Run it on a quiet machine before quoting a figure.
"""

import argparse
import csv
import itertools
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from django.contrib.contenttypes.models import ContentType  # noqa: E402 - after the set-up above
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from modelsearch.abstract_models import TextIDGenericRelation  # noqa: E402
from wagtail.search import index  # noqa: E402
from wagtail.search.backends import get_search_backend  # noqa: E402
from wagtail.search.models import IndexEntry  # noqa: E402
from wagtail.search.query import MATCH_ALL  # noqa: E402

from bench._synthetic import ENGLAND, ON, ROOT, TAXONOMIES, Maker, load  # noqa: E402
from cms import searches  # noqa: E402
from cms.models import Mention, Service  # noqa: E402
from tests import databases  # noqa: E402

PER_PAGE = 10


class Entry(index.Indexed, Service):
    """The same rows as Wagtail would index them; only here."""

    search_fields = [
        index.SearchField("name", boost=2),
        index.SearchField("summary"),
        index.SearchField("description"),
        index.RelatedFields(
            "terms",
            [
                index.SearchField("name"),
                index.SearchField("plain_name"),
                index.SearchField("also_said"),
            ],
        ),
        index.FilterField("kind"),
        index.FilterField("minimum_age"),
        index.FilterField("maximum_age"),
        index.FilterField("wait_days"),
        index.FilterField("live"),
        index.FilterField("id"),
    ]

    class Meta:
        proxy = True
        app_label = "cms"


TextIDGenericRelation(IndexEntry).contribute_to_class(Entry, "index_entries")


WAGTAILS = """
INSERT INTO wagtailsearch_indexentry
    (content_type_id, object_id, title, title_norm, autocomplete, body, title_text, body_text)
SELECT %s, CAST(s.id AS text), setweight(to_tsvector(s.name), 'A'), 1.0, to_tsvector(''),
    setweight(to_tsvector(concat_ws(' ', s.summary, s.description, t.said)), 'D'), s.name, ''
FROM cms_service s LEFT JOIN (
    SELECT st.service_id, string_agg(concat_ws(' ', name, plain_name, also_said), ' ') AS said
    FROM cms_service_terms st JOIN cms_term ON cms_term.id = st.term_id GROUP BY st.service_id
) t ON t.service_id = s.id
"""


def load_wagtail() -> None:
    """Index the same rows for Wagtail: what its backend writes, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(WAGTAILS, [ContentType.objects.get_for_model(Entry).pk])
        cursor.execute("VACUUM ANALYZE wagtailsearch_indexentry")


def by_words(count: int) -> Iterator[searches.Asked]:
    """Return searches by words alone: what families, doctors and workers type."""
    with (ROOT / "tests/cms/golden.csv").open(encoding="utf-8", newline="") as file:
        said = [row["words"] for row in csv.DictReader(file)]
    random.Random(1).shuffle(said)
    return (searches.Asked(words=text) for text in itertools.islice(itertools.cycle(said), count))


def narrowed(maker: Maker, count: int) -> Iterator[searches.Asked]:
    """Return what somebody has narrowed down to: near, for an age, with one or two choices."""
    chance = random.Random(2)
    south, north, west, east = ENGLAND
    for _each in range(count):
        taxonomies = chance.sample([*maker.by_taxonomy], chance.choice([1, 1, 2]))
        yield searches.Asked(
            near=(
                chance.uniform(south, north),
                chance.uniform(west, east),
                chance.choice([16, 32, 48]),
            ),
            age=chance.choice([4, 9, 14, 35]),
            terms=tuple(chance.choice(maker.by_taxonomy[name]) for name in taxonomies),
            kinds=(chance.choice(["group", "specialist"]),) if chance.random() < 0.3 else (),
            wait_to_days=28 if chance.random() < 0.3 else None,
        )


def wide(maker: Maker, count: int) -> Iterator[searches.Asked]:
    """Return what is wide open: nothing chosen, or one thing in the whole catalogue."""
    chance = random.Random(3)
    for number in range(count):
        terms = (chance.choice(maker.by_taxonomy["issue"]),)
        yield [
            searches.Asked(),
            searches.Asked(terms=terms),
            searches.Asked(kinds=("group",)),
            searches.Asked(price_to_pence=2500, age=chance.choice([4, 9, 14, 35])),
        ][number % 4]


def ours(asked: searches.Asked) -> int:
    """Answer with our search: one page, the total, all counts."""
    return searches.find(asked=asked, on=ON, per_page=PER_PAGE).total


def wagtails(asked: searches.Asked) -> int:
    """Answer with Wagtail's: one page, the total, and what it can count."""
    found = Entry.objects.filter(live=True).select_related("provider")
    if asked.near:
        latitude, longitude, km = asked.near
        up, across = km / 111.2, km / 66.0
        near = Service.places.through.objects.filter(
            place__latitude__range=(latitude - up, latitude + up),
            place__longitude__range=(longitude - across, longitude + across),
        )
        found = found.filter(pk__in=near.values("service_id"))
    for term in asked.terms:
        filed = Service.terms.through.objects.filter(term=term)
        found = found.filter(pk__in=filed.values("service_id"))
    if asked.kinds:
        found = found.filter(kind__in=asked.kinds)
    if asked.age is not None:
        found = found.filter(minimum_age__lte=asked.age)
    if asked.wait_to_days is not None:
        found = found.filter(wait_days__lte=asked.wait_to_days)
    # With nothing typed, everything matches: Wagtail has a query for it.
    results = get_search_backend().search(asked.words or MATCH_ALL, found, operator="or")
    [*results[:PER_PAGE]]
    for field in ("kind", "wait_days", "minimum_age"):
        results.facet(field)
    # It counts no terms: whoever needs them asks for each taxonomy among what was found.
    hits = results.get_queryset().order_by().values("pk")
    filed = Service.terms.through.objects.filter(service__in=hits).order_by()
    for taxonomy in TAXONOMIES:
        [*filed.filter(term__taxonomy=taxonomy).values_list("term").annotate(Count("pk"))]
    return int(results.count())


def timed(answer: Callable[[searches.Asked], int], asked: searches.Asked) -> tuple[float, int]:
    """Return how many milliseconds an answer took, and its total."""
    began = time.perf_counter()
    total = answer(asked)
    return (time.perf_counter() - began) * 1000, total


def compete(name: str, asked: Sequence[searches.Asked]) -> None:
    """Ask both by turns, and print how long they took."""
    took: dict[str, list[float]] = {"ours": [], "wagtail": []}
    totals, statements = [], set()
    for one in asked[:5]:
        ours(one), wagtails(one)  # warm
    for one in asked:
        milliseconds, total = timed(ours, one)
        took["ours"].append(milliseconds)
        totals.append(total)
        took["wagtail"].append(timed(wagtails, one)[0])
        with CaptureQueriesContext(connection) as captured:
            ours(one)
        statements.add(len(captured))
    p50, p95 = quantiles(took["ours"])
    other50, other95 = quantiles(took["wagtail"])
    print(
        f"{name:9} p50 {p50:7.1f}  p95 {p95:7.1f} ms   Wagtail p50 {other50:7.1f}  "
        f"p95 {other95:7.1f} ms   {other50 / p50:5.1f} and {other95 / p95:5.1f} times   "
        f"statements {min(statements)} to {max(statements)}   hits {statistics.median(totals):,.0f}"
    )


def quantiles(took: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 95th of a hundred."""
    cut = statistics.quantiles(took, n=100)
    return cut[49], cut[94]


def main() -> None:
    """Load, ask both, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--searches", type=int, default=100, help="of each kind")
    said = parser.parse_args()
    if connection.vendor != "postgresql":
        raise SystemExit(
            "Run it beside PostgreSQL: python -m tests.servers -- python -m bench.catalogue"
        )
    for size in said.sizes:
        name = databases.clone("bench")
        try:
            measure(size, said.searches)
        finally:
            databases.drop(name)


def measure(size: int, count: int) -> None:
    """Load so many services and measure."""
    began = time.perf_counter()
    maker = Maker()
    load(maker, size)
    loaded = time.perf_counter()
    load_wagtail()
    print(
        f"\n{size:,} services, {Mention.objects.count():,} words said; loaded in "
        f"{loaded - began:.0f} s, by Wagtail in {time.perf_counter() - loaded:.0f} s more; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    compete("text", [*by_words(count)])
    compete("filtered", [*narrowed(maker, count)])
    compete("wide", [*wide(maker, count)])


if __name__ == "__main__":
    main()
