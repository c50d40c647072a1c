"""What each personal field becomes when it is erased, or why it stays.

By the field's kind; what differs is named here. A law test walks every model: a personal field has
one fate or the other.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from marketplace.rights import exceptions, record

Model = type[models.Model]

SOMEBODY = "Somebody who left"
ERASED = "Erased"

# Rows that nothing changes, by a trigger: they hold references and sums, no name and no text.
IMMUTABLE: dict[str, str] = {
    "budgets.Event": "history stands: references only, and its texts are erased",
    "budgets.Transfer": "the ledger stands: references and sums only",
}

# Rows that are nothing but personal, and that nothing counts or refers to.
DELETED: dict[str, str] = {
    "budgets.Relationship": "person",
    "referrals.Draft": "person",
}

# The days that say something about a person; a day on which something began or ended does not,
# and without its end it would go on.
DAYS = frozenset({"born_on", "decides_alone_on", "reached_on"})

STAYS: dict[str, str] = {
    "authority.Use.family": "a running total of a rule",
    "bookings.Booking.decline_reason": "a code that is counted; says nothing about anybody",
    "bookings.Session.ends_at": "the provider is paid by it",
    "bookings.Session.starts_at": "the provider is paid by it",
    "bookings.Session.state": "the provider is paid by it",
    "budgets.FormKey.user_reference": "the reference of a sign-in that has no name any more",
    "budgets.Family.arm": "the trial's groups have to add up",
    "budgets.Family.arm_joined_on": "the trial's groups have to add up",
    "budgets.FamilySource.source": "which system it was, not under which number",
    "budgets.PersonSource.source": "which system it was, not under which number",
    "budgets.Person.is_shielded": "who was hidden stays hidden",
    "referrals.Ending.goal_met": "a code that is counted; says nothing about anybody",
    "referrals.Ending.next": "a code that is counted; says nothing about anybody",
    "referrals.Ending.why": "a code that is counted; says nothing about anybody",
    "referrals.Enquiry.end": "a code that is counted; says nothing about anybody",
    "referrals.Enquiry.route": "a code that is counted; says nothing about anybody",
    "referrals.Referral.route": "a code that is counted; says nothing about anybody",
    "referrals.Referral.end_reason": "a code that is counted; says nothing about anybody",
    "rights.RightsRequest.kind": "which right was used is evidence of how it was answered",
    "rights.LegalHold.reason": "why something had to be kept is evidence until its own rule",
    "rights.LegalHold.lifted_for": "why it was lifted is evidence until its own rule",
}

# One of a kind each, where no two may be the same.
GONE = Concat(Value("erased-"), Cast("pk", CharField()), output_field=CharField())

# What stays when she asks, and goes when its own time is over.
BY_RULE: dict[str, Any] = {
    "rights.LegalHold.reason": ERASED,
    "rights.LegalHold.lifted_for": ERASED,
}

OTHERWISE: dict[str, Any] = {
    "budgets.Family.name": "A household that left",
    "budgets.FamilySource.source_id": GONE,
    "budgets.PersonSource.source_id": GONE,
    "budgets.Goal.words": ERASED,
    "budgets.Member.relation": "other",
    "budgets.Person.first_name": SOMEBODY,
    "people.User.name": SOMEBODY,
    # One of the codes there are, and the one that says least: another tells of an illness.
    "referrals.Pause.reason": "family_asked",
    "sharing.Consent.words": ERASED,
    "budgets.Person.decides_alone_by": "",
    "sharing.Fact.key": GONE,
    "sharing.Emergency.why": ERASED,
    "sharing.HeldBack.words": ERASED,
    "sharing.Safeguard.evidence": ERASED,
    "sharing.Safeguard.kind": "other",
}


@dataclass(frozen=True)
class Fate:
    """What becomes of a field: the value it gets, or the reason why it stays."""

    value: Any = None
    stays: str = ""


class NoFate(Exception):
    """Nobody said what becomes of this personal field."""


def fate(model: Model, field: models.Field[Any, Any]) -> Fate:
    """Return what becomes of a personal field. Raises NoFate where nobody said."""
    label = model._meta.label
    name = f"{label}.{field.name}"
    if label in IMMUTABLE or name in STAYS:
        return Fate(stays=IMMUTABLE.get(label, "") or STAYS.get(name, ""))
    if name in OTHERWISE:
        return Fate(value=OTHERWISE[name])
    if label in DELETED:
        return Fate(value=None)
    if field.is_relation:
        return _relation(field)
    return _plain(name, field)


def _relation(field: Any) -> Fate:
    if field.null and field.related_model._meta.label == "cms.Term":
        return Fate(value=None)
    return Fate(stays="what it leads to has no name any more, or is nobody's")


def _plain(name: str, field: models.Field[Any, Any]) -> Fate:
    if field.name == "is_confidential":
        return Fate(stays="what was kept from others stays so")
    if field.name in exceptions.REFERENCES:
        return Fate(stays="the reference of a sign-in, no name")
    if isinstance(field, models.JSONField):
        empty = field.get_default() if field.has_default() else {}
        return Fate(value=None if field.null else empty)
    if isinstance(field, models.CharField | models.TextField) and (
        field.blank or not field.choices
    ):
        return Fate(value="")
    if isinstance(field, models.BooleanField):
        return Fate(value=False)
    if isinstance(field, models.DateField) and field.name not in DAYS:
        return Fate(stays="a day by itself says nothing about anybody")
    if field.null:
        return Fate(value=None)
    raise NoFate(name)


def personal(model: Model) -> list[models.Field[Any, Any]]:
    """Return the personal fields of a model."""
    said = getattr(model, record.DECLARES, {})
    return [field for field in model._meta.concrete_fields if said.get(field.name)]


def values(model: Model, *, only_written: bool = False) -> dict[str, Any]:
    """Return what the personal fields of a model become: all, or only those somebody typed."""
    found = {}
    for field in personal(model):
        if only_written and not (record.is_written(model, field) or field.name == "texts_read"):
            continue
        said = fate(model, field)
        by_rule = BY_RULE.get(f"{model._meta.label}.{field.name}")
        if only_written and by_rule is not None:
            found[field.name] = by_rule
        elif not said.stays:
            found[field.name] = said.value
    return found


def not_blank(model: Model, *, only_written: bool = False) -> Q:
    """Return the condition under which a row still holds something to blank."""
    found = Q(pk__in=[])
    for name, value in values(model, only_written=only_written).items():
        if isinstance(value, Concat):
            found |= ~Q(**{f"{name}__startswith": "erased-"})
        elif value is None:
            found |= Q(**{f"{name}__isnull": False})
        else:
            found |= ~Q(**{name: value})
    return found


def is_kept_for_good(label: str) -> bool:
    """Tell whether rows of a model are never changed."""
    return label in IMMUTABLE or label in exceptions.MODELS
