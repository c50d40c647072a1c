"""Writes one service of a feed with all that is its own, unless somebody here changed it."""

import datetime
import uuid
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets.history import Actor
from cms import catalogue
from cms.models import (
    Band,
    Criterion,
    Organisation,
    Place,
    Process,
    Schedule,
    Service,
    ServiceKind,
    Step,
    Term,
)
from marketplace.openreferral import written
from marketplace.openreferral.feeds import FeedOffer, FeedPrice, FeedProblem, FeedService
from pricing import prices
from pricing.models import Confidence, Funding, Price, PriceUnit

CREATED, UPDATED, UNCHANGED, KEPT = "created", "updated", "unchanged", "kept"


@dataclass
class Shelf:
    """What of a feed has been written so far, by its number there, and on whose behalf."""

    source: str
    by: Actor
    at: datetime.datetime
    problems: list[FeedProblem]
    organisations: dict[str, Organisation] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)

    @property
    def on(self) -> datetime.date:
        """Return the day of the import, here."""
        return timezone.localdate(self.at)


def bring(row: FeedService, *, shelf: Shelf) -> str:
    """Create, update or leave alone one service; return which. Raises `catalogue.Unfit`."""
    locked = Service.objects.select_for_update(no_key=True, of=("self",))
    found = locked.filter(source=shelf.source, source_id=row.source_id).first()
    if found is None:
        found = here_already(row)
        if found is not None:
            if found.owner_id == owner_of(row, shelf=shelf).pk:
                # Else what is wrong with the row would be on somebody else's review list.
                shelf.services[row.source_id] = found
            return KEPT
        shelf.services[row.source_id] = create(row, shelf=shelf)
        note_check(row, shelf=shelf)
        return CREATED
    shelf.services[row.source_id] = found
    values = wanted(row, shelf=shelf)
    digest = written.digest(values)
    if written.is_ours(found):
        if digest != found.import_digest:
            note_conflict(row, shelf=shelf)
        return KEPT
    note_check(row, shelf=shelf)
    is_changed = digest != found.import_digest
    if is_changed:
        update(found, row, values, shelf=shelf)
    is_repriced = price(found, row, shelf=shelf)
    is_checked = check(found, row, shelf=shelf)
    return UPDATED if is_changed or is_repriced or is_checked else UNCHANGED


def here_already(row: FeedService) -> Service | None:
    """Return the entry that a feed has from us: it comes home, and ours stands."""
    reference = written.uuid_of(row.source_id)
    return Service.objects.filter(reference=reference).first() if reference else None


def create(row: FeedService, *, shelf: Shelf) -> Service:
    """Add a service that the catalogue does not have, under its own id where that is a UUID."""
    values, offer = wanted(row, shelf=shelf), row.offer
    names = (*written.SERVICE_FIELDS, *(offer.values if offer else ()))
    service = catalogue.add_service(
        reference=written.uuid_of(row.source_id) or uuid.uuid4(),
        slug=free_slug(offer),
        owner=owner_of(row, shelf=shelf),
        provider=shelf.organisations[row.organisation_id],
        terms=terms_of(row, shelf=shelf),
        places=places_of(row, shelf=shelf),
        schedules=schedules(row, shelf=shelf),
        steps=steps(row),
        criteria=criteria(row),
        bands=bands(row),
        source=shelf.source,
        source_id=row.source_id,
        import_digest=written.digest(values),
        checked_on=checked_on(row, shelf=shelf),
        districts=[*row.districts],
        **{name: values[name] for name in names if not name.endswith("_id")},
    )
    if offer is not None and offer.counted_from is not None and service.checked_on is None:
        # Copied, it is no fresher: its age is that of the entry there.
        counted_from = min(offer.counted_from, shelf.on)
        Service.objects.filter(pk=service.pk).update(added_on=counted_from)
    price(service, row, shelf=shelf)
    return service


def free_slug(offer: FeedOffer | None) -> str:
    """Return the address that an entry has in its own catalogue, where it is free here."""
    wanted_slug = offer.slug if offer else ""
    is_taken = Service.objects.filter(slug=wanted_slug).exists()
    return "" if is_taken else wanted_slug


