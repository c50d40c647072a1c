"""Hiding a person's record. It is set easily, and lifted by somebody, with why, or not at all.

Feeds re-created hidden children unhidden elsewhere (ContactPoint, closed in 2010). So no import,
merge or split lifts a shield; a trigger is the last word (budgets/triggers.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Person


class IsHidden(history.Refused):
    """The record is hidden already."""

    def __init__(self) -> None:
        super().__init__(_("This record is hidden already."))


class IsNotHidden(history.Refused):
    """There is nothing to lift."""

    def __init__(self) -> None:
        super().__init__(_("This record is not hidden."))


class NotByItself(history.Refused):
    """Only somebody signed in shows a hidden record again."""

    def __init__(self) -> None:
        super().__init__(_("Only somebody who is signed in can show a hidden record again."))


def shield(*, person: Person, words: str, by: history.Actor, at: datetime) -> Person:
    """Hide a person, under each of her records, and write down why.

    Raises families.NoWords, IsHidden.
    """
    if not words.strip():
        raise families.NoWords
    with transaction.atomic():
        records = locked_records(person)
        if not cover(records=records, reason="asked", text=words.strip(), by=by, at=at):
            raise IsHidden
    return Person.objects.get(pk=person.pk)


def unshield(*, person: Person, words: str, by: history.Actor, at: datetime) -> Person:
    """Show a hidden person again, under each of her records, and write down why.

    Raises NotByItself, families.NoWords, IsNotHidden.
    """
    if by.kind != history.ActorKind.PERSON:
        raise NotByItself
    if not words.strip():
        raise families.NoWords
    with transaction.atomic():
        hidden = [one for one in locked_records(person) if one.is_shielded]
        if not hidden:
            raise IsNotHidden
        for one in hidden:
            one.is_shielded, one.unshielded_at = False, _later(one.unshielded_at, at)
            one.save(update_fields=["is_shielded", "unshielded_at"])
            _record(one, verb="unshield", reason="asked", text=words.strip(), by=by, at=at)
    return Person.objects.get(pk=person.pk)


def cover(
    *, records: Iterable[Person], reason: str, by: history.Actor, at: datetime, text: str = ""
) -> int:
    """Hide those of one person's locked records that are not hidden yet; return how many."""
    shown = [one for one in records if not one.is_shielded]
    for one in shown:
        one.is_shielded = True
        one.save(update_fields=["is_shielded"])
        _record(one, verb="shield", reason=reason, text=text, by=by, at=at)
    return len(shown)


def locked_records(*persons: Person) -> list[Person]:
    """Lock every record of these persons, by key, and return them as they are now."""
    keys: set[int] = set()
    wanted = {person.pk for person in persons}
    while wanted - keys:
        keys |= wanted
        rows = Person.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
        found = list(rows)
        for one in found:
            wanted |= set(Person.objects.records_of(one).values_list("pk", flat=True))
    return found


def _later(before: datetime | None, at: datetime) -> datetime:
    """Return a moment that is not the one before: by it the trigger knows that it was meant."""
    return at if before is None else max(at, before + timedelta(microseconds=1))


def _record(
    person: Person, *, verb: str, reason: str, text: str, by: history.Actor, at: datetime
) -> None:
    """Write it for her alone: that somebody is hidden is nothing for a household to read."""
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="person",
        subject=person.reference,
        family=families.home(person=person, on=timezone.localdate(at)),
        person=person,
        from_state="shown" if verb == "shield" else "hidden",
        to_state="hidden" if verb == "shield" else "shown",
        reason=reason,
        text=text,
        is_confidential=True,
    )
