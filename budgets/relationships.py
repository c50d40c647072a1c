"""How people are related to each other, wherever they live."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Kin, Person, Relationship
from budgets.models.relationship import BOTH_WAYS


class OneAndTheSame(history.Refused):
    """Nobody is her own relative."""

    def __init__(self) -> None:
        super().__init__(_("Choose two different people."))


class RelatedAlready(history.Refused):
    """What is on record is said once."""

    def __init__(self) -> None:
        super().__init__(_("This is on record already."))


class OtherWayRound(history.Refused):
    """Nobody is the parent of her own parent."""

    def __init__(self) -> None:
        super().__init__(_("The other way round is on record. End that first if it is wrong."))


class HasEnded(history.Refused):
    """It is not so any more, or was not so yet on that day."""

    def __init__(self) -> None:
        super().__init__(_("This is not on record on that day. Open the page again."))


def relate(
    *,
    person: Person,
    relative: Person,
    kind: Kin,
    on: date,
    by: history.Actor,
    at: datetime,
    is_confidential: bool = False,
) -> Relationship:
    """Record what a relative is to a person, from a day on.

    What is the same from both ends is recorded once. `is_confidential`: only she and whom she
    confides in see it. Raises OneAndTheSame, RelatedAlready, OtherWayRound.
    """
    kind = Kin(kind)
    if person.pk == relative.pk:
        raise OneAndTheSame
    with transaction.atomic():
        _lock(person, relative)
        there = Q(person=person, relative=relative)
        back = Q(person=relative, relative=person)
        open_ones = Relationship.objects.open().filter(kind=kind)
        if open_ones.filter(there | back if kind in BOTH_WAYS else there).exists():
            raise RelatedAlready
        if kind not in BOTH_WAYS and open_ones.filter(back).exists():
            raise OtherWayRound
        relationship = Relationship.objects.create(
            person=person,
            relative=relative,
            kind=kind,
            is_confidential=is_confidential,
            starts_on=on,
        )
        _record(relationship, verb="relate", on=on, by=by, at=at, to_state=kind)
    return relationship


def end(
    *, relationship: Relationship, on: date, by: history.Actor, at: datetime
) -> Relationship | None:
    """End what is not so any more; None where it began that day, and so was a slip.

    Raises HasEnded.
    """
    with transaction.atomic():
        relationship = (
            Relationship.objects.select_for_update(no_key=True, of=("self",))
            .select_related("person")
            .get(pk=relationship.pk)
        )
        if relationship.ends_on is not None and relationship.ends_on <= on:
            raise HasEnded
        _record(relationship, verb="unrelate", on=on, by=by, at=at, from_state=relationship.kind)
        if relationship.starts_on >= on:
            relationship.delete()
            return None
        relationship.ends_on = on
        relationship.save(update_fields=["ends_on"])
    return relationship


def _lock(*persons: Person) -> None:
    keys = [person.pk for person in persons]
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def _record(
    relationship: Relationship,
    *,
    verb: str,
    on: date,
    by: history.Actor,
    at: datetime,
    from_state: str = "",
    to_state: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="relationship",
        subject=relationship.reference,
        family=families.home(person=relationship.person, on=on),
        person=relationship.person,
        from_state=from_state,
        to_state=to_state,
        is_confidential=relationship.is_confidential,
    )
