"""Putting right what somebody was told, until they have decided by it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from marketplace.pages import changes, doors
from marketplace.pages.family import acting, forms, referral, words
from marketplace.referrals import amendments
from marketplace.referrals.models import Application


@doors.family
def page(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Change an answer: whoever was told it reads what is new, and what was there before."""
    found = referral.theirs(visit, reference)
    sent = Application.objects.filter(referral=found).first()
    if sent is None:
        raise Http404
    here = reverse("family_referral", kwargs={"reference": reference})
    by = acting.by(visit, found.person)
    form = forms.AmendForm(
        request.POST or None, questions=found.service.questions.all(), known=sent.answers
    )

    def act() -> str:
        amendments.amend(
            referral=found, answers=form.said, why=form.cleaned_data["why"], by=by, at=visit.at
        )
        return here

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    return render(
        request,
        "family/amend.html",
        {
            "referral": found,
            "form": form,
            "may_amend": amendments.can_amend(referral=found, by=by, at=visit.at),
            "changes": changes.of(visit, found),
            "back_href": here,
            "form_key": request.POST.get("form_key", ""),
        },
    )
