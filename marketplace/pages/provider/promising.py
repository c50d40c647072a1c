"""A service's word on a referral, kept in one tap, and what is put on hold."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from marketplace.pages import doors, promising
from marketplace.people.roles import Role
from marketplace.referrals.models import Promise, Referral

ROLES = (Role.INTAKE_WORKER, Role.PROVIDER_WORKER)


@doors.staff(*ROLES)
def promise(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Promise something on a referral."""
    found = _open(visit, reference)
    return promising.promise(
        request,
        visit,
        family=found.family,
        people=[found.person],
        referral=found,
        back=_page(visit, found),
    )


@require_POST
@doors.staff(*ROLES)
def done(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say that a promise was kept."""
    rows = Promise.objects.filter(reference=reference, referral__isnull=False)
    found = visit.visible(rows).select_related("referral").first()
    if found is None:
        raise Http404
    back = _page(visit, found.referral)
    return promising.done(request, visit, reference=reference, back=back)


@doors.staff(*ROLES)
def pause(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Put a referral on hold."""
    found = _open(visit, reference)
    return promising.pause(request, visit, referral=found, back=_page(visit, found))


@require_POST
@doors.staff(*ROLES)
def go_on(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Let a referral go on that is on hold."""
    found = _open(visit, reference)
    return promising.go_on(request, visit, referral=found, back=_page(visit, found))


def _open(visit: doors.Visit, reference: uuid.UUID) -> Referral:
    found: Referral = visit.open(
        Referral.objects.with_names(), reference=reference, kind="referral"
    )
    return found


def _page(visit: doors.Visit, found: Referral) -> str:
    return reverse("provider_referral", args=[found.reference])
