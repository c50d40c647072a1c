"""Files of services in `/cms/`, from the file to the catalogue; and what is there twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms import catalogue, sheets
from cms.models import Organisation, Problem, Service, Sheet
from marketplace.openreferral import entries
from marketplace.openreferral.feeds import FeedService
from marketplace.pages import catalogue_gate
from tests.cast import Cast

pytestmark = pytest.mark.once

LIST = """Name,Run by,Details,Cost,Per
Boxing for beginners,Blaby Boxing,Gloves are lent.,£4.50,session
Quiet hour,,A room to be quiet in.,ask us,
"""


@pytest.fixture
def edie(client: Client, cast_today: Cast) -> Client:
    """The county's editor, signed in."""
    client.force_login(cast_today.edie)
    return client


def brought(client: Client, owner: Organisation, text: str = LIST) -> Sheet:
    """Bring a file, and return what is kept of it."""
    file = SimpleUploadedFile("list.csv", text.encode())
    answer = client.post(
        reverse("catalogue_imports"), {"organisation": owner.pk, "file": file}, follow=True
    )
    assert answer.status_code == 200
    return Sheet.objects.latest("pk")


def said(sheet: Sheet, act: str) -> dict[str, str]:
    """Return the page's form as it comes."""
    return {**{f"column_{n}": key for n, key in sheet.mapping.items()}, "act": act}


def address(sheet: Sheet) -> str:
    """Return where a file is looked through."""
    return reverse("catalogue_import", args=[sheet.reference])


def test_a_file_is_looked_through_and_then_brought_in(edie: Client, cast_today: Cast) -> None:
    sheet = brought(edie, cast_today.county)
    page = edie.get(address(sheet)).content.decode()
    assert "Gloves are lent." in page
    before = Service.objects.count()
    page = edie.post(address(sheet), said(sheet, "try")).content.decode()
    assert "2 new" in page
    assert "Row 3, Quiet hour: its price is only in words: ask us" in page
    assert Service.objects.count() == before
    edie.post(address(sheet), said(sheet, "import"))
    boxing = Service.objects.get(name="Boxing for beginners")
    assert (boxing.owner, boxing.provider.name, boxing.live) == (
        cast_today.county, "Blaby Boxing", True
    )  # fmt: skip
    assert boxing.provider.kept_by == cast_today.county
    assert boxing.prices.get().amount_pence == 450
    assert Problem.objects.filter(is_open=True, organisation=cast_today.county).exists()
    kept = Sheet.objects.get(pk=sheet.pk)
    assert bytes(kept.content) == b""
    assert "2 new" in edie.get(address(sheet)).content.decode()


def test_twice_is_once_and_next_years_file_finds_the_same(edie: Client, cast_today: Cast) -> None:
    sheet = brought(edie, cast_today.county)
    for _tab in range(2):
        edie.post(address(sheet), said(sheet, "import"))
    assert Service.objects.filter(name="Boxing for beginners").count() == 1
    later = brought(edie, cast_today.county, LIST.replace("lent", "lent to you"))
    edie.post(address(later), said(later, "import"))
    later.refresh_from_db()
    assert (later.outcome["created"], later.outcome["updated"]) == (0, 1)
    assert "lent to you" in Service.objects.get(name="Boxing for beginners").description


def test_the_columns_named_last_time_are_named_again(edie: Client, cast_today: Cast) -> None:
    sheet = brought(edie, cast_today.county)
    chosen = said(sheet, "import") | {"column_2": "summary"}
    edie.post(address(sheet), chosen)
    assert brought(edie, cast_today.county).mapping["2"] == "summary"


