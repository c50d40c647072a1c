"""Reads a council's directory in the shape of Open Referral v1: one list of whole services."""

from typing import Any

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

SHAPE = "Open Referral v1, one list of services"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# (list in the feed, our taxonomy)
WORD_LISTS = (
    ("taxonomies", TermTaxonomy.CATEGORY),
    ("suitabilities", TermTaxonomy.AUDIENCE),
    ("send_needs", TermTaxonomy.AUDIENCE),
)


def recognises(data: Any) -> bool:
    """Say whether a file has this shape: services, each with its own organisation inside."""
    listed = services_in(data)
    return listed is not None and any(
        isinstance(row, dict) and isinstance(row.get("organisation"), dict) for row in listed
    )


def services_in(data: Any) -> list[Any] | None:
    """Return the list of services, bare or in a page's envelope."""
    listed = data.get("content") if isinstance(data, dict) else data
    return listed if isinstance(listed, list) else None


def read(data: Any) -> Feed:
    """Read the whole file."""
    return Reader().read(services_in(data) or [])


class Reader:
    """Collects what one file holds."""

    def __init__(self) -> None:
        self.problems = fields.Problems()
        self.organisations: dict[str, FeedOrganisation] = {}
        self.terms: dict[str, FeedTerm] = {}
        self.places: dict[str, FeedPlace] = {}
        self.services: dict[str, FeedService] = {}

    def read(self, rows: list[Any]) -> Feed:
        """Read every entry and return all of it."""
        for number, row in enumerate(rows, start=1):
            self.read_one(number, row)
        return Feed(
            shape=SHAPE,
            organisations=tuple(self.organisations.values()),
            terms=tuple(self.terms.values()),
            places=tuple(self.places.values()),
            services=tuple(self.services.values()),
            problems=self.problems.all(),
        )

    def read_one(self, number: int, row: Any) -> None:
        """Read one entry, or note why it cannot be."""
        row = row if isinstance(row, dict) else {}
        source_id = fields.key_of(row.get("id"))
        name = " ".join(fields.plain(row.get("name")).split())
        entry = fields.Entry(
            row,
            source_id=source_id or f"row:{number}",
            called=name[:100] or _("Entry %(number)s") % {"number": number},
            problems=self.problems,
        )
        if not source_id or not name:
            return entry.problem("no_name_or_id", _("it has no name or no number. We left it out."))
        if source_id in self.services:
            return entry.problem(
                "duplicate_id", _("another entry has the same number. We kept the first.")
            )
        organisation_id = self.organisation(entry)
        if not organisation_id:
            return entry.problem(
                "no_organisation", _("it does not say who runs it. We left it out.")
            )
        self.services[source_id] = self.service(entry, organisation_id)
        return None

    def service(self, entry: fields.Entry, organisation_id: str) -> FeedService:
        """Read one service."""
        row = entry.row
        description = entry.text("description")
        if not description:
            entry.problem("no_description", _("it has no description."))
        youngest, oldest = entry.ages(row.get("min_age"), row.get("max_age"))
        status = fields.plain(row.get("status")).strip().lower() or "active"
        if status != "active":
            entry.problem("not_active", _("the directory says it is %(status)s."), status=status)
        return FeedService(
            source_id=entry.source_id,
            name=entry.line("name", longest=200),
            organisation_id=organisation_id,
            summary=fields.first_sentence(description),
            description=description,
            website=entry.address_of_page("url"),
            minimum_age=youngest,
            maximum_age=oldest,
            needs_referral=row.get("needs_referral") is True,
            is_open=status == "active",
            term_ids=self.term_ids(entry),
            place_ids=self.place_ids(entry),
            schedules=self.schedules(entry),
            prices=self.prices(entry, description),
        )

    def organisation(self, entry: fields.Entry) -> str:
        """Read who runs it; return its number, or nothing."""
        row = entry.row.get("organisation")
        row = row if isinstance(row, dict) else {}
        source_id = fields.key_of(row.get("id"))
        name = " ".join(fields.plain(row.get("name")).split())
        if not source_id or not name:
            return ""
        if source_id not in self.organisations:
            inner = fields.Entry(
                row,
                source_id=f"organisation:{source_id}",
                called=name[:100],
                problems=self.problems,
            )
            self.organisations[source_id] = FeedOrganisation(
                source_id=source_id,
                name=inner.line("name", longest=255),
                kind=OrganisationKind.OTHER,
                description=inner.text("description"),
                website=inner.address_of_page("url"),
                email=inner.email("email"),
            )
        return source_id

    def term_ids(self, entry: fields.Entry) -> tuple[str, ...]:
        """Read the words it is filed under."""
        found = []
        for key, taxonomy in WORD_LISTS:
            for row in entry.rows(key):
                number, name = fields.key_of(row.get("id")), fields.plain(row.get("name")).strip()
                if not name:
                    continue
                source_id = f"{key}:{number or name.lower()}"[:100]
                parent = fields.key_of(row.get("parent_id"))
                parent_id = f"{key}:{parent}" if parent else ""
                self.terms.setdefault(
                    source_id, FeedTerm(source_id, taxonomy, name[:200], parent_id)
                )
                found.append(source_id)
        if not any(term.startswith("taxonomies:") for term in found):
            entry.problem("no_taxonomy", _("it is filed under nothing."))
        return tuple(dict.fromkeys(found))

    def place_ids(self, entry: fields.Entry) -> tuple[str, ...]:
        """Read where it is."""
        found = []
        for row in entry.rows("locations"):
            source_id = fields.key_of(row.get("id"))
            if source_id:
                self.places.setdefault(source_id, self.place(entry, source_id, row))
                found.append(source_id)
        return tuple(dict.fromkeys(found))

    def place(self, entry: fields.Entry, source_id: str, row: fields.Row) -> FeedPlace:
        """Read one place. One that asks for its address to be hidden keeps only roughly where."""
        geometry = row.get("geometry")
        pair = geometry.get("coordinates") if isinstance(geometry, dict) else None
        east, north = pair[:2] if isinstance(pair, list) and len(pair) >= 2 else (None, None)
        inner = fields.Entry(
            row, source_id=f"place:{source_id}", called=entry.called, problems=self.problems
        )
        latitude, longitude = inner.point(north, east)
        name, street = inner.line("name", longest=255), inner.line("address_1", longest=300)
        city, written = inner.line("city", longest=100), fields.plain(row.get("postal_code"))
        place = FeedPlace(
            source_id=source_id,
            name=name or street.split(",")[0] or city or written.strip() or entry.called,
            address=street if city in street else ", ".join(filter(None, (street, city))),
            latitude=latitude,
            longitude=longitude,
            step_free=step_free(inner),
        )
        located = inner.located(place, written=written)
        return masked(located, city) if row.get("mask_exact_address") is True else located

    def schedules(self, entry: fields.Entry) -> tuple[FeedSchedule, ...]:
        """Read when it is on."""
        found = []
        for row in entry.rows("regular_schedules"):
            day = fields.plain(row.get("weekday")).strip().lower()
            if day and day not in DAYS:
                entry.problem("bad_day", _("“%(day)s” is not a day of the week."), day=day[:20])
            opens_at, closes_at = entry.hours(row.get("opens_at"), row.get("closes_at"))
            weekday = DAYS.index(day) if day in DAYS else None
            if weekday is not None or opens_at is not None:
                found.append(FeedSchedule(weekday, opens_at, closes_at))
        return tuple(dict.fromkeys(found))

    def prices(self, entry: fields.Entry, description: str) -> tuple[FeedPrice, ...]:
        """Read what it costs; note a price that is only in words."""
        found = []
        for row in entry.rows("cost_options"):
            amount = fields.plain(row.get("amount")).strip()
            words = " ".join(
                part
                for part in (
                    fields.plain(row.get("cost_type")).strip(),
                    fields.plain(row.get("option")).strip(),
                )
                if part
            )
            price = entry.price(f"£{amount}" if amount[:1].isdigit() else amount, words)
            if price is not None:
                found.append(price)
        if not entry.rows("cost_options"):
            if entry.row.get("free") is True:
                return (FeedPrice(0, "one_off", "free"),)
            entry.prices_in_description(description)
        return entry.one_a_unit(found)


def step_free(entry: fields.Entry) -> bool | None:
    """Say whether a wheelchair gets in; None where the directory does not."""
    slugs = " ".join(fields.plain(row.get("slug")) for row in entry.rows("accessibilities"))
    return True if "wheelchair-accessible" in slugs or "step-free" in slugs else None


def masked(place: FeedPlace, city: str) -> FeedPlace:
    """Return a place whose address stays private: about a kilometre of where it is."""
    return FeedPlace(
        source_id=place.source_id,
        name=city or _("Address kept private"),
        district=place.district,
        latitude=round(place.latitude, 2) if place.latitude is not None else None,
        longitude=round(place.longitude, 2) if place.longitude is not None else None,
        step_free=place.step_free,
    )
