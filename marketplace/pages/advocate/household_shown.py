"""A household as a worker may know it: who is here, how they are related, what was merged."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from budgets import families
from budgets.models import (
    Family,
    FamilyMerge,
    Member,
    Person,
    PersonMerge,
    Relationship,
    Responsibility,
)
from budgets.models.family import ADULT_AT
from marketplace.pages import doors


@dataclass(frozen=True)
class Resident:
    """Somebody who lives or lived here, or visits."""

    person: Person
    stay: Member
    age: int | None
    decided_by: tuple[Person, ...]

    @property
    def decides_alone(self) -> bool:
        """Tell whether she says yes for herself."""
        return self.decided_by == (self.person,)

    @property
    def is_minor(self) -> bool:
        """Tell whether she may be found to decide alone."""
        return self.age is not None and self.age < ADULT_AT


@dataclass(frozen=True)
class Kinship:
    """One line of how two are related."""

    row: Relationship
    sentence: str


@dataclass(frozen=True)
class Care:
    """One line of what somebody may do for another."""

    row: Responsibility
    sentence: str


@dataclass(frozen=True)
class Merged:
    """One merge that can be undone."""

    row: FamilyMerge | PersonMerge
    sentence: str


@dataclass(frozen=True)
class Shown:
    """What she may know of a household."""

    residents: tuple[Resident, ...]
    before: tuple[Resident, ...]
    relatives: tuple[Person, ...]
    kin: tuple[Kinship, ...]
    care: tuple[Care, ...]
    merges: tuple[Merged, ...]

    @property
    def known(self) -> list[Person]:
        """Return everybody whom a form may name, once."""
        here = [one.person for one in (*self.residents, *self.before)]
        return list(dict.fromkeys([*here, *self.relatives]))

    def lives_here(self, person: Person) -> bool:
        """Tell whether somebody is here today, or is on record as coming."""
        return any(one.person == person for one in self.residents)


def of(visit: doors.Visit, family: Family) -> Shown:
    """Return the household as this user may know it now."""
    records = Family.objects.records_of(family)
    stays = list(
        visit.visible(Member.objects.filter(family__in=records))
        .select_related("person")
        .order_by("person__born_on", "person_id", "-joined_on")
    )
    here = [one for one in _first_of_each(stays) if _holds(one, visit.today)]
    gone = [one for one in _first_of_each(stays) if not _holds(one, visit.today)]
    people = families.shown_once(stay.person for stay in here)
    shown = {person.pk for person in people}
    kin = _related(visit, [stay.person for stay in (*here, *gone)])
    known = {stay.person_id for stay in (*here, *gone)}
    relatives = dict.fromkeys(row.relative for row in kin if row.relative_id not in known)
    everybody = known | {person.pk for person in relatives}
    return Shown(
        residents=tuple(_resident(visit, stay) for stay in here if stay.person_id in shown),
        before=tuple(_resident(visit, stay) for stay in gone),
        relatives=tuple(relatives),
        kin=tuple(Kinship(row, _said(row)) for row in kin),
        care=_care(visit, everybody),
        merges=_merges(visit, family, known),
    )


def _first_of_each(stays: list[Member]) -> list[Member]:
    first: dict[int, Member] = {}
    for stay in stays:
        first.setdefault(stay.person_id, stay)
    return list(first.values())


def _holds(stay: Member, day: date) -> bool:
    return stay.left_on is None or stay.left_on > day


def _resident(visit: doors.Visit, stay: Member) -> Resident:
    person = stay.person
    deciders = families.deciders(person=person, on=visit.today)
    seen = set(_seen(visit, [one.pk for one in deciders]))
    return Resident(
        person=person,
        stay=stay,
        age=person.age_on(visit.today),
        decided_by=tuple(one for one in deciders if not one.is_shielded or one.pk in seen),
    )


def _seen(visit: doors.Visit, keys: list[int]) -> Any:
    return visit.visible(Person.objects.filter(pk__in=keys)).values_list("pk", flat=True)


def _related(visit: doors.Visit, people: list[Person]) -> list[Relationship]:
    """Return how they are related; a hidden relative is named to nobody who does not know her."""
    rows = list(
        visit.visible(Relationship.objects.on(visit.today).filter(person__in=people))
        .select_related("person", "relative")
        .order_by("pk")
    )
    hidden = [row.relative_id for row in rows if row.relative.is_shielded]
    seen = set(_seen(visit, hidden)) if hidden else set()
    return [row for row in rows if not row.relative.is_shielded or row.relative_id in seen]


def _said(row: Relationship) -> str:
    names = {"relative": row.relative.first_name, "person": row.person.first_name}
    if row.is_both_ways:
        pair = _("%(relative)s and %(person)s: %(kind)s")
        return pair % {**names, "kind": row.get_kind_display()}
    said = _("%(relative)s is the %(kind)s of %(person)s")
    return said % {**names, "kind": row.get_kind_display()}


def _care(visit: doors.Visit, everybody: set[int]) -> tuple[Care, ...]:
    rows = visit.visible(
        Responsibility.objects.on(visit.today).filter(person__in=everybody)
    ).select_related("holder", "person")
    found = list(rows.order_by("person_id", "pk"))
    hidden = [row.holder_id for row in found if row.holder.is_shielded]
    seen = set(_seen(visit, hidden)) if hidden else set()
    return tuple(
        Care(row, _may(row)) for row in found if not row.holder.is_shielded or row.holder_id in seen
    )


def _may(row: Responsibility) -> str:
    names = {"holder": row.holder.first_name, "person": row.person.first_name}
    if row.may_decide and row.has_parental_responsibility:
        return _("%(holder)s decides for %(person)s, and has parental responsibility") % names
    if row.may_decide:
        return _("%(holder)s decides for %(person)s") % names
    return _("%(holder)s has parental responsibility for %(person)s, and does not decide") % names


def _merges(visit: doors.Visit, family: Family, known: set[int]) -> tuple[Merged, ...]:
    persons = visit.visible(PersonMerge.objects.live().filter(kept__in=known)).select_related(
        "kept", "gone"
    )
    found = list(persons.order_by("pk"))
    seen = set(_seen(visit, [row.gone_id for row in found])) if found else set()
    lines = [
        Merged(row, _("%(kept)s is on record as %(gone)s too") % _names(row.kept, row.gone))
        for row in found
        if row.gone_id in seen
    ]
    homes = visit.visible(FamilyMerge.objects.live().filter(kept=family)).select_related(
        "kept", "gone"
    )
    lines += [
        Merged(row, _("%(kept)s is on record as %(gone)s too") % _names(row.kept, row.gone))
        for row in homes.order_by("pk")
    ]
    return tuple(lines)


def _names(kept: Any, gone: Any) -> dict[str, str]:
    return {"kept": kept.name, "gone": gone.name}
