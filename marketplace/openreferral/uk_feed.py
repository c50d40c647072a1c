"""Reads Open Referral UK 3.0: services, organisations, places and terms, in lists or one by one."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from cms import places
from cms.models import OrganisationKind, TermTaxonomy
from marketplace.openreferral import fields, uk_parts
from marketplace.openreferral.feeds import (
    Feed,
    FeedOrganisation,
    FeedPlace,
    FeedSchedule,
    FeedService,
    FeedTerm,
)
from marketplace.openreferral.fields import Row
from marketplace.openreferral.standard import EXTRAS

SHAPE = "Open Referral UK 3.0"
# Taxonomies by themselves say nothing that their terms do not.
LISTS = ("services", "organizations", "taxonomy_terms", "service_at_locations")


def recognises(data: Any) -> bool:
    """Say whether a file has this shape: records of the standard, in its envelope or bare."""
    if isinstance(data, dict) and isinstance(data.get("contents"), list):
        return True
    rows = [row for row in records_in(data) if isinstance(row, dict)]
    return any(is_service(row) or "services" in row or is_link(row) for row in rows) or (
        bool(rows) and all(is_term(row) or is_taxonomy(row) for row in rows)
    )


def records_in(data: Any) -> list[Any]:
    """Return every record of a file: of a page, of a list, of several lists by name, or one."""
    if isinstance(data, list):
        return data
    if not isinstance(data, dict):
        return []
    if isinstance(data.get("contents"), list):
        return [*data["contents"]]
    named = [data[name] for name in LISTS if isinstance(data.get(name), list)]
    if named and "id" not in data:
        return [row for rows in named for row in rows]
    return [data]


def is_service(row: Row) -> bool:
    """Say whether a record is a service."""
    return "organization_id" in row or "organization" in row or ("status" in row and "name" in row)


def is_link(row: Row) -> bool:
    """Say whether a record is a service at a place."""
    return isinstance(row.get("service"), dict) and isinstance(row.get("location"), dict)


def is_taxonomy(row: Row) -> bool:
    """Say whether a record is a taxonomy."""
    return "taxonomy_terms" in row or "version" in row


def is_term(row: Row) -> bool:
    """Say whether a record is a term of a taxonomy."""
    return any(name in row for name in ("term", "taxonomy", "taxonomy_id", "parent_id"))


def read(data: Any) -> Feed:
    """Read the whole file."""
    return Reader().read([row for row in records_in(data) if isinstance(row, dict)])


class Reader:
    """Collects what one feed holds."""

    def __init__(self) -> None:
        self.problems = fields.Problems()
        self.organisations: dict[str, FeedOrganisation] = {}
        self.terms: dict[str, FeedTerm] = {}
        self.places: dict[str, FeedPlace] = {}
        self.services: dict[str, FeedService] = {}
        self.districts = {point.district for point in places.areas() if point.district}

    def read(self, rows: list[Row]) -> Feed:
        """Read every record and return all of it; what others refer to comes first."""
        services: list[Row] = []
        for row in rows:
            if is_link(row):
                services.append(with_places(row["service"], [row]))
            elif is_service(row):
                services.append(row)
            elif is_taxonomy(row):
                inner = row.get("taxonomy_terms")
                self.each_term(inner if isinstance(inner, list) else [])
            elif is_term(row):
                self.each_term([row])
            else:
                owner = self.organisation(row)
                services += run_by(row, owner)
        for number, row in enumerate(joined(services), start=1):
            self.read_one(number, row)
        return Feed(
            shape=SHAPE,
            organisations=tuple(self.organisations.values()),
            terms=tuple(self.known_parents()),
            places=tuple(self.places.values()),
            services=tuple(self.services.values()),
            problems=self.problems.all(),
        )

    def known_parents(self) -> Iterable[FeedTerm]:
        """Yield the terms, each under one that is there too or under none."""
        for term in self.terms.values():
            is_known = term.parent_id in self.terms and term.parent_id != term.source_id
            yield term if is_known or not term.parent_id else uk_parts.at_the_top(term)

    def read_one(self, number: int, row: Row) -> None:
        """Read one service, or note why it cannot be."""
        source_id = fields.key_of(row.get("id"))
        name = " ".join(fields.plain(row.get("name")).split())
        entry = fields.Entry(
            row,
            source_id=source_id or f"row:{number}",
            called=name[:100] or _("Entry %(number)s") % {"number": number},
            problems=self.problems,
            is_plain=isinstance(row.get(EXTRAS), dict),
        )
        if not source_id or not name:
            return entry.problem("no_name_or_id", _("it has no name or no id. We left it out."))
        if source_id in self.services:
            return entry.problem(
                "duplicate_id", _("another entry has the same id. We kept the first.")
            )
        organisation_id = self.run_by(entry)
        if not organisation_id:
            return entry.problem(
                "no_organisation", _("it does not say who runs it. We left it out.")
            )
        self.services[source_id] = self.service(entry, organisation_id)
        return None

    def run_by(self, entry: fields.Entry) -> str:
        """Return the id of who runs a service, or nothing where nobody is known by it."""
        inner = entry.row.get("organization")
        if isinstance(inner, dict) and (found := self.organisation(inner)):
            return found
        named = fields.key_of(entry.row.get("organization_id"))
        return named if named in self.organisations else ""

    def service(self, entry: fields.Entry, organisation_id: str) -> FeedService:
        """Read one service."""
        row = entry.row
        description, extras = entry.text("description"), row.get(EXTRAS)
        if not description and not isinstance(extras, dict):
            entry.problem("no_description", _("it has no description."))
        youngest, oldest = entry.ages(row.get("minimum_age"), row.get("maximum_age"))
        links = entry.rows("service_at_locations")
        offer = uk_parts.offer(entry, self.organisation) if isinstance(extras, dict) else None
        summary = fields.plain(extras.get("summary")) if isinstance(extras, dict) else ""
        return FeedService(
            source_id=entry.source_id,
            name=entry.line("name", longest=200),
            organisation_id=organisation_id,
            summary=summary[:255] if offer else fields.first_sentence(description),
            description=description,
            website=entry.address_of_page("url"),
            email=entry.email("email"),
            phone=uk_parts.phone(entry),
            minimum_age=youngest,
            maximum_age=oldest,
            is_open=uk_parts.is_open(entry),
            term_ids=self.term_ids(entry),
            place_ids=self.place_ids(entry, links),
            schedules=self.schedules(entry, links),
            prices=uk_parts.prices(entry, description),
            districts=self.areas(entry),
            checked_on=entry.day("assured_date"),
            offer=offer,
        )

    def organisation(self, row: Row) -> str:
        """Read an organisation, once; return its id, or nothing."""
        source_id = fields.key_of(row.get("id"))
        name = " ".join(fields.plain(row.get("name")).split())
        if not source_id or not name:
            return ""
        if source_id not in self.organisations:
            extras = row.get(EXTRAS)
            entry = fields.Entry(
                row,
                source_id=f"organisation:{source_id}",
                called=name[:100],
                problems=self.problems,
                is_plain=isinstance(extras, dict),
            )
            more = extras if isinstance(extras, dict) else {}
            kind = fields.plain(more.get("kind"))
            self.organisations[source_id] = FeedOrganisation(
                source_id=source_id,
                name=entry.line("name", longest=255),
                kind=kind if kind in OrganisationKind.values else OrganisationKind.OTHER,
                description=entry.text("description"),
                website=entry.address_of_page("website"),
                email=entry.email("email"),
                phone=fields.plain(more.get("phone"))[:50],
                postcode=fields.plain(more.get("postcode"))[:8],
            )
        return source_id

    def each_term(self, rows: list[Any], *, link_type: str = "") -> list[str]:
        """Read terms, each once; return their ids."""
        found = []
        for row in rows:
            source_id = fields.key_of(row.get("id")) if isinstance(row, dict) else ""
            name = " ".join(fields.plain(row.get("name") or row.get("term")).split())
            if source_id and name:
                self.terms.setdefault(
                    source_id, uk_parts.term(row, uk_parts.taxonomy_of(row, link_type))
                )
                found.append(source_id)
        return found

    def term_ids(self, entry: fields.Entry) -> tuple[str, ...]:
        """Read what a service is mapped to; a language is a term of ours too."""
        found: list[str] = []
        for link in entry.rows("attributes"):
            link_type, inner = fields.plain(link.get("link_type")), link.get("taxonomy_term")
            named = fields.key_of(link.get("taxonomy_term_id"))
            if isinstance(inner, dict):
                found += self.each_term([inner], link_type=link_type)
            elif named in self.terms:
                found.append(named)
        spoken = {self.terms[one].name.lower() for one in found}
        for row in entry.rows("languages"):
            name = " ".join(fields.plain(row.get("name")).split())[:200]
            if name and name.lower() not in spoken:
                source_id = f"language:{name.lower()}"[:100]
                self.terms.setdefault(source_id, FeedTerm(source_id, TermTaxonomy.LANGUAGE, name))
                found.append(source_id)
        if not found:
            entry.problem("no_taxonomy", _("it is filed under nothing."))
        return tuple(dict.fromkeys(found))

    def place_ids(self, entry: fields.Entry, links: list[Row]) -> tuple[str, ...]:
        """Read where it is; what is only by telephone or screen is nowhere."""
        found = []
        for link in links:
            row = link.get("location")
            row = row if isinstance(row, dict) else {}
            source_id = fields.key_of(row.get("id"))
            kind = fields.plain(row.get("location_type")).strip().lower() or "physical"
            if source_id and kind == "physical":
                if source_id not in self.places:
                    self.places[source_id] = self.place(entry, source_id, row)
                found.append(source_id)
        return tuple(dict.fromkeys(found))

    def place(self, entry: fields.Entry, source_id: str, row: Row) -> FeedPlace:
        """Read one place, with the first of its addresses."""
        extras = row.get(EXTRAS)
        more = extras if isinstance(extras, dict) else {}
        inner = fields.Entry(
            row,
            source_id=f"place:{source_id}",
            called=entry.called,
            problems=self.problems,
            is_plain=isinstance(extras, dict),
        )
        latitude, longitude = inner.point(row.get("latitude"), row.get("longitude"))
        line = next(iter(inner.rows("addresses")), {})
        street, city, written = (
            fields.plain(line.get(key)).strip() for key in ("address_1", "city", "postal_code")
        )
        told = street if city in street else ", ".join(filter(None, (street, city)))
        place = FeedPlace(
            source_id=source_id,
            name=inner.line("name", longest=255) or street or city or written or entry.called,
            address=fields.plain(more.get("address"))[:500] if more else told[:500],
            latitude=latitude,
            longitude=longitude,
            step_free=more.get("step_free") if more else uk_parts.step_free(inner),
        )
        found = inner.located(place, written=written)
        district = fields.plain(more.get("district"))[:100]
        return uk_parts.in_district(found, district) if district else found

    def schedules(self, entry: fields.Entry, links: list[Row]) -> tuple[FeedSchedule, ...]:
        """Read when it is on: one row a day, at a place where the feed names one."""
        at = {
            fields.key_of(link.get("id")): fields.key_of(location.get("id"))
            for link in links
            if isinstance(location := link.get("location"), dict)
        }
        found: list[FeedSchedule] = []
        for row in entry.rows("schedules"):
            place = at.get(fields.key_of(row.get("service_at_location_id")), "")
            found += uk_parts.schedules(entry, row, place if place in self.places else "")
        for link in links:
            inner = link.get("schedules")
            for row in inner if isinstance(inner, list) else ():
                if isinstance(row, dict):
                    place = at.get(fields.key_of(link.get("id")), "")
                    found += uk_parts.schedules(entry, row, place)
        return tuple(dict.fromkeys(found))

    def areas(self, entry: fields.Entry) -> tuple[str, ...]:
        """Read the districts that a service is for; an area that is none is noted."""
        found = []
        for row in entry.rows("service_areas"):
            name = " ".join(fields.plain(row.get("name") or row.get("service_area")).split())
            if name and (entry.is_plain or name in self.districts):
                found.append(name[:100])
            elif name:
                entry.problem(
                    "area_in_words",
                    _("where it is for is only in words: %(words)s"),
                    words=name[:200],
                )
        return tuple(dict.fromkeys(found))


def run_by(row: Row, organisation_id: str) -> list[Row]:
    """Return the services that an organisation's record lists whole, as run by it."""
    inner = row.get("services")
    rows = [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []
    whole = [one for one in rows if len(one) > len(("id", "name", "status"))]
    return [{"organization_id": organisation_id, **one} for one in whole]


def with_places(row: Row, links: list[Row]) -> Row:
    """Return a service with more of its places."""
    there = row.get("service_at_locations")
    there = there if isinstance(there, list) else []
    known = {fields.key_of(link.get("id")) for link in there if isinstance(link, dict)}
    more = [link for link in links if fields.key_of(link.get("id")) not in known]
    return {**row, "service_at_locations": [*there, *more], "is_of_link": True}


def joined(rows: list[Row]) -> Iterable[Row]:
    """Yield services, those that came place by place as one, and each place with its service."""
    kept: list[Row] = []
    at: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: "is_of_link" in row):
        key = fields.key_of(row.get("id"))
        if "is_of_link" in row and key in at:
            kept[at[key]] = with_places(kept[at[key]], row["service_at_locations"])
            continue
        at.setdefault(key, len(kept))
        kept.append(row)
    return kept
