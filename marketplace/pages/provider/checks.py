"""Checks that workers hold: what was seen, of whom, and until when; for mentors and any worker."""

import contextlib
import uuid

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cms import checks
from cms.models import Check, ContactCheck, Service
from marketplace.pages import doors
from marketplace.people.models import User
from marketplace.people.roles import Role


class Seen(forms.Form):
    """A check that somebody saw."""

    holder = forms.CharField(
        label=_("Whose check?"),
        help_text=_("A first name or initials. Families do not see it."),
        max_length=50,
    )
    level = forms.ChoiceField(
        label=_("Which check?"), choices=ContactCheck.choices[1:], widget=forms.RadioSelect
    )
    seen_on = forms.DateField(
        label=_("When did you see it?"),
        help_text=_("See it yourself. Do not write its number down: we never keep it."),
        widget=forms.DateInput(),
    )
    valid_until = forms.DateField(
        label=_("Until when do you rely on it?"),
        help_text=_("Three years at most. After that day nobody is sent to them."),
        widget=forms.DateInput(),
    )


@doors.staff(Role.PROVIDER_WORKER)
def page(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """List the checks held for a service, and write another down."""
    service = _find(visit, reference)
    form = Seen(request.POST or None, initial={"seen_on": visit.today})

    def act() -> str:
        checks.record(service=service, by=visit.by.reference, on=visit.today, **form.cleaned_data)
        return _address(service)

    if done := doors.answer(request, visit, form, act):
        return done
    held = list(Check.objects.held().filter(service=service))
    names = _names({one.seen_by for one in held})
    rows = [
        {
            "check": one,
            "is_enough": one.is_enough(need=service.contact_check, on=visit.today),
            "has_run_out": one.valid_until < visit.today,
            "seen_by": names.get(one.seen_by, ""),
        }
        for one in held
    ]
    return render(
        request,
        "provider/checks.html",
        {
            "service": service,
            "rows": rows,
            "is_offered": Service.objects.offered(visit.today).filter(pk=service.pk).exists(),
            "form": form,
            "form_key": request.POST.get("form_key", ""),
        },
    )


@require_POST
@doors.staff(Role.PROVIDER_WORKER)
def end(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, check: uuid.UUID
) -> HttpResponse:
    """Count a check no more."""
    service = _find(visit, reference)
    found = get_object_or_404(Check.objects.held(), service=service, reference=check)

    def act() -> str:
        checks.end(check=found, at=visit.at)
        return _address(service)

    return doors.perform(request, visit, act, back=_address(service))


def _names(references: set[str]) -> dict[str, str]:
    """Return who saw a check, by her reference; what a program wrote down has nobody."""
    wanted = []
    for reference in references:
        with contextlib.suppress(ValueError):
            wanted.append(uuid.UUID(reference))
    found = User.objects.filter(reference__in=wanted).values_list("reference", "name")
    return {str(reference): name for reference, name in found}


def _find(visit: doors.Visit, reference: uuid.UUID) -> Service:
    theirs = Service.objects.standing(visit.today).filter(provider=visit.organisation)
    found: Service = get_object_or_404(theirs, reference=reference)
    return found


def _address(service: Service) -> str:
    return reverse("provider_checks", kwargs={"reference": service.reference})
