"""What every penny bought: by provider, service and month, from the ledger's totals."""

from dataclasses import dataclass
from datetime import date
from io import StringIO

from defusedcsv import csv
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from budgets.models import Transfer
from cms.models import Organisation, Service
from marketplace.insight import spend
from marketplace.pages import doors
from marketplace.pages.commissioner import filters
from marketplace.people.roles import Role
from pricing import money

PER_PAGE = 50
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Figure:
    """One headline number."""

    label: str
    shown: str


@doors.staff(Role.COMMISSIONER, Role.FINANCE)
def home(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Begin at what was bought; who buys nothing, and is not here for the money, at agreements."""
    place = visit.organisation
    buys = place.services_owned.exists() or place.funds.exists()
    is_for_money = visit.membership is not None and visit.membership.role == Role.FINANCE
    return redirect("commissioner_spend" if buys or is_for_money else "commissioner_agreements")


@doors.staff(Role.COMMISSIONER, Role.FINANCE)
def review(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show set aside and spent: headline, month by month, by provider, by service."""
    chosen = filters.Spend(request.GET, organisation=visit.organisation, today=visit.today)
    found = spend.review(totals=chosen.found)
    return render(
        request,
        "commissioner/spend.html",
        {
            "chosen": chosen,
            "organisation": visit.organisation,
            "figures": [
                Figure(_("Spent"), money.show(found.spent_pence)),
                Figure(_("Set aside, not yet spent"), money.show(found.set_aside_pence)),
                Figure(_("Sessions"), f"{sum(line.sessions for line in found.services):,}"),
            ],
            "by_month": [
                (_month(line.label), line.spent_pence, money.show(line.spent_pence))
                for line in found.months
            ],
            "by_provider": _table(found.providers, request, "provider"),
            "by_service": _table(found.services, request, "service"),
            "foot": _foot(found),
            "table_heads": [_("Month"), *map(_number, found.table.columns), _number(_("All"))],
            "table_rows": _pivot_rows(found, request),
            "table_foot": [_("All"), *map(money.show, (*found.table.totals, found.table.total))],
            "query": request.GET.urlencode(),
        },
    )


@doors.staff(Role.COMMISSIONER, Role.FINANCE)
def movements(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show the rows of the ledger that make a figure; references only, nobody's name."""
    rows = spend.movements(
        organisation=visit.organisation,
        month=_day(request.GET.get("month", "")),
        provider=Organisation.objects.filter(name=request.GET.get("provider_name", "")).first(),
        service=Service.objects.filter(slug=request.GET.get("service", "")).first(),
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    heads = [_("When"), _("Provider"), _("Service"), _("Fund"), _("What"), _number(_("Amount"))]
    return render(
        request,
        "commissioner/movements.html",
        {"page_obj": page, "heads": heads, "rows": [_movement(row) for row in page]},
    )


@doors.staff(Role.COMMISSIONER, Role.FINANCE)
def download(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Give the months and providers as CSV, in pounds; no cell can run as a formula."""
    chosen = filters.Spend(request.GET, organisation=visit.organisation, today=visit.today)
    found = spend.review(totals=chosen.found)
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([_("Month"), *found.table.columns, _("All")])
    for month, cells, total in found.table.lines:
        writer.writerow([str(month)[:7], *(f"{cell / 100:.2f}" for cell in (*cells, total))])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="spend.csv"'
    return answer


def _movement(row: Transfer) -> list[str]:
    provider = row.credit.organisation or row.debit.organisation
    # A day and no hour, and no name of a confidential service: a figure must not point at somebody.
    is_secret = row.is_confidential or (row.service is not None and row.service.is_confidential)
    service = _("Confidential support") if is_secret else row.service and row.service.name
    return [
        date_format(timezone.localtime(row.at), "j F Y", use_l10n=False),
        "–" if is_secret or provider is None else provider.name,
        service or "–",
        row.envelope.fund.name if row.envelope else "–",
        str(row.get_phase_display()),
        money.show(row.amount_pence),
    ]


def _table(lines: tuple[spend.Line, ...], request: HttpRequest, name: str) -> list[list[object]]:
    return [
        [
            {"text": line.label or _("No service"), "href": _with(request, name, line.key)},
            money.show(line.spent_pence),
            money.show(line.set_aside_pence),
            f"{line.sessions:,}",
            money.show(line.unit_pence) if line.unit_pence is not None else "–",
        ]
        for line in lines
    ]


def _foot(found: spend.Review) -> list[str]:
    sessions = sum(line.sessions for line in found.services)
    return [
        _("All"),
        money.show(found.spent_pence),
        money.show(found.set_aside_pence),
        f"{sessions:,}",
        "",
    ]


def _pivot_rows(found: spend.Review, request: HttpRequest) -> list[list[object]]:
    address = reverse("commissioner_movements")
    return [
        [
            {"text": _month(month), "href": f"{address}?{urlencode({'month': str(month)[:10]})}"},
            *(money.show(cell) if cell else "–" for cell in (*cells, total)),
        ]
        for month, cells, total in reversed(found.table.lines)
    ]


def _number(text: object) -> dict[str, object]:
    return {"text": text, "is_number": True}


def _with(request: HttpRequest, name: str, value: str) -> str:
    query = request.GET.copy()
    query[name] = value
    return f"?{query.urlencode()}"


def _month(label: object) -> str:
    return date_format(label, "F Y", use_l10n=False) if isinstance(label, date) else str(label)


def _day(text: str) -> date | None:
    """Return the day that is meant; none where no money could have moved in that year."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
