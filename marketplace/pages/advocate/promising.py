"""An advocate's word to a family, and what is put on hold."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from marketplace.pages import doors, promising
from marketplace.pages.advocate import desk, referral


@doors.staff(*desk.ROLES)
def to_family(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Promise somebody of a household something, whatever was asked for."""
    family = desk.open_family(visit, reference)
    return promising.promise(
        request,
        visit,
        family=family,
        people=desk.people(visit, family),
        referral=None,
        back=reverse("advocate_family", args=[reference]),
    )


@doors.staff(*desk.ROLES)
def promise(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Promise something on a referral, or note what its service promised."""
    found = referral.open_referral(visit, reference)
    return promising.promise(
        request,
        visit,
        family=found.family,
        people=[found.person],
        referral=found,
        back=_back(found.reference),
    )


@doors.staff(*desk.ROLES)
def pause(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Put a referral on hold."""
    found = referral.open_referral(visit, reference)
    return promising.pause(request, visit, referral=found, back=_back(reference))


@require_POST
@doors.staff(*desk.ROLES)
def go_on(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Let a referral go on that is on hold."""
    found = referral.open_referral(visit, reference)
    return promising.go_on(request, visit, referral=found, back=_back(reference))


def _back(reference: uuid.UUID) -> str:
    return reverse("advocate_referral", args=[reference])
