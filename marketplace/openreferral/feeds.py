"""What a directory's feed holds once it has been read, whatever shape it came in."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class BadFeed(Exception):
    """A file that cannot be read as a feed; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class FeedProblem:
    """One thing wrong with one entry of the feed."""

    source_id: str
    code: str
    sentence: str


@dataclass(frozen=True)
class FeedTerm:
    """One word of the directory's own lists; `parent_id` is empty at the top."""

    source_id: str
    taxonomy: str
    name: str
    parent_id: str = ""
    slug: str = ""
    plain_name: str = ""
    description: str = ""


@dataclass(frozen=True)
class FeedOrganisation:
    """A body that runs something in the directory."""

    source_id: str
    name: str
    kind: str
    description: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class FeedPlace:
    """Somewhere in the directory."""

    source_id: str
    name: str
    address: str = ""
    postcode: str = ""
    district: str = ""
    latitude: float | None = None
    longitude: float | None = None
    step_free: bool | None = None


@dataclass(frozen=True)
class FeedSchedule:
    """When something is on; weekday 0 is Monday."""

    weekday: int | None
    opens_at: datetime.time | None
    closes_at: datetime.time | None
    description: str = ""
    place_id: str = ""
    valid_to: datetime.date | None = None


@dataclass(frozen=True)
class FeedPrice:
    """One price: pence for one unit, and the directory's own words."""

    amount_pence: int
    unit: str
    words: str
    sureness: "FeedSureness | None" = None
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None


@dataclass(frozen=True)
class FeedSureness:
    """How sure a directory is of a price, where it is one that says so."""

    confidence: str
    price_year: str
    source: str
    funding: str


@dataclass(frozen=True)
class FeedRule:
    """One thing that must be so for somebody to have a service, or to have so many units of it."""

    fact: str
    operator: str
    value: Any
    sentence: str
    units: int = 0


@dataclass(frozen=True)
class FeedStep:
    """One step that a service needs; steps of the same interaction are done together."""

    step: str
    interaction: int | None = None


@dataclass(frozen=True)
class FeedOffer:
    """What only a catalogue like this one says of a service; `values` by the names of our fields.

    `owner_id` is empty where who runs it owns it. `counted_from` is since when its freshness
    counts where nobody has checked it.
    """

    values: Mapping[str, Any]
    slug: str = ""
    owner_id: str = ""
    counted_from: datetime.date | None = None
    steps: tuple[FeedStep, ...] = ()
    criteria: tuple[FeedRule, ...] = ()
    bands: tuple[FeedRule, ...] = ()


@dataclass(frozen=True)
class FeedService:
    """One entry of the directory; `owner_id` is empty where who runs it owns it."""

    source_id: str
    name: str
    organisation_id: str
    summary: str = ""
    description: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    needs_referral: bool = False
    is_open: bool = True
    term_ids: tuple[str, ...] = ()
    place_ids: tuple[str, ...] = ()
    schedules: tuple[FeedSchedule, ...] = ()
    prices: tuple[FeedPrice, ...] = ()
    districts: tuple[str, ...] = ()
    checked_on: datetime.date | None = None
    owner_id: str = ""
    offer: FeedOffer | None = None


@dataclass(frozen=True)
class Feed:
    """Everything one file holds, and what is wrong with it."""

    shape: str
    organisations: tuple[FeedOrganisation, ...]
    terms: tuple[FeedTerm, ...]
    places: tuple[FeedPlace, ...]
    services: tuple[FeedService, ...]
    problems: tuple[FeedProblem, ...]
