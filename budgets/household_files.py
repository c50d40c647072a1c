"""Files of households: what another system knows, in a small JSON form of our own.

    {
      "source": "county-early-help",
      "people": [
        {"id": "P1", "first_name": "Jamie", "last_name": "Garner", "born_on": "2013-02-01",
         "email": "", "phone": "", "hidden": true}
      ],
      "households": [
        {"id": "H1", "name": "Fred's household", "postcode": "LE10 1NR", "district": "Blaby",
         "stays": [{"person": "P1", "relation": "child", "from": "2020-01-01", "until": null}]}
      ],
      "relationships": [
        {"person": "P1", "relative": "P2", "kind": "parent", "from": "2013-02-01",
         "confidential": false}
      ],
      "responsibilities": [
        {"holder": "P2", "person": "P1", "parental": true, "decides": true, "from": "2013-02-01"}
      ]
    }

`relative` is what she is to `person`: here, P2 is the parent of P1. A file with any problem is
refused whole, with a line for each; so is a word that we don't know, since it may be a slip of one
that hides somebody.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Kin, Person, Relation

PARTS = {"source", "people", "households", "relationships", "responsibilities"}
PERSON_FIELDS = ("first_name", "last_name", "born_on", "email", "phone")
FAMILY_FIELDS = ("name", "postcode", "district")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or that was left alone: where, a code, and a sentence."""

    where: str
    code: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where} {self.code}: {self.sentence}"


class BadFile(history.Refused):
    """The file cannot be taken; nothing of it was."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(_("Nothing was imported. Correct these lines and try again."))
        self.problems = problems


@dataclass(frozen=True)
class PersonRow:
    """One person as the file has her; `fields` are those that it fills in."""

    source_id: str
    fields: dict[str, Any]
    is_hidden: bool | None


@dataclass(frozen=True)
class StayRow:
    """Somebody's time in a household."""

    person: str
    relation: Relation
    since: date
    until: date | None


@dataclass(frozen=True)
class FamilyRow:
    """One household as the file has it."""

    source_id: str
    fields: dict[str, Any]
    stays: list[StayRow]


@dataclass(frozen=True)
class KinRow:
    """What a relative is to a person."""

    person: str
    relative: str
    kind: Kin
    since: date
    is_confidential: bool


@dataclass(frozen=True)
class CareRow:
    """What one person may do for another."""

    holder: str
    person: str
    has_parental_responsibility: bool
    may_decide: bool
    since: date


@dataclass(frozen=True)
class HouseholdFile:
    """A file that can be taken."""

    source: str
    people: list[PersonRow]
    households: list[FamilyRow]
    relationships: list[KinRow]
    responsibilities: list[CareRow]


