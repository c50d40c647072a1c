"""What a directory's feed holds once it has been read, whatever shape it came in."""

import datetime
from dataclasses import dataclass


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


@dataclass(frozen=True)
class FeedOrganisation:
    """A body that runs something in the directory."""

    source_id: str
    name: str
    kind: str
    description: str = ""
    website: str = ""
    email: str = ""


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


@dataclass(frozen=True)
class FeedPrice:
    """One price: pence for one unit, and the directory's own words."""

    amount_pence: int
    unit: str
    words: str


@dataclass(frozen=True)
class FeedService:
    """One entry of the directory."""

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


@dataclass(frozen=True)
class Feed:
    """Everything one file holds, and what is wrong with it."""

    shape: str
    organisations: tuple[FeedOrganisation, ...]
    terms: tuple[FeedTerm, ...]
    places: tuple[FeedPlace, ...]
    services: tuple[FeedService, ...]
    problems: tuple[FeedProblem, ...]
