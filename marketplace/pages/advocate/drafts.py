"""Filling in one form for several services, sheet by sheet, and sending it once."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.pages import doors
from marketplace.pages.advocate import ask, desk, promises_shown, questions, sheets, unfinished
from marketplace.referrals import applications, drafts, turned_away
from marketplace.referrals.models import Draft, Promise, Referral


@doors.staff(*desk.ROLES)
def draft(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Go on with a form where it was left, on whatever device; or show what became of it."""
    found = unfinished.mine(visit, reference)
    family = desk.open_family(visit, found.family.reference)
    if found.is_sent:
        return _became(request, visit, found)
    if not found.is_unfinished:
        return render(request, "advocate/draft_gone.html", {"draft": found, "family": family})
    if request.GET.get("safe") != "yes":
        return ask.interrupt(request, family)
    return _go(found, sheets.lay_out(visit, found).first_open())


@doors.staff(*desk.ROLES)
def step(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, step: str) -> HttpResponse:
    """Fill in one sheet: each of its buttons saves, and so does a change where scripts run."""
    found = unfinished.mine(visit, reference)
    if step not in sheets.SHEETS:
        raise Http404
    if not found.is_unfinished:
        return HttpResponseRedirect(reverse("advocate_draft", args=[reference]))
    desk.open_family(visit, found.family.reference)
    laid = sheets.lay_out(visit, found)
    if step not in laid.needed:
        return _go(found, laid.first_open())
    if step == sheets.CHECK:
        return _check(request, visit, laid)
    if request.method == "POST":
        return _save(request, visit, laid, step)
    return _sheet(request, laid, step)


@require_POST
@doors.staff(*desk.ROLES)
def send(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Send a form once, exactly as it was shown."""
    found = unfinished.mine(visit, reference)

    def act() -> str:
        if found.is_unfinished:
            laid = sheets.lay_out(visit, found)
            drafts.send(
                draft=found,
                filled=laid.filled() if not laid.incomplete() else drafts.Filled(),
                seen=request.POST.get("seen", ""),
                by=visit.acting_for(found.person),
                at=visit.at,
            )
        return reverse("advocate_draft", args=[reference])

    back = reverse("advocate_draft_step", args=[reference, sheets.CHECK])
    return doors.perform(request, visit, act, back=back)


@require_POST
@doors.staff(*desk.ROLES)
def discard(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Throw a form away."""
    found = unfinished.mine(visit, reference)

    def act() -> str:
        drafts.discard(draft=found, by=visit.acting_for(found.person), at=visit.at)
        return reverse("advocate_family", args=[found.family.reference])

    return doors.perform(request, visit, act, back=reverse("advocate_home"))


def _go(found: Draft, step: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("advocate_draft_step", args=[found.reference, step]))


def _save(request: HttpRequest, visit: doors.Visit, laid: sheets.Sheets, step: str) -> HttpResponse:
    """Keep what was typed, complete or not; go on only from a sheet that is complete.

    To save the same again changes nothing, so this needs no form key.
    """
    said = sheets.typed(laid.blanks[step], request.POST)
    try:
        found = drafts.save(
            draft=laid.draft,
            why=said if step == sheets.WHY else None,
            answers=said if step != sheets.WHY else None,
            by=visit.acting_for(laid.draft.person),
            at=visit.at,
            typed=questions.turn_of(request.POST),
        )
    except doors.REFUSALS as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("advocate_draft", args=[laid.draft.reference]))
    act = request.POST.get("act")
    if act == "keep":
        return render(request, "advocate/draft_saved.html", {"draft": found})
    if act == "later":
        messages.success(request, _("Saved. You find it under “Unfinished forms”."))
        return HttpResponseRedirect(reverse("advocate_family", args=[found.family.reference]))
    saved = sheets.lay_out(visit, found)
    if saved.bound(step).is_valid():
        return _go(found, saved.after(step))
    return _sheet(request, saved, step, is_wrong=True)


