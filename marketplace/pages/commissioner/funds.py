"""The funds of an organisation: what was paid in, what is in plans, what is left."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets import funds
from budgets.models import Fund
from marketplace.pages import doors
from marketplace.pages.commissioner import forms
from marketplace.people.roles import Role


@dataclass(frozen=True)
class Line:
    """One fund with its sums, in pence."""

    fund: Fund
    years: str
    unplaced_pence: int
    left_in_plans_pence: int
    set_aside_pence: int


@doors.staff(Role.COMMISSIONER, Role.FINANCE)
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the organisation's funds with their sums; a constant number of queries."""
    rows = (
        Fund.objects.filter(organisation=visit.organisation)
        .select_related("account")
        .prefetch_related("needs")
        .annotate(
            in_plans=Sum("envelopes__account__posted_pence"),
            set_aside=Sum("envelopes__account__pending_out_pence"),
        )
        .order_by("-year", "name")
    )
    lines = [
        Line(
            fund=fund,
            years=f"{fund.year}/{(fund.year + 1) % 100:02}",
            unplaced_pence=fund.account.posted_pence,
            left_in_plans_pence=(fund.in_plans or 0) - (fund.set_aside or 0),
            set_aside_pence=fund.set_aside or 0,
        )
        for fund in rows
    ]
    return render(request, "commissioner/funds.html", {"lines": lines})


@doors.staff(Role.COMMISSIONER, Role.FINANCE)
def new(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Open a fund."""
    form = forms.Fund(request.POST or None, initial={"year": funds.year_of(visit.today)})

    def act() -> str:
        fund = funds.open(
            organisation=visit.organisation,
            name=form.cleaned_data["name"],
            year=form.cleaned_data["year"],
            by=visit.by,
            at=visit.at,
        )
        return reverse("commissioner_fund_pay_in", args=[fund.reference])

    return _form(request, visit, form, act, title=_("New fund"), button=_("Open the fund"))


@doors.staff(Role.COMMISSIONER, Role.FINANCE)
def pay_in(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Record what was paid into a fund."""
    fund = get_object_or_404(Fund, reference=reference, organisation=visit.organisation)
    form = forms.PayIn(request.POST or None)

    def act() -> str:
        funds.pay_in(
            fund=fund,
            amount_pence=form.cleaned_data["amount"],
            key=f"pay-in:{doors.key(request)}",
            by=visit.by,
            at=visit.at,
        )
        return reverse("commissioner_funds")

    title = _("Pay into “%(fund)s”") % {"fund": fund.name}
    return _form(request, visit, form, act, title=title, button=_("Record the payment"))


def _form(
    request: HttpRequest,
    visit: doors.Visit,
    form: forms.Fund | forms.PayIn,
    act: Callable[[], str],
    *,
    title: str,
    button: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "commissioner/form.html",
        {
            "form": form,
            "title": title,
            "button": button,
            "back": reverse("commissioner_funds"),
            "form_key": request.POST.get("form_key", ""),
        },
        status=422 if form.errors else 200,
    )
