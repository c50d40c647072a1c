"""The catalogue: found, read and compared without signing in."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cms import catalogue
from cms.models import Listing, Service, TermTaxonomy
from marketplace.bookings.models import Slot
from marketplace.pages.public import filters
from pricing import money
from pricing.models import Price

PER_PAGE = 10
HELPS_WITH = (TermTaxonomy.NEED, TermTaxonomy.ISSUE)
MOST_COMPARED = 3
FREE_TIMES = 6
UNITS = {
    "session": gettext_lazy("a session"),
    "hour": gettext_lazy("an hour"),
    "day": gettext_lazy("a day"),
    "week": gettext_lazy("a week"),
    "month": gettext_lazy("a month"),
    "course": gettext_lazy("a course"),
    "each": gettext_lazy("each"),
}


@dataclass(frozen=True)
class NextStep:
    """One thing to do next, and where."""

    text: str
    href: str


def listing(request: HttpRequest) -> HttpResponse:
    """List what is offered, narrowed as asked, ten a page."""
    today = timezone.localdate()
    chosen = filters.Catalogue(request.GET, on=today)
    found = chosen.qs if chosen.is_valid() else Listing.objects.none()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "public/catalogue.html",
        {
            "chosen": chosen,
            "chips": chosen.chips(request.path),
            "page_obj": page,
            "choices": [choice(row) for row in page],
            "count": page.paginator.count,
            "understood": catalogue.understand(words=request.GET.get("words", "")),
            "steps": nothing_found(),
        },
    )


def service(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one service: what it does, who can have it, what it costs, what happens next."""
    today = timezone.localdate()
    found = get_object_or_404(
        Service.objects.offered(today)
        .select_related("owner", "provider")
        .prefetch_related("terms", "places", "criteria", "bands", "schedules__place", "processes"),
        slug=slug,
    )
    terms = list(found.terms.all())
    return render(
        request,
        "public/service.html",
        {
            "service": found,
            "prices": Price.objects.on(today).filter(service=found),
            "helps_with": [
                t for t in terms if t.taxonomy in (TermTaxonomy.NEED, TermTaxonomy.ISSUE)
            ],
            "eases": [term for term in terms if term.taxonomy == TermTaxonomy.BARRIER],
            "free_times": Slot.objects.free(timezone.now())
            .filter(service=found)
            .order_by("starts_at")[:FREE_TIMES],
            "ages": ages(found),
            "rows": _facts(found, today),
        },
    )


def compare(request: HttpRequest) -> HttpResponse:
    """Set up to three services side by side; the address can be shared."""
    today = timezone.localdate()
    wanted = request.GET.getlist("service")[:MOST_COMPARED]
    rows = list(
        Listing.objects.filter(service__in=Service.objects.offered(today), service__slug__in=wanted)
        .select_related("service__provider")
        .order_by("name")
    )
    return render(
        request,
        "public/compare.html",
        {"heads": ["", *(row.name for row in rows)], "rows": _compared(rows), "found": rows},
    )


@dataclass(frozen=True)
class Choice:
    """One service as a card shows it."""

    slug: str
    title: str
    href: str
    summary: str
    price: int | None
    price_words: str
    unit: str
    facts: tuple[str, ...]
    tag: str


def choice(row: Listing) -> Choice:
    """Return one row of the search as its card."""
    found = row.service
    return Choice(
        slug=found.slug,
        title=found.name,
        href=reverse("service", kwargs={"slug": found.slug}),
        summary=found.summary,
        price=row.price_from_pence,
        price_words=_("Free") if row.is_free else "",
        unit=str(UNITS.get(row.price_unit, "")),
        facts=tuple(
            fact for fact in (found.provider.name, ages(found), wait(found), _distance(row)) if fact
        ),
        tag=str(found.get_kind_display()),
    )


def ages(found: Service) -> str:
    """Return whom a service is for, by age, in words."""
    if found.minimum_age is None and found.maximum_age is None:
        return _("Any age")
    if found.maximum_age is None:
        return _("Aged %(low)s or over") % {"low": found.minimum_age}
    if found.minimum_age is None:
        return _("Up to %(high)s years old") % {"high": found.maximum_age}
    return _("Aged %(low)s to %(high)s") % {"low": found.minimum_age, "high": found.maximum_age}


def wait(found: Service) -> str:
    """Return the usual wait, in words."""
    if found.wait_days is None:
        return ""
    if found.wait_days == 0:
        return _("No wait")
    if found.wait_days < 14:
        return ngettext("%(count)s day’s wait", "%(count)s days’ wait", found.wait_days) % {
            "count": found.wait_days
        }
    return _("About %(count)s weeks’ wait") % {"count": round(found.wait_days / 7)}


def nothing_found() -> list[NextStep]:
    """Return three things to do when nothing is found."""
    everything = reverse("catalogue")
    return [
        NextStep(_("Look at everything there is"), everything),
        NextStep(_("Look for a mentor"), f"{everything}?kind=mentor"),
        NextStep(_("Look for somebody to help you choose"), f"{everything}?kind=advocate"),
    ]


def _distance(row: Listing) -> str:
    kilometres = getattr(row, "distance_km", None)
    if kilometres is None:
        return ""
    miles = kilometres / filters.KILOMETRES_A_MILE
    if miles < 1:
        return _("Less than a mile away")
    return ngettext("%(count)s mile away", "%(count)s miles away", round(miles)) % {
        "count": round(miles)
    }


def _facts(found: Service, today: date) -> list[dict[str, str]]:
    rows = [
        (_("Who runs it"), found.provider.name),
        (_("Whose money and rules"), found.owner.name),
        (_("How long people wait"), wait(found) or _("Ask them")),
        (_("They answer within"), _("%(days)s working days") % {"days": found.answer_days}),
        (_("Free to cancel until"), _("%(days)s days before") % {"days": found.notice_days}),
        (_("Checks on who you meet"), str(found.get_contact_check_display())),
    ]
    return [{"key": key, "value": value} for key, value in rows]


def _compared(rows: list[Listing]) -> list[list[object]]:
    cards = [choice(row) for row in rows]
    lines: list[tuple[str, list[object]]] = [
        (_("What it does"), [card.summary for card in cards]),
        (_("Kind"), [card.tag for card in cards]),
        (_("Price"), [_price(card) for card in cards]),
        (_("Who for"), [ages(row.service) for row in rows]),
        (_("Wait"), [wait(row.service) or "–" for row in rows]),
        (_("Who runs it"), [row.service.provider.name for row in rows]),
        (_("More"), [{"text": _("Read more"), "href": card.href} for card in cards]),
    ]
    return [[label, *cells] for label, cells in lines]


def _price(card: Choice) -> str:
    if card.price is None:
        return _("Not known yet")
    return card.price_words or f"{money.show(card.price)} {card.unit}"