def test_a_name_nobody_named_is_asked_for_and_the_rest_is_kept(
    edie: Client, cast_today: Cast
) -> None:
    sheet = brought(edie, cast_today.county)
    answer = edie.post(address(sheet), said(sheet, "import") | {"column_0": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Say which column holds the name of the service." in page
    assert '<option value="organisation" selected>' in page
    assert not Service.objects.filter(name="Boxing for beginners").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00\x01"])
def test_a_bad_file_is_refused_beside_its_field(
    edie: Client, cast_today: Cast, content: bytes
) -> None:
    file = SimpleUploadedFile("list.csv", content)
    sent = {"organisation": cast_today.county.pk, "file": file}
    answer = edie.post(reverse("catalogue_imports"), sent)
    assert answer.status_code == 422
    assert not Sheet.objects.exists()


def test_nothing_is_brought_for_another_organisation(edie: Client, cast_today: Cast) -> None:
    file = SimpleUploadedFile("list.csv", LIST.encode())
    sent = {"organisation": cast_today.nhs.pk, "file": file}
    assert edie.post(reverse("catalogue_imports"), sent).status_code == 422
    assert not Sheet.objects.exists()


def test_anothers_file_is_not_there(edie: Client, cast_today: Cast) -> None:
    sheet = sheets.bring(
        organisation=cast_today.nhs, name="theirs.csv", content=LIST.encode(),
        heads=["Name"], guesses={"0": "name"}, by="somebody", at=timezone.now(),
    )  # fmt: skip
    for answer in (edie.get(address(sheet)), edie.post(address(sheet), said(sheet, "import"))):
        assert answer.status_code == 404
    assert "theirs.csv" not in edie.get(reverse("catalogue_imports")).content.decode()
    assert not Service.objects.filter(name="Boxing for beginners").exists()


def test_the_twin_without_the_narrowing_anothers_file_is_there(
    edie: Client, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_gate, "organisations", lambda user: Organisation.objects.all())
    sheet = brought(edie, cast_today.nhs)
    assert edie.get(address(sheet)).status_code == 200
    assert "list.csv" in edie.get(reverse("catalogue_imports")).content.decode()


def test_naming_another_organisation_gives_it_no_entry_to_own(
    edie: Client, cast_today: Cast
) -> None:
    sheet = brought(edie, cast_today.county, LIST.replace("Blaby Boxing", cast_today.nhs.name))
    edie.post(address(sheet), said(sheet, "import"))
    boxing = Service.objects.get(name="Boxing for beginners")
    assert (boxing.owner, boxing.provider) == (cast_today.county, cast_today.nhs)


def test_the_twin_without_the_files_owner_the_one_named_would_own_it(
    edie: Client, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def runs(row: FeedService, *, shelf: entries.Shelf) -> Organisation:
        return shelf.organisations[row.organisation_id]

    monkeypatch.setattr(entries, "owner_of", runs)
    sheet = brought(edie, cast_today.county, LIST.replace("Blaby Boxing", cast_today.nhs.name))
    edie.post(address(sheet), said(sheet, "import"))
    assert Service.objects.get(name="Boxing for beginners").owner == cast_today.nhs


def test_a_file_nobody_imports_is_forgotten_after_a_week(edie: Client, cast_today: Cast) -> None:
    sheet = brought(edie, cast_today.county)
    assert sheets.nightly(at=sheet.brought_at + timedelta(days=7)) == 0
    assert sheets.nightly(at=sheet.brought_at + timedelta(days=7, seconds=1)) == 1
    assert edie.get(address(sheet)).status_code == 404


def test_hostile_cells_are_only_words(edie: Client, cast_today: Cast) -> None:
    hostile = "<script>alert(1)</script>"
    sheet = brought(edie, cast_today.county, f"Name,Details\n{hostile}Club,{hostile}\n")
    for act in ("try", "import"):
        assert hostile not in edie.post(address(sheet), said(sheet, act)).content.decode()
    assert hostile not in edie.get(address(sheet)).content.decode()


@pytest.mark.parametrize("name", ["catalogue_imports", "catalogue_duplicates"])
def test_whoever_edits_nothing_is_kept_out(client: Client, cast_today: Cast, name: str) -> None:
    for user in (cast_today.dev, cast_today.amira, cast_today.fred_user):
        client.force_login(user)
        assert client.get(reverse(name)).status_code in (302, 403, 404)


@pytest.fixture
def twin(cast_today: Cast) -> Service:
    """The mentor's entry a second time."""
    one = cast_today.mentor
    return catalogue.add_service(name=one.name, owner=one.owner, provider=one.provider)


def asked(one: Service, other: Service) -> str:
    """Return where two are set side by side."""
    return reverse("catalogue_duplicate", args=[one.pk, other.pk])


def test_two_are_set_side_by_side_and_made_one(
    edie: Client, cast_today: Cast, twin: Service
) -> None:
    one = cast_today.mentor
    listed = edie.get(reverse("catalogue_duplicates")).content.decode()
    assert asked(one, twin) in listed
    assert edie.get(asked(one, twin)).status_code == 200
    assert edie.post(asked(one, twin), {"answer": "neither"}).status_code == 422
    edie.post(asked(one, twin), {"answer": str(one.pk)})
    assert Service.objects.get(pk=twin.pk).merged_into == one
    assert asked(one, twin) not in edie.get(reverse("catalogue_duplicates")).content.decode()
    moved = Client().get(reverse("service", args=[twin.slug]))
    assert (moved.status_code, moved["Location"]) == (301, reverse("service", args=[one.slug]))


def test_two_are_kept_as_two(edie: Client, cast_today: Cast, twin: Service) -> None:
    edie.post(asked(cast_today.mentor, twin), {"answer": "two"})
    assert Service.objects.get(pk=twin.pk).merged_into is None
    listed = edie.get(reverse("catalogue_duplicates")).content.decode()
    assert asked(cast_today.mentor, twin) not in listed


def test_anothers_entry_is_never_one_of_them(edie: Client, cast_today: Cast, twin: Service) -> None:
    theirs: Any = cast_today.confidential
    for pair in ((twin, theirs), (theirs, twin), (theirs, theirs)):
        assert edie.get(asked(*pair)).status_code == 404
        assert edie.post(asked(*pair), {"answer": str(twin.pk)}).status_code == 404
    assert Service.objects.get(pk=theirs.pk).merged_into is None


def test_a_number_that_is_anothers_puts_nothing_on_her_review_list(
    edie: Client, cast_today: Cast
) -> None:
    theirs = catalogue.add_service(name="Theirs", owner=cast_today.mentors)
    rows = f"Name,Ref,Category\nMine now,{theirs.reference},no such word\n"
    sheet = brought(edie, cast_today.county, rows)
    edie.post(address(sheet), said(sheet, "import"))
    found = Problem.objects.get(source_id=str(theirs.reference))
    assert (found.organisation, found.service) == (cast_today.county, None)
    assert Service.objects.get(pk=theirs.pk).name == "Theirs"


def test_the_twin_without_the_narrowing_anothers_entry_is_one_of_them(
    edie: Client, cast_today: Cast, twin: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything(model: Any, user: Any) -> Any:
        return model._default_manager.all()

    monkeypatch.setattr(catalogue_gate, "within_reach", everything)
    assert edie.get(asked(twin, cast_today.confidential)).status_code == 200


def test_an_address_without_an_entry_is_no_page(cast_today: Cast, twin: Service) -> None:
    twin.slug = "nowhere-else"
    twin.live = False
    twin.save()
    assert Client().get(reverse("service", args=["nowhere-else"])).status_code == 404
    assert Client().get(reverse("service", args=["never-there"])).status_code == 404
