"""Promises kept and broken on the organisation's services."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.insight import kept as insight
from marketplace.pages import doors
from marketplace.people.roles import Role


@doors.staff(Role.COMMISSIONER)
def kept(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show by organisation what was promised, kept and is late; nobody is named."""
    records = insight.records(owner=visit.organisation, day=visit.today)
    return render(request, "commissioner/promises.html", {"records": records})
