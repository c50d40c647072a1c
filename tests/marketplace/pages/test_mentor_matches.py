"""Who fits a person and a goal, and why: checked on the day, and betraying nothing."""

from datetime import time
from typing import Any
from unittest.mock import patch

import pytest
from django.urls import reverse

from budgets.models import Goal
from cms import catalogue, checks, mentors
from cms.models import Check, FreeHour, Mentor, TermTaxonomy
from marketplace.referrals import matches
from tests.cast import Cast
from tests.marketplace.pages import mentoring
from tests.marketplace.pages.mentoring import browser, read

pytestmark = pytest.mark.once


@pytest.fixture
def fitting(cast_today: Cast) -> Mentor:
    """Rosa: has been through what Jamie wants to change, likes what he likes, free when he is."""
    issue = catalogue.add_term(taxonomy=TermTaxonomy.ISSUE, name="Anger", plain_name="Losing it")
    drums = catalogue.add_term(taxonomy=TermTaxonomy.INTEREST, name="Drums")
    Goal.objects.filter(pk=cast_today.jamie_goal.pk).update(term=issue)
    rosa = mentoring.rosa(cast_today)
    mentors.describe(
        mentor=rosa, first_name="Rosa", story="I slept in a caravan.", lived_through=[issue],
        by="lena", at=cast_today.at,
    )  # fmt: skip
    mentors.like(mentor=rosa, interests=[drums])
    mentors.free(mentor=rosa, hours=[FreeHour(weekday=3, opens_at=time(16), closes_at=time(18))])
    rosa = Mentor.objects.whole().get(pk=rosa.pk)
    mentors.say_yes(
        mentor=rosa,
        seen={"story": rosa.digest("story")},
        yes=mentors.Yes(by="rosa", through="link", at=cast_today.at),
    )
    return rosa


def found(cast: Cast, **given: Any) -> list[matches.Matched]:
    wanted: dict[str, Any] = {
        "person": cast.jamie,
        "family": cast.family,
        "goals": (Goal.objects.select_related("term").get(pk=cast.jamie_goal.pk),),
    }
    return matches.find(asked=matches.Asked(**{**wanted, **given}), on=cast.day)


def test_a_match_says_why(cast_today: Cast, fitting: Mentor) -> None:
    match = next(one for one in found(cast_today) if one.mentor == fitting)
    assert "Rosa has been there too: “Losing it”." in match.reasons
    page = read(
        browser(cast_today.amira),
        "advocate_match",
        cast_today.family.reference,
        person=cast_today.jamie.reference,
        interest="drums",
        day="3",
    )
    assert "Rosa has been there too: “Losing it”." in page
    assert "Rosa likes this too: drums." in page
    assert "Rosa is free on Thursdays, when Jamie is." in page


def test_a_family_reads_who_fits_on_the_page_where_it_chooses(
    cast_today: Cast, fitting: Mentor
) -> None:
    fred = browser(cast_today.fred_user)
    query = {"for": str(cast_today.jamie.reference)}
    page = fred.get(reverse("family_choose"), query).content.decode()
    assert "Rosa has been there too: “Losing it”." in page
    assert reverse("family_ask", args=[fitting.service.slug]) in page


def test_nobody_without_the_check_is_matched(cast_today: Cast, fitting: Mentor) -> None:
    assert fitting.service in [one.service for one in found(cast_today)]
    checks.end(check=Check.objects.get(service=fitting.service), at=cast_today.at)
    assert fitting.service not in [one.service for one in found(cast_today)]


def test_without_the_guard_of_checks_somebody_unchecked_would_be_matched(
    cast_today: Cast, fitting: Mentor
) -> None:
    checks.end(check=Check.objects.get(service=fitting.service), at=cast_today.at)

    def unguarded(rows: Any, on: Any) -> Any:
        return rows.standing(on).filter(live=True)

    with patch("cms.models.service.ServiceQuerySet.offered", unguarded):
        assert fitting.service in [one.service for one in found(cast_today)]


def test_a_story_taken_back_is_no_reason_any_more(cast_today: Cast, fitting: Mentor) -> None:
    mentors.take_back(mentor=fitting, parts=["story"], by="rosa", at=cast_today.at)
    assert fitting.service not in [one.service for one in found(cast_today)]


def test_what_somebody_keeps_to_herself_is_no_reason_in_front_of_others(
    cast_today: Cast, fitting: Mentor
) -> None:
    goals = Goal.objects.filter(pk=cast_today.jamie_goal.pk)
    goals.update(is_confidential=True)
    assert found(cast_today) == []
    assert found(cast_today, is_herself=True)[0].service == fitting.service
    page = read(
        browser(cast_today.amira),
        "advocate_match",
        cast_today.family.reference,
        person=cast_today.jamie.reference,
    )
    assert "Losing it" not in page


def test_matching_costs_the_same_however_many_mentors_there_are(
    cast_today: Cast, fitting: Mentor, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30) as few:
        found(cast_today)
    for number in range(3):
        extra = mentoring.entry(cast_today, slug=f"extra-{number}", name=f"A mentor, {number}")
        extra.terms.add(*fitting.lived_through.all())
        catalogue.update(service=extra)
    with django_assert_max_num_queries(len(few)):
        assert len(found(cast_today)) == matches.MOST
