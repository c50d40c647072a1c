"""What somebody asks of the feed: every parameter read, or refused by name with what would do."""

import datetime
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from cms import places
from marketplace.openreferral.standard import DAYS

PER_PAGE, MOST_PER_PAGE = 50, 250
MOST_MINIMAL = 5000  # ids and days only: meant to be read in one page
MOST_PAGE = 1_000_000
OLDEST = 130
LONGEST_SEARCH = 200
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TRUE, FALSE = ("true", "1"), ("false", "0")
PAGING = ("page", "per_page", "format")

SERVICES = (
    *PAGING, "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after",
    "minimal", "full", "minimum_age", "maximum_age", "start_time", "end_time", "day", "postcode",
    "proximity",
)  # fmt: skip
SERVICE_AT_LOCATIONS = tuple(name for name in SERVICES if name != "minimal")
ORGANISATIONS = (*PAGING, "search", "full", "full_service")
ORGANISATION = ("full_service",)
TAXONOMIES = (*PAGING, "search")
TAXONOMY_TERMS = (*PAGING, "search", "taxonomy_id", "top_only", "parent_id")


class Query(Protocol):
    """The parameters of an address, each with all its values."""

    def lists(self) -> Any:
        """Return each name with its values."""


class BadParameter(Exception):
    """A parameter that cannot be answered; `name` says which, `sentence` what would do."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name, self.sentence = name, sentence


@dataclass(frozen=True)
class Asked:
    """Everything the feed can be asked; what is empty narrows nothing, and all must be met.

    `weekday` counts from 0, Monday; `point` is where the postcode is; `proximity` is in metres.
    """

    search: str = ""
    taxonomy_term_id: uuid.UUID | None = None
    taxonomy_id: uuid.UUID | None = None
    organization_id: uuid.UUID | None = None
    parent_id: uuid.UUID | None = None
    modified_after: datetime.datetime | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    start_time: datetime.time | None = None
    end_time: datetime.time | None = None
    weekday: int | None = None
    point: places.Point | None = None
    proximity: int | None = None
    minimal: bool = False
    full: bool = False
    full_service: bool = False
    top_only: bool = False
    page: int = 1
    per_page: int = PER_PAGE
    is_ndjson: bool = False
    is_paged: bool = False  # a page was asked for by name: then ndjson has no more than it


def read(query: Query, *, allowed: Sequence[str]) -> Asked:
    """Read the parameters of an address. Raises `BadParameter` for one it cannot answer."""
    found: dict[str, Any] = {}
    for name, values in query.lists():
        if name not in allowed:
            told = _("There is no such parameter here. There are: %(names)s.")
            raise BadParameter(name, told % {"names": ", ".join(allowed)})
        if len(values) > 1:
            raise BadParameter(name, _("Give it once."))
        if values[0] != "":
            field, value = READERS[name](name, values[0].strip())
            found[field] = value
    if "proximity" in found and "point" not in found:
        raise BadParameter("proximity", _("Give the postcode that it counts from as well."))
    asked = replace(Asked(), **found, is_paged="page" in found or "per_page" in found)
    most = MOST_MINIMAL if asked.minimal else MOST_PER_PAGE
    if asked.per_page > most:
        raise BadParameter("per_page", _("Ask for %(most)s at most.") % {"most": most})
    is_default = asked.minimal and "per_page" not in found
    return replace(asked, per_page=most) if is_default else asked


def text(name: str, value: str) -> tuple[str, str]:
    """Read words."""
    if len(value) > LONGEST_SEARCH:
        raise BadParameter(name, _("It is too long."))
    return name, value


def reference(name: str, value: str) -> tuple[str, uuid.UUID]:
    """Read an id."""
    try:
        return name, uuid.UUID(value)
    except ValueError as error:
        raise BadParameter(name, _("It has to be an id of this feed, a UUID.")) from error


def number(least: int, most: int) -> Callable[[str, str], tuple[str, int]]:
    """Make a reader of whole numbers between two."""

    def whole(name: str, value: str) -> tuple[str, int]:
        is_number = re.fullmatch(r"\d{1,9}", value, re.ASCII)
        if not is_number or not least <= int(value) <= most:
            told = _("It has to be a whole number from %(least)s to %(most)s.")
            raise BadParameter(name, told % {"least": least, "most": most})
        return name, int(value)

    return whole


def yes_no(name: str, value: str) -> tuple[str, bool]:
    """Read true or false."""
    if value.lower() not in (*TRUE, *FALSE):
        raise BadParameter(name, _("It has to be true or false."))
    return name, value.lower() in TRUE


def clock(name: str, value: str) -> tuple[str, datetime.time]:
    """Read a time of day."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?", value, re.ASCII)
    if not found:
        raise BadParameter(name, _("It has to be a time of day, such as 09:30."))
    return name, datetime.time(int(found[1]), int(found[2]))


def weekday(name: str, value: str) -> tuple[str, int]:
    """Read a day of the week: MO, or Monday."""
    for names in (DAYS, WEEKDAYS):
        folded = [one.lower() for one in names]
        if value.lower() in folded:
            return "weekday", folded.index(value.lower())
    raise BadParameter(name, _("It has to be a day of the week, such as MO or Monday."))


def moment(name: str, value: str) -> tuple[str, datetime.datetime]:
    """Read a moment as RFC 3339 has it; a day is its beginning; without a zone it is UTC."""
    # In an address an unescaped plus is a space.
    value = re.sub(r" (?=\d{2}:?\d{2}$)", "+", value)
    try:
        found = parse_datetime(value) if len(value) > len("2026-01-01") else None
        only_day = parse_date(value) if found is None else None
    except ValueError:
        found = only_day = None
    if only_day is not None:
        found = timezone.make_aware(datetime.datetime.combine(only_day, datetime.time()))
    if found is None or not 1900 <= found.year <= 2200:
        raise BadParameter(name, _("It has to be a moment, such as 2026-06-03T09:30:00Z."))
    return name, found if timezone.is_aware(found) else found.replace(tzinfo=datetime.UTC)


def postcode(name: str, value: str) -> tuple[str, places.Point]:
    """Read a postcode that we know the place of."""
    found = places.find(postcode=value)
    if found is None:
        raise BadParameter(name, _("We do not know where that is."))
    return "point", found


def form(name: str, value: str) -> tuple[str, bool]:
    """Read how the answer is to be written."""
    if value.lower() not in ("json", "ndjson"):
        raise BadParameter(name, _("It has to be json or ndjson."))
    return "is_ndjson", value.lower() == "ndjson"


READERS: dict[str, Callable[[str, str], tuple[str, Any]]] = {
    "search": text,
    "page": number(1, MOST_PAGE),
    "per_page": number(1, MOST_MINIMAL),
    "format": form,
    "taxonomy_term_id": reference,
    "taxonomy_id": reference,
    "organization_id": reference,
    "parent_id": reference,
    "modified_after": moment,
    "minimal": yes_no,
    "full": yes_no,
    "full_service": yes_no,
    "top_only": yes_no,
    "minimum_age": number(0, OLDEST),
    "maximum_age": number(0, OLDEST),
    "start_time": clock,
    "end_time": clock,
    "day": weekday,
    "postcode": postcode,
    "proximity": number(1, 1_000_000),
}
