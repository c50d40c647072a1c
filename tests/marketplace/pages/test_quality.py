"""How good the entries are: counts that are true, lists that lead to where it is put right."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import catalogue, freshness, problems
from cms.models import ContactCheck, Service, ServiceKind, Step
from marketplace.insight import quality
from marketplace.people.models import User
from marketplace.referrals.models import PromiseKind
from pricing.models import Confidence, Price
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser

pytestmark = pytest.mark.once


def get(user: User, name: str, **asked: str) -> str:
    """Return a page as somebody reads it."""
    answer = browser(user).get(reverse(name), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def lines(user: User, name: str, **asked: str) -> list[dict[str, str]]:
    """Return the lines of a table as CSV."""
    return list(csv.DictReader(io.StringIO(get(user, name, **asked))))


def grow_old(cast: Cast, months: int, *services: Service) -> None:
    """Let entries have been checked so many months ago to the day."""
    latest = freshness.last_check(months=months, on=cast.day)
    Service.objects.filter(pk__in=[one.pk for one in services]).update(checked_on=latest)


def found(cast: Cast, *, of: Any = None) -> dict[str, quality.Entry]:
    """Return the county's entries by their address."""
    services = Service.objects.filter(owner=of or cast.county, live=True)
    rows = quality.with_numbers(quality.marked(services, at=cast.at), at=cast.at)
    return {entry.service.slug: entry for entry in quality.entries(rows, at=cast.at)}


def counted(cast: Cast) -> quality.Counts:
    """Count the county's entries."""
    services = Service.objects.filter(owner=cast.county, live=True)
    return quality.count(quality.marked(services, at=cast.at))


def names(entry: quality.Entry) -> set[str]:
    """Return what an entry lacks."""
    return {lack.name for lack in entry.lacks}


def bare(cast: Cast, **fields: Any) -> Service:
    """Add an entry of which next to nothing is said."""
    return catalogue.add_service(
        name="Bare", slug="bare", owner=cast.county, provider=factories.organisation(), **fields
    )


def test_each_thing_that_is_missing_is_named_and_gone_once_it_is_said(cast: Cast) -> None:
    service = bare(cast, kind=ServiceKind.GROUP, contact_check=ContactCheck.DBS_BASIC)
    assert names(found(cast)["bare"]) == {lack.name for lack in quality.LACKS}
    Service.objects.filter(pk=service.pk).update(
        summary="A walk.",
        description="We walk.",
        what_happens_next="Come.",
        phone="0116 496 0000",
        districts=["Blaby"],
        wait_days=0,
        minimum_age=10,
        check_valid_until=cast.day,
    )
    assert names(found(cast)["bare"]) == {"terms", "when", "price"}


def test_a_youth_club_needs_no_wait_and_a_check_that_ran_out_is_missing(cast: Cast) -> None:
    bare(cast, kind=ServiceKind.UNIVERSAL)
    assert not {"wait", "who", "check"} & names(found(cast)["bare"])
    Service.objects.filter(pk=cast.mentor.pk).update(check_valid_until=cast.later(days=-1).date())
    assert "check" in names(found(cast)[cast.mentor.slug])


def test_counts_are_what_the_list_holds(cast: Cast) -> None:
    grow_old(cast, 6, cast.youth_club)
    grow_old(cast, 15, cast.mentor)
    bare(cast, steps=[Step.BOOK])
    problems.report(
        source="reader",
        source_id="1",
        code="other",
        sentence="Wrong.",
        at=cast.at,
        service=cast.family_support,
    )
    entries, counts = found(cast), counted(cast)
    assert counts.total == len(entries)
    for stage, number in counts.stages.items():
        assert number == sum(one.state.stage == stage for one in entries.values())
    assert counts.incomplete == sum(bool(one.lacks) for one in entries.values())
    assert counts.with_problems == sum(bool(one.problems) for one in entries.values()) == 1
    assert counts.placeholder == sum(one.is_placeholder for one in entries.values()) == 1
    assert counts.without_times == sum(one.is_without_times for one in entries.values()) > 0


