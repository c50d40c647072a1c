"""Spreadsheets: read, each column guessed, each row an entry, and what is wrong with them said."""

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from cms import catalogue
from cms.models import Organisation, OrganisationKind, Term, TermTaxonomy
from marketplace.openreferral import tables
from marketplace.openreferral.feeds import BadFeed, FeedService

pytestmark = pytest.mark.once

LINES = """Service name;Provider;Details;Cost;Unit;Min age;Max age;Post code;Day;From;To;Category
Boxing for beginners;Blaby Boxing;Gloves are lent. Come.;£4.50;session;11;17;;Mon, Thu;17:30;19:00;\
Feeling lonely|Unheard of
Quiet hour;;A room to be quiet in.;free;;;;;;;;
;Somebody;No name here;;;;;;;;;
Boxing for beginners;Blaby Boxing;Again.;;;30;12;;;;;
Gardening;Green Fingers;Grow food.;ask us;;-1;;nowhere;Someday;19:00;17:00;Juggling
"""


@pytest.fixture
def council(db: None) -> Organisation:
    """Whose services the files hold, and two words of the catalogue."""
    catalogue.add_term(taxonomy=TermTaxonomy.ISSUE, name="Isolation", plain_name="Feeling lonely")
    return catalogue.add_organisation(name="Blaby", kind=OrganisationKind.DISTRICT_COUNCIL)


def workbook(rows: list[list[object]]) -> bytes:
    """Return a workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def read(text: str) -> tables.Table:
    """Read a file that holds a text."""
    return tables.read(content=text.encode(), name="list.csv")


def services(text: str, owner: Organisation) -> dict[str, FeedService]:
    """Return the services of a file by name, each column taken for what it most likely is."""
    table = read(text)
    feed = tables.feed(table=table, mapping=tables.guess(heads=table.heads), owner=owner)
    return {row.name: row for row in feed.services}


def test_headings_are_taken_for_the_fields_they_mean() -> None:
    heads = read(LINES).heads
    assert [tables.guess(heads=heads).get(str(n)) for n in range(len(heads))] == [
        "name", "organisation", "description", "price", "price_words", "min_age", "max_age",
        "postcode", "weekday", "opens_at", "closes_at", "helps_with",
    ]  # fmt: skip


def test_a_heading_is_one_field_at_most_and_a_strange_one_none() -> None:
    assert tables.guess(heads=["Name", "name", "Shoe size"]) == {"0": "name"}


def test_a_row_is_an_entry(council: Organisation) -> None:
    found = services(LINES, council)["Boxing for beginners"]
    assert (found.minimum_age, found.maximum_age) == (11, 17)
    assert found.summary == "Gloves are lent."
    assert [(one.amount_pence, one.unit) for one in found.prices] == [(450, "session")]
    assert [(one.weekday, one.opens_at) for one in found.schedules] == [
        (0, time(17, 30)), (3, time(17, 30))
    ]  # fmt: skip
    assert found.owner_id == str(council.reference)
    assert found.organisation_id == "blaby-boxing"
    lonely = Term.objects.get(plain_name="Feeling lonely")
    assert found.term_ids == (str(lonely.reference),)


def test_without_anybody_named_the_owner_runs_it(council: Organisation) -> None:
    found = services(LINES, council)["Quiet hour"]
    assert found.organisation_id == found.owner_id == str(council.reference)
    assert [one.amount_pence for one in found.prices] == [0]


def test_who_is_known_here_is_not_made_anew(council: Organisation) -> None:
    boxing = catalogue.add_organisation(name="blaby boxing", kind=OrganisationKind.CHARITY)
    found = services(LINES, council)["Boxing for beginners"]
    assert found.organisation_id == str(boxing.reference)


def test_what_is_wrong_is_said_row_by_row(council: Organisation) -> None:
    table = read(LINES)
    feed = tables.feed(table=table, mapping=tables.guess(heads=table.heads), owner=council)
    told = {(problem.code, problem.sentence.split(":")[0]) for problem in feed.problems}
    assert ("no_name_or_id", "Row 4") in told
    assert ("duplicate_id", "Row 5, Boxing for beginners") in told
    sixth = {code for code, where in told if where.startswith("Row 6")}
    assert {"price_in_words", "age_negative", "bad_postcode", "bad_day", "bad_hours"} <= sixth
    assert "word_unknown" in sixth
    assert [row.name for row in feed.services] == [
        "Boxing for beginners", "Quiet hour", "Gardening"
    ]  # fmt: skip


def test_a_column_nobody_named_is_not_read(council: Organisation) -> None:
    feed = tables.feed(table=read(LINES), mapping={"0": "name"}, owner=council)
    assert {row.description for row in feed.services} == {""}


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"1": "summary"}, ["Say which column holds the name of the service."]),
        (
            {"0": "name", "1": "name"},
            ["Two columns are “Name of the service”. Choose one of them."],
        ),
        ({"0": "name"}, []),
    ],
)  # fmt: skip
def test_a_mapping_is_put_right_before_anything_is_read(
    mapping: dict[str, str], said: list[str]
) -> None:
    assert tables.problems_of(mapping=mapping) == said


def test_a_workbook_says_what_a_text_does() -> None:
    content = workbook(
        [["Name", "Age", "Checked", "Opens"], ["Boxing", 11, datetime(2026, 6, 3), time(9, 30)]]  # noqa: DTZ001
    )
    table = tables.read(content=content, name="list.xlsx")
    assert table.rows == (("Boxing", "11", date(2026, 6, 3).isoformat(), "09:30:00"),)


def test_what_excel_writes_on_windows_is_read() -> None:
    content = "Name,Cost\nCafé,£4\n".encode("cp1252")
    assert tables.read(content=content, name="list.csv").rows == (("Café", "£4"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"  ", "The file is empty."),
        (b"Name\n", "a row of headings"),
        (b"\x89PNG\x00\x00", "not a CSV or XLSX"),
        (b"PK\x03\x04 broken", "cannot be read"),
        (b"a\n" * 502 + b"b\n", "more than 500 rows"),
        ((",".join(["h"] * 61) + "\n1\n").encode(), "more than 60 columns"),
        (b"Name\n" + b"x" * (5 * 1024 * 1024), "larger than 5 MB"),
        (b'Name\n"' + b"x" * 140_000 + b'"\n', "cannot be read as CSV"),
    ],
)
def test_a_bad_file_is_one_clear_sentence(content: bytes, said: str) -> None:
    with pytest.raises(BadFeed) as refused:
        tables.read(content=content, name="list.csv")
    assert said in refused.value.sentence


def test_a_file_that_unpacks_to_far_more_is_not_unpacked() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.LARGEST_UNPACKED + 1))
    with pytest.raises(BadFeed) as refused:
        tables.read(content=kept.getvalue(), name="list.xlsx")
    assert "unpacks" in refused.value.sentence
