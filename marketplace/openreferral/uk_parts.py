"""Reads parts of Open Referral UK records: terms, hours, amounts, and our own extras."""

import decimal
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from cms.models import (
    ContactCheck,
    CriterionOperator,
    Service,
    ServiceKind,
    Step,
    TermTaxonomy,
)
from cms.models.process import value_problem
from marketplace.openreferral import fields
from marketplace.openreferral.feeds import (
    FeedOffer,
    FeedPlace,
    FeedPrice,
    FeedRule,
    FeedSchedule,
    FeedStep,
    FeedSureness,
    FeedTerm,
)
from marketplace.openreferral.fields import Entry, Row
from marketplace.openreferral.standard import DAYS, EXTRAS, STATUSES, taxonomy_ids
from pricing.models import Confidence, Funding, PriceUnit

MOST = 32_767  # what a small whole number of the database holds
NUMBERS = (
    "answer_days",
    "wait_days",
    "notice_days",
    "standard_quantity",
    "places_a_week",
    "places_at_once",
)
FLAGS = ("is_statutory", "is_confidential")
# What a council's own lists say of steps, in many words.
STEP_FREE = ("step-free", "step free", "no steps", "wheelchair", "level access", "ramp")
FOR_WHOM = ("eligib", "audience", "suitab", "age group")
BYDAY = re.compile(r"(?P<which>[+-]?\d{0,2})(?P<day>[A-Z]{2})")
SLUG = re.compile(r"[a-z0-9_-]{1,50}")


def term(row: Row, taxonomy: str) -> FeedTerm:
    """Read one term."""
    extras = row.get(EXTRAS)
    more: Mapping[str, Any] = extras if isinstance(extras, dict) else {}
    return FeedTerm(
        source_id=fields.key_of(row.get("id")),
        taxonomy=taxonomy,
        name=" ".join(fields.plain(row.get("name") or row.get("term")).split())[:200],
        parent_id=fields.key_of(row.get("parent_id")),
        slug=fields.plain(more.get("slug"))[:120],
        plain_name=fields.plain(more.get("plain_name"))[:200],
        description=fields.plain(row.get("description")) if more else "",
    )


def at_the_top(found: FeedTerm) -> FeedTerm:
    """Return a term under no other."""
    return replace(found, parent_id="")


def in_district(place: FeedPlace, district: str) -> FeedPlace:
    """Return a place in the district that its directory says."""
    return replace(place, district=district)


def schedules(entry: Entry, row: Row, place_id: str) -> list[FeedSchedule]:
    """Read one schedule, a row a day; what is not each week is told in words."""
    opens_at, closes_at = entry.hours(row.get("opens_at"), row.get("closes_at"))
    told = " ".join(fields.plain(row.get("description") or row.get("notes")).split())
    until = entry.day("valid_to", of=row)
    monthly = fields.plain(row.get("freq")).strip().upper() == "MONTHLY"
    interval = fields.plain(row.get("interval")).strip()
    if monthly or interval not in ("", "1", "1.0"):
        entry.problem("not_weekly", _("it is not on each week. We kept its days."))
    days = days_of(entry, row)
    if not days and (opens_at is not None or told):
        return [FeedSchedule(None, opens_at, closes_at, told[:255], place_id, until)]
    return [FeedSchedule(day, opens_at, closes_at, told[:255], place_id, until) for day in days]


def days_of(entry: Entry, row: Row) -> list[int]:
    """Read the days of the week of a schedule."""
    found = []
    for part in re.split(r"[,\s]+", fields.plain(row.get("byday")).upper().strip()):
        told = BYDAY.fullmatch(part) or BYDAY.fullmatch(part[:2] if part.isalpha() else "")
        if told and told["day"] in DAYS:
            found.append(DAYS.index(told["day"]))
        elif part:
            entry.problem("bad_day", _("“%(day)s” is not a day of the week."), day=part[:20])
    return list(dict.fromkeys(found))


