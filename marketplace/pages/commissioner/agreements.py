"""Every agreement in one table: services down, organisations across (report §5.4.2)."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.authority import matrix as table
from marketplace.pages import doors
from marketplace.people.roles import Role


@doors.staff(Role.COMMISSIONER, Role.ADMINISTRATOR)
def matrix(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show who may do what on which service, on any day."""
    day = _day(request.GET.get("on", ""), visit.today)
    owner = visit.organisation if request.GET.get("mine") else None
    return render(
        request,
        "commissioner/agreements.html",
        {"matrix": table.matrix(day=day, owner=owner), "on": day, "is_mine": owner is not None},
    )


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today
