"""The page behind a message's link: one entry, and one button that says it is right.

Mail scanners open links too, so opening it changes nothing. It needs no sign-in, and shows what
everybody can read.
"""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from budgets import form_keys, history
from cms import freshness
from marketplace.notices import entries, links
from marketplace.pages import doors
from marketplace.pages.public import cards
from pricing.models import Price


@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the entry of a link; when its button is pressed, record that it is right today."""
    at = timezone.now()
    try:
        link = links.find(token=token, at=at)
        if request.method == "POST":
            return _check(request, token)
    except links.NoLongerGood as refusal:
        context = {"sentence": refusal.sentence}
        return render(request, "public/check_gone.html", context, status=410)
    on = timezone.localdate(at)
    return render(
        request,
        "public/check.html",
        {
            "service": link.service,
            "state": freshness.state(link.service, on),
            "is_done": link.service.checked_on == on,
            "ages": cards.ages(link.service),
            "prices": Price.objects.on(on).filter(service=link.service),
            "until": link.until,
        },
    )


def _check(request: HttpRequest, token: str) -> HttpResponse:
    at = timezone.now()

    def act() -> str:
        entries.check(token=token, at=at)
        return reverse("check", args=[token])

    address = form_keys.answer(
        key=doors.key(request),
        by=history.Actor(
            kind=history.ActorKind.LINK, reference=hashlib.sha256(token.encode()).hexdigest()[:36]
        ),
        at=at,
        request={"path": request.path},
        act=act,
    )
    return HttpResponseRedirect(address)
