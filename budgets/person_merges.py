"""Two records of one person: said, and taken back.

Nothing is moved: ledger and history are never rewritten, and what was told to one record stays
there. The record that goes points at the one that stands, and readers follow the pointer
(`Person.objects.same_as`) for what is neither confidential nor a hidden person's. So a merge shows
nothing hidden to anybody, and a split has only the pointer to take away.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history, shields
from budgets.models import Person, PersonMerge, Responsibility


class SameAlready(history.Refused):
    """The two are one record, or are merged."""

    def __init__(self) -> None:
        super().__init__(_("These are one and the same record already."))


class NotTheSame(history.Refused):
    """Two records that contradict each other are not one person's."""


class IsSplit(history.Refused):
    """The merge was undone before."""

    def __init__(self) -> None:
        super().__init__(_("These two records are apart already."))


def merge(
    *, kept: Person, gone: Person, words: str, by: history.Actor, at: datetime
) -> PersonMerge:
    """Say that two records are of one person; `kept` stands for both.

    Where one is hidden, both are from now on, and neither leads to the other. Raises
    families.NoWords, SameAlready, NotTheSame.
    """
    if not words.strip():
        raise families.NoWords
    with transaction.atomic():
        records = shields.locked_records(kept, gone)
        stands, goes = _root(kept), _root(gone)
        if stands == goes:
            raise SameAlready
        _must_fit(records, on=timezone.localdate(at))
        if any(one.is_shielded for one in records):
            shields.cover(records=records, reason="merged", by=by, at=at)
        Person.objects.records_of(goes).update(merged_into=stands)
        merged = PersonMerge.objects.create(
            kept=stands, gone=goes, merged_at=at, merged_by=by.reference
        )
        _record(merged, verb="merge", text=words.strip(), by=by, at=at)
    return merged


def split(*, merge: PersonMerge, words: str, by: history.Actor, at: datetime) -> PersonMerge:
    """Take a merge back: the record that went stands for itself, and for what it had stood for.

    What is hidden stays hidden. Raises families.NoWords, IsSplit.
    """
    if not words.strip():
        raise families.NoWords
    with transaction.atomic():
        shields.locked_records(merge.kept)
        merge = PersonMerge.objects.select_for_update(no_key=True).get(pk=merge.pk)
        if merge.undone_at is not None:
            raise IsSplit
        merge.undone_at, merge.undone_by = at, by.reference
        merge.save(update_fields=["undone_at", "undone_by"])
        Person.objects.filter(pk=merge.gone_id).update(merged_into=None)
        Person.objects.filter(pk__in=_below(merge.gone_id)).update(merged_into=merge.gone_id)
        _record(merge, verb="split", text=words.strip(), by=by, at=at)
    return merge


def _root(person: Person) -> Person:
    fresh = Person.objects.get(pk=person.pk)
    return Person.objects.get(pk=fresh.merged_into_id) if fresh.merged_into_id else fresh


def _below(person_id: int) -> set[int]:
    """Return the records for which one stands by live merges, directly or through another."""
    found: set[int] = set()
    edge = {person_id}
    while edge:
        merges = PersonMerge.objects.live().filter(kept__in=edge)
        edge = set(merges.values_list("gone", flat=True)) - found
        found |= edge
    return found


def _must_fit(records: list[Person], *, on: date) -> None:
    if len({one.born_on for one in records if one.born_on is not None}) > 1:
        raise NotTheSame(
            _("These two have different birthdays. If one is wrong, correct it first.")
        )
    held = Responsibility.objects.on(on).filter(holder__in=records, person__in=records)
    if held.exists():
        raise NotTheSame(
            _("One of these two is responsible for the other, so they are two people.")
        )


def _record(merge: PersonMerge, *, verb: str, text: str, by: history.Actor, at: datetime) -> None:
    """Write it in the history of both; the words may name either and go with one."""
    for person in (merge.kept, merge.gone):
        history.record(
            by=by,
            at=at,
            verb=verb,
            subject_kind="person",
            subject=person.reference,
            family=families.home(person=person, on=timezone.localdate(at)),
            person=person,
            text=text if person == merge.kept else "",
            is_confidential=True,
        )
