"""Promises kept and broken on the organisation's services, and what stays late."""

import uuid

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from marketplace.insight import kept as insight
from marketplace.notices import working_days
from marketplace.pages import doors
from marketplace.pages.advocate import promises_shown
from marketplace.people.roles import Role
from marketplace.referrals import promises
from marketplace.referrals.models import Promise

MOST = 50


@doors.staff(Role.COMMISSIONER)
def kept(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show what stays late, and by organisation what was promised and kept; nobody is named."""
    records = insight.records(owner=visit.organisation, day=visit.today)
    rows = promises_shown.fetched(_late(visit)).order_by("due_on", "pk")
    return render(
        request,
        "commissioner/promises.html",
        {
            "records": records,
            "late": promises_shown.shown(rows[:MOST], day=visit.today),
            "holidays_until": working_days.known_until()
            if working_days.runs_out(day=visit.today)
            else None,
        },
    )


@require_POST
@doors.staff(Role.COMMISSIONER)
def chase(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Chase what stays late, in one tap."""
    promise = _late(visit).filter(reference=reference).first()
    if promise is None:
        raise Http404
    back = reverse("commissioner_promises")

    def act() -> str:
        promises.chase(promise=promise, by=visit.by, at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)


def _late(visit: doors.Visit) -> QuerySet[Promise]:
    """Return what was brought before the owner's commissioners; of whom it is, they don't read.

    No look is needed for what says nothing about anybody: service, organisation and days.
    """
    late = Promise.objects.late(visit.today).filter(escalated_at__isnull=False)
    return late.filter(referral__service__owner=visit.organisation)
