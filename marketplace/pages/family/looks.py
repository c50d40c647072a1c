"""Who has looked: role and place, never a worker's name; what, when and why."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.models import Organisation
from marketplace.pages import doors
from marketplace.pages.family import household, who_helps, words
from marketplace.people.roles import Role
from marketplace.sharing.models import Emergency, Look

PER_PAGE = 10
MOST_EMERGENCIES = 5
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
SAME = ("on", "organisation", "role", "ground", "subject_kind")


@dataclass(frozen=True)
class Opening:
    """What one role at one place looked at on one day, and whom it was about."""

    who: str
    what: str
    why: str
    on: date
    times: str


@dataclass(frozen=True)
class Alarm:
    """One time somebody opened a record in an emergency, and what became of it."""

    who: str
    whose: str
    at: datetime
    was: str


def own_looks(visit: doors.Visit, home: household.Household) -> QuerySet[Look]:
    """Return the looks at the visitor, and of what is no secret, at the children she decides for.

    What is held back comes on its day; her own looks are left out.
    """
    mine = Q(person=visit.person)
    children = Q(person__in=[child.pk for child in home.children], is_confidential=False)
    shown = Q(held_back_until__isnull=True) | Q(held_back_until__lte=visit.today)
    return visit.visible(Look.objects.filter(mine | children, shown).exclude(user=visit.user))


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List who has looked, the latest first; several looks on a day are one entry."""
    home = household.of(visit)
    every = own_looks(visit, home).order_by()
    months = list(every.annotate(month=TruncMonth("at")).values_list("month", flat=True).distinct())
    month = _month(request.GET.get("month", ""))
    narrowed = every.filter(at__year=month.year, at__month=month.month) if month else every
    found = narrowed.annotate(on=TruncDate("at"))
    rows = (
        found.values(*SAME)
        .annotate(count=Count("at", distinct=True), last=Max("at"), latest=Max("pk"))
        .order_by("-last", "-latest")
    )
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = [row for row in page_obj if isinstance(row, dict)]
    about = found.filter(on__in={row["on"] for row in shown}).values_list(*SAME, "person")
    return render(
        request,
        "family/looks.html",
        {
            "openings": openings(shown, about.distinct(), home),
            "page_obj": page_obj,
            "home": home,
            "alarms": alarms(visit, home),
            "months": sorted((each.date() for each in months), reverse=True),
            "month": month,
        },
    )


def alarms(visit: doors.Visit, home: household.Household) -> list[Alarm]:
    """Return the last times somebody opened her record, or a child's, in an emergency."""
    rows = (
        visit.visible(Emergency.objects.shown(visit.today))
        .filter(person__in=[person.pk for person in home.own])
        .select_related("person", "organisation")
        .order_by("-opened_at", "-pk")
    )
    return [
        Alarm(
            who=_who(row.role, row.organisation),
            whose=home.called(row.person),
            at=row.opened_at,
            was=_was(row),
        )
        for row in rows[:MOST_EMERGENCIES]
    ]


def _was(row: Emergency) -> str:
    if not row.is_reviewed:
        return _("Their manager has to say if it was right.")
    if row.was_proper:
        return _("Their manager checked, and it was right.")
    return _("Their manager checked, and it was not right. We are sorry.")


def _month(text: str) -> date | None:
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found and int(found[1]) else None


def openings(
    rows: list[dict[str, Any]], about: Iterable[tuple[Any, ...]], home: household.Household
) -> list[Opening]:
    """Return rows of the list in words; `about` pairs what is the same with each person."""
    places = Organisation.objects.in_bulk({row["organisation"] for row in rows} - {None})
    persons: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for *same, person in about:
        persons[tuple(same)].add(person)
    return [
        Opening(
            who=_who(row["role"], places.get(row["organisation"])),
            what=_("%(what)s, about %(names)s")
            % {
                "what": words.SEEN.get(row["subject_kind"], _("the record")),
                "names": who_helps.listed(
                    home.called(one)
                    for one in home.own
                    if one.pk in persons[tuple(row[name] for name in SAME)]
                ),
            },
            why=str(words.GROUNDS.get(row["ground"], words.GROUNDS["role"])),
            on=row["on"],
            times=_times(row["count"]),
        )
        for row in rows
    ]


def _times(count: int) -> str:
    if count == 1:
        return ""
    return ngettext("%(count)s time", "%(count)s times", count) % {"count": count}


def _who(role: str, place: Organisation | None) -> str:
    shown = str(words.ROLES.get(Role(role), "")) if role in Role.values else _("Somebody")
    return _("%(role)s at %(place)s") % {"role": shown, "place": place.name} if place else shown
