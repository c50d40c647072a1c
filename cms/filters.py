"""What each filter of a search means: a condition on listings."""

import datetime
import math
from collections.abc import Iterable
from typing import Any

from django.db.models import ExpressionWrapper, F, FloatField, Min, Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify

from cms.models import Service, Term, TermTaxonomy

KM_A_DEGREE = 111.195  # of latitude, on a sphere of 6,371 km
# Where a listing keeps the terms of each taxonomy.
COLUMNS = {
    TermTaxonomy.NEED: "needs",
    TermTaxonomy.ISSUE: "issues",
    TermTaxonomy.BARRIER: "barriers",
    TermTaxonomy.VISION: "visions",
    TermTaxonomy.CATEGORY: "categories",
    TermTaxonomy.AUDIENCE: "audiences",
    TermTaxonomy.LANGUAGE: "languages",
    TermTaxonomy.INTEREST: "interests",
}
PARTS_OF_DAY = {"morning": "m", "afternoon": "a", "evening": "e"}


def offered(on: datetime.date) -> Q:
    """Return what may be offered on a day, as its listing remembers."""
    return Q(is_offered=True) & (Q(offered_until__isnull=True) | Q(offered_until__gt=on))


def serving(district: str) -> Q:
    """Return what serves a district, or everywhere."""
    return Q(districts__contains=f" {slugify(district)} ") | Q(districts=" ")


def for_age(age: int) -> Q:
    """Return what somebody of an age may have."""
    return (Q(minimum_age__isnull=True) | Q(minimum_age__lte=age)) & (
        Q(maximum_age__isnull=True) | Q(maximum_age__gte=age)
    )


def by_taxonomy(terms: Iterable[Term]) -> dict[str, Q]:
    """Return what has any of the terms, for each taxonomy."""
    asked: dict[str, Q] = {}
    for term in terms:
        entry = Q(**{f"{COLUMNS[TermTaxonomy(term.taxonomy)]}__contains": f" {term.pk} "})
        asked[term.taxonomy] = asked.get(term.taxonomy, Q()) | entry
    return asked


def on_at(weekday: int | None, part_of_day: str) -> Q:
    """Return what is on on a day of the week, in a part of the day, or both at once."""
    part = PARTS_OF_DAY.get(part_of_day, "")
    if weekday is None:
        return Q(hours__contains=f"{part} ")
    return Q(hours__contains=f" {weekday}{part} " if part else f" {weekday}")


def free_between(first: datetime.date, last: datetime.date) -> Q:
    """Return what has a free time from one day to another, both included."""
    return Q(next_free_at__gte=midnight(first)) & Q(
        next_free_at__lt=midnight(last + datetime.timedelta(days=1))
    )


def midnight(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins in Europe/London."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def near(latitude: float, longitude: float, km: float) -> QuerySet[Any, dict[str, Any]]:
    """Return the services with a place within so many kilometres, each with its nearest.

    Each row has `service` and `square`: the distance in kilometres, squared.
    """
    across = KM_A_DEGREE * max(math.cos(math.radians(latitude)), 0.01)
    square = ExpressionWrapper(
        (F("place__latitude") - latitude) * (F("place__latitude") - latitude) * KM_A_DEGREE**2
        + (F("place__longitude") - longitude) * (F("place__longitude") - longitude) * across**2,
        output_field=FloatField(),
    )
    # The box lets the index work; the circle is the answer.
    found: QuerySet[Any, dict[str, Any]] = (
        Service.places.through.objects.filter(
            place__latitude__range=(latitude - km / KM_A_DEGREE, latitude + km / KM_A_DEGREE),
            place__longitude__range=(longitude - km / across, longitude + km / across),
        )
        .values("service")
        .annotate(square=Min(square))
        .filter(square__lte=km**2)
        .order_by()
    )
    return found
