"""What differs between two versions of an entry, field by field, in words; it writes nothing."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.models import Place, Question, Schedule, Service, Step, TermTaxonomy, Weekday

WORDS = [
    "name",
    "kind",
    "summary",
    "description",
    "what_happens_next",
    "website",
    "email",
    "phone",
    "terms",
    "places",
    "districts",
    "is_statutory",
    "is_confidential",
    "processes",
    "questions",
    "answer_days",
    "wait_days",
    "notice_days",
    "places_a_week",
    "places_at_once",
    "schedules",
    "contact_check",
]
"""The fields that a draft carries, in the order in which they are read."""

MOST_COMPARED = 1_000_000
PARTS = re.compile(r"\s+|[^\s]+")
Lines = tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A piece of text, and whether the other version has it too."""

    text: str
    is_changed: bool


@dataclass(frozen=True)
class Difference:
    """One field that is not the same: its rows before and after, each in pieces."""

    name: str
    label: str
    before: tuple[tuple[Piece, ...], ...]
    after: tuple[tuple[Piece, ...], ...]


def between(*, before: Service | None, after: Service) -> list[Difference]:
    """Return what differs, in reading order; without a version before, all that is said."""
    old = said(before) if before else dict.fromkeys(WORDS, ())
    new = said(after)
    return [_difference(name, old[name], new[name]) for name in WORDS if old[name] != new[name]]


def said(service: Service) -> dict[str, Lines]:
    """Return what a version says, field by field: no row where it says nothing."""
    lists: dict[str, Callable[[Service], Iterable[str]]] = {
        "terms": _terms,
        "places": lambda one: sorted(str(place) for place in one.places.all()),
        "districts": lambda one: [str(name) for name in one.districts],
        "processes": _processes,
        "questions": lambda one: [_question(row) for row in _in_order(one.questions.all())],
        "schedules": _schedules,
    }
    return {
        name: tuple(lists[name](service)) if name in lists else _plain(service, name)
        for name in WORDS
    }


def label(name: str) -> str:
    """Return what a field is called."""
    lists = {
        "processes": _("Steps it needs"),
        "questions": _("Questions it asks"),
        "schedules": _("When it is on"),
    }
    if name in lists:
        return lists[name]
    field: Any = Service._meta.get_field(name)
    return str(capfirst(field.verbose_name))


def _plain(service: Service, name: str) -> Lines:
    value = getattr(service, name)
    if value is None or value == "":
        return ()
    if isinstance(value, bool):
        return (_("Yes") if value else _("No"),)
    if name == "answer_days":
        days = ngettext("%(count)s working day", "%(count)s working days", value)
        return (days % {"count": value},)
    if name in ("wait_days", "notice_days"):
        return (ngettext("%(count)s day", "%(count)s days", value) % {"count": value},)
    shown = getattr(service, f"get_{name}_display", None)
    return (str(shown()),) if shown else (str(value),)


def _terms(service: Service) -> Iterable[str]:
    found = [(TermTaxonomy(term.taxonomy).label, term.name) for term in service.terms.all()]
    return [f"{taxonomy}: {name}" for taxonomy, name in sorted(found)]


def _processes(service: Service) -> Iterable[str]:
    for row in _in_order(service.processes.all()):
        words = str(capfirst(Step(row.step).label))
        together = _("%(step)s, in appointment %(number)s")
        yield (
            words
            if row.interaction is None
            else together % {"step": words, "number": row.interaction}
        )


def _question(row: Question) -> str:
    parts = [row.text, str(row.get_kind_display())]
    if row.choices:
        parts.append(" / ".join(str(choice) for choice in row.choices))
    parts.append(_("must be answered") if row.is_required else _("may be left empty"))
    if row.help_text:
        parts.append(row.help_text)
    return " · ".join(parts)


def _schedules(service: Service) -> Iterable[str]:
    rows: list[Schedule] = [*service.schedules.all()]
    # One query for all places: a draft's rows would ask for each by itself.
    places = Place.objects.in_bulk({row.place_id for row in rows if row.place_id})
    rows.sort(key=lambda row: (row.weekday is None, row.weekday or 0, str(row.opens_at or "")))
    return [schedule_words(row, places.get(row.place_id or 0)) for row in rows]


def schedule_words(row: Schedule, place: Place | None) -> str:
    """Return a time that a service is on, in words."""
    parts = [str(Weekday(row.weekday).label)] if row.weekday is not None else []
    if row.opens_at and row.closes_at:
        parts.append(
            _("%(from)s to %(until)s")
            % {"from": time_format(row.opens_at, "H:i"), "until": time_format(row.closes_at, "H:i")}
        )
    elif row.opens_at:
        parts.append(_("from %(time)s") % {"time": time_format(row.opens_at, "H:i")})
    elif row.closes_at:
        parts.append(_("until %(time)s") % {"time": time_format(row.closes_at, "H:i")})
    if place is not None:
        parts.append(place.name)
    if row.description:
        parts.append(row.description)
    return ", ".join(parts)


def _in_order(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.position)


def _difference(name: str, old: Lines, new: Lines) -> Difference:
    if len(old) <= 1 and len(new) <= 1:
        before, after = _pieces(old[0] if old else "", new[0] if new else "")
        return Difference(name, label(name), (before,) if old else (), (after,) if new else ())
    return Difference(name, label(name), _rows(old, but=new), _rows(new, but=old))


def _rows(rows: Lines, *, but: Lines) -> tuple[tuple[Piece, ...], ...]:
    return tuple((Piece(row, row not in but),) for row in rows)


def _pieces(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return two texts in pieces of whole words, those that only one of them has marked."""
    was, now = PARTS.findall(old), PARTS.findall(new)
    before: list[Piece] = []
    after: list[Piece] = []
    for tag, i1, i2, j1, j2 in _steps(was, now):
        _add(before, was[i1:i2], is_changed=tag != "equal")
        _add(after, now[j1:j2], is_changed=tag != "equal")
    return tuple(before), tuple(after)


def _steps(was: list[str], now: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    """Return how one text becomes another; long ones are not compared word by word."""
    if len(was) * len(now) > MOST_COMPARED:
        return [("replace", 0, len(was), 0, len(now))]
    return difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes()


def _add(pieces: list[Piece], parts: Sequence[str], *, is_changed: bool) -> None:
    if parts:
        pieces.append(Piece("".join(parts), is_changed))
