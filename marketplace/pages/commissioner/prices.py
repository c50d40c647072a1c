"""What the organisation's services cost, cost before and will cost, and how sure that is."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.models import Service
from marketplace.pages import doors, lists
from marketplace.pages.commissioner import prices_filters, prices_forms
from marketplace.people.models import User
from marketplace.people.roles import Role
from pricing import money, published, unit_costs, uprating
from pricing.models import Price, PriceUnit, ProposalState, UnitCost

PER_PAGE = 20
CHANGES_SHOWN = 20


@dataclass(frozen=True)
class Share:
    """Who bears which part of one unit, in pence."""

    name: str
    parts: int
    pence: int


@dataclass(frozen=True)
class Line:
    """One price of one unit: who set it, what it costs beside it, and who shares it."""

    price: Price
    set_by: str
    is_planned: bool
    is_now: bool
    beside: unit_costs.Beside | None
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Unit:
    """What one unit costs through the years, the latest first."""

    label: str
    lines: tuple[Line, ...]


@doors.staff(Role.COMMISSIONER)
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what each of the organisation's services costs today, and how sure that is."""
    as_left = lists.as_left(request, "commissioner_prices")
    if as_left is not None:
        return as_left
    chosen = prices_filters.Prices(request.GET, queryset=_ours(visit), today=visit.today)
    today = Price.objects.on(visit.today).order_by("unit")
    ahead = Price.objects.planned(visit.today).order_by("valid_from")
    rows = (
        chosen.found.select_related("provider")
        .prefetch_related(
            Prefetch("prices", queryset=today, to_attr="prices_today"),
            Prefetch("prices", queryset=ahead, to_attr="prices_ahead"),
        )
        .annotate(
            asked=Count(
                "price_proposals",
                filter=Q(price_proposals__state=ProposalState.WAITING),
                distinct=True,
            )
        )
        .order_by("name", "pk")
        .distinct()
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "commissioner/prices.html",
        {
            "page_obj": page,
            "form": chosen.form,
            "chips": chosen.chips(request.path),
            "count": page.paginator.count,
        },
    )


@doors.staff(Role.COMMISSIONER)
def show(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Show one service's prices: today's, the planned, the past, the unit cost and the shares."""
    service = find(visit, slug)
    rows = list(
        service.prices.prefetch_related("shares__organisation").order_by("-valid_from", "unit")
    )
    built = list(service.unit_costs.prefetch_related("staff_lines"))
    changes = list(service.price_changes.all()[:CHANGES_SHOWN])
    asked = list(service.price_proposals.waiting().order_by("proposed_at"))
    names = _names(
        visit,
        *(price.set_by for price in rows),
        *(change.changed_by for change in changes),
        *(proposal.proposed_by for proposal in asked),
        *(cost.built_by for cost in built),
    )
    return render(
        request,
        "commissioner/price.html",
        {
            "service": service,
            "units": _units(rows, built, names, visit),
            "built": [(cost, names.get(cost.built_by, "")) for cost in built],
            "changes": [(change, names.get(change.changed_by, "")) for change in changes],
            "proposals": [(one, names.get(one.proposed_by, "")) for one in asked],
        },
    )


@doors.staff(Role.COMMISSIONER)
def about(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Lead from a message to the prices of the service it is about."""
    service = get_object_or_404(Service, reference=reference, owner=visit.organisation)
    return HttpResponseRedirect(reverse("commissioner_price", kwargs={"slug": service.slug}))


@doors.staff(Role.COMMISSIONER)
def compare(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Look through published unit costs, in the prices of one year and of one place."""
    form = prices_forms.Published(request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    year = given.get("year") or uprating.years()[0]
    place = given.get("place", "")
    factor = uprating.market_forces()[place] if place else Decimal(1)
    found = published.find(words=given.get("words", ""), kind=given.get("kind", ""))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "commissioner/unit_costs.html",
        {
            "page_obj": page,
            "form": form,
            "rows": [
                (cost, prices_forms.KINDS[cost.kind], cost.uprated(to_year=year, by=factor))
                for cost in page
            ],
            "count": page.paginator.count,
            "year": year,
            "place": place,
            "factor": round(factor, 4),
        },
    )


def find(visit: doors.Visit, slug: str) -> Service:
    """Return one of the organisation's own services, or 404."""
    service: Service = get_object_or_404(
        Service.objects.select_related("owner", "provider"), slug=slug, owner=visit.organisation
    )
    return service


def _ours(visit: doors.Visit) -> QuerySet[Service]:
    return Service.objects.standing(visit.today).filter(owner=visit.organisation)


def _units(
    rows: list[Price], built: list[UnitCost], names: dict[str, str], visit: doors.Visit
) -> list[Unit]:
    """Gather the prices by their unit, in the order of `PriceUnit`."""
    newest = {cost.unit: cost for cost in reversed(built)}
    return [
        Unit(
            label=str(unit.label),
            lines=tuple(
                Line(
                    price=price,
                    set_by=names.get(price.set_by, ""),
                    is_planned=price.is_planned(visit.today),
                    is_now=price.holds(visit.today),
                    beside=unit_costs.beside(price=price, built=newest.get(unit)),
                    shares=_shares(price),
                )
                for price in rows
                if price.unit == unit
            ),
        )
        for unit in PriceUnit
        if any(price.unit == unit for price in rows)
    ]


def _shares(price: Price) -> tuple[Share, ...]:
    shares = list(price.shares.all())
    if not shares:
        return ()
    pence = money.split(price.amount_pence, [share.parts for share in shares])
    return tuple(
        Share(share.organisation.name, share.parts, part)
        for share, part in zip(shares, pence, strict=True)
    )


def _names(visit: doors.Visit, *references: str) -> dict[str, str]:
    """Return who these references are: a worker by her name, anything else by what it is."""
    wanted = {reference: _as_uuid(reference) for reference in references if reference}
    users = User.objects.filter(reference__in=[key for key in wanted.values() if key])
    found = {str(user.reference): user.name for user in users}
    brought = _("brought in by %(source)s")
    return {
        reference: found.get(reference) or brought % {"source": reference} for reference in wanted
    }


def _as_uuid(reference: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(reference)
    except ValueError:
        return None
