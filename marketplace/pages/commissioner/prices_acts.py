"""Setting, planning, correcting, ending and sharing a price; building a unit cost; answering."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms.models import Organisation, Service
from marketplace.pages import doors
from marketplace.pages.commissioner import prices as pages
from marketplace.pages.commissioner import prices_forms
from marketplace.people.roles import Role
from marketplace.referrals import price_proposals
from pricing import money, prices, unit_costs
from pricing.models import Confidence, Funding, Price, PriceProposal, PriceUnit


@doors.staff(Role.COMMISSIONER)
def set_price(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Set a price from a day on, or plan one; the old one stays on record until then."""
    service = pages.find(visit, slug)
    now = service.prices.on(visit.today).first()
    initial = prices_forms.initial_from(visit.today) | (_said(now) if now else {})
    form = prices_forms.NewPrice(request.POST or None, initial=initial)

    def act() -> str:
        price = prices.set_price(
            service=service,
            unit=PriceUnit(form.cleaned_data["unit"]),
            valid_from=form.cleaned_data["valid_from"],
            **_figures(form),
            **_who(visit),
        )
        planned = price.is_planned(visit.today)
        return _done(
            request, service, _("The price is planned.") if planned else _("The price is set.")
        )

    return _form(request, visit, service, form, act, title=_("Set or plan a price"))


@doors.staff(Role.COMMISSIONER)
def correct(
    request: HttpRequest, visit: doors.Visit, slug: str, reference: uuid.UUID
) -> HttpResponse:
    """Correct a price on its own day; what it said before is kept."""
    service = pages.find(visit, slug)
    price = _price(service, reference)
    form = prices_forms.Figures(request.POST or None, initial=_said(price))

    def act() -> str:
        prices.set_price(
            service=service,
            unit=PriceUnit(price.unit),
            valid_from=price.valid_from,
            **_figures(form),
            **_who(visit),
        )
        return _done(request, service, _("The price is corrected. What it said before is kept."))

    return _form(request, visit, service, form, act, title=_("Correct a price"), about=price)


@doors.staff(Role.COMMISSIONER)
def end(request: HttpRequest, visit: doors.Visit, slug: str, reference: uuid.UUID) -> HttpResponse:
    """End a price that nothing follows."""
    service = pages.find(visit, slug)
    price = _price(service, reference)
    form = prices_forms.End(request.POST or None)

    def act() -> str:
        prices.end(
            service=service,
            unit=PriceUnit(price.unit),
            on=form.cleaned_data["on"],
            **_who(visit),
        )
        return _done(request, service, _("The price ends on that day."))

    return _form(request, visit, service, form, act, title=_("End a price"), about=price)


@require_POST
@doors.staff(Role.COMMISSIONER)
def remove(
    request: HttpRequest, visit: doors.Visit, slug: str, reference: uuid.UUID
) -> HttpResponse:
    """Take a planned price back."""
    service = pages.find(visit, slug)
    price = _price(service, reference)

    def act() -> str:
        prices.remove(price=price, **_who(visit))
        return _done(request, service, _("The planned price is taken back."))

    return doors.perform(request, visit, act, back=_address(service))


@doors.staff(Role.COMMISSIONER)
def shares(
    request: HttpRequest, visit: doors.Visit, slug: str, reference: uuid.UUID
) -> HttpResponse:
    """Agree who bears which part of a price."""
    service = pages.find(visit, slug)
    price = _price(service, reference)
    initial: dict[str, object] = {}
    for number, share in enumerate(price.shares.select_related("organisation"), start=1):
        initial[f"organisation_{number}"] = str(share.organisation.reference)
        initial[f"parts_{number}"] = share.parts
    bodies = list(Organisation.objects.order_by("name"))
    form = prices_forms.Shares(request.POST or None, organisations=bodies, initial=initial)

    def act() -> str:
        prices.share(price=price, parts=form.cleaned_data["pairs"].items(), **_who(visit))
        return _done(request, service, _("The shares are kept. Quotes from now on have them."))

    return _form(
        request, visit, service, form, act, title=_("Who shares what it costs"), about=price
    )


