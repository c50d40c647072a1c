"""Putting right what the record says of a person or a household: what it said before is kept."""

from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Person

PERSON_FIELDS = ("first_name", "last_name", "born_on", "email", "phone")
FAMILY_FIELDS = ("name", "postcode", "district")

Row = TypeVar("Row", bound=models.Model)


class NotCorrectable(history.Refused):
    """This is not put right here, or cannot be so."""


def correct_person(
    *, person: Person, field: str, value: str, by: history.Actor, at: datetime
) -> Person:
    """Put right who a person is; the words that stood there go to the history, where they can be
    erased. Raises NotCorrectable.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        text = _set(person, field, value, PERSON_FIELDS)
        history.record(
            by=by,
            at=at,
            verb="corrected",
            subject_kind="person",
            subject=person.reference,
            person=person,
            reason=field,
            text=text,
        )
    return person


def correct_family(
    *, family: Family, field: str, value: str, by: history.Actor, at: datetime
) -> Family:
    """Put right where a household is, or what it is called. Raises NotCorrectable."""
    with transaction.atomic():
        family = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
        text = _set(family, field, value, FAMILY_FIELDS)
        history.record(
            by=by,
            at=at,
            verb="corrected",
            subject_kind="family",
            subject=family.reference,
            family=family,
            reason=field,
            text=text,
        )
    return family


def _set(row: Any, field: str, value: str, among: tuple[str, ...]) -> str:
    """Set and save one field, and return what it said before and says now."""
    if field not in among:
        raise NotCorrectable(_("This is not put right here."))
    column = row._meta.get_field(field)
    before = getattr(row, field)
    try:
        after = column.clean(value.strip() or None if column.null else value.strip(), row)
    except ValidationError as error:
        raise NotCorrectable(
            _("This cannot be written there: %(why)s") % {"why": " ".join(error.messages)}
        ) from error
    setattr(row, field, after)
    row.save(update_fields=[field])
    return f"{before or '–'} → {after or '–'}"
