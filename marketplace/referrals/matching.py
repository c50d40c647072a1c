"""How well a mentor fits a person and a goal: pure arithmetic, each point with its reason.

Knows nothing of Django, of the database or of money. Terms, interests and languages are numbers
that only have to be equal; hours are minutes of the day.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

KM_A_DEGREE = 111.195
NEAR_KM, CLOSE_KM = 16.0, 5.0
SHORTEST_MINUTES = 30
"""Less time than this in common is no time to meet in."""


class Because(StrEnum):
    """What speaks for a mentor."""

    LIVED = "lived"
    GOAL = "goal"
    LANGUAGE = "language"
    INTEREST = "interest"
    HOURS = "hours"
    NEAR = "near"


# Points for one thing in common, and for how many it counts: that somebody has been there too
# comes first (report 4.7 and 5.2), and no heap of small things outweighs it.
POINTS = {
    Because.LIVED: (40, 2),
    Because.GOAL: (30, 2),
    Because.LANGUAGE: (30, 1),
    Because.INTEREST: (12, 3),
    Because.HOURS: (8, 2),
    Because.NEAR: (5, 2),
}
# What nobody is shown for alone: many are free on a Tuesday.
LESSER = frozenset({Because.HOURS, Because.NEAR})


@dataclass(frozen=True)
class Hours:
    """Some time in the week: the day (Monday is 0), and from and until in minutes of the day."""

    weekday: int
    start: int
    end: int

    def overlaps(self, other: "Hours") -> bool:
        """Tell whether two share enough time to meet in."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        return self.weekday == other.weekday and shared >= SHORTEST_MINUTES


@dataclass(frozen=True)
class Wanted:
    """What is known of a person and what she wants; empty where it is not known."""

    terms: frozenset[int] = frozenset()
    age: int | None = None
    interests: frozenset[int] = frozenset()
    languages: frozenset[int] = frozenset()
    hours: tuple[Hours, ...] = ()
    point: tuple[float, float] | None = None


@dataclass(frozen=True)
class Offered:
    """What a mentor brings; `lived` holds only what she lets be told."""

    key: int
    terms: frozenset[int] = frozenset()
    lived: frozenset[int] = frozenset()
    interests: frozenset[int] = frozenset()
    languages: frozenset[int] = frozenset()
    hours: tuple[Hours, ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for a mentor: what they have in common, and what it counts."""

    because: Because
    shared: tuple[int, ...]
    points: int


@dataclass(frozen=True)
class Match:
    """A mentor and all that speaks for her, the weightiest first."""

    key: int
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """Return the sum of the points."""
        return sum(reason.points for reason in self.reasons)


def rank(wanted: Wanted, offers: Iterable[Offered]) -> list[Match]:
    """Return those that fit, best first; equal ones in the order of their keys."""
    matches = [found for found in (match(wanted, one) for one in offers) if found is not None]
    return sorted(matches, key=lambda found: (-found.score, found.key))


def match(wanted: Wanted, offered: Offered) -> Match | None:
    """Return what speaks for one mentor; None for the wrong age, or where nothing much does."""
    if not _is_of_age(wanted.age, offered):
        return None
    lived = wanted.terms & offered.lived
    days = {
        one.weekday for one in offered.hours if any(one.overlaps(free) for free in wanted.hours)
    }
    found = [
        _reason(Because.LIVED, lived),
        _reason(Because.GOAL, (wanted.terms & offered.terms) - lived),
        _reason(Because.LANGUAGE, wanted.languages & offered.languages),
        _reason(Because.INTEREST, wanted.interests & offered.interests),
        _reason(Because.HOURS, days),
        _near(wanted.point, offered.points),
    ]
    reasons = sorted(
        (reason for reason in found if reason is not None),
        key=lambda reason: (-reason.points, list(Because).index(reason.because)),
    )
    if all(reason.because in LESSER for reason in reasons):
        return None
    return Match(key=offered.key, reasons=tuple(reasons))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far two points (latitude, longitude) are apart, as the crow flies."""
    across = KM_A_DEGREE * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot((one[0] - other[0]) * KM_A_DEGREE, (one[1] - other[1]) * across)


def _is_of_age(age: int | None, offered: Offered) -> bool:
    if age is None:
        return True
    low, high = offered.minimum_age, offered.maximum_age
    return (low is None or low <= age) and (high is None or age <= high)


def _reason(because: Because, shared: Iterable[int]) -> Reason | None:
    common = tuple(sorted(shared))
    each, most = POINTS[because]
    return Reason(because, common, each * min(len(common), most)) if common else None


def _near(
    point: tuple[float, float] | None, points: Sequence[tuple[float, float]]
) -> Reason | None:
    if point is None or not points:
        return None
    away = min(kilometres(point, one) for one in points)
    if away > NEAR_KM:
        return None
    each, most = POINTS[Because.NEAR]
    return Reason(Because.NEAR, (round(away),), each * (most if away <= CLOSE_KM else 1))
