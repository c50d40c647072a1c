"""Where the link in a message leads: to the page its reader can open, once she is signed in."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from marketplace.notices import notices
from marketplace.pages import doors
from marketplace.people.models import User

# door and kind of subject -> the page that shows it; the page itself asks who may know.
PAGES: dict[tuple[str, str], str] = {
    ("advocate", "referral"): "advocate_referral",
    ("advocate", "booking"): "advocate_booking",
    ("family", "referral"): "family_referral",
    ("provider", "referral"): "provider_referral",
    ("provider", "booking"): "provider_booking",
    ("commissioner", "approval"): "commissioner_approval",
}


@login_required
def go(request: HttpRequest, kind: str, reference: uuid.UUID) -> HttpResponse:
    """Follow a message's link; what it told of counts as read."""
    user = request.user
    assert isinstance(user, User)  # login_required
    at = timezone.now()
    name = PAGES.get((doors.door_of(user=user, on=timezone.localdate(at)), kind))
    if name is None:
        raise Http404
    notices.read(user=user, subject=reference, at=at)
    return HttpResponseRedirect(reverse(name, kwargs={"reference": reference}))
