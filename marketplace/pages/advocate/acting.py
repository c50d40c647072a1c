"""Each act on a referral: one form, one verb; then whoever can go on is told."""

import uuid
from collections.abc import Callable

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from cms.models import Service
from marketplace.bookings import bookings, cooling_off
from marketplace.pages import doors
from marketplace.pages.advocate import before, desk, referral, steps
from marketplace.referrals import approvals, commissions, parties, referrals, sittings
from marketplace.referrals.models import Referral, YesHow, YesThrough


@require_POST
@doors.staff(*desk.ROLES)
def step(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, step: str) -> HttpResponse:
    """Take the next step of the ladder."""
    found = referral.open_referral(visit, reference)
    if step not in steps.BUTTONS:
        raise Http404
    form = steps.form_for(step=step, referral=found, at=visit.at, data=request.POST)
    by = visit.acting_for(found.person)

    def act() -> None:
        steps.take(step=step, referral=found, form=form, by=by, at=visit.at)

    return _act(request, visit, found, form, step, act)


@require_POST
@doors.staff(*desk.ROLES)
def yes(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Record the family's yes: who said it, and that it was told to her."""
    found = referral.open_referral(visit, reference)
    people = parties.deciders(referral=found, on=visit.today)
    form = referral.Yes(request.POST, people=people, today=visit.today)

    def act() -> None:
        referrals.say_yes(
            referral=found,
            person=form.cleaned_data["person"],
            how=YesHow.TOLD_ADVOCATE,
            through=YesThrough(form.cleaned_data["through"]),
            told_on=form.cleaned_data["told_on"],
            by=visit.acting_for(found.person),
            at=visit.at,
        )

    return _act(request, visit, found, form, "yes", act)


@require_POST
@doors.staff(*desk.ROLES)
def take_yes_back(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Take the family's yes back for it, until the provider accepts."""
    found = referral.open_referral(visit, reference)
    here = reverse("advocate_referral", args=[reference])

    def act() -> str:
        cooling_off.take_yes_back(referral=found, by=visit.acting_for(found.person), at=visit.at)
        return here

    return doors.perform(request, visit, act, back=here)


@require_POST
@doors.staff(*desk.ROLES)
def weigh(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Keep what has to be asked before buying."""
    found = referral.open_referral(visit, reference)
    form = before.form(visit, found, request.POST)

    def act() -> None:
        before.weigh(visit, found, form)

    return _act(request, visit, found, form, "before", act)


@require_POST
@doors.staff(*desk.ROLES)
def add_beside(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, slug: str
) -> HttpResponse:
    """Ask for a service that meets what could stop this one: one tap."""
    found = referral.open_referral(visit, reference)
    service = get_object_or_404(Service.objects.offered(visit.today), slug=slug)

    def act() -> str:
        added = commissions.add_beside(
            referral=found, service=service, by=visit.acting_for(found.person), at=visit.at
        )
        return reverse("advocate_referral", args=[added.reference])

    here = reverse("advocate_referral", args=[reference])
    return doors.perform(request, visit, act, back=here)


@require_POST
@doors.staff(*desk.ROLES)
def ask_approval(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Ask the owner's next level for what is over her limit."""
    found = referral.open_referral(visit, reference)

    def act() -> None:
        by = visit.acting_for(found.person)
        approvals.ask(referral=found, by=by, at=visit.at)
        if not found.handed_over_rung:
            referrals.hand_over(referral=found, by=by, at=visit.at)

    return _act(request, visit, found, forms.Form(request.POST), "approval", act)


@require_POST
@doors.staff(*desk.ROLES)
def hand_over(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """End her sitting: how far it came is written down once."""
    found = referral.open_referral(visit, reference)
    here = reverse("advocate_referral", args=[reference])

    def act() -> str:
        referrals.hand_over(referral=found, by=visit.acting_for(found.person), at=visit.at)
        return here

    return doors.perform(request, visit, act, back=here)


@require_POST
@doors.staff(*desk.ROLES)
def withdraw(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Stop it wherever it is; what was set aside goes back to what is left."""
    found = referral.open_referral(visit, reference)
    form = referral.Stop(request.POST)

    def act() -> None:
        bookings.withdraw(
            referral=found,
            words=form.cleaned_data["words"],
            by=visit.acting_for(found.person),
            at=visit.at,
        )

    return _act(request, visit, found, form, "stop", act)


def _act(
    request: HttpRequest,
    visit: doors.Visit,
    found: Referral,
    form: forms.Form,
    name: str,
    act: Callable[[], None],
) -> HttpResponse:
    """Act once with a valid form; else show the page again as it was filled in."""

    def whole() -> str:
        act()
        sittings.close(referral=found, by=visit.acting_for(found.person), at=visit.at)
        return reverse("advocate_referral", args=[found.reference])

    if form.is_valid():
        try:
            return doors.once(request, visit, whole)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    fresh = referral.open_referral(visit, found.reference)
    return referral.page(request, visit, fresh, bound={name: form}, status=422)
