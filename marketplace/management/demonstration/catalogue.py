"""The catalogue: organisations, terms, services with all that belongs to them, and prices."""

from datetime import time, timedelta
from typing import Any

from django.utils.text import slugify

from cms import catalogue
from cms.models import Criterion, Place, Question, Schedule, Service
from marketplace.bookings.models import Slot
from marketplace.management.demonstration import times
from marketplace.management.demonstration.stage import SEED, Stage, moment, read
from pricing import prices

PLAIN_FIELDS = (
    *("name", "kind", "slug", "summary", "description", "what_happens_next"),
    *("minimum_age", "maximum_age", "districts", "answer_days", "wait_days", "notice_days"),
    *("standard_quantity", "is_statutory", "is_confidential", "contact_check"),
    *("source", "source_id"),
)
ORGANISATION_FIELDS = (
    *("name", "kind", "description", "website", "email", "phone", "postcode"),
    *("source", "source_id"),
)
TERM_FIELDS = ("taxonomy", "slug", "name", "plain_name", "description", "source", "source_id")


def build(stage: Stage) -> None:
    """Build the whole catalogue from its committed files."""
    for row in read("cms/data/organisations.json")["organisations"]:
        given = {name: row[name] for name in ORGANISATION_FIELDS}
        stage.organisations[row["slug"]] = catalogue.add_organisation(**given)
    also_said = read("cms/data/also_said.json")["also_said"]
    for row in read("cms/data/taxonomies.json")["terms"]:
        given = {name: row[name] for name in TERM_FIELDS}
        parent = stage.terms[row["parent"]] if row["parent"] else None
        key = f"{row['taxonomy']}:{row['slug']}"
        given["also_said"] = also_said.get(key, "")
        stage.terms[key] = catalogue.add_term(parent=parent, **given)
    for row in read("cms/data/services.json")["services"]:
        stage.data[row["slug"]] = row
        stage.services[row["slug"]] = _service(stage, row)
        _price(stage, row)


def list_all(stage: Stage) -> None:
    """Hand down to the search what each service costs now and when it is next free."""
    for slug, service in stage.services.items():
        slot = Slot.objects.free(stage.now).filter(service=service).order_by("starts_at").first()
        price = prices.price_on(service=service, day=stage.on)
        catalogue.list(
            service=service,
            price_from_pence=price.amount_pence,
            price_unit=price.unit,
            next_free_at=slot.starts_at if slot else None,
        )
        stage.services[slug] = service


def open_times(stage: Stage) -> None:
    """Offer every service's weekly times for the weeks that one can book ahead."""
    for slug in stage.services:
        weeks = times.WEEKS_AHEAD + stage.services[slug].standard_quantity
        for pattern in times.patterns(stage, slug):
            times.open_weeks(stage, slug, pattern, first=stage.on, weeks=weeks)


def _service(stage: Stage, row: dict[str, Any]) -> Service:
    valid = row["check_valid_until_days"]
    return catalogue.add_service(
        owner=stage.organisations[row["owner"]],
        provider=stage.organisations[row["provider"]],
        terms=stage.terms_of(row["terms"]),
        places=[_place(stage, row["provider"], place) for place in row["places"]],
        steps=row["processes"],
        criteria=[Criterion(**criterion) for criterion in row["criteria"]],
        questions=[Question(**question) for question in row["questions"]],
        schedules=[_schedule(schedule) for schedule in row["schedules"]],
        check_valid_until=None if valid is None else stage.on + timedelta(days=valid),
        checked_on=stage.day(row["checked_days_ago"]),
        **{name: row[name] for name in PLAIN_FIELDS},
    )


def _place(stage: Stage, organisation: str, row: dict[str, Any]) -> Place:
    """Return a place; one that several services share is made once."""
    key = (row["name"], row["postcode"])
    if key not in stage.places:
        stage.places[key] = catalogue.add_place(
            organisation=stage.organisations[organisation],
            source="demonstration",
            source_id=slugify(" ".join(key)),
            **row,
        )
    return stage.places[key]


def _schedule(row: dict[str, Any]) -> Schedule:
    hours = {
        name: row[name] and time.fromisoformat(row[name]) for name in ("opens_at", "closes_at")
    }
    return Schedule(weekday=row["weekday"], description=row["description"], **hours)


def _price(stage: Stage, row: dict[str, Any]) -> None:
    for price in row["prices"]:
        given = dict(price)
        day = stage.day(given.pop("valid_from_days_ago"))
        prices.set_price(
            service=stage.services[row["slug"]],
            valid_from=day,
            by=SEED.reference,
            at=moment(day),
            **given,
        )