def price(entry: Entry, row: Row) -> FeedPrice | None:
    """Read one amount, with how sure its directory is where it says so; or None, noted."""
    since, until = entry.day("valid_from", of=row), entry.day("valid_to", of=row)
    words = " ".join(
        part
        for part in (
            fields.plain(row.get("amount_description")).strip(),
            fields.plain(row.get("option")).strip(),
        )
        if part
    )
    sure = sureness(row.get(EXTRAS))
    if sure is not None:
        pence, unit, told = sure
        return FeedPrice(pence, unit, words[:200], told, since, until)
    amount = fields.plain(row.get("amount")).strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", amount):
        # Written by machines: 4.5 is four pounds fifty.
        amount = f"£{decimal.Decimal(amount).quantize(decimal.Decimal('0.01'))}"
    found = entry.price(amount, words)
    return None if found is None else replace(found, valid_from=since, valid_to=until)


def sureness(extras: object) -> tuple[int, str, FeedSureness] | None:
    """Read pence, unit and how sure they are, of a price that a catalogue like ours wrote."""
    if not isinstance(extras, dict):
        return None
    pence, unit = extras.get("amount_pence"), fields.plain(extras.get("unit"))
    told = FeedSureness(
        confidence=fields.plain(extras.get("confidence")),
        price_year=fields.plain(extras.get("price_year"))[:9],
        source=fields.plain(extras.get("source"))[:300],
        funding=fields.plain(extras.get("funding")),
    )
    is_amount = isinstance(pence, int) and not isinstance(pence, bool) and 0 <= pence < 10**11
    is_known = (
        unit in PriceUnit.values
        and told.confidence in Confidence.values
        and told.funding in Funding.values
    )
    return (pence, unit, told) if is_amount and is_known else None  # type: ignore[return-value]


def offer(entry: Entry, organisation: Callable[[Row], str]) -> FeedOffer:
    """Read what only a catalogue like ours says of a service; what cannot be is noted."""
    extras: Mapping[str, Any] = entry.row[EXTRAS]
    owner, freshness = extras.get("owner"), extras.get("freshness")
    counted = freshness if isinstance(freshness, dict) else {}
    return FeedOffer(
        values=values(entry, extras),
        slug=fields.plain(extras.get("slug"))[:120],
        owner_id=organisation(owner) if isinstance(owner, dict) else "",
        counted_from=entry.day("counted_from", of=counted),
        steps=steps(entry, extras),
        criteria=rules(entry, extras, "criteria"),
        bands=rules(entry, extras, "bands"),
    )