@dataclass
class _Reader:
    """Reads one part after the other, and keeps every problem."""

    problems: list[Problem] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def wrong(self, where: str, code: str, sentence: str) -> None:
        self.problems.append(Problem(where, code, sentence))

    def rows(self, part: Any, name: str, words: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give each row with its place, without those that are no rows."""
        if not isinstance(part, list):
            self.wrong(name, "not_a_list", _("This has to be a list."))
            return
        for number, row in enumerate(part, 1):
            where = f"{name}[{number}]"
            if not isinstance(row, dict):
                self.wrong(where, "not_a_row", _("This has to be an object with named values."))
                continue
            for word in sorted(set(row) - words):
                self.wrong(where, "unknown", _("We don’t know “%(word)s”.") % {"word": word})
            yield where, row

    def text(self, row: dict[str, Any], name: str, where: str, *, longest: int) -> str:
        found = row.get(name)
        if found is None:
            return ""
        if not isinstance(found, str) or len(found.strip()) > longest or "\x00" in found:
            sentence = _("“%(name)s” has to be text of at most %(longest)s letters.")
            self.wrong(where, "text", sentence % {"name": name, "longest": longest})
            return ""
        return found.strip()

    def needed(self, row: dict[str, Any], name: str, where: str, *, longest: int = 100) -> str:
        found = self.text(row, name, where, longest=longest)
        if not found and not any(one.where == where for one in self.problems):
            self.wrong(where, "missing", _("“%(name)s” is missing.") % {"name": name})
        return found

    def day(self, row: dict[str, Any], name: str, where: str) -> date | None:
        found = row.get(name)
        if found is None or found == "":
            return None
        try:
            return date.fromisoformat(found)
        except (TypeError, ValueError):
            sentence = _("“%(name)s” has to be a day such as 2026-06-03.")
            self.wrong(where, "day", sentence % {"name": name})
            return None

    def since(self, row: dict[str, Any], where: str) -> date:
        found = self.day(row, "from", where)
        if found is None and not row.get("from"):
            self.wrong(where, "missing", _("“from” is missing."))
        return found or date.min

    def flag(self, row: dict[str, Any], name: str, where: str) -> bool | None:
        found = row.get(name)
        if found is None or isinstance(found, bool):
            return found
        self.wrong(where, "yes_no", _("“%(name)s” has to be true or false.") % {"name": name})
        return None

    def one_of(self, row: dict[str, Any], name: str, where: str, choices: Any) -> Any:
        found = row.get(name)
        if found in choices.values:
            return choices(found)
        listed = ", ".join(choices.values)
        sentence = _("“%(name)s” has to be one of: %(listed)s.") % {"name": name, "listed": listed}
        self.wrong(where, "choice", sentence)
        return choices.OTHER

    def someone(self, row: dict[str, Any], name: str, where: str) -> str:
        found = self.needed(row, name, where)
        if found and found not in self.known:
            sentence = _("Nobody under “people” has the number “%(number)s”.")
            self.wrong(where, "nobody", sentence % {"number": found})
        return found

    def two(self, row: dict[str, Any], first: str, second: str, where: str) -> tuple[str, str]:
        one, other = self.someone(row, first, where), self.someone(row, second, where)
        if one and one == other:
            self.wrong(where, "same", _("These have to be two people."))
        return one, other


def read(content: bytes) -> HouseholdFile:
    """Read a file of households. Raises BadFile with a problem a line."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadFile([Problem("file", "json", _("This is not a JSON file."))]) from error
    if not isinstance(data, dict):
        raise BadFile([Problem("file", "json", _("The file has to be one object."))])
    reader = _Reader()
    for word in sorted(set(data) - PARTS):
        reader.wrong("file", "unknown", _("We don’t know “%(word)s”.") % {"word": word})
    source = reader.needed(data, "source", "file")
    people = _people(reader, data.get("people", []))
    found = HouseholdFile(
        source=source,
        people=people,
        households=_households(reader, data.get("households", [])),
        relationships=_relationships(reader, data.get("relationships", [])),
        responsibilities=_responsibilities(reader, data.get("responsibilities", [])),
    )
    if reader.problems:
        raise BadFile(reader.problems)
    return found


def _people(reader: _Reader, part: Any) -> list[PersonRow]:
    found = []
    for where, row in reader.rows(part, "people", {"id", "hidden", *PERSON_FIELDS}):
        number = reader.needed(row, "id", where)
        if number in reader.known:
            reader.wrong(where, "twice", _("This number is used twice."))
        reader.known.add(number)
        fields: dict[str, Any] = {
            name: reader.text(row, name, where, longest=_longest(Person, name))
            for name in PERSON_FIELDS
            if name != "born_on"
        }
        if not fields["first_name"]:
            reader.needed(row, "first_name", where)
        if fields["email"] and not _is_email(fields["email"]):
            reader.wrong(where, "email", _("This is not an e-mail address."))
        fields["born_on"] = reader.day(row, "born_on", where)
        filled = {name: value for name, value in fields.items() if value}
        found.append(PersonRow(number, filled, reader.flag(row, "hidden", where)))
    return found


def _households(reader: _Reader, part: Any) -> list[FamilyRow]:
    found, seen = [], set()
    for where, row in reader.rows(part, "households", {"id", "stays", *FAMILY_FIELDS}):
        number = reader.needed(row, "id", where)
        if number in seen:
            reader.wrong(where, "twice", _("This number is used twice."))
        seen.add(number)
        fields = {
            name: reader.text(row, name, where, longest=_longest(Family, name))
            for name in FAMILY_FIELDS
        }
        if not fields["name"]:
            reader.needed(row, "name", where)
        stays = _stays(reader, row.get("stays", []), where)
        filled = {name: value for name, value in fields.items() if value}
        found.append(FamilyRow(number, filled, stays))
    return found


def _stays(reader: _Reader, part: Any, where: str) -> list[StayRow]:
    found, seen = [], set()
    words = {"person", "relation", "from", "until"}
    for place, row in reader.rows(part, f"{where}.stays", words):
        person = reader.someone(row, "person", place)
        relation = reader.one_of(row, "relation", place, Relation)
        since, until = reader.since(row, place), reader.day(row, "until", place)
        if until is not None and until <= since:
            reader.wrong(place, "order", _("“until” has to be after “from”."))
        if person in seen:
            reader.wrong(place, "twice", _("Somebody is in a household once in a file."))
        seen.add(person)
        found.append(StayRow(person, relation, since, until))
    return found


def _relationships(reader: _Reader, part: Any) -> list[KinRow]:
    found = []
    words = {"person", "relative", "kind", "from", "confidential"}
    for where, row in reader.rows(part, "relationships", words):
        person, relative = reader.two(row, "person", "relative", where)
        kind = reader.one_of(row, "kind", where, Kin)
        is_confidential = bool(reader.flag(row, "confidential", where))
        found.append(KinRow(person, relative, kind, reader.since(row, where), is_confidential))
    return found


def _responsibilities(reader: _Reader, part: Any) -> list[CareRow]:
    found = []
    words = {"holder", "person", "parental", "decides", "from"}
    for where, row in reader.rows(part, "responsibilities", words):
        holder, person = reader.two(row, "holder", "person", where)
        parental = bool(reader.flag(row, "parental", where))
        decides = bool(reader.flag(row, "decides", where))
        if not parental and not decides:
            reader.wrong(where, "nothing", _("Say what she is responsible for."))
        found.append(CareRow(holder, person, parental, decides, reader.since(row, where)))
    return found


def _longest(model: Any, name: str) -> int:
    return int(model._meta.get_field(name).max_length or 0)


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
