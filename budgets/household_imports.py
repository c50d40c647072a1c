"""Households from other systems: added once, brought up to date, and never shown by it.

An import knows its records by the number the source has for them. It fills in what nobody changed
here since, hides who the source says is hidden, and takes from nobody what hides her. What would
show a hidden person to somebody, it leaves to a worker, and says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import families, history, relationships, shields, sources
from budgets.household_files import CareRow, FamilyRow, HouseholdFile, KinRow, PersonRow, Problem
from budgets.household_files import StayRow as Stay
from budgets.models import Family, FamilySource, Member, Person, PersonSource, Responsibility


class SaidHere(history.Refused):
    """What somebody said here is not said over."""

    def __init__(self) -> None:
        super().__init__(_("What is on record here between these two stays as it is."))


@dataclass
class Report:
    """What an import did, and a line for each thing that it left alone."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left: list[Problem] = field(default_factory=list)


@dataclass
class _Import:
    """One run: who does it, and whom it has met."""

    source: str
    by: history.Actor
    at: datetime
    report: Report = field(default_factory=Report)
    people: dict[str, PersonSource] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)

    def leave(self, where: str, code: str, sentence: str) -> None:
        self.report.left.append(Problem(where, code, sentence))

    def count(self, where: str, *, is_new: bool) -> None:
        if is_new:
            self.report.created += 1
        elif where in self.changed:
            self.report.updated += 1
        else:
            self.report.unchanged += 1


@transaction.atomic
def take(*, file: HouseholdFile, by: history.Actor, at: datetime) -> Report:
    """Take a file of households, whole or not at all; a second time changes nothing."""
    run = _Import(source=file.source, by=by, at=at)
    for person in file.people:
        _person(run, person)
    for household in file.households:
        _household(run, household)
    for kin in file.relationships:
        if not {kin.person, kin.relative} & run.erased:
            _kin(run, kin)
    for care in file.responsibilities:
        if not {care.person, care.holder} & run.erased:
            _care(run, care)
    for row in file.people:
        if row.source_id in run.erased:
            continue
        run.count(row.source_id, is_new=row.source_id in run.new)
    return run.report


def _person(run: _Import, row: PersonRow) -> None:
    """Add or bring up to date one person; who was erased is not brought back."""
    if _was_erased(run, PersonSource, row.source_id):
        run.erased.add(row.source_id)
        return
    known = (
        PersonSource.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .filter(source=run.source, source_id=row.source_id)
        .first()
    )
    if known is None:
        run.new.add(row.source_id)
        person = families.add_person(
            **row.fields, is_shielded=bool(row.is_hidden), by=run.by, at=run.at
        )
        said = {name: str(value) for name, value in row.fields.items()}
        known = PersonSource.objects.create(
            person=person, source=run.source, source_id=row.source_id, said=said
        )
    else:
        _fill(run, known.person, row.fields, known, where=row.source_id)
        _hide(run, known.person, row)
    run.people[row.source_id] = known


def _was_erased(run: _Import, model: type[PersonSource] | type[FamilySource], number: str) -> bool:
    mark = sources.mark(source=run.source, number=number)
    found: bool = model._default_manager.filter(source=run.source, source_id=mark).exists()
    if found:
        run.leave(number, "was_erased", _("This was erased here, and an import keeps it so."))
    return found


def _hide(run: _Import, person: Person, row: PersonRow) -> None:
    if row.is_hidden:
        records = shields.locked_records(person)
        if shields.cover(records=records, reason="imported", by=run.by, at=run.at):
            run.changed.add(row.source_id)
    elif row.is_hidden is False and person.is_shielded:
        run.leave(
            row.source_id,
            "stays_hidden",
            _("This record is hidden here, and an import keeps it so."),
        )


def _household(run: _Import, row: FamilyRow) -> None:
    if _was_erased(run, FamilySource, row.source_id):
        return
    known = (
        FamilySource.objects.select_for_update(no_key=True, of=("self",))
        .select_related("family")
        .filter(source=run.source, source_id=row.source_id)
        .first()
    )
    is_new = known is None
    if known is None:
        family = families.add_family(**row.fields, by=run.by, at=run.at)
        known = FamilySource.objects.create(
            family=family, source=run.source, source_id=row.source_id, said=dict(row.fields)
        )
    else:
        _fill(run, known.family, row.fields, known, where=row.source_id)
    for stay in row.stays:
        if stay.person in run.erased:
            continue
        _stay(run, known, stay, is_new_home=is_new)
    run.count(row.source_id, is_new=is_new)


def _fill(
    run: _Import,
    record: Family | Person,
    fields: dict[str, Any],
    known: FamilySource | PersonSource,
    *,
    where: str,
) -> None:
    """Fill in what the source says anew, where it is here as the source had it before."""
    filled, before_all = {}, dict(known.said)
    for name, value in fields.items():
        before = known.said.get(name, "")
        if before == str(value):
            continue
        here = getattr(record, name)
        if str(here or "") == before:
            setattr(record, name, value)
            filled[name] = value
        elif here != value:
            run.leave(where, "changed_here", _("“%(name)s” was changed here.") % {"name": name})
        known.said[name] = str(value)
    if filled:
        record.save(update_fields=list(filled))
        _record(run, record, verb="import")
        run.changed.add(where)
    if known.said != before_all:
        known.save(update_fields=["said"])


