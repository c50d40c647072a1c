"""A worker's own page: her roles, what was checked of her, and where she gains."""

import uuid

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cms.models import Organisation
from marketplace.pages import doors
from marketplace.pages.administrator.forms import Place
from marketplace.people import appointments, competences, users
from marketplace.people.models import Competence, Interest, Membership
from marketplace.people.roles import Role

# Whom a family can choose to be on its side, by the code on this page.
CHOSEN = tuple(appointments.EMPLOYED.values())
WORKERS = tuple(role for role in Role if role != Role.FAMILY)


class Declare(forms.Form):
    """Where somebody gains."""

    organisation = Place(
        label=_("Where do you gain?"),
        help_text=_("You are paid there, own part of it, or somebody close to you does."),
        queryset=Organisation.objects.none(),
        to_field_name="reference",
        empty_label=_("Choose one"),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["organisation"].queryset = Organisation.objects.order_by("name", "pk")  # type: ignore[attr-defined]


@doors.staff(*WORKERS)
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show what is on record of her."""
    return _page(request, visit, Declare())


@require_POST
@doors.staff(*WORKERS)
def declare(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Say that she gains from an organisation."""
    form = Declare(request.POST)

    def act() -> str:
        competences.declare_interest(
            user=visit.user,
            organisation=form.cleaned_data["organisation"],
            on=visit.today,
            by=visit.by,
            at=visit.at,
        )
        return reverse("me")

    if form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, visit, form, status=422)


@require_POST
@doors.staff(*WORKERS)
def end_interest(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say that she gains no more."""
    found = get_object_or_404(Interest, user=visit.user, reference=reference)

    def act() -> str:
        competences.end_interest(interest=found, on=visit.today, by=visit.by, at=visit.at)
        return reverse("me")

    return doors.perform(request, visit, act, back=reverse("me"))


def _page(
    request: HttpRequest, visit: doors.Visit, form: Declare, *, status: int = 200
) -> HttpResponse:
    mine = {"user": visit.user}
    held_now = Membership.objects.on(visit.today).filter(**mine)
    roles = list(held_now.select_related("organisation").order_by("starts_on", "pk"))
    return render(
        request,
        "me/me.html",
        {
            "form": form,
            "code": users.code(visit.user),
            "is_chosen": any(held.role in CHOSEN for held in roles),
            "roles": roles,
            "competences": Competence.objects.filter(**mine)
            .select_related("checker")
            .order_by("-starts_on", "-pk"),
            "interests": Interest.objects.filter(**mine)
            .select_related("organisation")
            .order_by("-starts_on", "-pk"),
            "today": visit.today,
            "form_key": request.POST.get("form_key", ""),
        },
        status=status,
    )
