"""What the organisation's services cost, how sure that is, and setting it."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cms import catalogue
from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.commissioner import forms
from marketplace.people.roles import Role
from pricing import money, prices
from pricing.models import Price

PER_PAGE = 20


@doors.staff(Role.COMMISSIONER)
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what each of the organisation's services costs today, and how sure that is."""
    today = Price.objects.on(visit.today).order_by("unit")
    rows = (
        Service.objects.standing(visit.today)
        .filter(owner=visit.organisation)
        .select_related("provider")
        .prefetch_related(Prefetch("prices", queryset=today, to_attr="prices_today"))
        .order_by("name", "pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "commissioner/prices.html", {"page_obj": page})


@doors.staff(Role.COMMISSIONER)
def edit(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Set a new price from a day on; the old one stays on record until then."""
    service = get_object_or_404(Service, slug=slug, owner=visit.organisation)
    now = service.prices.on(visit.today).first()
    form = forms.Price(request.POST or None, initial=_initial(now, visit))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            given = form.cleaned_data
            prices.set_price(
                service=service,
                amount_pence=given["amount"],
                unit=given["unit"],
                funding=given["funding"],
                confidence=given["confidence"],
                price_year=given["price_year"],
                source=given["source"],
                valid_from=given["valid_from"],
                cost_pence=given["cost"],
            )
            if given["valid_from"] <= visit.today:
                catalogue.list(
                    service=service, price_from_pence=given["amount"], price_unit=given["unit"]
                )
            return reverse("commissioner_prices")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "commissioner/form.html",
        {
            "form": form,
            "title": _("Price of “%(service)s”") % {"service": service.name},
            "button": _("Set the price"),
            "back": reverse("commissioner_prices"),
            "form_key": request.POST.get("form_key", ""),
        },
        status=422 if form.errors else 200,
    )


def _initial(now: Price | None, visit: doors.Visit) -> dict[str, object]:
    if now is None:
        return {"valid_from": visit.today}
    return {
        "amount": money.show(now.amount_pence).removeprefix("£"),
        "unit": now.unit,
        "cost": "" if now.cost_pence is None else money.show(now.cost_pence).removeprefix("£"),
        "funding": now.funding,
        "confidence": now.confidence,
        "price_year": now.price_year,
        "source": now.source,
        "valid_from": visit.today,
    }
