"""On PostgreSQL every ground walks an index of the big tables, however many families there are."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from budgets.models import Event, Family, Member, Person, Relation
from marketplace.people.roles import Role
from marketplace.referrals.models import EndReason, Promise, PromiseKind, Referral, Rung
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis, Fact, Purpose, Reason, ReasonKind, Scope, Source
from tests import factories
from tests.cast import Cast

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

# Not Person and Member: six thousand lie on sixty pages, quicker read than looked up.
BIG = (Event, Fact, Promise, Reason, Referral)
USERS = ("fred_user", "amira", "ingrid", "sam")
MANY = 6_000


def scans(plan: Any) -> Iterator[dict[str, Any]]:
    """Return every node of a plan that reads a table."""
    if "Relation Name" in plan:
        yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part)


def read_whole(queryset: Any) -> list[str]:
    """Return the big tables that a query reads from one end to the other."""
    big = {model._meta.db_table for model in BIG}
    plan = json.loads(queryset.order_by().explain(format="json"))[0]["Plan"]
    return [
        node["Relation Name"]
        for node in scans(plan)
        if node["Relation Name"] in big and node["Node Type"] == "Seq Scan"
    ]


@pytest.fixture
def crowded(cast: Cast) -> Cast:
    """Give a test the cast among six thousand other families, their referrals and history."""
    ended = {"rung": Rung.WITHDRAWN, "end_reason": EndReason.CHANGED_MIND, "ended_at": cast.at}
    families = Family.objects.bulk_create(
        Family(name=f"Family {number}", created_at=cast.at) for number in range(MANY)
    )
    persons = Person.objects.bulk_create(Person(first_name="Somebody") for _family in families)
    homes = list(zip(families, persons, strict=True))
    Member.objects.bulk_create(
        Member(family=family, person=person, relation=Relation.PARENT, joined_on=cast.day)
        for family, person in homes
    )
    referrals = Referral.objects.bulk_create(
        Referral(family=family, person=person, service=cast.mentor, asked_at=cast.at, **how)
        for family, person in homes
        for how in ({}, ended, ended)
    )
    Promise.objects.bulk_create(
        Promise(
            referral=one,
            family=one.family,
            person=one.person,
            kind=PromiseKind.ANSWER,
            working_days=0,
            made_at=cast.at,
            due_on=cast.day,
            amber_on=cast.day,
        )
        for one in referrals
    )
    Event.objects.bulk_create(
        factories.line(cast, one.person, family=one.family, subject=one.reference)
        for one in referrals
    )
    Fact.objects.bulk_create(
        Fact(
            person=person,
            key=key,
            value=True,
            came_from=Source.SAID,
            entered_role=Role.ADVOCATE,
            entered_at=cast.at,
        )
        for _family, person in homes
        for key in ("attends_school", "housing_at_risk", "is_parent")
    )
    factories.reason(cast, cast.fred, scope=Scope.RECORD, opens_money=False)
    before = cast.at - timedelta(days=9)
    Reason.objects.bulk_create(
        Reason(
            person=one.person,
            organisation=cast.county,
            role=Role.INTAKE_WORKER,
            kind=ReasonKind.REFERRAL,
            scope=Scope.SUBJECT,
            basis=Basis.PUBLIC_TASK,
            purpose=Purpose.ASK,
            subject=one.reference,
            opened_at=before,
            # Most are over; a few wait in the inbox.
            closed_at=before + timedelta(days=1) if number % 100 else None,
        )
        for number, one in enumerate(referrals)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def test_no_big_table_is_read_from_end_to_end(crowded: Cast):
    found = {
        (model._meta.label, name): read_whole(
            sharing.visible(model.objects.all(), user=getattr(crowded, name), at=crowded.at)
        )
        for model in BIG
        for name in USERS
    }
    assert {key: tables for key, tables in found.items() if tables} == {}
    # The twin, here, since the crowd takes long to come together: an OR of the grounds would.
    at_home = Q(person__in=[crowded.fred.pk, crowded.jamie.pk])
    asked = Q(reference__in=Reason.objects.filter(user=crowded.ruth).values("subject"))
    assert read_whole(Referral.objects.filter(at_home)) == []
    assert read_whole(Referral.objects.filter(asked)) == []
    assert read_whole(Referral.objects.filter(at_home | asked)) != []
