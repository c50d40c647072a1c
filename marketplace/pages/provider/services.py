"""My services: what the catalogue says of them, their times and closures."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms import catalogue, proposals
from cms.models import ContactCheck, Service
from marketplace.bookings import slots
from marketplace.bookings.models import Slot
from marketplace.pages import doors
from marketplace.pages.provider import details, forms
from marketplace.people.roles import Role
from pricing.models import Price

PER_PAGE = 20
TIMES_SHOWN = 30
FIRST_MONTHS = timedelta(days=91)


@doors.staff(Role.PROVIDER_WORKER)
def overview(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the organisation's services: price, freshness, free times."""
    page = Paginator(_theirs(visit), PER_PAGE).get_page(request.GET.get("page"))
    prices = _prices(list(page), visit.today)
    rows = [
        {
            "service": service,
            "price": prices.get(service.pk),
            "freshness": details.freshness(service, today=visit.today),
            "is_offered": _is_offered(service, visit.today),
        }
        for service in page
    ]
    return render(request, "provider/services.html", {"rows": rows, "page_obj": page})


@doors.staff(Role.PROVIDER_WORKER)
def show(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one service: its entry, its next times and how full they are."""
    service = find(visit, reference)
    times = (
        Slot.objects.filter(service=service, starts_at__gt=visit.at)
        .select_related("place")
        .order_by("starts_at")
    )
    return render(
        request,
        "provider/service.html",
        {
            "service": service,
            "price": _prices([service], visit.today).get(service.pk),
            "freshness": details.freshness(service, today=visit.today),
            "is_offered": _is_offered(service, visit.today),
            "times": times[:TIMES_SHOWN],
            "count": times.count(),
            "standing": proposals.standing(service),
            "differences": proposals.of(service),
        },
    )


@doors.staff(Role.PROVIDER_WORKER)
def open_times(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Offer a time that comes back every week."""
    service = find(visit, reference)
    form = forms.WeeklyTime(
        request.POST or None,
        service=service,
        today=visit.today,
        initial={"first": visit.today, "last": visit.today + FIRST_MONTHS},
    )

    def act() -> str:
        count = slots.open_weekly(service=service, **form.cleaned_data)
        _show_soonest(service, visit)
        words = ngettext("%(count)s time is offered.", "%(count)s times are offered.", count)
        return _done(request, service, words % {"count": count})

    return _form(
        request,
        visit,
        form,
        act,
        service=service,
        title=_("Add a weekly time"),
        lede=_("Families and their advocates see these times and can ask for them."),
        button=_("Add these times"),
    )


@doors.staff(Role.PROVIDER_WORKER)
def close_times(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Take the free times of some days away; what is booked stands."""
    service = find(visit, reference)
    form = forms.Closure(request.POST or None, today=visit.today)

    def act() -> str:
        count = slots.close(service=service, at=visit.at, **form.cleaned_data)
        _show_soonest(service, visit)
        words = ngettext(
            "%(count)s free time was taken away.", "%(count)s free times were taken away.", count
        )
        return _done(request, service, words % {"count": count})

    return _form(
        request,
        visit,
        form,
        act,
        service=service,
        title=_("Close for some days"),
        lede=_("Nobody can ask for a time on these days any more. Times already booked stand."),
        button=_("Close these days"),
    )


def _form(
    request: HttpRequest,
    visit: doors.Visit,
    form: Any,
    act: Callable[[], str],
    *,
    service: Service,
    **context: object,
) -> HttpResponse:
    """Show a form, or act once on what was sent; a refusal keeps what was typed."""
    if done := doors.answer(request, visit, form, act):
        return done
    return render(
        request,
        "provider/service_form.html",
        {
            **context,
            "form": form,
            "form_key": request.POST.get("form_key", ""),
            "service": service,
            "back": address(service),
        },
    )


def _theirs(visit: doors.Visit) -> QuerySet[Service]:
    """Return the organisation's standing services with how many free times, and the soonest."""
    soonest = Slot.objects.free(visit.at).filter(service=OuterRef("pk")).order_by("starts_at")
    is_free = Q(slots__starts_at__gt=visit.at, slots__taken__lt=F("slots__places"))
    return (
        Service.objects.standing(visit.today)
        .filter(provider=visit.organisation)
        .select_related("owner")
        .annotate(
            free_times=Count("slots", filter=is_free),
            soonest=Subquery(soonest.values("starts_at")[:1]),
        )
        .order_by("name", "pk")
    )


def find(visit: doors.Visit, reference: uuid.UUID) -> Service:
    """Return a standing service that the organisation provides; 404 where it is none."""
    found: Service = get_object_or_404(_theirs(visit), reference=reference)
    return found


def _prices(services: list[Service], on: date) -> dict[int, Price]:
    found = Price.objects.on(on).filter(service__in=services)
    return {price.service_id: price for price in found.order_by("-amount_pence")}


def _is_offered(service: Service, on: date) -> bool:
    """Tell whether families can have it now: it is live, and its check has not run out."""
    is_checked = service.contact_check == ContactCheck.NONE or (
        service.check_valid_until is not None and service.check_valid_until >= on
    )
    return service.live and is_checked


def _show_soonest(service: Service, visit: doors.Visit) -> None:
    """Let the catalogue show the soonest free time."""
    catalogue.list(service=service, next_free_at=slots.next_free(service=service, at=visit.at))


def _done(request: HttpRequest, service: Service, words: str) -> str:
    messages.success(request, words)
    return address(service)


def address(service: Service) -> str:
    """Return where a service is shown to whoever provides it."""
    return reverse("provider_service", kwargs={"reference": service.reference})
