"""Putting a form right after it was sent, until somebody decided by it."""

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.pages import changes, doors
from marketplace.pages.advocate import desk, questions, referral
from marketplace.referrals import amendments, applications
from marketplace.referrals.models import Application, Referral


class Amend(forms.Form):
    """The service's questions as they were answered, and why an answer changes."""

    why = forms.CharField(
        label=_("Why does it change?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, found: Referral, sent: Application) -> None:
        super().__init__(data)
        asked = applications.union([found.service])
        questions.add_answers(self, asked=asked, known=sent.answers, name_them=False)
        self.order_fields([*(name for name in self.fields if name != "why"), "why"])

    @property
    def said(self) -> dict[str, Any]:
        """Return every answer as it is kept; an empty one takes out what was there."""
        kept = questions.answers(self)
        asked = (name for name in self.fields if name.startswith(questions.ANSWER))
        return {key: kept.get(key) for key in (n.removeprefix(questions.ANSWER) for n in asked)}


@doors.staff(*desk.ROLES)
def amend(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Change what a service was told; it is told so, and both sides read what was there before."""
    found = referral.open_referral(visit, reference)
    sent = Application.objects.filter(referral=found).first()
    if sent is None:
        raise Http404
    here = reverse("advocate_referral", args=[reference])
    form = Amend(request.POST or None, found=found, sent=sent)
    may = amendments.can_amend(referral=found, by=visit.by, at=visit.at)

    def act() -> str:
        amendments.amend(
            referral=found,
            answers=form.said,
            why=form.cleaned_data["why"],
            by=visit.acting_for(found.person),
            at=visit.at,
        )
        return f"{here}#beside"

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "advocate/amend.html",
        {
            "referral": found,
            "form": form,
            "may_amend": may,
            "changes": changes.of(visit, found),
            "back_href": here,
            "form_key": request.POST.get("form_key"),
        },
        status=422 if form.errors else 200,
    )
