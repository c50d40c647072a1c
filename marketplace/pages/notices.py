"""Where the link in a message leads: to the page its reader can open, once she is signed in."""

import uuid
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from marketplace.notices import notices
from marketplace.pages import doors
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role

# door (or role) and kind of subject -> the page that shows it; the page itself asks who may know.
PAGES: dict[tuple[str, str], str] = {
    ("advocate", "referral"): "advocate_referral",
    ("advocate", "booking"): "advocate_booking",
    ("family", "referral"): "family_referral",
    ("provider", "referral"): "provider_referral",
    (Role.PROVIDER_WORKER, "referral"): "provider_offer",
    ("provider", "booking"): "provider_booking",
    ("commissioner", "approval"): "commissioner_approval",
    ("provider", "enquiry"): "provider_enquiry",
    ("advocate", "enquiry"): "advocate_enquiry",
    ("commissioner", "enquiry"): "commissioner_routes_about",
    ("admin", "rights_request"): "records_request",
    ("advocate", "rights_request"): "records_request",
    ("provider", "rights_request"): "records_request",
    ("family", "rights_request"): "family_my_record_request",
    ("advocate", "safeguard"): "advocate_concern",
    ("provider", "safeguard"): "provider_concern",
    ("commissioner", "safeguard"): "commissioner_concern",
    ("commissioner", "emergency"): "commissioner_emergency",
    ("commissioner", "held-back"): "commissioner_held_back",
    (Role.ADMINISTRATOR, "approval"): "admin_approval",
    (Role.ADMINISTRATOR, "safeguard"): "commissioner_concern",
    (Role.ADMINISTRATOR, "emergency"): "commissioner_emergency",
    (Role.ADMINISTRATOR, "held-back"): "commissioner_held_back",
    ("advocate", "call"): "advocate_call",
    ("provider", "call"): "provider_call",
    ("commissioner", "pathway"): "commissioner_agreement_about",
    ("commissioner", "agreement"): "commissioner_agreement_about",
    (Role.ADMINISTRATOR, "pathway"): "commissioner_agreement_about",
    (Role.ADMINISTRATOR, "agreement"): "commissioner_agreement_about",
    ("advocate", "appointment"): "beside_person",
    ("family", "appointment"): "beside_person",
    ("beside", "appointment"): "beside_person",
    ("advocate", "promise"): "advocate_chase",
    ("advocate", "late-promise"): "advocate_chase",
    ("commissioner", "late-promise"): "commissioner_promises",
    (Role.ADMINISTRATOR, "late-promise"): "admin_waiting",
    ("provider", "proposal"): "provider_service",
    ("cms", "proposal"): "catalogue_proposal",
    (Role.EDITOR, "proposal"): "catalogue_proposal",
    ("provider", "criteria"): "provider_criteria",
    ("commissioner", "criteria"): "commissioner_criteria_about",
    (Role.ADMINISTRATOR, "stuck"): "admin_waiting",
    ("admin", "stuck"): "admin_waiting",
    ("provider", "price"): "provider_price",
    ("commissioner", "price"): "commissioner_price_about",
    ("provider", "entries"): "provider_quality",
    ("cms", "entries"): "commissioner_quality",
    **{
        (door, "problem"): "problem"
        for door in ("advocate", "family", "provider", "commissioner", "admin", "beside", "cms")
    },
}
# Lists in which the subject is found, and not pages of its own.
LISTS = frozenset(
    {
        "advocate_chase",
        "commissioner_promises",
        "admin_waiting",
        "provider_quality",
        "commissioner_quality",
    }
)


@login_required
def go(request: HttpRequest, kind: str, reference: uuid.UUID) -> HttpResponse:
    """Follow a message's link; what it told of counts as read."""
    user = request.user
    assert isinstance(user, User)  # login_required
    at = timezone.now()
    name = _page(user=user, kind=kind, on=timezone.localdate(at))
    if name is None:
        raise Http404
    notices.read(user=user, subject=reference, at=at)
    where = {} if name in LISTS else {"reference": reference}
    return HttpResponseRedirect(reverse(name, kwargs=where))


def _page(*, user: User, kind: str, on: date) -> str | None:
    """Return the page of the user's role where it has its own, else that of her door."""
    held = memberships.current(user=user, on=on)
    own = PAGES.get((held.role, kind)) if held else None
    return own or PAGES.get((doors.door_of(user=user, on=on), kind))