def _stay(run: _Import, home: FamilySource, row: Stay, *, is_new_home: bool) -> None:
    """Let somebody in, or out, where the source says something that it did not say before."""
    who = run.people[row.person]
    where = f"{home.source_id}/{row.person}"
    says = {
        "relation": str(row.relation),
        "from": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None,
    }
    before = home.said.get(f"stay:{row.person}")
    if before == says:
        return
    is_same_stay = before is not None and before["from"] == says["from"]
    if is_same_stay:
        _end_stay(run, home.family, who.person, row, where=where)
    else:
        _begin_stay(run, home.family, who.person, row, where=where, is_new_home=is_new_home)
    home.said[f"stay:{row.person}"] = says
    home.save(update_fields=["said"])


def _begin_stay(
    run: _Import, family: Family, person: Person, row: Stay, *, where: str, is_new_home: bool
) -> None:
    records = Family.objects.records_of(family)
    hers = Person.objects.records_of(person)
    theirs = Member.objects.after(row.since).filter(family__in=records, person__in=hers)
    if row.until is not None:
        theirs = theirs.filter(joined_on__lt=row.until)
    if theirs.exists():
        return
    # Whoever moves in reads the household's plan and learns where it is; and whoever decides for
    # a hidden child sees her once they live together.
    is_hiding = not is_new_home and (
        Family.objects.hidden().filter(pk__in=records.values("pk")).exists()
    )
    is_hidden = row.person not in run.new and person.is_shielded
    if is_hiding or is_hidden:
        run.leave(where, "ask_a_worker", _("A worker has to say that somebody moves in here."))
        return
    families.join(
        family=records.get(merged_into=None),
        person=person,
        relation=row.relation,
        on=row.since,
        until=row.until,
        by=run.by,
        at=run.at,
    )
    run.changed.add(row.person)


def _end_stay(run: _Import, family: Family, person: Person, row: Stay, *, where: str) -> None:
    stays = Member.objects.filter(
        family__in=Family.objects.records_of(family), person=person, joined_on=row.since
    )
    if row.until is not None and stays.filter(left_on=None).exists():
        families.leave(family=family, person=person, on=row.until, by=run.by, at=run.at)
        run.changed.add(row.person)
    else:
        run.leave(where, "stay_kept", _("How long she lives here stays as it is here."))


def _kin(run: _Import, row: KinRow) -> None:
    def relate(person: Person, relative: Person) -> None:
        relationships.relate(
            person=person,
            relative=relative,
            kind=row.kind,
            is_confidential=row.is_confidential,
            on=row.since,
            by=run.by,
            at=run.at,
        )

    key = f"kin:{row.relative}:{row.kind}"
    _between(run, row.person, row.relative, key=key, since=row.since, say=relate)


def _care(run: _Import, row: CareRow) -> None:
    def set_responsibility(person: Person, holder: Person) -> None:
        said = Responsibility.objects.filter(
            holder__in=Person.objects.records_of(holder),
            person__in=Person.objects.records_of(person),
        )
        if said.exists():
            raise SaidHere
        families.set_responsibility(
            holder=holder,
            person=person,
            has_parental_responsibility=row.has_parental_responsibility,
            may_decide=row.may_decide,
            on=row.since,
            by=run.by,
            at=run.at,
        )

    key = f"care:{row.holder}:{row.has_parental_responsibility:d}{row.may_decide:d}"
    _between(run, row.person, row.holder, key=key, since=row.since, say=set_responsibility)


def _between(
    run: _Import,
    number: str,
    other: str,
    *,
    key: str,
    since: date,
    say: Callable[[Person, Person], None],
) -> None:
    """Say once what is between two people, neither of whom is hidden."""
    known, with_whom = run.people[number], run.people[other]
    if known.said.get(key) == since.isoformat():
        return
    known.said[key] = since.isoformat()
    known.save(update_fields=["said"])
    where = f"{number}/{other}"
    keys = (known.person_id, with_whom.person_id)
    if Person.objects.shielded().filter(pk__in=keys).exists():
        run.leave(where, "ask_a_worker", _("A worker has to say what is between these two."))
        return
    try:
        with transaction.atomic():
            say(known.person, with_whom.person)
    except history.Refused as refusal:
        run.leave(where, "not_taken", refusal.sentence)
    else:
        run.changed.add(number)


def _record(run: _Import, record: Family | Person, *, verb: str) -> None:
    is_person = isinstance(record, Person)
    history.record(
        by=run.by,
        at=run.at,
        verb=verb,
        subject_kind="person" if is_person else "family",
        subject=record.reference,
        family=record if isinstance(record, Family) else None,
        person=record if isinstance(record, Person) else None,
    )
