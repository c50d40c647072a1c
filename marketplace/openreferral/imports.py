"""Brings a directory's feed into the catalogue: one transaction, safe to repeat.

An entry is known again by (source, its number there). What an import last wrote is kept as a
digest: an entry that no longer matches it has been changed here since, and is left alone.
"""

import collections
import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from budgets.history import Actor
from cms import catalogue, problems
from cms.models import (
    Organisation,
    Place,
    Problem,
    Schedule,
    Service,
    ServiceKind,
    Step,
    Term,
)
from marketplace.openreferral import written
from marketplace.openreferral.feeds import (
    Feed,
    FeedOrganisation,
    FeedPlace,
    FeedProblem,
    FeedService,
    FeedTerm,
)
from pricing import prices
from pricing.models import Confidence, Funding, Price, PriceUnit

Progress = Callable[[Sequence[FeedService]], Iterable[FeedService]]


@dataclass(frozen=True)
class ImportReport:
    """What an import did, counted in services.

    `kept` were changed here and left alone; `refused` had values that no entry can have.
    """

    created: int
    updated: int
    unchanged: int
    kept: int
    refused: int
    problems: tuple[FeedProblem, ...]


@transaction.atomic
def import_feed(
    *,
    feed: Feed,
    source: str,
    by: Actor,
    at: datetime.datetime,
    progress: Progress = lambda services: services,
) -> ImportReport:
    """Bring a feed into the catalogue; the second time nothing changes.

    Imported services are live, owned and provided by their organisation. Nothing is un-withdrawn,
    and nothing that was changed here is overwritten. What is wrong goes to the review list; what
    no longer is gets settled there. The editors of the organisation that `by` acts for keep the
    entries of organisations that are new. `progress` may show how far it is.
    """
    writer = Writer(source=source, by=by, at=at, problems=[*feed.problems])
    writer.organisations = {row.source_id: writer.organisation(row) for row in feed.organisations}
    writer.terms = writer.all_terms(feed.terms)
    writer.places = writer.all_places(feed)
    outcomes = collections.Counter(writer.service(row) for row in progress(feed.services))
    writer.report(feed)
    return ImportReport(
        created=outcomes["created"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
        kept=outcomes["kept"],
        refused=outcomes["refused"],
        problems=tuple(writer.problems),
    )


class Writer:
    """Writes one feed's rows, comparing before each save."""

    def __init__(
        self, *, source: str, by: Actor, at: datetime.datetime, problems: list[FeedProblem]
    ) -> None:
        self.source, self.by, self.at, self.problems = source, by, at, problems
        self.keeper = (
            Organisation.objects.get(reference=by.organisation) if by.organisation else None
        )
        self.organisations: dict[str, Organisation] = {}
        self.terms: dict[str, Term] = {}
        self.places: dict[str, Place] = {}
        self.services: dict[str, Service] = {}

    def organisation(self, row: FeedOrganisation) -> Organisation:
        """Write one organisation and return it."""
        values = {name: getattr(row, name) for name in written.ORGANISATION_FIELDS}
        key = {"source": self.source, "source_id": row.source_id}
        found = Organisation.objects.filter(**key).first()
        organisation = found or Organisation(**key, kept_by=self.keeper)
        self.bring(organisation, values, is_new=found is None)
        return organisation

    def all_terms(self, rows: Sequence[FeedTerm]) -> dict[str, Term]:
        """Write the words the feed files by, wider ones first; one that is there stays."""
        kept: dict[str, Term] = {}
        waiting = {row.source_id: row for row in rows}
        while waiting:
            ready = [row for row in waiting.values() if row.parent_id not in waiting]
            # Words that are each part of the other: take them as they come.
            for row in ready or [*waiting.values()]:
                del waiting[row.source_id]
                kept[row.source_id] = self.term(row, kept.get(row.parent_id))
        return kept

    def term(self, row: FeedTerm, parent: Term | None) -> Term:
        """Write one word, or return the one of ours that says the same."""
        found = Term.objects.filter(source=self.source, source_id=row.source_id).first()
        if found is not None:
            return found
        return catalogue.add_term(
            taxonomy=row.taxonomy,
            name=row.name,
            slug=slugify(row.name)[:120] or slugify(row.source_id),
            parent=parent,
            source=self.source,
            source_id=row.source_id,
        )

    def all_places(self, feed: Feed) -> dict[str, Place]:
        """Write every place that a service of the feed is at."""
        rows = {row.source_id: row for row in feed.places}
        kept: dict[str, Place] = {}
        for service in feed.services:
            for source_id in service.place_ids:
                if source_id in rows and source_id not in kept:
                    organisation = self.organisations[service.organisation_id]
                    kept[source_id] = self.place(rows[source_id], organisation)
        return kept

    def place(self, row: FeedPlace, organisation: Organisation) -> Place:
        """Write one place and return it."""
        key = {"source": self.source, "source_id": row.source_id}
        found = Place.objects.filter(**key).first()
        place = found or Place(**key, organisation=organisation)
        # Where several organisations share a place, it stays with the first.
        values = {name: getattr(row, name) for name in written.PLACE_FIELDS[1:]}
        self.bring(place, {"organisation_id": place.organisation_id, **values}, is_new=not found)
        return place

    def bring(self, row: Organisation | Place, values: written.Values, *, is_new: bool) -> None:
        """Save a row where the feed has something new and nobody here changed it."""
        wanted = written.digest(values)
        if not is_new:
            as_it_is = written.digest({name: getattr(row, name) for name in values})
            if wanted == row.import_digest or as_it_is != row.import_digest:
                return
        for name, value in values.items():
            setattr(row, name, value)
        row.import_digest = wanted
        row.save()

    def service(self, row: FeedService) -> str:
        """Write one service with all that belongs to it; return what became of it."""
        try:
            with transaction.atomic():
                return self.bring_service(row)
        except catalogue.Unfit as refusal:
            sentence = _("%(name)s: we cannot take its %(fields)s. We left it out.")
            told = sentence % {"name": row.name, "fields": ", ".join(refusal.errors)}
            self.problems.append(FeedProblem(row.source_id, "unfit", told))
            return "refused"

    def bring_service(self, row: FeedService) -> str:
        """Create, update or leave alone one service; return which."""
        found = (
            Service.objects.select_for_update(no_key=True, of=("self",))
            .filter(source=self.source, source_id=row.source_id)
            .first()
        )
        if found is None:
            self.services[row.source_id] = self.create(row)
            return "created"
        self.services[row.source_id] = found
        wanted = self.wanted(row)
        if written.is_ours(found):
            if written.digest(wanted) != found.import_digest:
                self.note_conflict(row)
            return "kept"
        is_changed = written.digest(wanted) != found.import_digest
        if is_changed:
            self.update(found, row, wanted)
        is_repriced = self.price(found, row)
        return "updated" if is_changed or is_repriced else "unchanged"

    def create(self, row: FeedService) -> Service:
        """Add a service that the catalogue does not have."""
        wanted = self.wanted(row)
        needed = Step.values if row.needs_referral else [Step.BOOK]
        service = catalogue.add_service(
            owner=self.organisations[row.organisation_id],
            terms=[self.terms[key] for key in row.term_ids if key in self.terms],
            places=[self.places[key] for key in row.place_ids if key in self.places],
            schedules=self.schedules(row),
            criteria=written.age_criteria(row),
            steps=[step for step in needed if step != Step.DIAGNOSE],
            source=self.source,
            source_id=row.source_id,
            import_digest=written.digest(wanted),
            **{name: wanted[name] for name in written.SERVICE_FIELDS if not name.endswith("_id")},
        )
        self.price(service, row)
        return service

    def update(self, service: Service, row: FeedService, wanted: written.Values) -> None:
        """Bring a service to what the feed says now."""
        for name in written.SERVICE_FIELDS:
            setattr(service, name, wanted[name])
        catalogue.put(service, "terms", [self.terms[k] for k in row.term_ids if k in self.terms])
        catalogue.put(
            service, "places", [self.places[k] for k in row.place_ids if k in self.places]
        )
        catalogue.put(service, "schedules", self.schedules(row))
        others = [criterion for criterion in service.criteria.all() if criterion.fact != "age"]
        catalogue.put(service, "criteria", [*written.age_criteria(row), *others])
        service.import_digest = written.digest(wanted)
        catalogue.update(service=service, at=self.at)

    def wanted(self, row: FeedService) -> written.Values:
        """Return what the feed says of a service, as our fields."""
        organisation = self.organisations[row.organisation_id]
        kind = ServiceKind.SPECIALIST if row.needs_referral else ServiceKind.UNIVERSAL
        told = ("name", "summary", "description", "website", "email", "phone")
        return {
            **{name: getattr(row, name) for name in told},
            "kind": kind,
            "owner_id": organisation.pk,
            "provider_id": organisation.pk,
            "minimum_age": row.minimum_age,
            "maximum_age": row.maximum_age,
            "live": row.is_open,
            "terms": sorted({self.terms[key].pk for key in row.term_ids if key in self.terms}),
            "places": sorted({self.places[key].pk for key in row.place_ids if key in self.places}),
            "schedules": sorted(map(written.schedule_values, self.schedules(row))),
            "ages": [criterion.sentence for criterion in written.age_criteria(row)],
        }

    def schedules(self, row: FeedService) -> list[Schedule]:
        """Return when a service is on, as unsaved rows."""
        return [
            Schedule(
                weekday=schedule.weekday,
                opens_at=schedule.opens_at,
                closes_at=schedule.closes_at,
                description=schedule.description,
                place=self.places.get(schedule.place_id),
            )
            for schedule in row.schedules
        ]

    def price(self, service: Service, row: FeedService) -> bool:
        """Set what the feed says a service costs, unless somebody here has priced it."""
        told = f"{self.source}: "
        on = timezone.localdate(self.at)
        open_prices = {price.unit: price for price in Price.objects.open().filter(service=service)}
        changed = False
        for price in row.prices:
            standing = open_prices.get(price.unit)
            if standing and (
                not standing.source.startswith(told) or standing.amount_pence == price.amount_pence
            ):
                continue
            open_prices[price.unit] = prices.set_price(
                service=service,
                amount_pence=price.amount_pence,
                unit=PriceUnit(price.unit),
                funding=Funding.SPOT_PURCHASE if price.amount_pence else Funding.ALREADY_FUNDED,
                confidence=Confidence.ESTIMATED,
                price_year=written.financial_year(on),
                source=(told + price.words)[:300],
                valid_from=on,
            )
            changed = True
        if changed:
            cheapest = min(open_prices.values(), key=lambda price: price.amount_pence)
            catalogue.list(
                service=service,
                price_from_pence=cheapest.amount_pence,
                price_unit=cheapest.unit,
            )
        return changed

    def note_conflict(self, row: FeedService) -> None:
        """Put on the review list what changed both here and in the feed."""
        self.problems.append(
            FeedProblem(
                row.source_id,
                "changed_here",
                _("%(name)s: the directory has changed it, and so have we. We kept ours.")
                % {"name": row.name},
            )
        )

    def report(self, feed: Feed) -> None:
        """Bring the review list up to date with what was found, and with what no longer is."""
        at_place = {place: row.source_id for row in feed.services for place in row.place_ids}
        owners = {row.source_id: row.organisation_id for row in feed.services}
        for problem in self.problems:
            kind, _colon, number = problem.source_id.rpartition(":")
            service_id = at_place.get(number, "") if kind == "place" else problem.source_id
            owner_id = number if kind == "organisation" else owners.get(service_id, "")
            problems.report(
                source=self.source,
                source_id=problem.source_id,
                code=problem.code,
                sentence=problem.sentence,
                at=self.at,
                service=self.services.get(service_id),
                organisation=self.organisations.get(owner_id, self.keeper),
            )
        found = {(problem.source_id, problem.code) for problem in self.problems}
        for listed in Problem.objects.open().filter(source=self.source):
            if (listed.source_id, listed.code) not in found:
                problems.settle(problem=listed, by=self.by.reference, at=self.at)
