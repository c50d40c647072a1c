"""A request for times in two screens: what is asked, and the answer. Any colleague may answer."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms as django_forms
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.bookings import bookings, diary, slots
from marketplace.bookings.models import Booking, Session
from marketplace.pages import doors, leads
from marketplace.pages.provider import details, forms
from marketplace.people.roles import Role
from marketplace.referrals.models import EndReason, Referral


@doors.staff(Role.PROVIDER_WORKER)
def show(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one request: who, what, which times, what was agreed; or how it was answered."""
    booking = _open(visit, reference)
    return render(
        request,
        "provider/booking.html",
        {
            "booking": booking,
            "referral": booking.referral,
            "facts": details.facts(booking.referral, today=visit.today),
            "answers": details.answers(booking.referral, visit=visit),
            "sessions": booking.sessions.all(),
            "place": details.place_words(booking.sessions.all()),
            "due": details.due(booking.referral, today=visit.today),
            "is_just_done": request.GET.get("done") == "1",
            "lead": leads.of_referral(booking.referral, on=visit.today),
        },
    )


@require_POST
@doors.staff(Role.PROVIDER_WORKER)
def accept(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Accept the times."""
    booking = _find(visit, reference)
    by = visit.acting_for(booking.referral.person)
    return doors.perform(
        request,
        visit,
        lambda: _done(bookings.accept(booking=booking, by=by, at=visit.at)),
        back=_address(booking),
    )


@doors.staff(Role.PROVIDER_WORKER)
def decline(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Decline the times: a reason, and a sentence that the family reads."""
    booking = _find(visit, reference, is_read=request.method != "POST")

    def act(form: forms.Decline) -> str:
        answered = bookings.decline(
            booking=booking,
            reason=EndReason(form.cleaned_data["reason"]),
            words=form.cleaned_data["words"],
            by=visit.by,
            at=visit.at,
        )
        return _done(answered)

    return _form(
        request,
        visit,
        forms.Decline(request.POST or None),
        act,
        booking=booking,
        is_open=booking.is_waiting,
        title=_("Decline these times"),
        lede=_("The money stays set aside. The family can ask for other times, or choose again."),
        button=_("Decline"),
    )


@doors.staff(Role.PROVIDER_WORKER)
def offer(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Offer another time instead, chosen among one's own free ones."""
    booking = _find(visit, reference, is_read=request.method != "POST")
    count = booking.sessions.count()
    series = slots.open_series(service=booking.referral.service, count=count, at=visit.at)

    def act(form: forms.Offer) -> str:
        return _done(bookings.offer(booking=booking, first=form.slot, by=visit.by, at=visit.at))

    return _form(
        request,
        visit,
        forms.Offer(request.POST or None, series=series),
        act,
        booking=booking,
        is_open=booking.is_waiting,
        title=_("Offer another time"),
        lede=details.offer_words(count),
        button=_("Offer this time"),
        service=booking.referral.service,
        is_full=not series,
    )


@doors.staff(Role.PROVIDER_WORKER)
def cancel(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Give agreed times back, with a reason; what has begun stays to be recorded."""
    booking = _find(visit, reference, is_read=request.method != "POST")

    def act(form: forms.Cancel) -> str:
        reason = form.cleaned_data["reason"]
        return _done(bookings.cancel(booking=booking, by=visit.by, at=visit.at, reason=reason))

    return _form(
        request,
        visit,
        forms.Cancel(request.POST or None),
        act,
        booking=booking,
        is_open=booking.is_live,
        title=_("Cancel the times to come"),
        lede=_("The money stays set aside, and new times can be agreed. This cannot be undone."),
        button=_("Cancel these times"),
    )


@doors.staff(Role.PROVIDER_WORKER)
def propose(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Offer the first time, where the support is bought and nobody has asked for one yet."""
    found = Referral.objects.with_names().filter(service__provider=visit.organisation)
    referral: Referral = visit.open(found, reference=reference, kind="referral")
    live = Booking.objects.live().filter(referral=referral).first()
    if live is not None:
        return HttpResponseRedirect(_address(live))
    if not referral.is_commissioned:
        return render(request, "provider/nothing_to_offer.html", {"referral": referral})
    count, series = _series(referral, visit)

    def act(form: forms.Offer) -> str:
        first = form.slot
        return _done(bookings.propose(referral=referral, first=first, by=visit.by, at=visit.at))

    return _form(
        request,
        visit,
        forms.Offer(request.POST or None, series=series),
        act,
        referral=referral,
        title=_("Offer a first time"),
        lede=details.offer_words(count),
        button=_("Offer this time"),
        service=referral.service,
        is_full=not series,
    )


def _series(referral: Referral, visit: doors.Visit) -> tuple[int, list[slots.Series]]:
    try:
        count = diary.count(referral=referral, wanted=None)
    except diary.NotEnoughSetAside:
        return 0, []
    return count, slots.open_series(service=referral.service, count=count, at=visit.at)


def _form(
    request: HttpRequest,
    visit: doors.Visit,
    form: Any,
    act: Callable[[Any], str],
    *,
    is_open: bool = True,
    booking: Booking | None = None,
    referral: Referral | None = None,
    **context: object,
) -> HttpResponse:
    """Show an answer's form, or act once on what was sent; a refusal keeps what was typed."""
    assert isinstance(form, django_forms.Form)
    about = booking.referral if booking else referral
    assert about is not None  # one of the two is given
    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, partial(act, form))
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "provider/answer.html",
        {
            **context,
            "form": form,
            "form_key": request.POST.get("form_key", ""),
            "facts": details.facts(about, today=visit.today),
            "back": _address(booking) if booking else reverse("provider_inbox"),
            "is_open": is_open,
        },
    )


def _theirs(visit: doors.Visit) -> Any:
    return (
        Booking.objects.with_names()
        .filter(referral__service__provider=visit.organisation)
        .prefetch_related(
            Prefetch("sessions", Session.objects.select_related("slot__place").order_by("number"))
        )
    )


def _open(visit: doors.Visit, reference: uuid.UUID) -> Booking:
    booking: Booking = visit.open(_theirs(visit), reference=reference, kind="booking")
    return booking


def _find(visit: doors.Visit, reference: uuid.UUID, *, is_read: bool = False) -> Booking:
    """Return a booking to act on; reading it is a look, and sending a form is none."""
    if is_read:
        return _open(visit, reference)
    booking: Booking = get_object_or_404(visit.visible(_theirs(visit)), reference=reference)
    return booking


def _address(booking: Booking) -> str:
    return reverse("provider_booking", kwargs={"reference": booking.reference})


def _done(booking: Booking) -> str:
    return f"{_address(booking)}?done=1"
