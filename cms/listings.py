"""The rows the search reads: written from services, found by words and filters."""

import datetime
import enum
import functools
import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, FloatField, IntegerField, Q, Value, When
from django.db.models.functions import Sqrt
from django.utils.text import slugify

from cms import words as language
from cms.models import ConsentPart, Listing, Mentor, Place, Service, Term, Word

KM_A_DEGREE = 111.195  # of latitude, on a sphere of 6,371 km
ELSEWHERE = "elsewhere"  # it has places, none of them in a district we know
MOST_WORDS = 12
IN_WORDS, IN_NAME = 10, 4  # a word found at all, and what it adds to be in the name or a term


class Keep(enum.Enum):
    """Says that a value handed down earlier stays as it is."""

    KEEP = enum.auto()


KEEP = Keep.KEEP


@dataclass(frozen=True)
class Understood:
    """What the search made of somebody's words; `mended` is (as typed, as understood)."""

    stems: tuple[str, ...]
    mended: tuple[tuple[str, str], ...] = ()


def write(service: Service, handed_down: dict[str, object]) -> Listing:
    """Write a service's row afresh, with what rooms above hand down."""
    terms = with_parents(
        [*Term.objects.filter(services=service.pk).select_related("parent__parent")]
    )
    places = [*Place.objects.filter(services=service.pk)]
    point = next((place for place in places if place.has_point), None)
    found, named = said_by(service, terms)
    listing, _is_new = Listing.objects.update_or_create(
        service=service,
        defaults={
            "name": service.name,
            "kind": service.kind,
            "words": spaced(language.unique(language.stem(word) for word in found)),
            "name_words": spaced(language.unique(language.stem(word) for word in named)),
            "terms": spaced(str(term.pk) for term in terms),
            "districts": spaced(districts_of(service, places)),
            "latitude": point.latitude if point else None,
            "longitude": point.longitude if point else None,
            "minimum_age": service.minimum_age,
            "maximum_age": service.maximum_age,
            "wait_days": service.wait_days,
            **handed_down,
        },
    )
    learn(found)
    return listing


def said_by(service: Service, terms: Sequence[Term]) -> tuple[list[str], list[str]]:
    """Return all words of a service, and those of its name, kind and terms."""
    named = [service.name, service.get_kind_display()]
    named += [f"{term.name} {term.plain_name}" for term in terms]
    rest = [service.summary, service.description, *said_of_a_mentor(service)]
    rest += [service.provider.name, *(term.description for term in terms)]
    heard = language.split(" ".join(named))
    return language.unique([*heard, *language.split(" ".join(rest))]), language.unique(heard)


def said_of_a_mentor(service: Service) -> list[str]:
    """Return what a mentor says and likes: her story only while her own yes to it stands."""
    mentor = Mentor.objects.whole().filter(service=service.pk).first()
    if mentor is None:
        return []
    story = [mentor.story] if ConsentPart.STORY in mentor.agreed() else []
    return [*story, *(f"{term.name} {term.plain_name}" for term in mentor.interests.all())]


def with_parents(terms: Sequence[Term]) -> list[Term]:
    """Return terms and what they are part of, so that the wider term finds the service."""
    found: dict[int, Term] = {}
    for term in terms:
        step: Term | None = term
        while step is not None and step.pk not in found:
            found[step.pk] = step
            step = step.parent
    return [*found.values()]


def districts_of(service: Service, places: Sequence[Place]) -> list[str]:
    """Return the slugs of the districts a service is for; none means everywhere."""
    names = service.districts or [place.district for place in places if place.district]
    if not names and places:
        return [ELSEWHERE]
    return language.unique(slugify(name) for name in names)


def spaced(entries: Iterable[str]) -> str:
    """Return entries as a listing keeps them: a space before and after each."""
    return " " + "".join(f"{entry} " for entry in entries)


def learn(found: Sequence[str]) -> None:
    """Add the words of a listing to the vocabulary that spelling is mended from."""
    known = set(Word.objects.filter(text__in=found).values_list("text", flat=True))
    Word.objects.bulk_create(
        [
            Word(text=word, stem=language.stem(word), length=len(word))
            for word in sorted(set(found) - known)
        ],
        ignore_conflicts=True,
    )


def understand(text: str) -> Understood:
    """Return what somebody's words mean here, misspelt ones mended: at most three queries."""
    asked = {word: language.stem(word) for word in language.split(text)[:MOST_WORDS]}
    known = set(
        Word.objects.filter(stem__in=asked.values()).values_list("stem", flat=True).distinct()
    )
    strange = [word for word, stem in asked.items() if stem not in known]
    mended = mend(strange)
    meant = language.strong([mended.get(word, word) for word in asked])
    stems = language.unique(language.stem(word) for word in meant)
    return Understood(tuple(stems), tuple(mended.items()))


