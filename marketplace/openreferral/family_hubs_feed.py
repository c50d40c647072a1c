"""Reads a Department for Education family-hubs directory: one list a table, joined by numbers."""

import struct
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from cms.models import OrganisationKind, TermTaxonomy
from marketplace.openreferral import fields
from marketplace.openreferral.feeds import (
    Feed,
    FeedOrganisation,
    FeedPlace,
    FeedPrice,
    FeedSchedule,
    FeedService,
    FeedTerm,
)

T = TypeVar("T")

SHAPE = "Department for Education family hubs"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KINDS = {
    "LA": OrganisationKind.DISTRICT_COUNCIL,
    "VCFS": OrganisationKind.CHARITY,
    "VCSE": OrganisationKind.CHARITY,
    "SCHOOL": OrganisationKind.SCHOOL,
    "NHS": OrganisationKind.NHS_TRUST,
}
POINT = bytes.fromhex("E6100000010C")  # how SQL Server begins a point of the earth (SRID 4326)


def recognises(data: Any) -> bool:
    """Say whether a file has this shape."""
    return (
        isinstance(data, dict)
        and isinstance(data.get("Services"), list)
        and isinstance(data.get("Organisations"), list)
    )


def read(data: Any) -> Feed:
    """Read the whole file."""
    return Reader(data).read()