@doors.staff(Role.COMMISSIONER)
def unit_cost(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Build what one unit costs from staff, overheads, materials and volume."""
    service = pages.find(visit, slug)
    now = service.prices.on(visit.today).first()
    initial = prices_forms.initial_from(visit.today) | ({"unit": now.unit} if now else {})
    form = prices_forms.BuildUnitCost(request.POST or None, initial=initial)

    def act() -> str:
        given = form.cleaned_data
        built = unit_costs.build(
            service=service,
            unit=PriceUnit(given["unit"]),
            staff=given["staff"],
            overhead_basis_points=int(given["overhead"] * 100),
            materials_pence=given["materials"] or 0,
            units=given["units"],
            price_year=given["price_year"],
            source=given["source"],
            built_on=visit.today,
            by=visit.by.reference,
        )
        words = _("One costs %(amount)s.") % {"amount": money.show(built.amount_pence)}
        return _done(request, service, words)

    return _form(
        request,
        visit,
        service,
        form,
        act,
        title=_("Work out what one costs"),
        template="commissioner/unit_cost.html",
    )


@doors.staff(Role.COMMISSIONER)
def accept(
    request: HttpRequest, visit: doors.Visit, slug: str, reference: uuid.UUID
) -> HttpResponse:
    """Take on a price that the provider asks for."""
    service = pages.find(visit, slug)
    proposal = _proposal(service, reference)
    now = service.prices.on(visit.today).filter(unit=proposal.unit).first()
    initial = {
        "funding": now.funding if now else Funding.SPOT_PURCHASE,
        "contract_reference": now.contract_reference if now else "",
        "confidence": Confidence.AGREED,
        "valid_from": max(proposal.valid_from, visit.today),
    }
    form = prices_forms.Acceptance(request.POST or None, initial=initial)

    def act() -> str:
        given = form.cleaned_data
        price_proposals.accept(
            proposal=proposal,
            funding=Funding(given["funding"]),
            confidence=Confidence(given["confidence"]),
            valid_from=given["valid_from"],
            contract_reference=given["contract_reference"],
            by=visit.by,
            at=visit.at,
        )
        return _done(request, service, _("The price is taken on, and they are told."))

    return _form(request, visit, service, form, act, title=_("Take on the price"), asked=proposal)


@doors.staff(Role.COMMISSIONER)
def refuse(
    request: HttpRequest, visit: doors.Visit, slug: str, reference: uuid.UUID
) -> HttpResponse:
    """Say no to a price that the provider asks for, and why."""
    service = pages.find(visit, slug)
    proposal = _proposal(service, reference)
    form = prices_forms.Refusal(request.POST or None)

    def act() -> str:
        price_proposals.refuse(
            proposal=proposal, words=form.cleaned_data["words"], by=visit.by, at=visit.at
        )
        return _done(request, service, _("They are told why not."))

    return _form(request, visit, service, form, act, title=_("Say no to the price"), asked=proposal)


def _form(
    request: HttpRequest,
    visit: doors.Visit,
    service: Service,
    form: forms.Form,
    act: Callable[[], str],
    *,
    template: str = "commissioner/price_form.html",
    **context: object,
) -> HttpResponse:
    """Show a form, or act once on what was sent; a refusal keeps what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
        except prices.NoPrice as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        template,
        {
            **context,
            "form": form,
            "service": service,
            "back": _address(service),
            "form_key": request.POST.get("form_key", ""),
        },
        status=422 if form.errors else 200,
    )


def _figures(form: forms.Form) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "amount_pence": given["amount"],
        "cost_pence": given["cost"],
        "funding": Funding(given["funding"]),
        "confidence": Confidence(given["confidence"]),
        "price_year": given["price_year"],
        "source": given["source"],
        "contract_reference": given["contract_reference"],
    }


def _said(price: Price) -> dict[str, object]:
    cost = price.cost_pence
    return {
        "amount": money.show(price.amount_pence).removeprefix("£"),
        "unit": price.unit,
        "cost": "" if cost is None else money.show(cost).removeprefix("£"),
        "funding": price.funding,
        "contract_reference": price.contract_reference,
        "confidence": price.confidence,
        "price_year": price.price_year,
        "source": price.source,
    }


def _who(visit: doors.Visit) -> dict[str, Any]:
    return {"by": visit.by.reference, "at": visit.at}


def _price(service: Service, reference: uuid.UUID) -> Price:
    price: Price = get_object_or_404(service.prices, reference=reference)
    return price


def _proposal(service: Service, reference: uuid.UUID) -> PriceProposal:
    found: PriceProposal = get_object_or_404(
        service.price_proposals.select_related("service__owner", "service__provider"),
        reference=reference,
    )
    return found


def _done(request: HttpRequest, service: Service, words: str) -> str:
    messages.success(request, words)
    return _address(service)


def _address(service: Service) -> str:
    return reverse("commissioner_price", kwargs={"slug": service.slug})
