"""Her shortlist, to be asked for: for which household."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.advocate import desk
from marketplace.pages.public import shortlist

PER_PAGE = 20


@doors.staff(*desk.ROLES)
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Lead from what is on her shortlist to the search for one of her households."""
    kept = shortlist.slugs(request)
    offered = Service.objects.offered(visit.today).filter(slug__in=kept).order_by("name")
    picked = urlencode([("pick", service.slug) for service in offered])
    families = Paginator(desk.families(visit), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "advocate/shortlist.html",
        {
            "services": offered,
            "page_obj": families,
            "families": [
                (family, f"{reverse('advocate_find', args=[family.reference])}?{picked}")
                for family in families
            ],
        },
    )
