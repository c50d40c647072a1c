"""Reads a spreadsheet, a row a service, once somebody has said which column is which field."""

import csv
import datetime
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import openpyxl
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils.exceptions import InvalidFileException
from rapidfuzz import fuzz, process

from cms.models import Organisation, OrganisationKind, Term, Weekday
from marketplace.openreferral import fields
from marketplace.openreferral.feeds import (
    BadFeed,
    Feed,
    FeedOrganisation,
    FeedPlace,
    FeedPrice,
    FeedSchedule,
    FeedService,
    FeedTerm,
)

LARGEST_BYTES = 5 * 1024 * 1024
LARGEST_UNPACKED = 100 * 1024 * 1024
# Looked through and brought in while somebody waits: on the embedded database nobody writes then.
MOST_ROWS, MOST_COLUMNS = 500, 60
LONGEST_CELL = 10_000
SAMPLES = 3
GUESSED = 82
"""Of 100: how alike a heading and a field's name are to be taken for each other."""
DELIMITERS = ",;\t|"
SEPARATOR = re.compile(r"[;|\n]")


@dataclass(frozen=True)
class Table:
    """A file's headings and its rows, each as long as the headings, all of it text."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def samples(self, column: int) -> list[str]:
        """Return the first few things that stand in a column."""
        told = (row[column] for row in self.rows if row[column])
        return [*itertools.islice(told, SAMPLES)]


@dataclass(frozen=True)
class TableField:
    """One field that a column can be: what it is called, and what else headings call it."""

    key: str
    label: Promise
    names: tuple[str, ...] = ()


FIELDS = (
    TableField(
        "name", gettext_lazy("Name of the service"), ("name", "service", "service name", "title")
    ),
    TableField("number", gettext_lazy("Number or code of its own"), ("id", "ref", "reference")),
    TableField(
        "organisation",
        gettext_lazy("Who runs it"),
        ("organisation", "organization", "provider", "run by", "agency"),
    ),
    TableField("summary", gettext_lazy("One sentence about it"), ("summary", "short description")),
    TableField("description", gettext_lazy("What it does"), ("description", "details", "about")),
    TableField("url", gettext_lazy("Website"), ("website", "url", "web", "link")),
    TableField("email", gettext_lazy("E-mail address"), ("email", "e-mail", "email address")),
    TableField("phone", gettext_lazy("Telephone"), ("phone", "telephone", "tel", "contact number")),
    TableField("min_age", gettext_lazy("Youngest age"), ("minimum age", "min age", "age from")),
    TableField("max_age", gettext_lazy("Oldest age"), ("maximum age", "max age", "age to")),
    TableField("place", gettext_lazy("Name of the place"), ("venue", "location", "place", "site")),
    TableField("address", gettext_lazy("Address"), ("address", "street", "address line 1")),
    TableField("postcode", gettext_lazy("Postcode"), ("postcode", "post code", "postal code")),
    TableField("price", gettext_lazy("Price"), ("price", "cost", "fee", "charge")),
    TableField("price_words", gettext_lazy("What one price buys"), ("unit", "per", "price unit")),
    TableField("helps_with", gettext_lazy("Helps with"), ("category", "categories", "needs")),
    TableField("weekday", gettext_lazy("Day"), ("day", "weekday", "days")),
    TableField("opens_at", gettext_lazy("Begins at"), ("start", "from", "opens", "start time")),
    TableField("closes_at", gettext_lazy("Ends at"), ("end", "to", "until", "closes", "end time")),
    TableField("checked_on", gettext_lazy("Last checked on"), ("last checked", "last updated")),
)
KEYS = frozenset(field.key for field in FIELDS)
DAYS = {day.name.lower()[:3]: int(day) for day in Weekday}


def read(*, content: bytes, name: str) -> Table:
    """Read a CSV or XLSX file's first sheet. Raises `BadFeed` with what to do."""
    if not content.strip():
        raise BadFeed(_("The file is empty."))
    if len(content) > LARGEST_BYTES:
        raise BadFeed(_("The file is larger than 5 MB. Bring it in parts."))
    lines = _workbook(content) if content.startswith(b"PK") else _text(content, name)
    found = [*itertools.islice(lines, MOST_ROWS + 2)]
    if len(found) > MOST_ROWS + 1:
        raise BadFeed(
            _("The file has more than %(most)s rows. Bring it in parts.") % {"most": MOST_ROWS}
        )
    if len(found) < 2:
        raise BadFeed(_("The file needs a row of headings, and a row for each service below."))
    width = max(len(line) for line in found)
    if width > MOST_COLUMNS:
        raise BadFeed(_("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    full = [
        tuple(cell[:LONGEST_CELL] for cell in line + [""] * (width - len(line))) for line in found
    ]
    heads = [
        head or _("Column %(number)s") % {"number": n} for n, head in enumerate(full[0], start=1)
    ]
    return Table(tuple(head[:100] for head in heads), tuple(full[1:]))


def guess(*, heads: Sequence[str]) -> dict[str, str]:
    """Return which column (its place, "0" the first) most likely is which field; each once."""
    known = {name: field.key for field in FIELDS for name in (*field.names, field.key)}
    scored = []
    for column, head in enumerate(heads):
        plain = " ".join(re.split(r"[\W_]+", head.casefold())).strip()
        best = process.extractOne(plain, known.keys(), scorer=fuzz.ratio, score_cutoff=GUESSED)
        if best is not None:
            scored.append((-best[1], column, known[best[0]]))
    guesses: dict[str, str] = {}
    for _score, column, key in sorted(scored):
        if key not in guesses.values():
            guesses[str(column)] = key
    return guesses


def problems_of(*, mapping: Mapping[str, str]) -> list[str]:
    """Return what has to be put right before rows can be read: sentences, none when it is fit."""
    chosen = [*mapping.values()]
    told = []
    if "name" not in chosen:
        told.append(_("Say which column holds the name of the service."))
    for field in FIELDS:
        if chosen.count(field.key) > 1:
            told.append(
                _("Two columns are “%(field)s”. Choose one of them.") % {"field": field.label}
            )
    return told


def feed(*, table: Table, mapping: Mapping[str, str], owner: Organisation) -> Feed:
    """Return what a table holds, all of it owned by one organisation.

    Who runs a service is an organisation of that name, ours where we know it; without one, the
    owner runs it. What is wrong with a row is a problem of it, numbered as the file numbers it.
    """
    columns = {key: int(column) for column, key in mapping.items() if key in KEYS}
    reader = Reader(owner)
    for number, row in enumerate(table.rows, start=2):
        cells = {key: row[column] for key, column in columns.items() if column < len(row)}
        if any(cells.values()):
            reader.read_one(number, cells)
    return Feed(
        shape=_("a spreadsheet"),
        organisations=tuple(reader.organisations.values()),
        terms=tuple(reader.terms.values()),
        places=tuple(reader.places.values()),
        services=tuple(reader.services.values()),
        problems=reader.problems.all(),
    )


class Reader:
    """Reads the rows of one table."""

    def __init__(self, owner: Organisation) -> None:
        self.owner = str(owner.reference)
        self.problems = fields.Problems()
        self.organisations = {self.owner: _ours(owner)}
        self.services: dict[str, FeedService] = {}
        self.places: dict[str, FeedPlace] = {}
        self.terms: dict[str, FeedTerm] = {}
        self.known = {
            name.casefold(): term
            for term in Term.objects.order_by("-taxonomy", "-pk")
            for name in (term.name, term.plain_name)
            if name
        }

    def read_one(self, number: int, cells: Mapping[str, str]) -> None:
        """Read one row, or note why it cannot be; `number` is the row's in the file."""
        name = " ".join(cells.get("name", "").split())
        called = _("Row %(number)s") % {"number": number}
        runs = " ".join(cells.get("organisation", "").split())
        source_id = cells.get("number", "").strip() or slugify(f"{name} {runs}")
        entry = fields.Entry(
            cells,
            source_id=source_id[:100] or f"row:{number}",
            called=f"{called}, {name[:100]}" if name else called,
            problems=self.problems,
        )
        if not name:
            return entry.problem("no_name_or_id", _("it has no name. We left it out."))
        if entry.source_id in self.services:
            return entry.problem(
                "duplicate_id", _("another row is the same service. We kept the first.")
            )
        self.services[entry.source_id] = self.service(entry, self.runs(runs))
        return None

    def service(self, entry: fields.Entry, organisation_id: str) -> FeedService:
        """Read one service."""
        description = entry.text("description")
        youngest, oldest = entry.ages(entry.row.get("min_age"), entry.row.get("max_age"))
        place_id = self.place(entry)
        return FeedService(
            source_id=entry.source_id,
            name=entry.line("name", longest=200),
            organisation_id=organisation_id,
            owner_id=self.owner,
            summary=entry.line("summary", longest=255) or fields.first_sentence(description),
            description=description,
            website=entry.address_of_page("url"),
            email=entry.email("email"),
            phone=entry.line("phone", longest=50),
            minimum_age=youngest,
            maximum_age=oldest,
            term_ids=self.term_ids(entry),
            place_ids=(place_id,) if place_id else (),
            schedules=self.schedules(entry, place_id),
            prices=self.prices(entry),
            checked_on=entry.day("checked_on"),
        )

    def runs(self, name: str) -> str:
        """Return the number of who runs a service: the owner's where nobody is named."""
        if not name:
            return self.owner
        found = Organisation.objects.filter(name__iexact=name).order_by("source", "pk").first()
        number = str(found.reference) if found else slugify(name)[:100] or self.owner
        if number not in self.organisations:
            made = FeedOrganisation(number, name[:255], OrganisationKind.OTHER)
            self.organisations[number] = _ours(found) if found else made
        return number

    def place(self, entry: fields.Entry) -> str:
        """Read where it is; return the place's number, or nothing."""
        name, address = entry.line("place", longest=255), entry.line("address", longest=500)
        written = fields.plain(entry.row.get("postcode")).strip()
        number = slugify(f"{name} {address} {written}")[:100]
        if number and number not in self.places:
            place = FeedPlace(number, name or address.split(",")[0] or written, address)
            self.places[number] = entry.located(place, written=written)
        return number

    def term_ids(self, entry: fields.Entry) -> tuple[str, ...]:
        """Read what it helps with: words of ours only, the others are noted."""
        found = []
        for told in SEPARATOR.split(entry.text("helps_with")):
            word = " ".join(told.split())
            term = self.known.get(word.casefold())
            if term is not None:
                number = str(term.reference)
                self.terms[number] = FeedTerm(number, term.taxonomy, term.name, slug=term.slug)
                found.append(number)
            elif word:
                entry.problem(
                    "word_unknown",
                    _("“%(word)s” is not among the words of this catalogue. Choose ours instead."),
                    word=word[:100],
                )
        return tuple(dict.fromkeys(found))

    def schedules(self, entry: fields.Entry, place_id: str) -> tuple[FeedSchedule, ...]:
        """Read when it is on; a row may name several days."""
        told = fields.plain(entry.row.get("weekday")).casefold()
        days: list[int | None] = [
            DAYS[word[:3]] for word in re.findall(r"[a-z]{3,}", told) if word[:3] in DAYS
        ]
        if told and not days:
            entry.problem("bad_day", _("“%(day)s” is not a day of the week."), day=told[:50])
        opens_at, closes_at = entry.hours(entry.row.get("opens_at"), entry.row.get("closes_at"))
        if not days and opens_at is None:
            return ()
        return tuple(
            FeedSchedule(day, opens_at, closes_at, place_id=place_id)
            for day in dict.fromkeys(days) or [None]
        )

    def prices(self, entry: fields.Entry) -> tuple[FeedPrice, ...]:
        """Read its price."""
        amount = fields.plain(entry.row.get("price")).strip()
        words = fields.plain(entry.row.get("price_words")).strip()
        if not amount:
            return ()
        if words and not words.casefold().startswith(("per ", "a ", "an ", "each", "for ")):
            words = f"per {words}"
        found = entry.price(amount, words)
        return (found,) if found else ()


def _ours(organisation: Organisation) -> FeedOrganisation:
    return FeedOrganisation(str(organisation.reference), organisation.name, str(organisation.kind))


def _workbook(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise BadFeed(_("The file unpacks to more than we can take. Save it as CSV."))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for row in sheet.iter_rows(
            max_row=MOST_ROWS + 50, max_col=MOST_COLUMNS + 1, values_only=True
        ):
            line = [_cell(value) for value in row]
            while line and not line[-1]:
                line.pop()
            if line:
                yield line
    except BadFeed:
        raise
    # A broken workbook breaks in the parser, in the archive, or in its XML.
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        OSError,
        SyntaxError,
        TypeError,
        AttributeError,
    ) as error:
        raise BadFeed(
            _("This workbook cannot be read. Open it, save it as XLSX or CSV, and try again.")
        ) from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _text(content: bytes, name: str) -> Iterator[list[str]]:
    if b"\x00" in content:
        raise BadFeed(_("This is not a CSV or XLSX file. Save it as one of them, and try again."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes for “CSV” on Windows.
        text = content.decode("cp1252", "replace")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            cells = [cell.strip() for cell in line]
            if any(cells):
                yield cells
    except csv.Error as error:
        raise BadFeed(
            _("%(name)s cannot be read as CSV: %(reason)s.") % {"name": name, "reason": error}
        ) from error


def choices() -> Iterable[tuple[str, Promise]]:
    """Return the fields that a column can be, to choose from."""
    return [(field.key, field.label) for field in FIELDS]
