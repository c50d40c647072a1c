"""A person's record, asked for on her behalf by an advocate who may act for her."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from budgets.models import Person
from marketplace.pages import doors
from marketplace.pages.advocate.desk import ROLES
from marketplace.pages.family import my_record
from marketplace.rights import requests, standing
from marketplace.rights.models import RightsRequest


@doors.staff(*ROLES)
def page(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Show what was asked about a person's record, and what can be."""
    person = _person(visit, reference)
    visit.look(person, reference=person.reference, kind="person")
    rows = visit.visible(RightsRequest.objects.filter(person=person))
    found = rows.select_related("organisation").order_by("-asked_at", "-pk")
    return render(
        request,
        "advocate/record.html",
        {"person": person, "requests": found, "form_key": ""},
    )


@require_POST
@doors.staff(*ROLES)
def ask(request: HttpRequest, visit: doors.Visit, reference: UUID, what: str) -> HttpResponse:
    """Ask for a copy, or for the record to be erased, as she told her advocate."""
    if what not in my_record.ASKS:
        raise Http404
    person = _person(visit, reference)
    back = reverse("advocate_record", args=[reference])

    def act() -> str:
        given: dict[str, Any] = {"user": visit.user, "at": visit.at}
        requests.ask(person=person, kind=my_record.ASKS[what], by=visit.acting_for(person), **given)
        return back

    return doors.perform(request, visit, act, back=back)


@doors.staff(*ROLES)
def download(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Give a released copy to the advocate who acts for her."""
    return my_record.give(request, visit, reference)


def _person(visit: doors.Visit, reference: UUID) -> Person:
    person = Person.objects.filter(reference=reference).first()
    if person is None or standing.of(user=visit.user, person=person, at=visit.at) is None:
        raise Http404
    return person
