"""Who may book a service, for everybody to read: the same as the rules say."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.models import Service
from marketplace.authority import bookers, rules
from marketplace.authority.bookers import Booker
from marketplace.authority.models import Rule
from marketplace.people.roles import Role
from tests.cast import Cast


def of(cast: Cast, service: Service) -> list[Booker]:
    """Return who may book a service, asked for in one query."""
    found = Service.objects.select_related("owner").prefetch_related("processes").get(pk=service.pk)
    with CaptureQueriesContext(connection) as asked:
        answer = bookers.of(service=found, at=cast.at)
    assert len(asked) == 1
    return list(answer)


def test_families_come_first_then_who_goes_all_the_way(cast: Cast) -> None:
    assert of(cast, cast.mentor) == [
        Booker(Role.FAMILY, "", may_book=True, limit_pence=20_000),
        Booker(Role.ADVOCATE, "Beacon Advocacy", may_book=True, limit_pence=50_000),
        Booker(Role.INTAKE_WORKER, "Leicestershire County Council", may_book=True),
    ]
    assert of(cast, cast.family_support) == [
        Booker(Role.INTAKE_WORKER, "Leicestershire County Council", may_book=True),
        Booker(Role.ADVOCATE, "Beacon Advocacy", may_book=False),
    ]


def test_what_is_open_to_all_anybody_books_and_what_has_no_rule_only_its_owner(cast: Cast) -> None:
    assert of(cast, cast.youth_club) == [Booker(Role.FAMILY, "", may_book=True)]
    assert of(cast, cast.confidential) == [
        Booker(Role.INTAKE_WORKER, "NHS Leicestershire", may_book=True)
    ]


def test_a_rule_that_has_ended_or_has_no_cover_lets_nobody_book(cast: Cast) -> None:
    Rule.objects.filter(agreement=cast.families_agreement).update(valid_to=cast.day)
    type(cast.cover).objects.filter(pk=cast.cover.pk).update(valid_to=cast.day - timedelta(days=1))
    assert of(cast, cast.mentor) == [
        Booker(Role.INTAKE_WORKER, "Leicestershire County Council", may_book=True)
    ]


def test_without_asking_for_cover_the_test_above_would_go_red(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    type(cast.cover).objects.filter(pk=cast.cover.pk).update(valid_to=cast.day - timedelta(days=1))
    monkeypatch.setattr(rules, "has_cover", lambda **_asked: True)
    assert "Beacon Advocacy" in [booker.organisation for booker in of(cast, cast.mentor)]