def steps(row: FeedService) -> list[Process]:
    """Return the steps of a service, as unsaved rows: those told, else by whether it is for all."""
    if row.offer is not None:
        return [Process(step=one.step, interaction=one.interaction) for one in row.offer.steps]
    needed = Step.values if row.needs_referral else [Step.BOOK]
    return [Process(step=step) for step in needed if step != Step.DIAGNOSE]


def update(service: Service, row: FeedService, values: written.Values, *, shelf: Shelf) -> None:
    """Bring a service to what the feed says now. What is confidential here stays so."""
    offer = row.offer
    for name in (*written.SERVICE_FIELDS, *(offer.values if offer else ())):
        if keeps(name, values[name]):
            setattr(service, name, values[name])
    service.districts = [*row.districts]
    catalogue.put(service, "terms", terms_of(row, shelf=shelf))
    catalogue.put(service, "places", places_of(row, shelf=shelf))
    catalogue.put(service, "schedules", schedules(row, shelf=shelf))
    if offer is None:
        others = [one for one in service.criteria.all() if one.fact != "age"]
        catalogue.put(service, "criteria", [*criteria(row), *others])
    else:
        catalogue.put(service, "criteria", criteria(row))
        catalogue.put(service, "bands", bands(row))
        catalogue.put(service, "processes", steps(row))
    service.import_digest = written.digest(values)
    catalogue.update(service=service, at=shelf.at)


def keeps(name: str, value: object) -> bool:
    """Say whether a feed may change a field to a value: it hides an entry and never shows it."""
    return name != "is_confidential" or value is True


def wanted(row: FeedService, *, shelf: Shelf) -> written.Values:
    """Return what the feed says of a service, as our fields."""
    kind = ServiceKind.SPECIALIST if row.needs_referral else ServiceKind.UNIVERSAL
    told = ("name", "summary", "description", "website", "email", "phone")
    values: written.Values = {
        **{name: getattr(row, name) for name in told},
        "kind": kind,
        "owner_id": owner_of(row, shelf=shelf).pk,
        "provider_id": shelf.organisations[row.organisation_id].pk,
        "minimum_age": row.minimum_age,
        "maximum_age": row.maximum_age,
        "live": row.is_open,
        "districts": [*row.districts],
        "terms": sorted({term.pk for term in terms_of(row, shelf=shelf)}),
        "places": sorted({place.pk for place in places_of(row, shelf=shelf)}),
        "schedules": sorted(map(written.schedule_values, schedules(row, shelf=shelf))),
    }
    if row.offer is None:
        return values | {"ages": [one.sentence for one in written.age_criteria(row)]}
    offer = row.offer
    return {**values, **offer.values} | written.offer_values(
        criteria=criteria(row),
        bands=bands(row),
        steps=[(one.step, one.interaction) for one in offer.steps],
    )


def owner_of(row: FeedService, *, shelf: Shelf) -> Organisation:
    """Return who owns a service: who runs it, unless the feed says otherwise."""
    owner_id = row.offer.owner_id if row.offer else row.owner_id
    return shelf.organisations[owner_id or row.organisation_id]


def terms_of(row: FeedService, *, shelf: Shelf) -> list[Term]:
    """Return the terms that a service is mapped to."""
    return [shelf.terms[key] for key in row.term_ids if key in shelf.terms]


def places_of(row: FeedService, *, shelf: Shelf) -> list[Place]:
    """Return where a service is."""
    return [shelf.places[key] for key in row.place_ids if key in shelf.places]


def criteria(row: FeedService) -> list[Criterion]:
    """Return who can have a service, as unsaved rows: what is told, else by age."""
    if row.offer is None:
        return written.age_criteria(row)
    return [
        Criterion(
            fact=one.fact, operator=one.operator, value=one.value, sentence=one.sentence, position=n
        )
        for n, one in enumerate(row.offer.criteria)
    ]