def mend(strange: Sequence[str]) -> dict[str, str]:
    """Return what misspelt words were most likely meant to be."""
    if not any(map(language.slips_allowed, strange)):
        return {}
    lengths = {n for word in strange for n in range(len(word) - 2, len(word) + 3)}
    vocabulary = [
        *Word.objects.filter(length__in=lengths).order_by("text").values_list("text", flat=True)
    ]
    likely = {word: language.nearest(word, vocabulary) for word in strange}
    counts = how_often({language.stem(found) for each in likely.values() for found in each})
    chosen = {}
    for word, candidates in likely.items():
        # A word that has left the catalogue is no mending; among equals the commoner one wins.
        standing = [found for found in candidates if counts.get(language.stem(found))]
        if standing:
            chosen[word] = min(standing, key=lambda found: fit(word, found, counts))
    return chosen


def fit(word: str, found: str, counts: dict[str, int]) -> tuple[int, bool, int, str]:
    """Return how well a known word stands for a misspelt one: the least is best."""
    distance = language.slips(word, found, language.slips_allowed(word))
    return distance, found[0] != word[0], -counts[language.stem(found)], found


def how_often(stems: set[str]) -> dict[str, int]:
    """Return how many listings hold each stem, in one query."""
    if not stems:
        return {}
    counted = Listing.objects.aggregate(
        **{
            f"n{number}": models.Count("pk", filter=Q(words__contains=f" {stem} "))
            for number, stem in enumerate(sorted(stems))
        }
    )
    return {stem: counted[f"n{number}"] for number, stem in enumerate(sorted(stems))}


def said(listings: models.QuerySet[Listing], stems: Sequence[str]) -> models.QuerySet[Listing]:
    """Narrow to listings with at least half of the words, and say how relevant each is."""
    hits = [Q(words__contains=f" {stem} ") for stem in stems]
    listings = listings.filter(functools.reduce(operator.or_, hits))
    if len(hits) > 2:
        matched = functools.reduce(operator.add, [count(hit, 1) for hit in hits])
        listings = listings.alias(matched=matched).filter(matched__gte=math.ceil(len(hits) / 2))
    named = [Q(name_words__contains=f" {stem} ") for stem in stems]
    points = [count(hit, IN_WORDS) for hit in hits] + [count(hit, IN_NAME) for hit in named]
    return listings.annotate(relevance=functools.reduce(operator.add, points))


def count(condition: Q, points: int) -> Case:
    """Return points where a condition holds, else none."""
    return Case(When(condition, then=Value(points)), default=Value(0), output_field=IntegerField())


def helping_with(
    listings: models.QuerySet[Listing], terms: Iterable[Term]
) -> models.QuerySet[Listing]:
    """Narrow by terms: any of the same taxonomy, and all of the taxonomies."""
    asked: dict[str, Q] = {}
    for term in terms:
        asked[term.taxonomy] = asked.get(term.taxonomy, Q()) | Q(terms__contains=f" {term.pk} ")
    for condition in asked.values():
        listings = listings.filter(condition)
    return listings


def within(
    listings: models.QuerySet[Listing], latitude: float, longitude: float, km: float
) -> models.QuerySet[Listing]:
    """Narrow to what has a place within so many kilometres, and say how far (`distance_km`)."""
    across = KM_A_DEGREE * max(math.cos(math.radians(latitude)), 0.01)
    square = ExpressionWrapper(
        (F("latitude") - latitude) * (F("latitude") - latitude) * KM_A_DEGREE**2
        + (F("longitude") - longitude) * (F("longitude") - longitude) * across**2,
        output_field=FloatField(),
    )
    # The box lets the index work; the circle is the answer.
    near = (
        Place.objects.filter(
            latitude__range=(latitude - km / KM_A_DEGREE, latitude + km / KM_A_DEGREE),
            longitude__range=(longitude - km / across, longitude + km / across),
        )
        .alias(square=square)
        .filter(square__lte=km**2)
    )
    return listings.filter(
        service__in=Service.places.through.objects.filter(place__in=near).values("service")
    ).annotate(
        distance_km=models.Subquery(
            Place.objects.filter(services=models.OuterRef("service"))
            .annotate(square=square)
            .filter(square__isnull=False)
            .order_by("square")
            .values(distance=Sqrt("square"))[:1]
        )
    )


def serving(listings: models.QuerySet[Listing], district: str) -> models.QuerySet[Listing]:
    """Narrow to what serves a district, or everywhere."""
    return listings.filter(Q(districts__contains=f" {slugify(district)} ") | Q(districts=" "))


def for_age(listings: models.QuerySet[Listing], age: int) -> models.QuerySet[Listing]:
    """Narrow to what somebody of an age may have."""
    return listings.filter(
        Q(minimum_age__isnull=True) | Q(minimum_age__lte=age),
        Q(maximum_age__isnull=True) | Q(maximum_age__gte=age),
    )


def offered(on: datetime.date) -> models.QuerySet[Listing]:
    """Return the listings of what may be offered on a day."""
    return Listing.objects.filter(service__in=Service.objects.offered(on))
