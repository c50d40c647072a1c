"""A second person looks: at a record that was opened in an emergency, and at what is held back."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from marketplace.pages import doors
from marketplace.pages.safety import forms
from marketplace.sharing import emergencies, held_back
from marketplace.sharing.models import Emergency, Finding, HeldBack


def emergency(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, *, door: str
) -> HttpResponse:
    """Show who opened a record, when and why, and ask whether it was right.

    Whose record it was does not stand here: the reviewer has no reason to learn that.
    """
    found: Emergency | None = (
        emergencies.to_review(user=visit.user, at=visit.at).filter(reference=reference).first()
    )
    if found is None:
        raise Http404
    form = forms.Judge(request.POST or None)

    def act() -> str:
        emergencies.review(
            emergency=found,
            finding=Finding(form.cleaned_data["finding"]),
            words=form.cleaned_data["words"],
            by=visit.by,
            at=visit.at,
        )
        return reverse(f"{door}_safety")

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    context = {
        "emergency": found,
        "is_late": not found.is_reviewed and found.review_due_at <= visit.at,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "list_href": reverse(f"{door}_safety"),
    }
    return render(
        request, "safety/emergency_review.html", context, status=422 if form.errors else 200
    )


def hidden(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, *, door: str
) -> HttpResponse:
    """Show what is held back, why and until when, and ask whether it stays so."""
    waiting = held_back.to_review(user=visit.user, at=visit.at)
    found: HeldBack | None = next((one for one in waiting if one.reference == reference), None)
    if found is None:
        raise Http404
    form = forms.Uphold(request.POST or None)

    def act() -> str:
        held_back.review(
            held=found,
            is_upheld=form.cleaned_data["is_upheld"],
            words=form.cleaned_data["words"],
            by=visit.by,
            at=visit.at,
        )
        return reverse(f"{door}_safety")

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    context = {
        "held": found,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "list_href": reverse(f"{door}_safety"),
    }
    return render(
        request, "safety/held_back_review.html", context, status=422 if form.errors else 200
    )