def _sheet(
    request: HttpRequest, laid: sheets.Sheets, step: str, *, is_wrong: bool = False
) -> HttpResponse:
    return render(
        request,
        "advocate/draft.html",
        {
            **_about(laid, step),
            "form": laid.bound(step) if is_wrong else laid.blanks[step],
            "barriers": ask.barriers_met() if step == sheets.WHY else [],
        },
        status=422 if is_wrong else 200,
    )


def _check(request: HttpRequest, visit: doors.Visit, laid: sheets.Sheets) -> HttpResponse:
    wrong = laid.incomplete()
    if wrong:
        messages.error(request, _("Something still needs an answer before you can check it."))
        return _go(laid.draft, wrong)
    parcels = drafts.pack(
        draft=laid.draft, filled=laid.filled(), user=visit.user, by=visit.by, at=visit.at
    )
    for parcel in parcels:
        _count_turned_away(visit, laid.draft, parcel)
    asked = laid.bound(sheets.FACTS)
    return render(
        request,
        "advocate/form_check.html",
        {
            **_about(laid, sheets.CHECK),
            "said": [_said(laid, name) for name in laid.needed[:-1]],
            "previews": [_preview(parcel, asked=asked) for parcel in parcels],
            "count": sum(parcel.is_sent for parcel in parcels),
            "seen": drafts.mark(laid.draft, parcels),
        },
    )


def _said(laid: sheets.Sheets, name: str) -> dict[str, Any]:
    """Return what a sheet says, and apart from it what was left empty."""
    lines = laid.said(name)
    return {
        "title": sheets.TITLES[name],
        "lines": [line for line in lines if not line.is_empty],
        "empty": [line for line in lines if line.is_empty],
    }


def _count_turned_away(visit: doors.Visit, found: Draft, parcel: applications.Parcel) -> None:
    """Count whom a service's rules turn away before it is asked: once a day and rule."""
    if parcel.failed and parcel.result is not None:
        turned_away.told(
            person=found.person,
            family=found.family,
            service=parcel.part.service,
            result=parcel.result,
            is_confidential=found.is_confidential,
            by=visit.by,
            at=visit.at,
        )


def _about(laid: sheets.Sheets, step: str) -> dict[str, Any]:
    needed, before = laid.needed, laid.before(step)
    reference = laid.draft.reference
    services = reverse("advocate_draft_services", args=[reference])
    return {
        "draft": laid.draft,
        "family": laid.draft.family,
        "person": laid.draft.person,
        "parts": laid.parts,
        "step": step,
        "title": sheets.TITLES[step],
        "number": needed.index(step) + 1,
        "numbers": len(needed),
        "back_href": reverse("advocate_draft_step", args=[reference, before])
        if before
        else services,
    }


def _preview(parcel: applications.Parcel, *, asked: forms.Form) -> dict[str, Any]:
    """Return what one service gets, in words; `asked` is the sheet of its rules."""
    texts = {question.key: question.text for question in parcel.part.service.questions.all()}
    return {
        "part": parcel.part,
        "basis": parcel.part.basis.label,
        "is_sent": parcel.is_sent,
        "failed": parcel.failed,
        "rules": parcel.rules,
        "lines": [
            *(
                sheets.Line(str(bound.label), sheets.shown(bound))
                for bound in asked
                if bound.name.removeprefix(questions.FACT) in parcel.facts
            ),
            *(sheets.Line(texts[key], str(value)) for key, value in parcel.answers.items()),
        ],
    }


def _became(request: HttpRequest, visit: doors.Visit, found: Draft) -> HttpResponse:
    """Show how far each of the services asked has come by now, and whose turn it is."""
    rows = visit.visible(Referral.objects.filter(drafts=found)).with_names()  # type: ignore[attr-defined]
    referrals = list(rows.order_by("service__name", "pk"))
    owed = visit.visible(Promise.objects.open().filter(referral__in=referrals))
    first: dict[int, promises_shown.Shown] = {}
    for one in promises_shown.shown(
        owed.select_related("organisation").order_by("due_on"), day=visit.today
    ):
        first.setdefault(one.promise.referral_id or 0, one)
    return render(
        request,
        "advocate/draft_sent.html",
        {
            "draft": found,
            "family": found.family,
            "person": found.person,
            "rows": [{"referral": row, "promise": first.get(row.pk)} for row in referrals],
        },
    )
