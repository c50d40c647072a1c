"""The provider's statement: what is set aside for it and what it has delivered, to the penny."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _

from budgets.models import Total
from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.provider import details, filters
from marketplace.people.roles import Role
from pricing import money
from pricing.models import Funding, Price


@dataclass(frozen=True)
class Figure:
    """One headline number."""

    label: str
    shown: str


@dataclass(frozen=True)
class Line:
    """What one service brought in one month, in pence."""

    month: date
    service: str
    paid: str
    sessions: int
    spent_pence: int
    set_aside_pence: int


@doors.staff(Role.PROVIDER_WORKER)
def statement(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show the statement by month and service, from the ledger's own totals."""
    services = Service.objects.filter(provider=visit.organisation)
    chosen = filters.Payments(
        request.GET,
        queryset=Total.objects.filter(organisation=visit.organisation),
        services=services,
        today=visit.today,
    )
    lines = _lines(chosen.qs, _funding(services, visit.today))
    spent = sum(line.spent_pence for line in lines)
    set_aside = sum(line.set_aside_pence for line in lines)
    count = sum(line.sessions for line in lines)
    return render(
        request,
        "provider/payments.html",
        {
            "chosen": chosen,
            "figures": [
                Figure(_("Delivered"), money.show(spent)),
                Figure(_("Set aside for you"), money.show(set_aside)),
                Figure(_("Sessions"), f"{count:,}"),
            ],
            "paid": _by_funding(lines),
            "heads": [
                _("Month"),
                _("Service"),
                _("How it is paid"),
                *map(_number, (_("Sessions"), _("Delivered"), _("Set aside"))),
            ],
            "rows": [_row(line) for line in lines],
            "foot": [_("All"), "", "", f"{count:,}", money.show(spent), money.show(set_aside)],
        },
    )


def _lines(totals: QuerySet[Total], funding: dict[int | None, str]) -> list[Line]:
    rows = (
        totals.order_by("-month", "service__name")
        .values("month", "service", "service__name")
        .annotate(
            spent=Sum("spent_pence"), set_aside=Sum("set_aside_pence"), sessions=Sum("spent_count")
        )
    )
    return [
        Line(
            month=row["month"],
            service=row["service__name"] or _("Other"),
            paid=funding.get(row["service"], ""),
            sessions=row["sessions"],
            spent_pence=row["spent"],
            set_aside_pence=row["set_aside"],
        )
        for row in rows
        if row["spent"] or row["set_aside"] or row["sessions"]
    ]


def _funding(services: QuerySet[Service], today: date) -> dict[int | None, str]:
    """Return how each service is paid, by the price that holds now or held last."""
    prices = Price.objects.filter(service__in=services, valid_from__lte=today)
    return {price.service_id: price.funding for price in prices.order_by("valid_from")}


def _by_funding(lines: list[Line]) -> list[Figure]:
    """Return what was delivered by how it is paid, in the order of the design."""
    return [
        Figure(details.funding_words(funding), money.show(sum(line.spent_pence for line in of)))
        for funding in Funding.values
        if (of := [line for line in lines if line.paid == funding and line.spent_pence])
    ]


def _row(line: Line) -> list[str]:
    return [
        formats.date_format(line.month, "F Y", use_l10n=False),
        line.service,
        details.funding_words(line.paid),
        f"{line.sessions:,}",
        money.show(line.spent_pence),
        money.show(line.set_aside_pence),
    ]


def _number(text: str) -> dict[str, object]:
    return {"text": text, "is_number": True}