class Reader:
    """Joins the tables of one file."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.problems = fields.Problems()

    def read(self) -> Feed:
        """Read every table and return all of it."""
        organisations = self.each("Organisations", "organisation:", self.organisation)
        terms = self.each("Taxonomies", "term:", self.term)
        places = self.each("Locations", "place:", self.place)
        self.known = set(organisations)
        self.at = {
            fields.key_of(row.get("Id")): (
                fields.key_of(row.get("ServiceId")),
                fields.key_of(row.get("LocationId")),
            )
            for row in self.rows("ServiceAtLocations")
        }
        services = self.each("Services", "", self.service)
        return Feed(
            shape=SHAPE,
            organisations=tuple(organisations.values()),
            terms=tuple(terms.values()),
            places=tuple(places.values()),
            services=tuple(services.values()),
            problems=self.problems.all(),
        )

    def rows(self, table: str) -> list[fields.Row]:
        """Return a table's records, leaving out what is none."""
        value = self.data.get(table)
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

    def of(self, table: str, service_id: str) -> list[fields.Row]:
        """Return a service's records of a table."""
        return [
            row for row in self.rows(table) if fields.key_of(row.get("ServiceId")) == service_id
        ]

    def each(
        self, table: str, prefix: str, make: Callable[[fields.Entry], T | None]
    ) -> dict[str, T]:
        """Read every record of a table that has a number and a name."""
        found: dict[str, T] = {}
        for number, row in enumerate(self.rows(table), start=1):
            source_id = fields.key_of(row.get("Id"))
            name = " ".join(fields.plain(row.get("Name")).split())
            entry = fields.Entry(
                row,
                source_id=f"{prefix}{source_id or f'row:{number}'}",
                called=name[:100] or _("Entry %(number)s") % {"number": number},
                problems=self.problems,
            )
            if not source_id or not (name or table == "Locations"):
                entry.problem("no_name_or_id", _("it has no name or no number. We left it out."))
            elif source_id in found:
                entry.problem(
                    "duplicate_id", _("another entry has the same number. We kept the first.")
                )
            elif (made := make(entry)) is not None:
                found[source_id] = made
        return found

    def organisation(self, entry: fields.Entry) -> FeedOrganisation:
        """Read one organisation."""
        kind = KINDS.get(
            fields.plain(entry.row.get("OrganisationType")).strip().upper(), OrganisationKind.OTHER
        )
        if kind == OrganisationKind.DISTRICT_COUNCIL and "county" in entry.called.lower():
            kind = OrganisationKind.COUNTY_COUNCIL
        return FeedOrganisation(
            source_id=fields.key_of(entry.row.get("Id")),
            name=entry.line("Name", longest=255),
            kind=kind,
            description=entry.text("Description"),
            website=entry.address_of_page("Url"),
        )

    def term(self, entry: fields.Entry) -> FeedTerm:
        """Read one word of the taxonomy."""
        return FeedTerm(
            source_id=fields.key_of(entry.row.get("Id")),
            taxonomy=TermTaxonomy.CATEGORY,
            name=entry.line("Name", longest=200),
            parent_id=fields.key_of(entry.row.get("ParentId")),
        )

    def place(self, entry: fields.Entry) -> FeedPlace:
        """Read one place; its point from the database's own form where the figures are spoilt."""
        row = entry.row
        latitude, longitude = database_point(row.get("GeoPoint")) or entry.point(
            row.get("Latitude"), row.get("Longitude")
        )
        parts = [entry.line(key, longest=200) for key in ("Address1", "Address2", "City")]
        written = fields.plain(row.get("PostCode"))
        place = FeedPlace(
            source_id=fields.key_of(row.get("Id")),
            name=entry.line("Name", longest=255) or parts[0] or written.strip() or entry.called,
            address=", ".join(part for part in parts if part)[:500],
            latitude=latitude,
            longitude=longitude,
        )
        return entry.located(place, written=written)

    def service(self, entry: fields.Entry) -> FeedService | None:
        """Read one service with all that is joined to it."""
        row, number = entry.row, fields.key_of(entry.row.get("Id"))
        organisation_id = fields.key_of(row.get("OrganisationId"))
        if organisation_id not in self.known:
            entry.problem("no_organisation", _("it does not say who runs it. We left it out."))
            return None
        summary, description = entry.text("Summary"), entry.text("Description")
        if not (summary or description):
            entry.problem("no_description", _("it has no description."))
        youngest, oldest = self.ages(entry, number)
        status = fields.plain(row.get("Status")).strip().lower() or "active"
        if status != "active":
            entry.problem("not_active", _("the directory says it is %(status)s."), status=status)
        return FeedService(
            source_id=number,
            name=entry.line("Name", longest=200),
            organisation_id=organisation_id,
            summary=fields.first_sentence(summary or description),
            description=description or summary,
            minimum_age=youngest,
            maximum_age=oldest,
            is_open=status == "active",
            term_ids=self.term_ids(entry, number),
            place_ids=tuple(place for service, place in self.at.values() if service == number),
            schedules=self.schedules(number),
            prices=self.prices(entry, description or summary),
        )

    def ages(self, entry: fields.Entry, number: str) -> tuple[int | None, int | None]:
        """Read who it is for: the widest of its age bands."""
        pairs = [
            entry.ages(row.get("MinimumAge"), row.get("MaximumAge"))
            for row in self.of("Eligibilities", number)
        ]
        lows, highs = [low for low, _high in pairs], [high for _low, high in pairs]
        youngest = None if None in lows or not lows else min(low for low in lows if low is not None)
        oldest = (
            None if None in highs or not highs else max(high for high in highs if high is not None)
        )
        return youngest, oldest

    def term_ids(self, entry: fields.Entry, number: str) -> tuple[str, ...]:
        """Read the words it is filed under."""
        found = [
            fields.key_of(row.get("TaxonomyId")) for row in self.of("ServiceTaxonomies", number)
        ]
        if not found:
            entry.problem("no_taxonomy", _("it is filed under nothing."))
        return tuple(dict.fromkeys(found))

    def schedules(self, number: str) -> tuple[FeedSchedule, ...]:
        """Read when it is on: one row a day, at a place where the feed names one."""
        found = []
        for row in self.rows("Schedules"):
            at = fields.key_of(row.get("ServiceAtLocationId"))
            service_id, place_id = self.at.get(at, (fields.key_of(row.get("ServiceId")), ""))
            if service_id != number:
                continue
            words = " ".join(fields.plain(row.get("Description")).split())
            entry = fields.Entry(row, source_id=number, called=number, problems=self.problems)
            opens_at, closes_at = entry.hours(row.get("OpensAt"), row.get("ClosesAt"))
            days = [day for day in fields.plain(row.get("ByDay")).split(",") if day in DAYS]
            found += [
                FeedSchedule(DAYS.index(day), opens_at, closes_at, words[:255], place_id)
                for day in days
            ]
        return tuple(dict.fromkeys(found))

    def prices(self, entry: fields.Entry, description: str) -> tuple[FeedPrice, ...]:
        """Read what it costs; note a price that is only in words."""
        told = entry.line("Fees", longest=500)
        if told:
            price = entry.price("", told)
            return (price,) if price is not None else ()
        entry.prices_in_description(description)
        return ()


def database_point(value: object) -> tuple[float, float] | None:
    """Return latitude and longitude of SQL Server's own form of a point, or None."""
    try:
        packed = bytes.fromhex(fields.plain(value).removeprefix("0x"))
    except ValueError:
        return None
    if len(packed) != len(POINT) + 16 or not packed.startswith(POINT):
        return None
    latitude, longitude = struct.unpack("<dd", packed[len(POINT) :])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return round(latitude, 7), round(longitude, 7)