def values(entry: Entry, extras: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields that a service has one of; what is not told is as a new entry has it."""
    found: dict[str, Any] = {
        name: Service._meta.get_field(name).get_default()  # type: ignore[union-attr]
        for name in (*NUMBERS, *FLAGS, "kind", "contact_check", "what_happens_next")
    }
    found["what_happens_next"] = fields.plain(extras.get("what_happens_next"))
    found["check_valid_until"] = entry.day("check_held_until", of=extras)
    for name in NUMBERS:
        if is_number(extras.get(name)):
            found[name] = extras[name]
        elif extras.get(name) is not None:
            bad(entry, name)
    for name in FLAGS:
        found[name] = extras.get(name) is True
    for name, known in (("kind", ServiceKind.values), ("contact_check", ContactCheck.values)):
        told = fields.plain(extras.get(name))
        if told in known:
            found[name] = told
        elif told:
            bad(entry, name)
    return found


def is_number(value: object) -> bool:
    """Say whether a value is a whole number that a row can hold."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def bad(entry: Entry, name: str) -> None:
    """Note an extra that cannot be."""
    entry.problem("bad_extras", _("its “%(field)s” cannot be. We left it out."), field=name)


def steps(entry: Entry, extras: Mapping[str, Any]) -> tuple[FeedStep, ...]:
    """Read the steps that a service needs, each once."""
    found: dict[str, FeedStep] = {}
    for row in rows_of(extras, "steps"):
        step, together = fields.plain(row.get("step")), row.get("interaction")
        if step not in Step.values:
            bad(entry, "steps")
        else:
            number = together if is_number(together) else None
            alone = step in (Step.COMMISSION, Step.BOOK)
            found.setdefault(step, FeedStep(step, None if alone else number))
    return tuple(found.values())


def rules(entry: Entry, extras: Mapping[str, Any], key: str) -> tuple[FeedRule, ...]:
    """Read who can have a service, or how much; a rule that nothing can be compared by is noted."""
    found = []
    for row in rows_of(extras, key):
        rule = FeedRule(
            fact=fields.plain(row.get("fact")),
            operator=fields.plain(row.get("operator")),
            value=row.get("value"),
            sentence=fields.plain(row.get("sentence"))[:255],
            units=row["units"] if is_number(row.get("units")) else 0,
        )
        is_fit = (
            SLUG.fullmatch(rule.fact)
            and rule.operator in CriterionOperator.values
            and rule.sentence
            and not value_problem(operator=rule.operator, value=rule.value)
        )
        if is_fit and (key == "criteria" or rule.units):
            found.append(rule)
        else:
            bad(entry, key)
    return tuple(found)


def rows_of(extras: Mapping[str, Any], key: str) -> list[Row]:
    """Return a list of records, leaving out what is none."""
    value = extras.get(key)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def taxonomy_of(row: Row, link_type: str) -> str:
    """Return which of our taxonomies a term belongs to: by its id, its name or what it is for."""
    ours = {made: name for name, made in taxonomy_ids().items()}
    by_id = ours.get(fields.key_of(row.get("taxonomy_id")))
    if by_id:
        return by_id
    said = [fields.plain(row.get("taxonomy")).strip().lower(), link_type.strip().lower()]
    for value, label in TermTaxonomy.choices:
        if value in said or str(label).lower() in said:
            return value
    if any(word in text for word in FOR_WHOM for text in said):
        return TermTaxonomy.AUDIENCE
    return TermTaxonomy.CATEGORY


def is_open(entry: Entry) -> bool:
    """Read whether a service goes on; what its status is not known to be, it is not taken for."""
    status = fields.plain(entry.row.get("status")).strip().lower()
    if not status:
        entry.problem("no_status", _("it does not say if it goes on. We took it that it does."))
        return True
    if status not in STATUSES:
        entry.problem("bad_status", _("“%(status)s” is not a status."), status=status[:50])
    elif status != "active":
        entry.problem("not_active", _("the directory says it is %(status)s."), status=status)
    return status == "active"


def phone(entry: Entry) -> str:
    """Read a telephone number: the service's own, else one of its contacts'; never a name."""
    rows = entry.rows("phones")
    for contact in entry.rows("contacts"):
        inner = contact.get("phones")
        rows += [row for row in inner if isinstance(row, dict)] if isinstance(inner, list) else []
    numbers = [fields.plain(row.get("number")).strip() for row in rows]
    return next((number[:50] for number in numbers if number), "")


def step_free(entry: Entry) -> bool | None:
    """Say whether a wheelchair gets in; None where the directory does not."""
    told = " ".join(
        fields.plain(row.get(key)).lower()
        for row in entry.rows("accessibility")
        for key in ("description", "details", "accessibility")
    )
    return True if any(words in told for words in STEP_FREE) else None


def prices(entry: Entry, description: str) -> tuple[FeedPrice, ...]:
    """Read what it costs; note a price that is only in words."""
    sure: list[FeedPrice] = []
    found: list[FeedPrice] = []
    for row in entry.rows("cost_options"):
        told = price(entry, row)
        if told is not None:
            (found if told.sureness is None else sure).append(told)
    if entry.rows("cost_options"):
        return (*sure, *entry.one_a_unit(found))
    fees = entry.line("fees", longest=500)
    if fees:
        free = entry.price("", fees)
        return (free,) if free is not None else ()
    if not entry.is_plain:
        entry.prices_in_description(description)
    return ()
