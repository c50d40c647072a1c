"""One service: what it does, who can have it, what it costs, what happens when somebody asks."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms import freshness
from cms.models import Service, TermTaxonomy
from marketplace.authority import bookers
from marketplace.bookings.models import Slot
from marketplace.pages.family import words
from marketplace.pages.public import cards, shortlist, whens
from pricing import money, prices
from pricing.models import Price

FREE_TIMES = 3
HELPS_WITH = (TermTaxonomy.NEED, TermTaxonomy.ISSUE)


@dataclass(frozen=True)
class Cost:
    """One price in words: what it is, for what, how sure it is and where it comes from."""

    amount: str
    unit: str
    sure: str
    source: str
    is_placeholder: bool


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one service."""
    now = timezone.now()
    today = timezone.localdate(now)
    offered = Service.objects.offered(today)
    found = (
        offered.filter(slug=slug)
        .select_related("owner", "provider")
        .prefetch_related("terms", "places", "criteria", "bands", "schedules", "processes")
        .first()
    )
    if found is None:
        stays = get_object_or_404(offered, merged__slug=slug)
        return redirect("service", stays.slug, permanent=True)
    terms = list(found.terms.all())
    state = freshness.state(found, today)
    return render(
        request,
        "public/service.html",
        {
            "service": found,
            "costs": [_cost(price) for price in Price.objects.on(today).filter(service=found)],
            "helps_with": [term for term in terms if term.taxonomy in HELPS_WITH],
            "eases": [term for term in terms if term.taxonomy == TermTaxonomy.BARRIER],
            "languages": [term for term in terms if term.taxonomy == TermTaxonomy.LANGUAGE],
            "free_times": Slot.objects.free(now)
            .filter(service=found)
            .order_by("starts_at")[:FREE_TIMES],
            "ages": cards.ages_unsaid(found),
            "where": [whens.place(place) for place in found.places.all()],
            "when": [whens.schedule(row) for row in found.schedules.all()],
            "who_books": who_books(bookers.of(service=found, at=now), owner=found.owner.name),
            "freshness": state,
            "rows": _facts(found),
            "shortlisted": shortlist.slugs(request),
        },
    )


def who_books(found: Iterable[bookers.Booker], *, owner: str) -> list[str]:
    """Return who may book a service for somebody, a sentence each."""
    return [_who_books(booker, owner=owner) for booker in found]


def _who_books(booker: bookers.Booker, *, owner: str) -> str:
    limit = "" if booker.limit_pence is None else money.show(booker.limit_pence)
    if booker.is_family and booker.may_book:
        if not limit:
            return _("You can book it yourself.")
        return _("You can book it yourself, up to %(limit)s, once you have a plan.") % {
            "limit": limit
        }
    if booker.is_family:
        return _("You can ask for it yourself. Then %(owner)s says yes or no.") % {"owner": owner}
    said = {
        "who": words.ROLES[booker.role],
        "where": booker.organisation,
        "limit": limit,
        "owner": owner,
    }
    if not booker.may_book:
        return _("%(who)s at %(where)s can ask for you. Then %(owner)s says yes or no.") % said
    if limit:
        return _("%(who)s at %(where)s can book it for you, up to %(limit)s.") % said
    return _("%(who)s at %(where)s can book it for you.") % said


def _cost(price: Price) -> Cost:
    unit = str(cards.UNITS.get(price.unit, price.get_unit_display()))
    return Cost(
        amount=money.show(price.amount_pence) if price.amount_pence else _("Free to you"),
        unit=unit if price.amount_pence else "",
        sure=prices.sureness(price),
        source=price.source,
        is_placeholder=price.is_placeholder,
    )


def _cancel(days: int) -> str:
    if not days:
        return _("The same day")
    return ngettext("%(days)s day before", "%(days)s days before", days) % {"days": days}


def _facts(found: Service) -> list[dict[str, str]]:
    rows = [
        (_("Who runs it"), found.provider.name),
        (_("Who pays and makes the rules"), found.owner.name),
        (_("How long people wait"), cards.wait(found) or _("Ask them")),
        (_("They answer within"), cards.working_days(found.answer_days)),
        (_("Free to cancel until"), _cancel(found.notice_days)),
        (_("Checks on who you meet"), str(found.get_contact_check_display())),
    ]
    contact = " · ".join(
        part for part in (found.phone or found.provider.phone, found.email) if part
    )
    if contact:
        rows.append((_("Ring or write to them"), contact))
    return [{"key": key, "value": value} for key, value in rows]
