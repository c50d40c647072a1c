"""Narrows what is public to what was asked for: every parameter filters, and all must be met."""

import datetime
import functools
import math
import operator
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Exists, ExpressionWrapper, F, FloatField, Model, OuterRef, Q, QuerySet
from django.utils.text import slugify

from cms import catalogue
from cms.filters import KM_A_DEGREE
from cms.models import Listing, Organisation, Place, Schedule, Service, Term, TermTaxonomy
from cms.places import Point
from marketplace.openreferral import published
from marketplace.openreferral.asked import Asked
from marketplace.openreferral.standard import taxonomy_ids

M = TypeVar("M", bound=Model)

AtPlace = Service.places.through


def services(*, asked: Asked, on: datetime.date, at: datetime.datetime) -> QuerySet[Service]:
    """Return the services that were asked for, in the order they came into the catalogue.

    What has ended is there for whoever asks what changed since a moment, and for nobody else.
    """
    found = published.ever(on=on)
    if asked.modified_after is None:
        found = found.filter(is_offered=True)
    else:
        found = published.changed_since(found, since=asked.modified_after, at=at)
    return narrowed(found, asked).order_by("pk")


def narrowed(found: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
    """Narrow services by who runs them, what they help with, for whom, when and where.

    What has ended is told by no more than its name and who ran it, so only that finds it.
    """
    if asked.organization_id is not None:
        found = found.filter(provider__reference=asked.organization_id)
    conditions = [*mapped_to(asked), *for_ages(asked), *on_at(asked), *reached_from(asked)]
    if conditions:
        found = found.filter(*conditions, is_offered=True)
    return found


def mapped_to(asked: Asked) -> list[Q]:
    """Say what terms services must be mapped to."""
    conditions = []
    if asked.taxonomy_term_id is not None:
        terms = Term.objects.filter(services=OuterRef("pk"), reference=asked.taxonomy_term_id)
        conditions.append(Q(Exists(terms)))
    if asked.taxonomy_id is not None:
        conditions.append(
            Q(Exists(of_taxonomy(Term.objects.filter(services=OuterRef("pk")), asked)))
        )
    return conditions


def of_taxonomy(terms: QuerySet[Term], asked: Asked) -> QuerySet[Term]:
    """Narrow terms to those of the taxonomy asked for; one that is none has no terms."""
    names = {made: name for name, made in taxonomy_ids().items()}
    return terms.filter(taxonomy=names.get(str(asked.taxonomy_id), ""))


def for_ages(asked: Asked) -> list[Q]:
    """Say that somebody between the ages asked for can have it."""
    conditions = []
    if asked.minimum_age is not None:
        conditions.append(Q(maximum_age__isnull=True) | Q(maximum_age__gte=asked.minimum_age))
    if asked.maximum_age is not None:
        conditions.append(Q(minimum_age__isnull=True) | Q(minimum_age__lte=asked.maximum_age))
    return conditions


def on_at(asked: Asked) -> list[Q]:
    """Say that it is on at some time of the day and between the hours asked for, together."""
    asked_for = (asked.weekday, asked.start_time, asked.end_time)
    if asked_for == (None, None, None):
        return []
    rows = Schedule.objects.filter(service=OuterRef("pk"))
    if asked.weekday is not None:
        rows = rows.filter(weekday=asked.weekday)
    if asked.start_time is not None:
        rows = rows.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=asked.start_time))
    if asked.end_time is not None:
        rows = rows.filter(opens_at__lt=asked.end_time)
    if asked.start_time is not None or asked.end_time is not None:
        rows = rows.filter(opens_at__isnull=False)
    return [Q(Exists(rows))]


def reached_from(asked: Asked) -> list[Q]:
    """Say that it is for the district of a postcode, and near enough to it where that was asked.

    One that names no districts is for any.
    """
    if asked.point is None:
        return []
    conditions = [serving(asked.point)] if asked.point.district else []
    if asked.proximity is not None:
        near = Place.objects.filter(services=OuterRef("pk"), pk__in=within(asked))
        conditions.append(Q(Exists(near)))
    return conditions


def serving(point: Point) -> Q:
    """Say that a service is for the district that a point is in."""
    return Q(districts=[]) | Q(listing__districts__contains=f" {slugify(point.district)} ")


def within(asked: Asked) -> QuerySet[Place]:
    """Return the places that are near enough to the postcode asked for."""
    point, km = asked.point, (asked.proximity or 0) / 1000
    if point is None:
        return Place.objects.none()
    across = KM_A_DEGREE * max(math.cos(math.radians(point.latitude)), 0.01)
    square = ExpressionWrapper(
        (F("latitude") - point.latitude) * (F("latitude") - point.latitude) * KM_A_DEGREE**2
        + (F("longitude") - point.longitude) * (F("longitude") - point.longitude) * across**2,
        output_field=FloatField(),
    )
    # The box lets the index work; the circle is the answer.
    high, wide = km / KM_A_DEGREE, km / across
    return (
        Place.objects.filter(
            latitude__range=(point.latitude - high, point.latitude + high),
            longitude__range=(point.longitude - wide, point.longitude + wide),
        )
        .alias(square=square)
        .filter(square__lte=km**2)
    )


def said(*, words: str, on: datetime.date) -> QuerySet[Listing]:
    """Return what the words find, the most relevant first: the same search as on the site.

    Words that mean nothing here find nothing.
    """
    if not catalogue.understand(words=words).stems:
        return Listing.objects.none()
    return catalogue.search(on=on, words=words)


def at_locations(*, asked: Asked, on: datetime.date, at: datetime.datetime) -> QuerySet[Any]:
    """Return services at places, of what is offered, that were asked for."""
    here = published.ever(on=on).filter(is_offered=True)
    if asked.modified_after is not None:
        here = published.changed_since(here, since=asked.modified_after, at=at)
    found: QuerySet[Any] = AtPlace.objects.filter(service__in=narrowed(here, asked).values("pk"))
    if asked.search:
        words = said(words=asked.search, on=on).order_by()
        found = found.filter(service__in=words.values("service"))
    if asked.proximity is not None:
        found = found.filter(place__in=within(asked).values("pk"))
    return found.order_by("pk")


def organisations(*, asked: Asked, on: datetime.date) -> QuerySet[Organisation]:
    """Return the organisations that were asked for."""
    return with_words(published.organisations(on=on), asked).order_by("pk")


def terms(*, asked: Asked) -> QuerySet[Term]:
    """Return the terms that were asked for."""
    found = with_words(Term.objects.select_related("parent"), asked)
    if asked.taxonomy_id is not None:
        found = of_taxonomy(found, asked)
    if asked.top_only:
        found = found.filter(parent__isnull=True)
    if asked.parent_id is not None:
        found = found.filter(parent__reference=asked.parent_id)
    return found.order_by("pk")


def taxonomies(*, asked: Asked) -> Sequence[str]:
    """Return the names of the taxonomies that were asked for."""
    words = asked.search.lower().split()
    return [
        name
        for name, label in TermTaxonomy.choices
        if all(word in str(label).lower() for word in words)
    ]


def with_words(found: QuerySet[M], asked: Asked) -> QuerySet[M]:
    """Narrow to what says every word in its name or description."""
    words = asked.search.split()[:20]
    said_each = [Q(name__icontains=word) | Q(description__icontains=word) for word in words]
    return found.filter(functools.reduce(operator.and_, said_each)) if said_each else found
