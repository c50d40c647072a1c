"""How much somebody gets: pure rules. Facts in; an amount, or what has to be asked first, out.

Knows nothing of budgets, prices, the database or Django (report §5.4.2: assessment is kept apart
from money).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.referrals import eligibility


@dataclass(frozen=True)
class Band:
    """An amount, in units of the price, and the criterion that earns it."""

    criterion: eligibility.Criterion
    units: int

    @property
    def sentence(self) -> str:
        """Return what people read."""
        return self.criterion.sentence


@dataclass(frozen=True)
class Weighed:
    """What one band says of these facts: met is None where the fact is not known."""

    band: Band
    met: bool | None


@dataclass(frozen=True)
class Result:
    """What all bands say: the first that is met counts; else everybody gets the standard offer."""

    weighed: tuple[Weighed, ...]
    standard: int

    @property
    def band(self) -> Band | None:
        """Return the band that the facts give; None for the standard offer, or while open."""
        for one in self.weighed:
            if one.met is None:
                return None
            if one.met:
                return one.band
        return None

    @property
    def units(self) -> int | None:
        """Return how much the facts give; None while something that matters is not known."""
        if self.missing:
            return None
        return self.band.units if self.band else self.standard

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the facts still to be asked, each once: none behind a band that is met."""
        found: dict[str, None] = {}
        for one in self.weighed:
            if one.met:
                break
            if one.met is None:
                found[one.band.criterion.fact] = None
        return tuple(found)

    @property
    def amounts(self) -> tuple[int, ...]:
        """Return every amount that may be given: the bands' and the standard offer, each once."""
        return tuple(dict.fromkeys([*(one.band.units for one in self.weighed), self.standard]))


def assess(bands: Iterable[Band], facts: Mapping[str, Any], *, standard: int) -> Result:
    """Compare facts with the bands of a service, in its order; `standard` is units of the price.

    A band behind one that is not known yet cannot count: it waits for what is missing.
    """
    weighed = tuple(
        Weighed(band, eligibility.evaluate([band.criterion], facts).met) for band in bands
    )
    return Result(weighed=weighed, standard=standard)
