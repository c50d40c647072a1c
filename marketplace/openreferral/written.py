"""What an import writes of an entry, and whether somebody here has changed it since."""

import datetime
import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from cms.models import Band, Criterion, CriterionOperator, Schedule, Service
from marketplace.openreferral.feeds import FeedService

Values = dict[str, Any]

ORGANISATION_FIELDS = (
    "name",
    "kind",
    "description",
    "website",
    "email",
    "phone",
    "postcode",
)
PLACE_FIELDS = (
    "organisation_id",
    "name",
    "address",
    "postcode",
    "district",
    "latitude",
    "longitude",
    "step_free",
)
SERVICE_FIELDS = (
    "name",
    "kind",
    "owner_id",
    "provider_id",
    "summary",
    "description",
    "website",
    "email",
    "phone",
    "minimum_age",
    "maximum_age",
    "live",
)
# What only a catalogue like ours says of a service: its extras.
OFFER_FIELDS = (
    "what_happens_next",
    "answer_days",
    "wait_days",
    "notice_days",
    "standard_quantity",
    "places_a_week",
    "places_at_once",
    "is_statutory",
    "is_confidential",
    "contact_check",
    "check_valid_until",
)


def is_ours(service: Service) -> bool:
    """Say whether an imported service has been changed, drafted on or withdrawn here since."""
    if service.is_withdrawn or service.has_unpublished_changes:
        return True
    rows = [*service.criteria.all()]
    told = {
        **{name: getattr(service, name) for name in SERVICE_FIELDS},
        "districts": service.districts,
        "terms": sorted(ids(service.terms)),
        "places": sorted(ids(service.places)),
        "schedules": sorted(map(schedule_values, service.schedules.all())),
    }
    ages = {"ages": [criterion.sentence for criterion in rows if criterion.fact == "age"]}
    offer = {name: getattr(service, name) for name in OFFER_FIELDS} | offer_values(
        criteria=rows,
        bands=[*service.bands.all()],
        steps=[(one.step, one.interaction) for one in service.processes.all()],
    )
    # As a feed without extras wrote it, or as one with them did.
    return service.import_digest not in (digest(told | ages), digest(told | offer))


def offer_values(
    *, criteria: Sequence[Criterion], bands: Sequence[Band], steps: Sequence[tuple[str, int | None]]
) -> Values:
    """Return who can have a service, how much and by which steps, in a form that compares."""
    return {
        "criteria": [[one.fact, one.operator, one.value, one.sentence] for one in criteria],
        "bands": [[one.fact, one.operator, one.value, one.units, one.sentence] for one in bands],
        "steps": [[*one] for one in steps],
    }


def uuid_of(source_id: str) -> uuid.UUID | None:
    """Return an id that is a UUID, and so can be ours too; None for another."""
    try:
        return uuid.UUID(source_id)
    except ValueError:
        return None


def ids(rows: models.Manager[Any]) -> list[int]:
    """Return the keys of related rows."""
    return [row.pk for row in rows.all()]


def schedule_values(schedule: Schedule) -> list[str]:
    """Return a schedule in a form that can be compared and sorted."""
    told = (
        schedule.weekday,
        schedule.opens_at,
        schedule.closes_at,
        schedule.place_id,
        schedule.description,
    )
    return [str(value) for value in told]


def age_criteria(row: FeedService) -> list[Criterion]:
    """Return who can have a service by age, as unsaved rows."""
    low, high = row.minimum_age, row.maximum_age
    if low is None and high is None:
        return []
    value: int | list[int | None] | None
    if low is None:
        operator, value, told = CriterionOperator.AT_MOST, high, _("For people up to %(high)s.")
    elif high is None:
        operator, value, told = (
            CriterionOperator.AT_LEAST,
            low,
            _("For people of %(low)s and over."),
        )
    else:
        operator, value = CriterionOperator.BETWEEN, [low, high]
        told = _("For people aged %(low)s to %(high)s.")
    sentence = told % {"low": low, "high": high}
    return [Criterion(fact="age", operator=operator, value=value, sentence=sentence)]


def digest(values: Values) -> str:
    """Return a short proof of values: the same for the same, whatever their order."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def financial_year(day: datetime.date) -> str:
    """Return the public sector's year, from April, that a day is in: "2026/27"."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"
