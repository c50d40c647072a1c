"""Files of services: brought, mapped to the fields of an entry, imported, forgotten."""

import datetime
from collections.abc import Mapping, Sequence

from django.db import transaction

from cms.models import Organisation, Sheet

KEPT_DAYS = 7
"""How long a file is kept that nobody imported."""


def bring(
    *,
    organisation: Organisation,
    name: str,
    content: bytes,
    heads: Sequence[str],
    guesses: Mapping[str, str],
    by: str,
    at: datetime.datetime,
) -> Sheet:
    """Keep a file to be mapped; the mapping last used for the same columns is used again.

    `guesses` says which column (by its place, "0" the first) most likely is which field; `by` is
    a reference.
    """
    before = (
        Sheet.objects.filter(organisation=organisation, heads=[*heads], imported_at__isnull=False)
        .values_list("mapping", flat=True)
        .first()
    )
    return Sheet.objects.create(
        organisation=organisation,
        name=name[:150],
        content=content,
        heads=[*heads],
        mapping=before or {**guesses},
        brought_by=by,
        brought_at=at,
    )


@transaction.atomic
def say(*, sheet: Sheet, mapping: Mapping[str, str]) -> Sheet:
    """Keep which column is which field. One that is imported stays as it was."""
    sheet = Sheet.objects.select_for_update(no_key=True, of=("self",)).get(pk=sheet.pk)
    if not sheet.is_imported:
        sheet.mapping = {**mapping}
        sheet.save(update_fields=["mapping"])
    return sheet


def imported(*, sheet: Sheet, outcome: Mapping[str, int], at: datetime.datetime) -> Sheet:
    """Keep that its rows are in the catalogue, in the import's own transaction, and forget it."""
    sheet.imported_at, sheet.outcome, sheet.content = at, {**outcome}, b""
    sheet.save(update_fields=["imported_at", "outcome", "content"])
    return sheet


def nightly(*, at: datetime.datetime) -> int:
    """Delete files that nobody imported within a week; return how many."""
    past = at - datetime.timedelta(days=KEPT_DAYS)
    gone, _each = Sheet.objects.filter(imported_at__isnull=True, brought_at__lt=past).delete()
    return gone
