"""Households from other systems: brought up to date, and nobody shown or said over by it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from budgets import families, history, household_files, household_imports, person_merges
from budgets.models import Event, Member, Person, Relationship, Responsibility
from tests.budgets.conftest import Purse
from tests.budgets.test_households import IMPORT, TODAY, snapshot, someone
from tests.cast import NOW

FILE: dict[str, Any] = {
    "source": "county",
    "people": [
        {"id": "P1", "first_name": "Kim", "born_on": "1990-04-01", "phone": "0116 496 0001"},
        {"id": "P2", "first_name": "Lou", "born_on": "2015-06-09"},
        {"id": "P3", "first_name": "Sky", "hidden": True},
    ],
    "households": [
        {
            "id": "H1",
            "name": "Kim’s household",
            "postcode": "LE10 1AA",
            "stays": [
                {"person": "P1", "relation": "parent", "from": "2020-01-01"},
                {"person": "P2", "relation": "child", "from": "2020-01-01"},
            ],
        }
    ],
    "relationships": [
        {"person": "P2", "relative": "P1", "kind": "parent", "from": "2015-06-09"},
        {"person": "P3", "relative": "P1", "kind": "parent", "from": "2015-06-09"},
    ],
    "responsibilities": [
        {"holder": "P1", "person": "P2", "parental": True, "decides": True, "from": "2015-06-09"}
    ],
}


def changed(**parts: Any) -> dict[str, Any]:
    """Return the file with some parts changed: `P1={"phone": …}`, or a whole part."""
    data: dict[str, Any] = json.loads(json.dumps(FILE))
    for row in (*data["people"], *data["households"]):
        row.update(parts.pop(row["id"], {}))
    return {**data, **parts}


def take(data: dict[str, Any]) -> household_imports.Report:
    """Import a file."""
    file = household_files.read(json.dumps(data).encode())
    return household_imports.take(file=file, by=IMPORT, at=NOW)


def known(number: str) -> Person:
    """Return the person whom the source knows under a number."""
    return Person.objects.get(sources__source="county", sources__source_id=number)


@pytest.mark.django_db
def test_an_import_a_second_time_changes_nothing() -> None:
    report = take(FILE)
    assert (report.created, report.updated, report.unchanged) == (4, 0, 0)
    assert [str(line) for line in report.left] == [
        "P3/P1 ask_a_worker: A worker has to say what is between these two."
    ]
    kim, lou = known("P1"), known("P2")
    assert families.deciders(person=lou, on=TODAY) == [kim]
    assert Relationship.objects.get().relative == kim
    assert known("P3").is_shielded
    before, lines = snapshot(), Event.objects.count()
    report = take(FILE)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 4)
    assert (snapshot(), Event.objects.count()) == (before, lines)


@pytest.mark.django_db
def test_an_import_fills_in_and_never_says_over() -> None:
    take(FILE)
    Person.objects.filter(pk=known("P1").pk).update(phone="0116 496 0999")
    report = take(changed(P1={"phone": "0116 496 0002"}, P2={"last_name": "Gray"}))
    assert [line.code for line in report.left] == ["changed_here"]
    assert known("P1").phone == "0116 496 0999"
    assert known("P2").last_name == "Gray"
    assert (report.updated, report.unchanged) == (1, 3)


@pytest.mark.django_db
def test_an_import_takes_nobodys_shield() -> None:
    take(FILE)
    report = take(changed(P3={"hidden": False}, P2={"hidden": True}))
    assert [line.code for line in report.left] == ["stays_hidden"]
    assert Person.objects.shielded().count() == 2


@pytest.mark.django_db
def test_an_import_lets_nobody_into_a_home_that_hides_somebody() -> None:
    take(FILE)
    take(changed(P2={"hidden": True}))
    stays = [*FILE["households"][0]["stays"]]
    stays.append({"person": "P4", "relation": "other", "from": "2026-01-01"})
    people = [*changed()["people"], {"id": "P4", "first_name": "Rik"}]
    report = take(changed(H1={"stays": stays}, people=people))
    assert "ask_a_worker" in {line.code for line in report.left}
    assert not Member.objects.filter(person=known("P4")).exists()


@pytest.mark.django_db
def test_an_import_leaves_what_somebody_said_of_who_decides() -> None:
    take(changed(responsibilities=[]))
    kim, lou = known("P1"), known("P2")
    by = history.Actor(kind=history.ActorKind.PERSON, reference="ruth")
    families.set_responsibility(
        holder=kim, person=lou, has_parental_responsibility=True, on=TODAY, by=by, at=NOW
    )
    report = take(FILE)
    assert "not_taken" in {line.code for line in report.left}
    assert Responsibility.objects.get().may_decide is False


@pytest.mark.django_db
def test_a_merged_record_is_not_added_again_and_a_stay_ends_by_the_source(purse: Purse) -> None:
    take(FILE)
    kim = someone(purse, "Kim")
    person_merges.merge(kept=kim, gone=known("P1"), words="Same.", by=purse.by, at=NOW)
    count = Person.objects.count()
    stays = [dict(stay) for stay in FILE["households"][0]["stays"]]
    stays[0]["until"] = "2026-05-01"
    take(changed(H1={"stays": stays}))
    assert Person.objects.count() == count
    assert Member.objects.get(person=known("P1")).left_on is not None


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a slip in the word that hides": (changed(P1={"hiden": True}), "people[1] unknown"),
    "no number": (changed(P1={"id": ""}), "people[1] missing"),
    "a number twice": (changed(P2={"id": "P1"}), "people[2] twice"),
    "no day": (changed(P1={"born_on": "1 April"}), "people[1] day"),
    "no address": (changed(P1={"email": "kim"}), "people[1] email"),
    "not yes or no": (changed(P1={"hidden": "no"}), "people[1] yes_no"),
    "too long": (changed(H1={"postcode": "L" * 99}), "households[1] text"),
    "nobody": (
        changed(H1={"stays": [{"person": "P9", "relation": "child", "from": "2020-01-01"}]}),
        "households[1].stays[1] nobody",
    ),
    "wrong relation": (
        changed(H1={"stays": [{"person": "P1", "relation": "cat", "from": "2020-01-01"}]}),
        "households[1].stays[1] choice",
    ),
    "no source": (changed(source=""), "file missing"),
    "not a list": (changed(people={}), "people not_a_list"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", WRONG)
def test_a_bad_file_changes_nothing_and_says_where(name: str, tmp_path: Path) -> None:
    data, line = WRONG[name]
    path, out = tmp_path / "households.json", StringIO()
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_households", path, stdout=out)
    assert line in out.getvalue()
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    path, out = tmp_path / "households.json", StringIO()
    path.write_text(json.dumps(FILE), encoding="utf-8")
    call_command("import_households", path, stdout=out)
    assert "4 new, 0 brought up to date, 0 unchanged; 1 left alone." in out.getvalue()
    for broken in (b"[]", b"{", b"\xff"):
        path.write_bytes(broken)
        with pytest.raises(CommandError):
            call_command("import_households", path, stdout=out)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_households", tmp_path / "nothing.json", stdout=out)