def test_answers_are_counted_late_against_what_was_promised(cast: Cast) -> None:
    referral = factories.referral(cast, cast.jamie)
    promised: dict[str, Any] = {
        "kind": PromiseKind.ANSWER,
        "organisation": cast.mentors,
        "made_at": cast.later(days=-500),
    }
    day, ago = cast.day, cast.later(days=-3)
    factories.promise(cast, referral, due_on=ago.date(), kept_at=ago, **promised)
    factories.promise(cast, referral, due_on=ago.date(), kept_at=cast.at, **promised)
    factories.promise(cast, referral, due_on=ago.date(), ended_at=cast.at, **promised)
    old = cast.later(days=-400)
    factories.promise(cast, referral, due_on=old.date(), kept_at=cast.at, **promised)
    entry = found(cast)[cast.mentor.slug]
    assert (entry.answers, entry.answers_late) == (3, 1)
    factories.promise(cast, referral, due_on=day.replace(day=1), **promised)
    entry = found(cast)[cast.mentor.slug]
    assert (entry.answers, entry.answers_late) == (4, 2)


def test_a_provider_sees_its_own_entries_and_where_each_is_put_right(cast_today: Cast) -> None:
    cast = cast_today
    grow_old(cast, 12, cast.mentor)
    page = get(cast.dev, "provider_quality")
    assert cast.mentor.name in page
    assert cast.family_support.name not in page
    assert reverse("provider_quality_check", args=[cast.mentor.reference]) in page
    assert "Marked as old" in page
    change = reverse("provider_change", args=[cast.mentor.reference])
    assert f'href="{change}#id_what_happens_next"' in page
    assert [row["Entry"] for row in lines(cast.dev, "provider_quality_csv")] == [cast.mentor.name]


def test_an_owner_sees_all_its_providers_and_chooses_one(cast_today: Cast) -> None:
    cast = cast_today
    page = get(cast.colin, "commissioner_quality")
    for service in (cast.mentor, cast.family_support, cast.youth_club):
        assert service.name in page
    assert cast.confidential.name not in page
    only = get(cast.colin, "commissioner_quality", provider=str(cast.lantern.reference))
    assert cast.family_support.name in only
    assert reverse("service", args=[cast.mentor.slug]) not in only
    edit = reverse("wagtailsnippets_cms_service:edit", args=[cast.mentor.pk])
    assert edit in get(cast.edie, "commissioner_quality")
    assert edit not in page


def test_a_count_leads_to_its_list_and_what_is_made_up_to_all(cast_today: Cast) -> None:
    cast = cast_today
    grow_old(cast, 15, cast.mentor)
    for show, names_shown in (
        ("stopped", [cast.mentor.name]),
        ("placeholder", [cast.mentor.name]),
        ("chased", []),
        ("made-up", None),
    ):
        rows = [row["Entry"] for row in lines(cast.colin, "commissioner_quality_csv", show=show)]
        assert rows == names_shown or (names_shown is None and len(rows) == 3)
    assert "There is no such entry" in get(cast.colin, "commissioner_quality", show="chased")
    get(cast.colin, "commissioner_quality", provider="nobody", page="99")


def test_no_cell_of_the_table_runs_as_a_formula(cast_today: Cast) -> None:
    Service.objects.filter(pk=cast_today.mentor.pk).update(name="=1+1")
    assert lines(cast_today.dev, "provider_quality_csv")[0]["Entry"] == "'=1+1"


@pytest.mark.parametrize("name", ["provider_quality", "commissioner_quality"])
def test_as_many_queries_however_many_entries(cast_today: Cast, name: str) -> None:
    cast = cast_today
    user = cast.dev if name == "provider_quality" else cast.colin
    get(user, name)
    with CaptureQueriesContext(connection) as few:
        get(user, name)
    for number in range(25):
        service = catalogue.add_service(
            name=f"Walk {number}", owner=cast.county, provider=cast.mentors, steps=[Step.BOOK]
        )
        Price.objects.create(
            service=service,
            amount_pence=number,
            unit="session",
            funding="already_funded",
            confidence=Confidence.PLACEHOLDER,
            price_year="2025/26",
            source="test",
            valid_from=cast.day,
        )
    with CaptureQueriesContext(connection) as many:
        get(user, name)
    assert len(many) <= len(few) + 1
