"""Bringing a feed into the catalogue, once and again."""

import pathlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone

from budgets import history
from cms import catalogue, problems, proposals
from cms.models import (
    Listing,
    Organisation,
    OrganisationKind,
    Place,
    Problem,
    Service,
    ServiceKind,
    Term,
    TermTaxonomy,
)
from marketplace.openreferral import files, imports
from pricing import prices
from pricing.models import Confidence, Funding, Price, PriceUnit
from tests.marketplace.openreferral.conftest import BY, FAMILY_HUBS, FAULTY, NOW, bring

DAY = NOW.date()
LATER = NOW + timedelta(days=30)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row of the catalogue and of its prices, with all their values."""
    return {
        model._meta.label: [*model._default_manager.order_by("pk").values()]
        for label in ("cms", "pricing", "wagtailcore")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }


def service(number: str) -> Service:
    """Return one imported service."""
    return Service.objects.get(source="test", source_id=number)


def price(number: str) -> list[tuple[int, str]]:
    """Return the open prices of an imported service."""
    rows = Price.objects.open().filter(service__source="test", service__source_id=number)
    return [*rows.order_by("unit").values_list("amount_pence", "unit")]


def test_a_directory_becomes_organisations_services_terms_places_and_prices(
    imported: imports.ImportReport,
) -> None:
    assert (imported.created, imported.updated, imported.unchanged) == (18, 0, 0)
    pottery = service("1")
    assert pottery.live
    assert pottery.owner == pottery.provider
    assert pottery.owner.name == "Green Lane Community Association"
    assert pottery.owner.website == "https://greenlane.example"
    assert pottery.kind == ServiceKind.UNIVERSAL
    assert {(term.taxonomy, term.name) for term in pottery.terms.all()} == {
        (TermTaxonomy.CATEGORY, "Things to do"),
        (TermTaxonomy.CATEGORY, "Arts and crafts"),
        (TermTaxonomy.AUDIENCE, "Autism"),
    }
    assert Term.objects.get(name="Arts and crafts").parent == Term.objects.get(name="Things to do")
    place = pottery.places.get()
    assert (place.postcode, place.district, place.step_free) == (
        "LE10 0FR",
        "Hinckley and Bosworth",
        True,
    )
    assert [(row.weekday, str(row.opens_at)) for row in pottery.schedules.all()] == [
        (5, "10:00:00")
    ]
    assert [row.sentence for row in pottery.criteria.all()] == ["For people aged 8 to 16."]
    assert [row.step for row in pottery.processes.all()] == ["book"]


def test_four_pounds_fifty_a_session_is_450_pence_a_session(
    imported: imports.ImportReport,
) -> None:
    found = Price.objects.get(service=service("1"))
    assert (found.amount_pence, found.unit) == (450, PriceUnit.SESSION)
    assert (found.funding, found.confidence) == (Funding.SPOT_PURCHASE, Confidence.ESTIMATED)
    assert (found.price_year, found.source) == ("2026/27", "test: £4.50 per session")
    assert found.valid_from == DAY
    listing = Listing.objects.get(service=service("1"))
    assert (listing.price_from_pence, listing.price_unit) == (450, "session")


def test_what_is_free_is_free_and_what_needs_a_referral_is_not_for_everybody(
    imported: imports.ImportReport,
) -> None:
    free = service("15")
    assert price("15") == [(0, "one_off")]
    assert free.kind == ServiceKind.SPECIALIST
    assert "check_eligibility" in {row.step for row in free.processes.all()}


def test_a_price_only_in_words_is_not_guessed(imported: imports.ImportReport) -> None:
    assert price("5") == price("6") == []
    assert Listing.objects.get(service=service("5")).price_from_pence is None


def test_what_is_closed_is_kept_but_not_offered(imported: imports.ImportReport) -> None:
    assert not service("14").live
    assert service("14") not in Service.objects.offered(DAY)


def test_every_problem_is_a_row_of_the_review_list(imported: imports.ImportReport) -> None:
    assert Problem.objects.open().count() == len(imported.problems)
    crossed = Problem.objects.get(code="ages_crossed")
    assert (crossed.source, crossed.source_id) == ("test", "3")
    assert crossed.service == service("3")
    assert crossed.organisation == crossed.service.owner
    assert crossed.found_at == NOW
    sea = Problem.objects.get(source_id="place:103")
    assert sea.service == service("9")
    email = Problem.objects.get(source_id="organisation:11", code="bad_email")
    assert email.organisation is not None
    assert email.organisation.name == "Oak Tree Project"


@pytest.mark.parametrize("path", [FAULTY, FAMILY_HUBS], ids=["faulty", "family hubs"])
def test_importing_twice_changes_nothing_the_second_time(db: None, path: pathlib.Path) -> None:
    first = bring(path)
    before = everything()
    second = bring(path, at=LATER)
    assert (second.created, second.updated, second.kept) == (0, 0, 0)
    assert second.unchanged == first.created
    assert second.problems == first.problems
    assert everything() == before


def test_what_the_directory_changes_is_brought_up_to_date(imported: imports.ImportReport) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0].update(name="Sunday pottery", max_age=None)
        rows[0]["regular_schedules"][0]["weekday"] = "Sunday"
        rows[0]["cost_options"][0]["amount"] = "5.00"
        rows[0]["organisation"]["name"] = "Green Lane Centre"
        rows[0]["locations"][0]["name"] = "The New Bakery"

    report = bring(change=change, at=LATER)
    assert (report.created, report.updated, report.unchanged) == (0, 1, 17)
    pottery = service("1")
    assert pottery.name == pottery.listing.name == "Sunday pottery"
    assert [row.weekday for row in pottery.schedules.all()] == [6]
    assert [row.sentence for row in pottery.criteria.all()] == ["For people of 8 and over."]
    assert pottery.owner.name == "Green Lane Centre"
    assert Place.objects.get(source_id="100").name == "The New Bakery"
    assert price("1") == [(500, "session")]
    assert pottery.listing.price_from_pence == 500
    assert Price.objects.filter(service=pottery).count() == 2


def renamed(rows: list[dict[str, Any]]) -> None:
    """Change one entry in the directory."""
    rows[0]["name"] = "Sunday pottery"


def test_what_an_editor_changed_is_left_alone_and_said(imported: imports.ImportReport) -> None:
    pottery = service("1")
    pottery.summary = "Our own words."
    catalogue.update(service=pottery)
    again = bring()
    assert (again.kept, again.updated) == (1, 0)
    assert not Problem.objects.filter(code="changed_here").exists()

    conflict = bring(change=renamed)
    assert (conflict.kept, conflict.updated) == (1, 0)
    assert service("1").name == "Saturday pottery"
    assert service("1").summary == "Our own words."
    assert Problem.objects.open().get(code="changed_here").service == pottery


def test_a_draft_waiting_for_approval_is_left_alone(imported: imports.ImportReport) -> None:
    user = get_user_model().objects.create(email="pat@oak.example", name="Pat")
    proposals.propose(service=service("1"), changes={"summary": "Drafted."}, by_user=user)
    assert bring(change=renamed).kept == 1
    assert catalogue.publish(service=service("1")).summary == "Drafted."


def test_what_is_withdrawn_stays_withdrawn(imported: imports.ImportReport) -> None:
    catalogue.withdraw(service=service("1"), on=DAY)
    assert bring(change=renamed).kept == 1
    assert service("1").withdrawn_on == DAY
    assert service("1").name == "Saturday pottery"


def test_what_an_editor_added_beside_does_not_stop_the_import(
    imported: imports.ImportReport,
) -> None:
    catalogue.check(service=service("1"), on=DAY)
    assert bring(change=renamed).updated == 1
    assert service("1").name == "Sunday pottery"
    assert service("1").checked_on == DAY


def test_a_price_set_here_is_not_overwritten(imported: imports.ImportReport) -> None:
    prices.set_price(
        service=service("1"),
        amount_pence=700,
        unit=PriceUnit.SESSION,
        funding=Funding.RECHARGE,
        confidence=Confidence.AGREED,
        price_year="2026/27",
        by="a commissioner",
        at=timezone.now(),
        source="Contract 12",
        valid_from=DAY,
    )

    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["cost_options"][0]["amount"] = "9.00"

    bring(change=change, at=LATER)
    assert price("1") == [(700, "session")]


def test_an_organisation_changed_here_is_left_alone(imported: imports.ImportReport) -> None:
    Organisation.objects.filter(source_id="10").update(kind=OrganisationKind.CHARITY)

    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["organisation"]["name"] = "Green Lane Centre"

    bring(change=change)
    green = Organisation.objects.get(source_id="10")
    assert (green.kind, green.name) == (
        OrganisationKind.CHARITY,
        "Green Lane Community Association",
    )


def test_a_problem_that_is_mended_is_settled_and_one_that_an_editor_settled_stays_so(
    imported: imports.ImportReport,
) -> None:
    problems.settle(problem=Problem.objects.get(code="ages_crossed"), by="edie", at=NOW)

    def change(rows: list[dict[str, Any]]) -> None:
        rows[1]["min_age"] = 1

    bring(change=change, at=LATER)
    mended = Problem.objects.get(code="age_negative")
    assert (mended.is_open, mended.settled_by, mended.settled_at) == (False, BY.reference, LATER)
    settled = Problem.objects.get(code="ages_crossed")
    assert (settled.is_open, settled.settled_by) == (False, "edie")


def test_a_term_of_ours_is_used_rather_than_doubled(db: None) -> None:
    ours = catalogue.add_term(taxonomy=TermTaxonomy.CATEGORY, name="Things to do")
    bring()
    assert ours in service("1").terms.all()
    assert Term.objects.filter(slug="things-to-do").count() == 1


def test_two_directories_do_not_touch_each_others_entries(imported: imports.ImportReport) -> None:
    feed = files.read(content=FAMILY_HUBS.read_bytes())
    report = imports.import_feed(feed=feed, source="hubs", by=BY, at=NOW)
    assert report.created == 5
    assert service("1").name == "Saturday pottery"
    assert Service.objects.get(source="hubs", source_id="1").name == "LGBT+ Asylum support"
    assert Problem.objects.open().filter(source="test").count() == len(imported.problems)


def test_the_importers_own_editors_keep_the_entries_of_new_organisations(db: None) -> None:
    council = catalogue.add_organisation(name="Council", kind=OrganisationKind.COUNTY_COUNCIL)
    by = history.Actor(
        kind=history.ActorKind.IMPORT, reference="import:test", organisation=council.reference
    )
    bring(by=by)
    assert {row.kept_by for row in Organisation.objects.exclude(pk=council.pk)} == {council}
    ownerless = Problem.objects.get(code="no_organisation")
    assert ownerless.organisation == council


def test_an_import_that_fails_half_way_changes_nothing(db: None) -> None:
    before = everything()
    with pytest.raises(ZeroDivisionError):
        imports.import_feed(
            feed=files.read(content=FAULTY.read_bytes()),
            source="test",
            by=BY,
            at=NOW,
            progress=lambda services: (row if n < 9 else 1 / 0 for n, row in enumerate(services)),  # type: ignore[misc]
        )
    assert everything() == before
