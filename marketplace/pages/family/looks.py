"""Who has looked: role and place, never a worker's name; what, when and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.models import Organisation
from marketplace.pages import doors
from marketplace.pages.family import household, words
from marketplace.people.roles import Role
from marketplace.sharing.models import Look

PER_PAGE = 10


@dataclass(frozen=True)
class Opening:
    """What one role at one place looked at about one person on one day."""

    who: str
    what: str
    why: str
    on: date
    times: str


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
    rows = (
        own_looks(visit, home)
        .order_by()
        .annotate(on=TruncDate("at"))
        .values("on", "person", "organisation", "role", "ground", "subject_kind")
        .annotate(count=Count("pk"), last=Max("at"), latest=Max("pk"))
        .order_by("-last", "-latest")
    )
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "family/looks.html",
        {"openings": openings(page_obj, home), "page_obj": page_obj, "home": home},
    )


def openings(rows: Iterable[object], home: household.Household) -> list[Opening]:
    """Return rows of the list in words."""
    found = [row for row in rows if isinstance(row, dict)]
    places = Organisation.objects.in_bulk({row["organisation"] for row in found} - {None})
    names = {person.pk: person for person in (*home.at_home, *home.own)}
    return [
        Opening(
            who=_who(str(row["role"]), places.get(row["organisation"])),
            what=_("%(what)s, about %(name)s")
            % {
                "what": words.SEEN.get(row["subject_kind"], _("the record")),
                "name": home.called(names[row["person"]]),
            },
            why=str(words.GROUNDS.get(row["ground"], words.GROUNDS["role"])),
            on=row["on"],
            times=""
            if row["count"] == 1
            else ngettext("%(count)s time", "%(count)s times", row["count"])
            % {"count": row["count"]},
        )
        for row in found
    ]


def _who(role: str, place: Organisation | None) -> str:
    shown = str(words.ROLES.get(Role(role), "")) if role in Role.values else _("Somebody")
    return _("%(role)s at %(place)s") % {"role": shown, "place": place.name} if place else shown
