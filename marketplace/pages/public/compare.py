"""Up to three services side by side; the address can be shared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import freshness
from cms.models import Listing, Service
from marketplace.pages.public import cards, whens
from marketplace.pages.templatetags import alongside
from pricing import prices
from pricing.models import Price

MOST = 3


@dataclass(frozen=True)
class Chosen:
    """One service of a few that are looked at together, with everything that is said of it."""

    slug: str
    card: cards.Choice
    price: str
    sure: str
    who: tuple[str, ...]
    wait: str
    where: tuple[str, ...]
    on: tuple[str, ...]
    free: str
    answer: str
    runs: str
    checked: str


def page(request: HttpRequest) -> HttpResponse:
    """Set up to three services side by side."""
    wanted = list(dict.fromkeys(request.GET.getlist("service")))
    found = chosen(wanted[:MOST], on=timezone.localdate())
    return render(
        request,
        "public/compare.html",
        {
            "found": found,
            "heads": ["", *(one.card.title for one in found)],
            "rows": _compared(found),
            "is_more": len(wanted) > MOST,
        },
    )


def chosen(slugs: Sequence[str], *, on: date) -> list[Chosen]:
    """Return services that are offered on a day by slug, in that order; others are left out.

    As many queries however many services.
    """
    offered = Service.objects.offered(on).filter(slug__in=slugs)
    rows = list(
        Listing.objects.filter(service__in=offered)
        .select_related("service__provider")
        .prefetch_related("service__criteria", "service__places", "service__schedules")
    )
    costs: dict[int, list[Price]] = {}
    for price in Price.objects.on(on).filter(service__in=[row.service_id for row in rows]):
        costs.setdefault(price.service_id, []).append(price)
    found = {row.service.slug: _chosen(row, costs.get(row.service_id, ()), on=on) for row in rows}
    return [found[slug] for slug in dict.fromkeys(slugs) if slug in found]


def _chosen(row: Listing, costs: Iterable[Price], *, on: date) -> Chosen:
    service, card = row.service, cards.choice(row)
    state = freshness.state(service, on)
    is_ahead = row.next_free_at is not None and row.next_free_at > timezone.now()
    rules = service.criteria.all()
    return Chosen(
        slug=service.slug,
        card=card,
        price=card.price_shown,
        sure=" ".join(dict.fromkeys(prices.sureness(price) for price in costs)),
        who=tuple(filter(None, (cards.ages_unsaid(service), *(row.sentence for row in rules)))),
        wait=cards.wait(service) or _("Ask them"),
        where=tuple(whens.place(place) for place in service.places.all())
        or (_("They come to you, or tell you where to meet."),),
        on=tuple(whens.schedule(row) for row in service.schedules.all()) or (_("Ask them"),),
        free=alongside.day_time(row.next_free_at) if is_ahead else _("Ask them"),
        answer=cards.working_days(service.answer_days),
        runs=service.provider.name,
        checked=state.mark or state.sentence,
    )


def _compared(found: Sequence[Chosen]) -> list[list[object]]:
    lines: list[tuple[str, list[object]]] = [
        (_("What it does"), [one.card.summary for one in found]),
        (_("Kind"), [one.card.tag for one in found]),
        (_("What it costs"), [one.price for one in found]),
        (_("How sure the price is"), [one.sure or "–" for one in found]),
        (_("Who can have it"), [" ".join(map(_stopped, one.who)) for one in found]),
        (_("How long people wait"), [one.wait for one in found]),
        (_("Next free time"), [one.free for one in found]),
        (_("They answer within"), [one.answer for one in found]),
        (_("Where"), [" ".join(map(_stopped, one.where)) for one in found]),
        (_("When"), [" ".join(map(_stopped, one.on)) for one in found]),
        (_("Who runs it"), [one.runs for one in found]),
        (_("Last checked"), [one.checked for one in found]),
        (_("More"), [{"text": _("Read more"), "href": one.card.href} for one in found]),
    ]
    return [[label, *cells] for label, cells in lines]


def _stopped(sentence: str) -> str:
    """Return a sentence with its full stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
