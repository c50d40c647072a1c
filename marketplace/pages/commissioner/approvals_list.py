"""What waits for a commissioner's yes: overdue first, hers or her team's, several at once."""

from collections.abc import Callable

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from marketplace.pages import doors, lists, whose
from marketplace.people.roles import Role
from marketplace.referrals import approvals, takes
from marketplace.referrals.models import Approval, Take
from pricing import money

PER_PAGE = 20
ACTS = (
    {"label": _("Approve"), "value": "approve"},
    {"label": _("Take"), "value": "take"},
    {"label": _("Put back"), "value": "put_back"},
)


class Waiting(whose.Due):
    """Requests by whose they are, and by how they stand."""

    referral = "referral"

    class Meta:
        model = Approval
        fields: list[str] = []


@doors.staff(Role.COMMISSIONER)
def waiting(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what waits for an answer, the longest overdue first."""
    as_left = lists.as_left(request, "commissioner_approvals")
    if as_left is not None:
        return as_left
    rows = (
        visit.visible(Approval.objects.waiting())
        .select_related("referral__service__provider", "referral__person", "referral__quote")
        .prefetch_related(
            Prefetch("referral__takes", _held(visit).select_related("user"), to_attr="held")
        )
        .order_by("due_on", "asked_at", "pk")
    )
    chosen = Waiting(request.GET, queryset=rows).for_desk(
        organisation=visit.organisation,
        role=Role.COMMISSIONER,
        user=visit.user,
        today=visit.today,
    )
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "commissioner/approvals.html",
        {
            "page_obj": page,
            "form": chosen.form,
            "several": ACTS,
            "today": visit.today,
            "own": visit.user.pk,
            "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
        },
    )


@require_POST
@doors.staff(Role.COMMISSIONER)
def several(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Approve several, take them or put them back: each under her own authority and for itself."""
    asked = visit.visible(Approval.objects.waiting()).filter(reference__in=lists.chosen(request))
    act = request.POST.get("act", "")
    rows = [
        (
            f"{one.referral.service.name}, {money.show(one.amount_pence)}",
            _bound(act, one, visit),
        )
        # By household, as everywhere: so that two who approve the same never wait for each other.
        for one in asked.select_related("referral__service").order_by("referral__family", "pk")
    ]
    return lists.several(request, visit, rows, back=reverse("commissioner_approvals"))


def _bound(act: str, approval: Approval, visit: doors.Visit) -> Callable[[], object]:
    if act == "approve":
        return lambda: approvals.approve(approval=approval, by=visit.by, at=visit.at)
    verb = takes.put_back if act == "put_back" else takes.take
    return lambda: verb(
        referral=approval.referral,
        organisation=visit.organisation,
        role=Role.COMMISSIONER,
        by=visit.by,
        at=visit.at,
    )


def _held(visit: doors.Visit) -> QuerySet[Take]:
    return whose.taken(organisation=visit.organisation, role=Role.COMMISSIONER, on=visit.today)
