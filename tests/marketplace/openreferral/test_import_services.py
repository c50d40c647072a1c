"""The command: `manage.py import_services FILE`."""

import io
import pathlib

import pytest
from django.core.management import CommandError, call_command

from cms import catalogue
from cms.models import Organisation, Problem, Service
from tests.marketplace.openreferral.conftest import FAMILY_HUBS, FAULTY


def run(*words: object) -> str:
    """Run the command and return what it says."""
    said = io.StringIO()
    call_command("import_services", *map(str, words), stdout=said)
    return said.getvalue()


def test_the_command_says_what_it_read_each_problem_and_a_summary(db: None) -> None:
    lines = run(FAULTY).splitlines()
    assert (
        lines[0] == "faulty_feed.json is Open Referral v1, one list of services, with 18 services."
    )
    assert "2 age_negative: Toddler tumble: an age of -1. We left it out." in lines
    assert len(lines) == 2 + Problem.objects.count()
    assert lines[-1].startswith("18 new, 0 brought up to date, 0 unchanged, ")
    assert set(Service.objects.values_list("source", flat=True)) == {"faulty_feed"}
    assert run(FAULTY).splitlines()[-1].startswith("0 new, 0 brought up to date, 18 unchanged, ")


def test_the_command_shows_how_far_it_is(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    run(FAMILY_HUBS)
    assert "5/5" in capsys.readouterr().err


def test_the_directory_may_be_named_and_so_may_who_keeps_it(db: None) -> None:
    council = catalogue.add_organisation(name="Hinckley Council")
    run(FAMILY_HUBS, "--source", "hubs", "--for", "hinckley council")
    assert Service.objects.filter(source="hubs").count() == 5
    assert Organisation.objects.filter(kept_by=council).count() == 12


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"name,address\r\n", "The file is not JSON: see line 1."),
        (b"\xff\xfe[\x00]\x00", "The file is not UTF-8 text"),
        (b"{}", "This is not a directory we can read."),
    ],
)
def test_a_bad_file_is_a_clear_error_and_changes_nothing(
    db: None, tmp_path: pathlib.Path, content: bytes, said: str
) -> None:
    path = tmp_path / "feed.json"
    path.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        run(path)
    assert said in str(refusal.value)
    assert not Service.objects.exists()
    assert not Problem.objects.exists()


def test_a_file_that_is_not_there_is_a_clear_error(db: None, tmp_path: pathlib.Path) -> None:
    with pytest.raises(CommandError, match=r"cannot be read: No such file"):
        run(tmp_path / "nothing.json")
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        run(tmp_path)


def test_an_organisation_nobody_knows_is_a_clear_error(db: None) -> None:
    with pytest.raises(CommandError, match="We know no organisation called “Atlantis”"):
        run(FAULTY, "--for", "Atlantis")
    assert not Service.objects.exists()
