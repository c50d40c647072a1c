"""Who lives in a household, how they are related, who decides for whom; and what changes it."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets import family_merges, person_merges, relationships
from budgets.models import Family, PersonMerge
from marketplace.pages import doors
from marketplace.pages.advocate import desk, household_acts, household_forms, household_shown
from marketplace.pages.advocate.household_acts import Change, Form


@doors.staff(*desk.ROLES)
def household(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show who lives in one household, of it what she may know."""
    found = desk.open_family(visit, reference)
    shown = household_shown.of(visit, found)
    people = (one.person for one in shown.residents)
    context = {
        "family": found,
        "shown": shown,
        "may_act": household_acts.may_act(visit, found),
        "hers": {one.pk for one in people if household_acts.may_say(visit, found, one)},
    }
    return render(request, "advocate/household.html", context)


@doors.staff(*desk.ROLES)
def change(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, act: str
) -> HttpResponse:
    """Change something about the household as a whole."""
    found = _to_change(visit, reference)
    if act not in household_acts.OF_HOUSEHOLD:
        raise Http404
    return _answer(
        request,
        Change(visit, found, household_shown.of(visit, found)),
        household_acts.OF_HOUSEHOLD[act],
    )


@doors.staff(*desk.ROLES)
def change_person(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, person: uuid.UUID, act: str
) -> HttpResponse:
    """Change something about one of its people."""
    found = _to_change(visit, reference)
    shown = household_shown.of(visit, found)
    about = next((one for one in shown.known if one.reference == person), None)
    if about is None or act not in household_acts.OF_PERSON:
        raise Http404
    if act in household_acts.OF_HER_OWN:
        household_acts.must_say(visit, found, about)
    return _answer(request, Change(visit, found, shown, about), household_acts.OF_PERSON[act])


@require_POST
@doors.staff(*desk.ROLES)
def end_kin(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, kin: uuid.UUID
) -> HttpResponse:
    """End how two people are related, where it was wrong or is so no more."""
    found = _to_change(visit, reference)
    shown = household_shown.of(visit, found)
    row = next((line.row for line in shown.kin if line.row.reference == kin), None)
    if row is None:
        raise Http404
    here = reverse("advocate_household", args=[reference])

    def act() -> str:
        relationships.end(
            relationship=row, on=visit.today, by=visit.acting_for(row.person), at=visit.at
        )
        return here

    return doors.perform(request, visit, act, back=here)


@doors.staff(*desk.ROLES)
def split(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, merge: uuid.UUID
) -> HttpResponse:
    """Undo that two records are of one person, or of one household."""
    found = _to_change(visit, reference)
    shown = household_shown.of(visit, found)
    row = next((line.row for line in shown.merges if line.row.reference == merge), None)
    if row is None:
        raise Http404

    def act(change: Change, form: Any) -> None:
        words = form.cleaned_data["words"]
        if isinstance(row, PersonMerge):
            person_merges.split(merge=row, words=words, by=change.by, at=visit.at)
        else:
            family_merges.split(merge=row, words=words, by=change.by, at=visit.at)

    form = Form(household_forms.Because, _("These are two after all"), _("Undo the merge"), act)
    return _answer(request, Change(visit, found, shown), form)


def _to_change(visit: doors.Visit, reference: uuid.UUID) -> Family:
    """Open a household to change it: 404 where unknown, 403 where she only may look."""
    found = desk.open_family(visit, reference)
    if not household_acts.may_act(visit, found):
        raise PermissionDenied(
            _("Only whoever leads for the family, or acts for somebody at home, changes this.")
        )
    return found


def _answer(request: HttpRequest, change: Change, said: Form) -> HttpResponse:
    """Act once with a valid form; else show it as it was filled in."""
    here = reverse("advocate_household", args=[change.family.reference])
    form = _bound(request, change, said)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            said.act(change, form)
            return here

        try:
            return doors.once(request, change.visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    context = {
        "family": change.family,
        "person": change.person,
        "title": said.title,
        "button": said.button,
        "above": said.above,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "back": here,
    }
    status = 422 if form.errors else 200
    return render(request, "advocate/household_form.html", context, status=status)


def _bound(request: HttpRequest, change: Change, said: Form) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    if said.form is household_forms.SameHousehold:
        return household_forms.SameHousehold(data, family=change.family)
    found: Any = said.form
    form: forms.Form = found(data, people=change.shown.known, today=change.visit.today)
    return form
