"""What waits for an administrator: what nobody is left for, and workers' words that stay late."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.pages import doors
from marketplace.pages.administrator import scope
from marketplace.pages.advocate import promises_shown
from marketplace.referrals import turns
from marketplace.referrals.models import Promise

MOST = 50
PER_PAGE = 20


@doors.administrator
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what lies on nobody's list in her organisations; nobody it is for is named."""
    places = list(scope.organisations(visit))
    keys = {place.pk for place in places}
    found = turns.left_over(at=visit.at, places=places)
    page_obj = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    first = max(page_obj.start_index() - 1, 0)
    late = promises_shown.fetched(_late(visit, keys)).order_by("due_on", "pk")
    return render(
        request,
        "administrator/waiting.html",
        {
            "page_obj": page_obj,
            "stuck": turns.stuck(found=found[first : page_obj.end_index()]),
            "late": promises_shown.shown(late[:MOST], day=visit.today),
        },
    )


def _late(visit: doors.Visit, keys: set[int]) -> QuerySet[Promise]:
    late = Promise.objects.late(visit.today).filter(escalated_at__isnull=False)
    return late.filter(worker__isnull=False, organisation__in=keys)
