"""The catalogue: found and narrowed without signing in."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone

from cms import searches
from marketplace.pages.public import cards, county_map, filters, next_steps, shortlist, unmet

PER_PAGE = 10


def listing(request: HttpRequest) -> HttpResponse:
    """List what is offered, narrowed as asked, ten a page; each list has one address."""
    today = timezone.localdate()
    chosen = filters.Catalogue(request.GET, on=today)
    if not chosen.form.is_valid():
        return render(request, "public/catalogue.html", {"chosen": chosen, "is_misread": True})
    number = _page_number(request.GET.get("page", ""))
    if _asked(request) != chosen.query(page=number):
        return HttpResponseRedirect(filters.address(request.path, chosen.query(page=number)))
    found = searches.find(asked=chosen.asked(), on=today, page=number, per_page=PER_PAGE)
    pages = Paginator(range(found.total), PER_PAGE)
    if number > pages.num_pages:
        last = chosen.query(page=pages.num_pages)
        return HttpResponseRedirect(filters.address(request.path, last))
    chosen.count(found.facets)
    steps: list[next_steps.NextStep] = []
    is_noted = not found.total and unmet.count(request, chosen, on=today)
    if not found.total:
        steps = next_steps.after_nothing(chosen, path=request.path, on=today)
    return render(
        request,
        "public/catalogue.html",
        {
            "chosen": chosen,
            "chips": chosen.chips(request.path),
            "page_obj": pages.page(number),
            "choices": [cards.choice(row) for row in found.rows],
            "count": found.total,
            "understood": found.understood,
            "map": county_map.of(found.rows, near=chosen.asked().near),
            "steps": steps,
            "is_noted": is_noted,
            "shortlisted": shortlist.slugs(request),
        },
    )


def _asked(request: HttpRequest) -> str:
    """Return the query as it was sent, without what is not about the list."""
    sent = request.GET.copy()
    sent.pop(filters.OURS_TO_KEEP, None)
    return QueryDict(sent.urlencode()).urlencode()


def _page_number(text: str) -> int:
    """Return the page that was asked for; the first where that makes no sense."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
