"""What a provider's service costs, and asking its owner for another price."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.provider import price_forms
from marketplace.people.roles import Role
from marketplace.referrals import price_proposals
from pricing import prices
from pricing.models import PriceUnit

ANSWERS_SHOWN = 10


@doors.staff(Role.PROVIDER_WORKER)
def show(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show what the service costs and will cost, what was asked for, and a form to ask."""
    service = _find(visit, reference)
    form = price_forms.Proposal(request.POST or None, today=visit.today)

    def act() -> str:
        given = form.cleaned_data
        price_proposals.propose(
            service=service,
            amount_pence=given["amount"],
            unit=PriceUnit(given["unit"]),
            price_year=given["price_year"],
            valid_from=given["valid_from"],
            reason=given["reason"],
            by=visit.by,
            at=visit.at,
        )
        messages.success(request, _("Sent. The owner’s commissioners answer, and you are told."))
        return _address(service)

    if done := doors.answer(request, visit, form, act):
        return done
    rows = list(service.prices.order_by("unit", "-valid_from"))
    return render(
        request,
        "provider/prices.html",
        {
            "service": service,
            "form": form,
            "form_key": request.POST.get("form_key", ""),
            "now": [(price, prices.sureness(price)) for price in rows if price.holds(visit.today)],
            "ahead": [price for price in reversed(rows) if price.is_planned(visit.today)],
            "past": [price for price in rows if price.valid_to and price.valid_to <= visit.today],
            "asked": service.price_proposals.all()[:ANSWERS_SHOWN],
        },
        status=422 if form.errors else 200,
    )


@require_POST
@doors.staff(Role.PROVIDER_WORKER)
def take_back(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, asked: uuid.UUID
) -> HttpResponse:
    """Take back what was asked for, before it is answered."""
    service = _find(visit, reference)
    proposal = get_object_or_404(
        service.price_proposals.select_related("service__provider"), reference=asked
    )

    def act() -> str:
        price_proposals.take_back(proposal=proposal, by=visit.by, at=visit.at)
        messages.success(request, _("You took it back."))
        return _address(service)

    return doors.perform(request, visit, act, back=_address(service))


def _find(visit: doors.Visit, reference: uuid.UUID) -> Service:
    standing = Service.objects.standing(visit.today).filter(provider=visit.organisation)
    found: Service = get_object_or_404(
        standing.select_related("owner", "provider"), reference=reference
    )
    return found


def _address(service: Service) -> str:
    return reverse("provider_price", kwargs={"reference": service.reference})
