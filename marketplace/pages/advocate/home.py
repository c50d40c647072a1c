"""An advocate's families: what is left, what is open, what is late, what comes next."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from budgets import balances
from budgets.models import Family, Member, Person, Plan
from marketplace.bookings.models import Session
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.advocate import desk, unfinished
from marketplace.people import appointments
from marketplace.referrals.models import Promise, Referral, Rung
from marketplace.referrals.models.referral import CLIMB

PER_PAGE = 20


@dataclass(frozen=True)
class Row:
    """One household on the desk."""

    family: Family
    people: list[Person]
    money: balances.PlanMoney | None
    rungs: list[tuple[str, int]]
    late: int
    next_at: datetime | None
    is_led: bool


@doors.staff(*desk.ROLES)
def home(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the households she is appointed for or leads."""
    mine = desk.families(visit)
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    rows = _rows(visit, list(page.object_list))
    return render(
        request,
        "advocate/home.html",
        {
            "page_obj": page,
            "rows": rows,
            "unfinished": unfinished.of(visit, mine),
            "late": sum(row.late for row in rows),
            "live_topics": " ".join(topics.plan(row.family.reference) for row in rows),
        },
    )


def _rows(visit: doors.Visit, families: list[Family]) -> list[Row]:
    people = _people(visit, families)
    plans = visit.visible(Plan.objects.current().filter(family__in=families))
    plan_of = {plan.family_id: plan for plan in plans}
    money = desk.money(visit, plan_of.values())
    rungs = _counted(visit.visible(Referral.objects.open().filter(family__in=families)), "rung")
    late = _late(visit, families)
    soonest = _soonest(visit, families)
    led = set(
        appointments.leads_of(user=visit.user, on=visit.today)
        .filter(family__in=families)
        .values_list("family", flat=True)
    )
    return [
        Row(
            family=family,
            people=people.get(family.pk, []),
            money=money[plan_of[family.pk].pk] if family.pk in plan_of else None,
            rungs=sorted(rungs.get(family.pk, {}).items(), key=_highest_first),
            late=late.get(family.pk, 0),
            next_at=soonest.get(family.pk),
            is_led=family.pk in led,
        )
        for family in families
    ]


def _highest_first(pair: tuple[str, int]) -> int:
    return -CLIMB.index(Rung(pair[0]))


def _people(visit: doors.Visit, families: list[Family]) -> dict[int, list[Person]]:
    seen = visit.visible(Person.objects.filter(members__family__in=families)).values("pk")
    found: dict[int, list[Person]] = defaultdict(list)
    for member in (
        Member.objects.on(visit.today)
        .filter(family__in=families, person__in=seen)
        .select_related("person")
        .order_by("person__born_on", "pk")
    ):
        found[member.family_id].append(member.person)
    return found


def _counted(referrals: Any, by: str) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in referrals.order_by().values("family", by).annotate(count=Count("pk")):
        found[row["family"]][row[by]] = row["count"]
    return found


def _late(visit: doors.Visit, families: list[Family]) -> dict[int, int]:
    late = visit.visible(Promise.objects.late(visit.today).filter(referral__family__in=families))
    rows = late.order_by().values("referral__family").annotate(count=Count("pk"))
    return {row["referral__family"]: row["count"] for row in rows}


def _soonest(visit: doors.Visit, families: list[Family]) -> dict[int, datetime]:
    to_come = visit.visible(
        Session.objects.upcoming(visit.at).filter(booking__referral__family__in=families)
    )
    path = "booking__referral__family"
    rows = to_come.order_by().values(path).annotate(soonest=Min("starts_at"))
    return {row[path]: row["soonest"] for row in rows}
