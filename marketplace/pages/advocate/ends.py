"""The ends of a referral, and taking it up again: each form acts once and comes back."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from marketplace.bookings import bookings
from marketplace.pages import doors
from marketplace.pages.advocate import desk, ending_forms, referral
from marketplace.referrals import endings, reopenings, sittings
from marketplace.referrals.models import Referral


@require_POST
@doors.staff(*desk.ROLES)
def complete(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Finish it, in the family's words."""
    found = referral.open_referral(visit, reference)
    form = ending_forms.finish(visit, found, request.POST)

    def act() -> str:
        told, by = form.told(), visit.acting_for(found.person)
        done = bookings.complete(
            referral=found,
            reason=endings.REASON_OF[told.goal_met],
            words=told.words,
            told=told,
            by=by,
            at=visit.at,
        )
        sittings.close(referral=done, by=by, at=visit.at)
        return _here(found)

    return _once(request, visit, found, form, "finish", act)


@require_POST
@doors.staff(*desk.ROLES)
def tell(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Tell what the family said of something that the provider finished."""
    found = referral.open_referral(visit, reference)
    form = ending_forms.finish(visit, found, request.POST)

    def act() -> str:
        endings.tell(
            referral=found, told=form.told(), by=visit.acting_for(found.person), at=visit.at
        )
        return _here(found)

    return _once(request, visit, found, form, "finish", act)


@require_POST
@doors.staff(*desk.ROLES)
def reopen(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Take up again what ended, with a note."""
    found = referral.open_referral(visit, reference)
    form = ending_forms.Reopen(request.POST)

    def act() -> str:
        again = reopenings.reopen(
            referral=found,
            note=form.cleaned_data["note"],
            by=visit.acting_for(found.person),
            at=visit.at,
        )
        return _here(again)

    return _once(request, visit, found, form, "reopen", act)


def _here(found: Referral) -> str:
    return reverse("advocate_referral", args=[found.reference])


def _once(
    request: HttpRequest,
    visit: doors.Visit,
    found: Referral,
    form: ending_forms.Finish | ending_forms.Reopen,
    name: str,
    act: Callable[[], str],
) -> HttpResponse:
    """Act once with a valid form; else show the page again as it was filled in."""
    if form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    fresh = referral.open_referral(visit, found.reference)
    return referral.page(request, visit, fresh, bound={name: form}, status=422)
