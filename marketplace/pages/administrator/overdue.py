"""Approvals that nobody answered, up to the top: which level sleeps, never for whom it is."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from marketplace.pages import doors
from marketplace.pages.administrator import scope
from marketplace.referrals.models import Approval
from pricing import money

PER_PAGE = 20


@dataclass(frozen=True)
class Line:
    """One approval, without the family it is about."""

    what: str
    amount: str
    level: str
    asked_at: datetime
    overdue_at: datetime | None


@doors.administrator
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what waits for an answer longer than it may, the oldest first."""
    return _page(request, _of(visit))


@doors.administrator
def approval(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one of them: where a message leads. 404 where it is not hers."""
    found = _of(visit)
    scope.one(found, reference)
    return _page(request, found.filter(reference=reference))


def _of(visit: doors.Visit) -> QuerySet[Approval]:
    rows = Approval.objects.overdue().filter(organisation__in=scope.organisations(visit))
    return rows.select_related("organisation", "referral__service").order_by("asked_at", "pk")


def _page(request: HttpRequest, found: QuerySet[Approval]) -> HttpResponse:
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    lines = [_line(one) for one in page]
    return render(request, "administrator/overdue.html", {"page_obj": page, "lines": lines})


def _line(found: Approval) -> Line:
    referral = found.referral
    return Line(
        what=_("Confidential support") if referral.is_confidential else referral.service.name,
        amount=money.show(found.amount_pence),
        level=found.who,
        asked_at=found.asked_at,
        overdue_at=found.overdue_at,
    )
