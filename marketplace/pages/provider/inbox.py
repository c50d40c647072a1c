"""The provider's inbox: what waits for an answer, a time or a step; renewed as it changes."""

from collections.abc import Callable, Collection

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cms.models import Service
from marketplace.notices import topics
from marketplace.pages import doors, lists
from marketplace.pages.provider import filters, waiting
from marketplace.people import memberships
from marketplace.people.roles import Role
from marketplace.referrals import takes
from marketplace.referrals.models import Referral

PER_PAGE = 20
STEPS = "referrals"
ACTS = (
    {"label": _("Take"), "value": "take"},
    {"label": _("Put back"), "value": "put_back"},
)


@doors.staff(Role.PROVIDER_WORKER, Role.INTAKE_WORKER)
def home(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Begin at the inbox."""
    return HttpResponseRedirect(reverse("provider_inbox"))


@doors.staff(Role.PROVIDER_WORKER, Role.INTAKE_WORKER)
def inbox(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show what waits for this organisation: for times, or for an intake's step."""
    roles = memberships.roles_at(by=visit.by, at=visit.at)
    role = _role(roles, is_for_steps=request.GET.get("list") == STEPS)
    # Which list it is stays apart from how it is narrowed: each is left as it was.
    as_left = lists.as_left(request, f"provider_inbox:{role}", always=("list",))
    if as_left is not None:
        return as_left
    is_both = {Role.PROVIDER_WORKER, Role.INTAKE_WORKER} <= roles
    if role == Role.INTAKE_WORKER:
        return _steps(request, visit, is_both=is_both)
    return _times(request, visit, is_both=is_both)


@require_POST
@doors.staff(Role.PROVIDER_WORKER, Role.INTAKE_WORKER)
def take(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Take several on, or put them back, each for itself."""
    roles = memberships.roles_at(by=visit.by, at=visit.at)
    is_for_steps = request.POST.get("list") == STEPS
    role = _role(roles, is_for_steps=is_for_steps)
    verb = takes.put_back if request.POST.get("act") == "put_back" else takes.take
    rows = visit.visible(Referral.objects.filter(reference__in=lists.chosen(request)))

    def bound(referral: Referral) -> Callable[[], object]:
        return lambda: verb(
            referral=referral,
            organisation=visit.organisation,
            role=role,
            by=visit.by,
            at=visit.at,
        )

    # By household, as everywhere: so that two who act on the same ones never wait for each other.
    found = rows.select_related("person", "service").order_by("family", "pk")
    back = reverse("provider_inbox") + (f"?list={STEPS}" if is_for_steps else "")
    return lists.several(
        request,
        visit,
        [(f"{one.person.first_name}, {one.service.name}", bound(one)) for one in found],
        back=back,
    )


def _role(roles: Collection[str], *, is_for_steps: bool) -> Role:
    """Return the role at whose desk she sits: with both, for times unless she asks for steps."""
    if Role.INTAKE_WORKER in roles and (is_for_steps or Role.PROVIDER_WORKER not in roles):
        return Role.INTAKE_WORKER
    return Role.PROVIDER_WORKER


def _desk(visit: doors.Visit, role: Role) -> waiting.Desk:
    return waiting.Desk(visit.organisation, role, visit.user, visit.today)


def _times(request: HttpRequest, visit: doors.Visit, *, is_both: bool) -> HttpResponse:
    desk = _desk(visit, Role.PROVIDER_WORKER)
    chosen = filters.Times(
        request.GET,
        queryset=waiting.for_times(desk=desk, referrals=visit.visible(Referral.objects.all())),
        services=Service.objects.filter(provider=desk.organisation),
        desk=desk,
    )
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    rows = [waiting.times_row(referral, desk=desk) for referral in page]
    return _render(request, visit, "inbox_times", chosen, page, rows, is_both)


def _steps(request: HttpRequest, visit: doors.Visit, *, is_both: bool) -> HttpResponse:
    desk = _desk(visit, Role.INTAKE_WORKER)
    chosen = filters.Steps(
        request.GET,
        queryset=waiting.for_steps(desk=desk, referrals=visit.visible(Referral.objects.all())),
        services=Service.objects.filter(owner=desk.organisation),
        desk=desk,
    )
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    rows = [waiting.step_row(referral, desk=desk) for referral in page]
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
    is_for_steps = template == "inbox_steps"
    return render(
        request,
        f"provider/{template}.html",
        {
            "organisation": visit.organisation,
            "chosen": chosen,
            "page_obj": page,
            "rows": rows,
            "is_both": is_both,
            "which": {"list": STEPS} if is_both and is_for_steps else {},
            "hidden": {"list": STEPS if is_for_steps else ""},
            "several": ACTS,
            "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
            "live_topics": topics.inbox(visit.organisation.reference),
        },
    )
