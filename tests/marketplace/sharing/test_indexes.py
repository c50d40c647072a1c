"""On PostgreSQL every ground walks an index of the big tables, however many families there are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from budgets.models import Event, Goal, Person, Plan, Transfer
from marketplace.bookings.models import Booking, Session
from marketplace.referrals.models import Application, Promise, Referral
from marketplace.sharing import sharing
from marketplace.sharing.models import Look, Reason, Safeguard
from tests.cast import Cast

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

BIG = (Booking, Event, Goal, Look, Person, Plan, Referral, Reason, Safeguard, Session, Transfer)
ASKED = (*BIG, Application, Promise)
USERS = ("fred_user", "amira", "ingrid", "sam")


def scans(plan: Any) -> Iterator[dict[str, Any]]:
    """Return every node of a plan that reads a table."""
    if "Relation Name" in plan:
        yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part)


def walked_whole(queryset: Any) -> list[str]:
    """Return the big tables that a query reads from one end to the other."""
    big = {model._meta.db_table for model in BIG}
    plan = json.loads(queryset.order_by().explain(format="json"))[0]["Plan"]
    return [
        node["Relation Name"]
        for node in scans(plan)
        if node["Relation Name"] in big
        and node["Node Type"] != "Bitmap Heap Scan"
        and "Index Cond" not in node
    ]


@pytest.fixture
def _as_if_big(db: None) -> None:
    """Let the planner pick what it would pick for millions of rows: an index where there is one."""
    with connection.cursor() as cursor:
        for choice in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{choice} = off")


@pytest.mark.usefixtures("_as_if_big")
@pytest.mark.parametrize("model", ASKED, ids=lambda model: model._meta.label)
def test_no_big_table_is_read_from_end_to_end(model: Any, whole: Cast):
    for name in USERS:
        found = sharing.visible(model.objects.all(), user=getattr(whole, name), at=whole.at)
        assert walked_whole(found) == [], name


@pytest.mark.usefixtures("_as_if_big")
def test_an_or_of_the_grounds_would_read_the_table_from_end_to_end(whole: Cast):
    at_home = Q(person__in=[whole.fred.pk, whole.jamie.pk])
    asked = Q(reference__in=Reason.objects.filter(user=whole.ruth).values("subject"))
    assert walked_whole(Referral.objects.filter(at_home)) == []
    assert walked_whole(Referral.objects.filter(asked)) == []
    assert walked_whole(Referral.objects.filter(at_home | asked)) != []
