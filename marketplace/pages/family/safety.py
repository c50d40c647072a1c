"""Feeling safe: whom to ring, asking for a call, and the worries that were talked over."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.pages import danger, doors
from marketplace.pages.family import household
from marketplace.pages.safety import concerns
from marketplace.sharing import calls
from marketplace.sharing.models import Call, Safeguard

PER_PAGE = 10


@dataclass(frozen=True)
class Worry:
    """One worry that was talked over: whose, about what, who keeps an eye on it."""

    name: str
    about: str
    place: str
    phone: str
    next_on: date
    has_social_worker: bool


@doors.family
def ring(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Say whom to ring and what happens then; somebody on her side can be asked to ring her."""
    there = reverse("family_danger")

    def act() -> str:
        calls.ask(person=visit.person, by=visit.by, at=visit.at)
        return f"{there}?asked=1"

    if request.method == "POST":
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            messages.error(request, refusal.sentence)
    return render(
        request,
        "family/ring.html",
        {
            "contacts": danger.contacts(),
            "go_on": concerns.back(request),
            "is_waiting": Call.objects.waiting().filter(person=visit.person).exists(),
            "form_key": request.POST.get("form_key", ""),
        },
    )


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the worries about herself, or a child of hers, that were talked over with her."""
    home = household.of(visit)
    rows = (
        visit.visible(Safeguard.objects.open().filter(is_agreed=True))
        .filter(person__in=[person.pk for person in home.own])
        .select_related("person", "owner_organisation")
        .order_by("review_on", "pk")
    )
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    worries = [
        Worry(
            name=_("You") if row.person_id == home.person.pk else row.person.first_name,
            about=row.get_kind_display(),
            place=row.owner_organisation.name,
            phone=row.owner_organisation.phone,
            next_on=row.review_on,
            has_social_worker=row.is_with_social_worker,
        )
        for row in page_obj
    ]
    return render(request, "family/safety.html", {"worries": worries, "page_obj": page_obj})
