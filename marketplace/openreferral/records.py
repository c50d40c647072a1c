"""Writes rows of the catalogue as records of the standard. What is empty is left out, never null.

What the standard has no field for stands under one key, `alongside` (ADR 0021).
"""

import datetime
import decimal
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cms import freshness
from cms.models import Organisation, OrganisationKind, Place, Schedule, Service, Term, TermTaxonomy
from marketplace.openreferral import published
from marketplace.openreferral.standard import DAYS, EXTRAS, at_location, derived, taxonomy_ids
from pricing.models import Price, PriceUnit

Record = dict[str, Any]

# Who trades alone has one address and telephone for work and home: they stay here.
ALONE = (OrganisationKind.SOLE_TRADER,)


def present(record: Mapping[str, Any]) -> Record:
    """Return a record without what is empty."""
    return {name: value for name, value in record.items() if value not in (None, "", [], {}, ())}


def service(row: Service, *, on: datetime.date, at: datetime.datetime) -> Record:
    """Write a service with all that belongs to it; `row` came through `published.whole`."""
    record = listed(row, on=on, at=at)
    if record["status"] != published.ACTIVE:
        return record
    extras = {**record[EXTRAS], **lists_of_extras(row)}
    terms = [*row.terms.all()]
    record |= {
        "schedules": [schedule(row, one) for one in row.schedules.all()],
        "service_areas": [area(row, name) for name in row.districts],
        "service_at_locations": [at_place(row, place) for place in row.places.all()],
        "languages": [
            {"id": derived("language", row.reference, one.reference), "name": one.name}
            for one in terms
            if one.taxonomy == TermTaxonomy.LANGUAGE
        ],
        "phones": phones(row.reference, row.phone),
        "cost_options": [cost(row, price) for price in row.prices.all() if holds(price, on=on)],
        "attributes": [attribute(row.reference, one) for one in terms],
        EXTRAS: extras,
    }
    return present(record)


def listed(row: Service, *, on: datetime.date, at: datetime.datetime) -> Record:
    """Write a service as a list has it: what it has one of, and who runs it.

    One that has ended is no more than that: its ids, its name, and what took its place.
    """
    status = published.status(row, on=on)
    record: Record = {
        "id": str(row.reference),
        "organization_id": str(row.provider.reference),
        "name": name_of(row),
        "status": status,
        "last_modified": moment(published.changed_at(row, at=at)),
    }
    if status != published.ACTIVE:
        into = row.merged_into
        return record | ({EXTRAS: {"merged_into": str(into.reference)}} if into else {})
    record |= {
        "description": row.description,
        "url": row.website,
        "email": row.email,
        "minimum_age": row.minimum_age,
        "maximum_age": row.maximum_age,
        "assured_date": day(row.checked_on),
        "alert": freshness.state(row, on).mark,
        "organization": organisation(row.provider),
        EXTRAS: extras_of(row),
    }
    return present(record)


def minimal(row: Service, *, at: datetime.datetime) -> Record:
    """Write no more than which service changed when."""
    changed = moment(published.changed_at(row, at=at))
    return {"id": str(row.reference), "modified_date": changed}


def name_of(row: Service) -> str:
    """Return a service's name; a mentor's without hers, which nobody could take back from copies.

    What is called after nobody else keeps a name of some kind: it is never empty.
    """
    mentor = getattr(row, "mentor", None)
    return row.name if mentor is None else mentor.plain_name(row.name) or row.get_kind_display()


def extras_of(row: Service) -> Record:
    """Write what the standard has no field for and a service has one of."""
    has_own_name = not row.is_mentor
    counted_from = row.checked_on or row.added_on
    return present(
        {
            "slug": row.slug if has_own_name else "",
            "kind": row.kind,
            "summary": row.summary,
            "what_happens_next": row.what_happens_next,
            "owner": organisation(row.owner) if row.owner_id != row.provider_id else None,
            "answer_days": row.answer_days,
            "wait_days": row.wait_days,
            "notice_days": row.notice_days,
            "standard_quantity": row.standard_quantity,
            "places_a_week": row.places_a_week,
            "places_at_once": row.places_at_once,
            "is_statutory": row.is_statutory,
            "is_confidential": row.is_confidential,
            "contact_check": row.contact_check,
            "check_held_until": day(row.check_valid_until),
            "freshness": {
                "counted_from": day(counted_from),
                "marked_from": day(published.marked_on(row)),
                "not_commissioned_from": day(
                    freshness.months_after(counted_from, freshness.STOP_MONTHS)
                ),
            },
        }
    )


def lists_of_extras(row: Service) -> Record:
    """Write what the standard has no field for and a service has several of."""
    return present(
        {
            "steps": [
                present({"step": one.step, "interaction": one.interaction})
                for one in row.processes.all()
            ],
            "criteria": [
                {
                    "fact": one.fact,
                    "operator": one.operator,
                    "value": one.value,
                    "sentence": one.sentence,
                }
                for one in row.criteria.all()
            ],
            "bands": [
                {
                    "fact": one.fact,
                    "operator": one.operator,
                    "value": one.value,
                    "units": one.units,
                    "sentence": one.sentence,
                }
                for one in row.bands.all()
            ],
        }
    )


def organisation(row: Organisation) -> Record:
    """Write an organisation. What it does has to be there, if only as an empty text."""
    extras = {"kind": row.kind}
    if row.kind not in ALONE:
        extras |= {"phone": row.phone, "postcode": row.postcode}
    record = {
        "email": row.email if row.kind not in ALONE else "",
        "website": row.website,
        EXTRAS: present(extras),
    }
    must = {"id": str(row.reference), "name": row.name, "description": row.description}
    return must | present(record)


