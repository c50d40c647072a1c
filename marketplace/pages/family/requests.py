"""What happens next: every open request, whose turn it is and by when."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.family import household, stories, words
from marketplace.referrals.models import EndReason, Promise, Referral

PER_PAGE = 10


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the open requests, what waits for the family first; or those that have ended."""
    home = household.of(visit)
    if "ended" in request.GET:
        return _ended(request, visit, home)
    told = stories.tell(
        stories.fetched(visit.visible(Referral.objects.open())), visit=visit, home=home
    )
    page_obj = Paginator(told, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "family/next.html",
        {
            "page_obj": page_obj,
            "theirs": [story for story in page_obj if story.is_theirs],
            "others": [story for story in page_obj if not story.is_theirs],
            "given": stories.given_to(
                visit.visible(Promise.objects.open()), home=home, day=visit.today
            ),
            "has_ended": visit.visible(Referral.objects.filter(ended_at__isnull=False)).exists(),
            "live_topics": topics.plan(home.family.reference) if home.family else "",
        },
    )


def _ended(request: HttpRequest, visit: doors.Visit, home: household.Household) -> HttpResponse:
    found = (
        visit.visible(Referral.objects.filter(ended_at__isnull=False))
        .select_related("service", "person")
        .order_by("-ended_at", "-pk")
    )
    page_obj = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    ended = [
        {
            "title": referral.service.name,
            "whom": home.called(referral.person),
            "href": reverse("family_referral", kwargs={"reference": referral.reference}),
            "rung": referral.rung,
            "words": words.ENDS.get(EndReason(referral.end_reason), ""),
            "on": referral.ended_at,
        }
        for referral in page_obj
    ]
    return render(request, "family/ended.html", {"page_obj": page_obj, "ended": ended})
