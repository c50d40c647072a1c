"""What people look for and nobody offers: counted by day, of nobody (report 3.3.1 and 3.3.2)."""

import datetime
import functools
import operator

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from cms import words as language
from cms.models import Service, UnmetSearch, Word
from cms.searches import Asked

MOST_WORDS = 12
UNKNOWN = "words"
"""Stands among the filters for words that the catalogue has not, and that are not kept."""


def count(*, asked: Asked, on: datetime.date, district: str = "") -> UnmetSearch:
    """Count a search that found nothing on a day.

    Of its words only those are kept that the catalogue's own words hold and no mentor is called.
    """
    words = language.split(asked.words)[:MOST_WORDS]
    known = ours(words)
    described = {
        "day": on,
        "terms": _fit(sorted(f"{term.taxonomy}:{term.slug}" for term in asked.terms), 500),
        "words": _fit(sorted(known), 200),
        "kind": _fit(sorted(asked.kinds), 100),
        "district": district[:100],
        "filters": _fit(others(asked, has_strange_words=bool(words) and not known), 200),
    }
    seen = UnmetSearch.objects.filter(**described)
    if not seen.update(count=F("count") + 1):
        try:
            with transaction.atomic():
                return UnmetSearch.objects.create(**described)
        except IntegrityError:  # somebody counted the first one at the same moment
            seen.update(count=F("count") + 1)
    return seen.get()


def ours(words: list[str]) -> set[str]:
    """Return, for those of somebody's words that are the catalogue's own, how it writes them."""
    stems = {language.stem(word) for word in words}
    if not stems:
        return set()
    written: dict[str, str] = {}
    rows = Word.objects.filter(stem__in=stems).values_list("stem", "text")
    for stem, text in rows.order_by("-length", "-text"):
        written[stem] = text
    named = _names([*written.values(), *words])
    meant = {written[language.stem(word)] for word in words if language.stem(word) in written}
    return {word for word in meant if word not in named}


def others(asked: Asked, *, has_strange_words: bool) -> list[str]:
    """Return the names of the other filters that were on, in one order, without their values."""
    on = {
        UNKNOWN: has_strange_words,
        "age": asked.age is not None,
        "near": asked.near is not None,
        "price": asked.price_to_pence is not None,
        "unit": bool(asked.price_unit),
        "wait": asked.wait_to_days is not None,
        "weekday": asked.weekday is not None,
        "part_of_day": bool(asked.part_of_day),
        "free": asked.free_by is not None,
        "step_free": asked.step_free,
    }
    return [name for name, is_on in on.items() if is_on]


def _names(words: list[str]) -> set[str]:
    """Return those of some words that a mentor or role model is called."""
    called = functools.reduce(operator.or_, (Q(name__icontains=word) for word in words))
    names = Service.objects.mentors().filter(called).values_list("name", flat=True)
    return {word for name in names for word in language.split(name)}


def _fit(entries: list[str], most: int) -> str:
    """Return as many entries as fit, whole ones only."""
    kept: list[str] = []
    for entry in entries:
        if len(" ".join([*kept, entry])) > most:
            break
        kept.append(entry)
    return " ".join(kept)
