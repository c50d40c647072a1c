"""Asking for a time, and taking the other time that a provider offered."""

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets import history
from marketplace.bookings import bookings
from marketplace.bookings.models import Booking, Slot
from marketplace.pages import doors
from marketplace.pages.advocate import desk, referral
from marketplace.referrals import sittings
from marketplace.referrals.models import EndReason


class NoTime(history.Refused):
    """A time has to be chosen of those that are offered."""


@require_POST
@doors.staff(*desk.ROLES)
def ask_time(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Ask the provider for a weekly time from a free one on."""
    found = referral.open_referral(visit, reference)
    here = reverse("advocate_referral", args=[reference])

    def act() -> str:
        by = visit.acting_for(found.person)
        first = _slot(request.POST.get("slot", ""), found.service_id)
        bookings.ask(referral=found, first=first, by=by, at=visit.at)
        sittings.close(referral=found, by=by, at=visit.at)
        return here

    return doors.perform(request, visit, act, back=here)


@require_POST
@doors.staff(*desk.ROLES)
def take_offer(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Take the other time that the provider offered."""
    found = _open(visit, reference)
    here = reverse("advocate_referral", args=[found.referral.reference])

    def act() -> str:
        by = visit.acting_for(found.referral.person)
        bookings.take_offer(booking=found, by=by, at=visit.at)
        return here

    return doors.perform(request, visit, act, back=here)


@require_POST
@doors.staff(*desk.ROLES)
def cancel(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Cancel a time, or turn down the one that was offered; the money stays set aside."""
    found = _open(visit, reference)
    here = reverse("advocate_referral", args=[found.referral.reference])

    def act() -> str:
        by = visit.acting_for(found.referral.person)
        bookings.cancel(booking=found, by=by, at=visit.at, reason=EndReason.CHANGED_MIND)
        return here

    return doors.perform(request, visit, act, back=here)


@doors.staff(*desk.ROLES)
def booking(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Go to the referral that a booking is for."""
    found = _open(visit, reference)
    return HttpResponseRedirect(reverse("advocate_referral", args=[found.referral.reference]))


def _open(visit: doors.Visit, reference: uuid.UUID) -> Booking:
    found: Booking = visit.open(Booking.objects.with_names(), reference=reference, kind="booking")
    return found


def _slot(text: str, service: int) -> Slot:
    try:
        slot = Slot.objects.filter(reference=uuid.UUID(text), service=service).first()
    except ValueError:
        slot = None
    if slot is None:
        raise NoTime(_("Choose a time first."))
    return slot