def bands(row: FeedService) -> list[Band]:
    """Return how much a service gives by need, as unsaved rows."""
    return [
        Band(
            fact=one.fact,
            operator=one.operator,
            value=one.value,
            units=one.units,
            sentence=one.sentence,
            position=n,
        )
        for n, one in enumerate(row.offer.bands if row.offer else ())
    ]


def schedules(row: FeedService, *, shelf: Shelf) -> list[Schedule]:
    """Return when a service is on, as unsaved rows; what has ended is left out."""
    return [
        Schedule(
            weekday=one.weekday,
            opens_at=one.opens_at,
            closes_at=one.closes_at,
            description=one.description,
            place=shelf.places.get(one.place_id),
        )
        for one in row.schedules
        if one.valid_to is None or one.valid_to >= shelf.on
    ]


def checked_on(row: FeedService, *, shelf: Shelf) -> datetime.date | None:
    """Return when the directory last checked an entry; never a day to come."""
    return min(row.checked_on, shelf.on) if row.checked_on else None


def check(service: Service, row: FeedService, *, shelf: Shelf) -> bool:
    """Keep that the directory checked an entry again; say whether it did."""
    told = checked_on(row, shelf=shelf)
    if told is None or (service.checked_on is not None and service.checked_on >= told):
        return False
    catalogue.check(service=service, on=told)
    return True


def price(service: Service, row: FeedService, *, shelf: Shelf) -> bool:
    """Set what the feed says a service costs, unless somebody here has priced it."""
    changed = False
    for one in row.prices:
        if not holds(one, on=shelf.on):
            continue
        standing = Price.objects.on(shelf.on).filter(service=service, unit=one.unit).first()
        figures = figures_of(one, shelf=shelf)
        if standing is not None and not is_free_to_change(standing, one, figures, shelf=shelf):
            continue
        since = one.valid_from if standing is None and one.valid_from else shelf.on
        prices.set_price(
            service=service,
            amount_pence=one.amount_pence,
            unit=PriceUnit(one.unit),
            valid_from=since,
            by=shelf.by.reference,
            at=shelf.at,
            **figures,
        )
        changed = True
    return changed


def holds(one: FeedPrice, *, on: datetime.date) -> bool:
    """Say whether a price holds on a day; its directory's last day is included."""
    return (one.valid_from is None or one.valid_from <= on) and (
        one.valid_to is None or one.valid_to >= on
    )


def figures_of(one: FeedPrice, *, shelf: Shelf) -> written.Values:
    """Return how sure a price is: as its directory says, else that it is estimated."""
    sure = one.sureness
    if sure is not None:
        return {
            "funding": Funding(sure.funding),
            "confidence": Confidence(sure.confidence),
            "price_year": sure.price_year,
            "source": sure.source,
        }
    return {
        "funding": Funding.SPOT_PURCHASE if one.amount_pence else Funding.ALREADY_FUNDED,
        "confidence": Confidence.ESTIMATED,
        "price_year": written.financial_year(shelf.on),
        "source": f"{shelf.source}: {one.words}"[:300],
    }


def is_free_to_change(
    standing: Price, one: FeedPrice, figures: written.Values, *, shelf: Shelf
) -> bool:
    """Say whether a price came from this feed and the feed says something else now."""
    if standing.set_by != shelf.by.reference:
        return False
    told = figures if one.sureness else {}
    said = {"amount_pence": one.amount_pence, **told}
    return any(getattr(standing, name) != value for name, value in said.items())


def note_conflict(row: FeedService, *, shelf: Shelf) -> None:
    """Put on the review list what changed both here and in the feed."""
    told = _("%(name)s: the directory has changed it, and so have we. We kept ours.")
    shelf.problems.append(FeedProblem(row.source_id, "changed_here", told % {"name": row.name}))


def note_check(row: FeedService, *, shelf: Shelf) -> None:
    """Put on the review list a worker's check that only the directory has seen."""
    until = row.offer.values["check_valid_until"] if row.offer else None
    if until is not None:
        told = _("%(name)s: the directory says a check is held until %(day)s. See it yourselves.")
        told = told % {"name": row.name, "day": until.isoformat()}
        shelf.problems.append(FeedProblem(row.source_id, "check_not_seen", told))
