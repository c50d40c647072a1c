"""One household: its people, plan, money, what was asked for, what worries, who helps."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets import families
from budgets.models import Family, Goal, Person, Plan
from marketplace.bookings.models import Session
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.advocate import desk, promises_shown, sharing, unfinished
from marketplace.people.models import Appointment, Lead
from marketplace.referrals.models import GIVEN_KINDS, Promise, Referral
from marketplace.sharing.models import Safeguard

MOST_ENDED = 10
MOST_PROMISES = 10


@dataclass(frozen=True)
class Someone:
    """One of the household, with the way to support for them."""

    person: Person
    age: int | None
    find_href: str


@dataclass(frozen=True)
class Aim:
    """One goal of the plan, with the way to support for it."""

    goal: Goal
    whose: str
    find_href: str


@dataclass(frozen=True)
class Asked:
    """One referral with whose turn it is."""

    referral: Referral
    promise: promises_shown.Shown | None


@dataclass(frozen=True)
class Helper:
    """Somebody who helps the household."""

    name: str
    role: str
    organisation: str
    phone: str = ""
    email: str = ""


@doors.staff(*desk.ROLES)
def family(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one household, of it what she may know."""
    found = desk.open_family(visit, reference)
    records = desk.records_of_people(visit, found)
    people = families.shown_once(records)
    plan = desk.plan_of(visit, found)
    asked = _asked(visit, found)
    return render(
        request,
        "advocate/family.html",
        {
            "family": found,
            "people": [_someone(visit, found, person) for person in people],
            "plan": plan,
            "goals": _goals(visit, found, plan),
            "money": desk.money(visit, [plan])[plan.pk] if plan else None,
            "open": [one for one in asked if one.referral.is_open],
            "unfinished": unfinished.of(visit, _records(found)),
            "ended": [one for one in asked if not one.referral.is_open][:MOST_ENDED],
            "promises": _given(visit, found),
            "sessions": _sessions(visit, found),
            "safeguards": _safeguards(visit, records),
            "helpers": _helpers(visit, found, records),
            "acts_for_somebody": bool(sharing.represented(visit, found)),
            "live_topics": topics.plan(found.reference),
        },
    )


def _someone(visit: doors.Visit, found: Family, person: Person) -> Someone:
    return Someone(
        person=person,
        age=person.age_on(visit.today),
        find_href=find_href(found, person=person),
    )


def find_href(found: Family, *, person: Person | None, goal: Goal | None = None) -> str:
    """Return the address of the search for somebody, for a goal."""
    query = {
        "person": str(person.reference) if person else "",
        "goal": str(goal.reference) if goal else "",
    }
    query = {name: value for name, value in query.items() if value}
    return f"{reverse('advocate_find', args=[found.reference])}?{urlencode(query)}"


def _goals(visit: doors.Visit, found: Family, plan: Plan | None) -> list[Aim]:
    if plan is None:
        return []
    goals = visit.visible(Goal.objects.filter(plan=plan)).select_related("person", "term")
    return [
        Aim(
            goal=goal,
            whose=goal.person.first_name if goal.person else _("The whole household"),
            find_href=find_href(found, person=goal.person, goal=goal),
        )
        for goal in goals.order_by("position", "pk")
    ]


def _records(found: Family) -> QuerySet[Family]:
    """Return the household's record, and those that it stands for."""
    return Family.objects.records_of(found)


def _asked(visit: doors.Visit, found: Family) -> list[Asked]:
    rows = visit.visible(Referral.objects.filter(family__in=_records(found))).with_names()  # type: ignore[attr-defined]
    owed = visit.visible(Promise.objects.open().filter(referral__family__in=_records(found)))
    first: dict[int, promises_shown.Shown] = {}
    rows_owed = promises_shown.fetched(owed.filter(referral__isnull=False))
    for one in promises_shown.shown(rows_owed.order_by("due_on"), day=visit.today):
        if one.promise.referral_id is not None:
            first.setdefault(one.promise.referral_id, one)
    return [
        Asked(referral=row, promise=first.get(row.pk)) for row in rows.order_by("-asked_at", "-pk")
    ]


def _given(visit: doors.Visit, found: Family) -> list[promises_shown.Shown]:
    """Return what people gave their word for, on a referral or on none, by when it is due."""
    owed = visit.visible(
        Promise.objects.open().filter(family__in=_records(found), kind__in=GIVEN_KINDS)
    )
    rows = promises_shown.fetched(owed).order_by("due_on", "pk")
    return promises_shown.shown(rows[:MOST_PROMISES], day=visit.today)


def _sessions(visit: doors.Visit, found: Family) -> list[Session]:
    to_come = Session.objects.upcoming(visit.at).filter(
        booking__referral__family__in=_records(found)
    )
    return list(
        visit.visible(to_come)
        .select_related("booking__referral__service", "booking__referral__person", "slot__place")
        .order_by("starts_at")[:5]
    )


def _safeguards(visit: doors.Visit, people: list[Person]) -> list[Safeguard]:
    concerns = Safeguard.objects.open().filter(person__in=people)
    return list(
        visit.visible(concerns)
        .select_related("person", "owner", "owner_organisation")
        .order_by("review_on")
    )


def _helpers(visit: doors.Visit, found: Family, people: list[Person]) -> list[Helper]:
    led = visit.visible(Lead.objects.on(visit.today).filter(family=found))
    helpers = [
        Helper(
            name=lead.user.name,
            role=_("Leads for the family"),
            organisation=lead.organisation.name,
            phone=lead.organisation.phone,
            email=lead.user.email,
        )
        for lead in led.select_related("user", "organisation")
    ]
    held = visit.visible(Appointment.objects.on(visit.today).filter(person__in=people))
    whose: dict[tuple[str, str], list[str]] = {}
    for one in held.select_related("user", "person").order_by("pk"):
        whose.setdefault((one.user.name, one.get_kind_display()), []).append(one.person.first_name)
    for (name, kind), names in whose.items():
        role = _("%(kind)s of %(names)s") % {"kind": kind, "names": ", ".join(names)}
        helpers.append(Helper(name=name, role=role, organisation=""))
    return helpers
