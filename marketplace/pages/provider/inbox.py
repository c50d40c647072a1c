"""The provider's inbox: what waits for an answer, a time or a step; renewed as it changes."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from cms.models import Service
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.provider import filters, waiting
from marketplace.people import memberships
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral

PER_PAGE = 20


@doors.staff(Role.PROVIDER_WORKER, Role.INTAKE_WORKER)
def home(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Begin at the inbox."""
    return HttpResponseRedirect(reverse("provider_inbox"))


@doors.staff(Role.PROVIDER_WORKER, Role.INTAKE_WORKER)
def inbox(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show what waits for this organisation: for times, or for an intake's step."""
    roles = memberships.roles_at(by=visit.by, at=visit.at)
    is_both = {Role.PROVIDER_WORKER, Role.INTAKE_WORKER} <= roles
    if Role.PROVIDER_WORKER in roles and request.GET.get("list") != "referrals":
        return _times(request, visit, is_both=is_both)
    if Role.INTAKE_WORKER in roles:
        return _steps(request, visit, is_both=is_both)
    return _times(request, visit, is_both=is_both)


def _times(request: HttpRequest, visit: doors.Visit, *, is_both: bool) -> HttpResponse:
    organisation = visit.organisation
    chosen = filters.Times(
        request.GET,
        queryset=waiting.for_times(
            organisation=organisation, referrals=visit.visible(Referral.objects.all())
        ),
        services=Service.objects.filter(provider=organisation),
        today=visit.today,
    )
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    rows = [waiting.times_row(referral, today=visit.today) for referral in page]
    return _render(request, visit, "inbox_times", chosen, page, rows, is_both)


def _steps(request: HttpRequest, visit: doors.Visit, *, is_both: bool) -> HttpResponse:
    organisation = visit.organisation
    chosen = filters.Steps(
        request.GET,
        queryset=waiting.for_steps(
            organisation=organisation, referrals=visit.visible(Referral.objects.all())
        ),
        services=Service.objects.filter(owner=organisation),
        today=visit.today,
    )
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    rows = [waiting.step_row(referral, today=visit.today) for referral in page]
    return _render(request, visit, "inbox_steps", chosen, page, rows, is_both)


def _render(
    request: HttpRequest,
    visit: doors.Visit,
    template: str,
    chosen: filters.Due,
    page: object,
    rows: list[waiting.Waiting],
    is_both: bool,
) -> HttpResponse:
    return render(
        request,
        f"provider/{template}.html",
        {
            "organisation": visit.organisation,
            "chosen": chosen,
            "page_obj": page,
            "rows": rows,
            "is_both": is_both,
            "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
            "live_topics": topics.inbox(visit.organisation.reference),
        },
    )
