"""Entries that are likely the same service twice, and what is said of them."""

import collections
import datetime
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from cms import catalogue
from cms.models import NotDuplicate, Service

ALIKE = 88
"""Of 100: how alike two names are that may be one, whatever the order of their words."""
SAME_ALONE = 96
"""Of 100: names that may be one with nothing else in common than the words."""
LARGEST_GROUP = 200
"""A telephone that so many entries share is a switchboard, and says nothing."""
NOT_DIGIT = re.compile(r"\D")
NOT_WORD = re.compile(r"\W+")
# What the entry that stays gains where it says nothing itself.
GAINED = """
    summary description what_happens_next website email phone minimum_age maximum_age wait_days
"""


@dataclass(frozen=True)
class Pair:
    """Two entries that may be one, and why, in words; the older one first."""

    first: Service
    second: Service
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """What one entry is compared by."""

    key: int
    name: str
    marks: frozenset[tuple[str, str]]


def likely(*, services: models.QuerySet[Service], on: datetime.date) -> list[Pair]:
    """Return the pairs among some services that may be the same, the likeliest first.

    Compared is only what shares a telephone, an address, a postcode, a provider or a first word:
    four queries, whatever their number.
    """
    standing = services.filter(pk__in=Service.objects.standing(on).values("pk"))
    cards = [*_cards(standing)]
    settled = {*NotDuplicate.objects.values_list("first", "second")}
    scored = []
    for one, other in _met(cards):
        likeness = fuzz.token_sort_ratio(one.name, other.name)
        shared = {kind for kind, _value in one.marks & other.marks if kind != "word"}
        enough = ALIKE if shared else SAME_ALONE
        if likeness >= enough and (one.key, other.key) not in settled:
            scored.append((-likeness, -len(shared), one.key, other.key, shared))
    keys = {key for *_score, one, other, _shared in scored for key in (one, other)}
    rows = standing.select_related("provider", "owner").in_bulk(keys)
    return [Pair(rows[a], rows[b], _reasons(shared)) for *_s, a, b, shared in sorted(scored)]


@transaction.atomic
def are_two(*, first: Service, second: Service, by: str, at: datetime.datetime) -> None:
    """Keep that two entries are not the same, so that they are not asked about again."""
    low, high = sorted((first.pk, second.pk))
    NotDuplicate.objects.get_or_create(
        first_id=low, second_id=high, defaults={"said_by": by, "said_at": at}
    )


@transaction.atomic
def join(
    *,
    service: Service,
    into: Service,
    at: datetime.datetime,
    by_user: AbstractBaseUser | None = None,
) -> Service:
    """Make one entry of two: what the one that stays does not say, it gains from the other.

    Raises what `catalogue.merge` raises, and `Unfit`.
    """
    catalogue.merge(service=service, into=into, on=timezone.localdate(at), by_user=by_user)
    into = Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=into.pk)
    lacking = [name for name in GAINED.split() if getattr(into, name) in ("", None)]
    ages = ("minimum_age", "maximum_age")
    for name in lacking:
        # Half of somebody else's ages would be nobody's.
        if name not in ages or all(age in lacking for age in ages):
            setattr(into, name, getattr(service, name))
    into.places.add(*service.places.all())
    return catalogue.update(service=into, at=at)


def _cards(services: models.QuerySet[Service]) -> Iterator[Card]:
    postcodes = collections.defaultdict(set)
    through = Service.places.through.objects.filter(service__in=services.values("pk"))
    for key, postcode in through.values_list("service", "place__postcode"):
        postcodes[key].add(postcode)
    rows = services.order_by("pk").values("pk", "name", "phone", "email", "website", "provider")
    for row in rows:
        name = " ".join(NOT_WORD.split(row["name"].casefold())).strip()
        marks = {
            ("phone", NOT_DIGIT.sub("", row["phone"])),
            ("email", row["email"].casefold()),
            ("website", row["website"].casefold().rstrip("/")),
            ("provider", str(row["provider"])),
            *(("postcode", postcode) for postcode in postcodes[row["pk"]]),
            *(("word", word) for word in {name.split(" ")[0], name.split(" ")[-1]}),
        }
        yield Card(row["pk"], name, frozenset(mark for mark in marks if mark[1]))


def _met(cards: Iterable[Card]) -> Iterator[tuple[Card, Card]]:
    groups: dict[tuple[str, str], list[Card]] = collections.defaultdict(list)
    for card in cards:
        for mark in card.marks:
            groups[mark].append(card)
    seen = set()
    for group in groups.values():
        if len(group) <= LARGEST_GROUP:
            for one, other in itertools.combinations(group, 2):
                if (one.key, other.key) not in seen:
                    seen.add((one.key, other.key))
                    yield one, other


def _reasons(shared: set[str]) -> tuple[str, ...]:
    words = {
        "provider": _("the same provider"),
        "phone": _("the same telephone"),
        "email": _("the same e-mail address"),
        "website": _("the same website"),
        "postcode": _("the same postcode"),
    }
    return (_("names alike"), *(told for kind, told in words.items() if kind in shared))
