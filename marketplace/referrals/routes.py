"""By which way a request comes in, and what becomes of those by each way (report §4.6)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Count
from django.utils import timezone

from budgets import history
from cms.models import Organisation, OrganisationKind, Step
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals.models import Enquiry, EnquiryEnd, Referral, Route, StepTaken
from marketplace.referrals.models.referral import CLIMB, ENDS

OF_KIND: dict[str, Route] = {
    OrganisationKind.GP_PRACTICE: Route.GP,
    OrganisationKind.SCHOOL: Route.SCHOOL,
}
OF_ROLE: tuple[tuple[Role, Route], ...] = (
    (Role.ADVOCATE, Route.ADVOCATE),
    (Role.LEAD_PROFESSIONAL, Route.LEAD),
)


@dataclass(frozen=True)
class Came:
    """How a request came: its route, the enquiry behind it, or what it takes up again and why."""

    route: Route
    enquiry: Enquiry | None = None
    reopened_from: Referral | None = None
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One route: how many came by it, how far they got at the first sitting, how they ended."""

    route: Route
    asked: int
    handed_over: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    open: int = 0
    booked: int = 0
    days_to_booked: int | None = None
    """The middle number of days until a time was agreed."""


@dataclass(frozen=True)
class AtTheDoor:
    """One route's enquiries: how many, how soon somebody took them up, what became of them."""

    route: Route
    asked: int
    waiting: int
    late: int
    linked: int
    days_to_taken: int | None
    ended: dict[str, int]


def of(*, user: User | None, by: history.Actor, at: datetime) -> Route:
    """Return by which way a request comes that somebody makes in the role she acts in."""
    if by.organisation is None:
        is_family = user is not None and user.person_id is not None
        return Route.FAMILY if is_family else Route.OTHER_SERVICE
    place = Organisation.objects.filter(reference=by.organisation).first()
    return of_place(place, roles=memberships.roles_at(by=by, at=at))


def of_place(place: Organisation | None, *, roles: Any = ()) -> Route:
    """Return the route of a worker: a school's and a practice's own, else by her role."""
    if place is not None and place.kind in OF_KIND:
        return OF_KIND[place.kind]
    return next((route for role, route in OF_ROLE if role in roles), Route.OTHER_SERVICE)


def counted(*, owner: Organisation, since: datetime) -> list[Line]:
    """Return each route with what became of the requests for an owner's services since a moment.

    Counts only: nobody is named. Four queries, however many requests there are.
    """
    rows = Referral.objects.filter(service__owner=owner, asked_at__gte=since)
    asked = dict(rows.values_list("route").annotate(Count("pk")).order_by())
    handed = _table(rows.exclude(handed_over_rung=""), "handed_over_rung")
    now = _table(rows, "rung")
    days = _days_to_booked(rows)
    return [
        Line(
            route=route,
            asked=asked.get(route, 0),
            handed_over={rung: handed[route].get(rung, 0) for rung in CLIMB},
            ended={rung: now[route].get(rung, 0) for rung in ENDS},
            open=sum(now[route].get(rung, 0) for rung in CLIMB),
            booked=len(days[route]),
            days_to_booked=round(median(days[route])) if days[route] else None,
        )
        for route in Route
    ]


def at_the_door(*, organisation: Organisation, since: datetime, at: datetime) -> list[AtTheDoor]:
    """Return what became of the enquiries that an organisation answers for, by route."""
    rows: list[Any] = list(
        Enquiry.objects.filter(organisation=organisation, asked_at__gte=since).values(
            "route", "asked_at", "due_on", "taken_at", "end", "person"
        )
    )
    return [
        _at_the_door(Route(route), [row for row in rows if row["route"] == route], at=at)
        for route in dict.fromkeys(row["route"] for row in rows)
    ]


def _at_the_door(route: Route, rows: list[Any], *, at: datetime) -> AtTheDoor:
    waiting = [row for row in rows if row["taken_at"] is None and not row["end"]]
    days = [(row["taken_at"] - row["asked_at"]).days for row in rows if row["taken_at"]]
    return AtTheDoor(
        route=route,
        asked=len(rows),
        waiting=len(waiting),
        late=sum(row["due_on"] < timezone.localdate(at) for row in waiting),
        linked=sum(row["person"] is not None for row in rows),
        days_to_taken=round(median(days)) if days else None,
        ended={end: sum(row["end"] == end for row in rows) for end in EnquiryEnd},
    )


def _table(rows: Any, name: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for route, value, count in rows.values_list("route", name).annotate(Count("pk")).order_by():
        found[route][value] = count
    return found


def _days_to_booked(rows: Any) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    booked = StepTaken.objects.filter(step=Step.BOOK, referral__in=rows, outcome="done")
    for route, asked_at, booked_at in booked.values_list(
        "referral__route", "referral__asked_at", "at"
    ):
        found[route].append((booked_at - asked_at).days)
    return found
