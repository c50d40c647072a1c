"""A record opened in an emergency: whom exactly and why, and then for reading only."""

import uuid
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets.models import Family, Goal, Plan
from marketplace.bookings.models import Session
from marketplace.pages import danger, doors
from marketplace.pages.safety import forms
from marketplace.people.models import Lead
from marketplace.referrals.models import Referral
from marketplace.sharing import emergencies, sharing
from marketplace.sharing.models import Emergency, Safeguard

MOST = 50


def ask(request: HttpRequest, visit: doors.Visit, *, door: str) -> HttpResponse:
    """Ask whom she means and why; wrong details are answered as if there were nobody."""
    form = forms.Emergency(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            # Counted whatever comes of it, so before and outside of the act.
            found = emergencies.find(details=form.details, by=visit.by, at=visit.at)
            if found is not None:
                return doors.once(request, visit, lambda: _open(visit, found, form, door))
            form.add_error(
                None,
                _("We have nobody with exactly this name, date of birth and postcode."),
            )
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    context = {
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "tries_left": emergencies.tries_left(user=visit.user, at=visit.at),
        "running": [
            (emergency, reverse(f"{door}_emergency_record", args=[emergency.reference]))
            for emergency in Emergency.objects.running(visit.at)
            .filter(user=visit.user)
            .select_related("person")
        ],
        "contacts": danger.contacts(),
        "list_href": reverse(f"{door}_safety"),
    }
    return render(request, "safety/emergency.html", context, status=422 if form.errors else 200)


def record(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, *, door: str
) -> HttpResponse:
    """Show the record that an emergency opens, until it ends; nothing can be done here."""
    try:
        emergency = emergencies.read(reference=reference, user=visit.user, at=visit.at)
    except sharing.NotFound as refusal:
        raise Http404 from refusal

    def opened(queryset: Any) -> Any:
        return emergencies.visible(queryset, emergency=emergency, user=visit.user, at=visit.at)[
            :MOST
        ]

    person = emergency.person
    concern_href = reverse(f"{door}_concern_new")
    return render(
        request,
        "safety/record.html",
        {
            "emergency": emergency,
            "person": person,
            "age": person.age_on(visit.today) if person.born_on else None,
            "families": opened(Family.objects.all()),
            "leads": opened(Lead.objects.on(visit.today).select_related("user", "organisation")),
            "safeguards": opened(
                Safeguard.objects.open().select_related("owner", "owner_organisation")
            ),
            "plans": opened(Plan.objects.current()),
            "goals": opened(Goal.objects.open()),
            "referrals": opened(Referral.objects.open().with_names()),
            "sessions": opened(
                Session.objects.planned()
                .filter(starts_at__gte=visit.at)
                .select_related("booking__referral__service__provider", "slot__place")
                .order_by("starts_at")
            ),
            "concern_href": f"{concern_href}?person={person.reference}",
            "back_href": reverse(f"{door}_emergency"),
        },
    )


def _open(visit: doors.Visit, found: emergencies.Found, form: forms.Emergency, door: str) -> str:
    emergency = emergencies.open(
        found=found,
        why=form.cleaned_data["why"],
        lasts=timedelta(hours=form.cleaned_data["hours"]),
        by=visit.by,
        at=visit.at,
    )
    return reverse(f"{door}_emergency_record", args=[emergency.reference])