def at_place(row: Service, place: Place) -> Record:
    """Write a service at a place, without the service."""
    return {
        "id": at_location(row.reference, place.reference),
        "service_id": str(row.reference),
        "location_id": str(place.reference),
        "location": location(place),
    }


def location(row: Place) -> Record:
    """Write a place. The standard wants every line of an address: the whole stands beside it."""
    reference = row.reference
    extras = {
        "address": row.address,
        "district": row.district,
        "step_free": row.step_free,
    }
    return present(
        {
            "id": str(reference),
            "location_type": "physical",
            "name": row.name,
            "latitude": row.latitude,
            "longitude": row.longitude,
            "addresses": [address(row)] if row.address or row.postcode else [],
            "accessibility": accessibility(row),
            EXTRAS: present(extras),
        }
    )


def address(row: Place) -> Record:
    """Write a place's address."""
    street, _comma, city = row.address.rpartition(", ")
    return {
        "id": derived("address", row.reference),
        "location_id": str(row.reference),
        "address_1": street or row.address,
        "city": city if street else row.district,
        "state_province": row.district,
        "postal_code": row.postcode,
        "country": "GB",
        "address_type": "physical",
    }


def accessibility(row: Place) -> list[Record]:
    """Write whether somebody in a wheelchair gets in, where that is known."""
    if row.step_free is None:
        return []
    told = _("There are no steps.") if row.step_free else _("There are steps.")
    ids = {"id": derived("step-free", row.reference), "location_id": str(row.reference)}
    return [ids | {"description": told}]


def schedule(row: Service, one: Schedule) -> Record:
    """Write when a service is on; the hours are those of clocks in the United Kingdom."""
    place = one.place
    told = (one.weekday, one.opens_at, one.closes_at, place and place.reference, one.description)
    return present(
        {
            "id": derived("schedule", row.reference, *told),
            "service_id": str(row.reference),
            "service_at_location_id": at_location(row.reference, place.reference) if place else "",
            "freq": "WEEKLY" if one.weekday is not None else "",
            "byday": DAYS[one.weekday] if one.weekday is not None else "",
            "description": one.description,
            "opens_at": one.opens_at.isoformat() if one.opens_at else "",
            "closes_at": one.closes_at.isoformat() if one.closes_at else "",
        }
    )


def area(row: Service, name: str) -> Record:
    """Write a district that a service is for."""
    ids = {"id": derived("area", row.reference, name), "service_id": str(row.reference)}
    return ids | {"name": name}


def phones(whose: uuid.UUID, number: str) -> list[Record]:
    """Write a telephone number."""
    return [{"id": derived("phone", whose), "number": number}] if number else []


def holds(price: Price, *, on: datetime.date) -> bool:
    """Say whether a price holds on a day: what is only planned is not told."""
    return price.valid_from <= on and (price.valid_to is None or price.valid_to > on)


def cost(row: Service, price: Price) -> Record:
    """Write a price: what it buys, and how sure anybody is of it.

    What it costs the agency, and its contract, are nobody else's.
    """
    return {
        "id": derived("price", row.reference, price.unit, price.valid_from),
        "service_id": str(row.reference),
        "valid_from": day(price.valid_from),
        "amount": pounds(price.amount_pence),
        "amount_description": bought(price),
        EXTRAS: {
            "amount_pence": price.amount_pence,
            "unit": price.unit,
            "confidence": price.confidence,
            "price_year": price.price_year,
            "source": price.source,
            "funding": price.funding,
        },
    }


def bought(price: Price) -> str:
    """Return what one price buys, in words."""
    if price.unit == PriceUnit.ONE_OFF:
        return _("once")
    return _("for each %(unit)s") % {"unit": price.get_unit_display()}


def pounds(pence: int) -> int | float:
    """Return pence in pounds, as JSON writes a number."""
    whole, rest = divmod(pence, 100)
    return float(decimal.Decimal(pence) / 100) if rest else whole


def attribute(link: uuid.UUID, one: Term) -> Record:
    """Write that a service is mapped to a term."""
    return {
        "id": derived("attribute", link, one.reference),
        "link_id": str(link),
        "taxonomy_term_id": str(one.reference),
        "link_type": one.taxonomy,
        "taxonomy_term": term(one),
    }


def term(row: Term) -> Record:
    """Write a term; `row` was fetched with its parent."""
    parent = row.parent
    told = present(
        {
            "parent_id": str(parent.reference) if parent else "",
            "taxonomy": str(TermTaxonomy(row.taxonomy).label),
            "taxonomy_id": taxonomy_ids()[row.taxonomy],
            "term": row.name,
            EXTRAS: present({"slug": row.slug, "plain_name": row.plain_name}),
        }
    )
    must = {"id": str(row.reference), "name": row.name, "description": row.description}
    return must | told


def taxonomy(name: str, *, terms: list[Record] | None = None) -> Record:
    """Write a taxonomy, with its terms where they are given."""
    told = _("Terms of the kind “%(name)s” that services are mapped to.")
    label = str(TermTaxonomy(name).label)
    must = {"id": taxonomy_ids()[name], "name": label, "description": told % {"name": label}}
    return must | {EXTRAS: {"slug": name}} | present({"taxonomy_terms": terms or []})


def day(value: datetime.date | None) -> str:
    """Write a day."""
    return value.isoformat() if value else ""


def moment(value: datetime.datetime) -> str:
    """Write a moment as RFC 3339 has it, in UTC."""
    return value.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
