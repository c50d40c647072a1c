"""What every page has around it: navigation, whose it is, no trace in caches, text that is text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.pages import doors, sign_in
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role

# Each front door's pages, in the order of its navigation: the address's name and its words.
NAVIGATION: dict[str, tuple[tuple[str, object], ...]] = {
    "family": (
        ("family_home", _("Home")),
        ("family_money", _("Money")),
        ("family_plan", _("Plan")),
        ("family_choose", _("Choose")),
        ("family_next", _("What happens next")),
        ("family_helpers", _("Who helps")),
        ("family_looks", _("Who has looked")),
        ("family_sharing", _("Sharing")),
    ),
    "advocate": (
        ("advocate_home", _("My families")),
        ("advocate_chase", _("Chase list")),
        ("advocate_enquiries", _("Send somebody in")),
        ("advocate_safety", _("Safety")),
        ("catalogue", _("Find support")),
    ),
    "provider": (
        ("provider_inbox", _("Inbox")),
        ("provider_calendar", _("Calendar")),
        ("provider_sessions", _("Sessions")),
        ("provider_payments", _("Payments")),
        ("provider_services", _("My services")),
        ("provider_mentors", _("Our mentors")),
        ("provider_quality", _("Quality")),
        ("provider_safety", _("Safety")),
        ("provider_agreements", _("Agreements")),
    ),
    "commissioner": (
        ("commissioner_spend", _("Spend")),
        ("commissioner_approvals", _("Approvals")),
        ("commissioner_safety", _("Safety")),
        ("commissioner_funds", _("Funds")),
        ("commissioner_agreements", _("Agreements")),
        ("commissioner_promises", _("Promises")),
        ("commissioner_routes", _("Ways in")),
        ("commissioner_prices", _("Prices")),
        ("commissioner_quality", _("Quality")),
        ("commissioner_criteria", _("Criteria")),
        ("commissioner_gaps", _("Gaps")),
    ),
    "admin": (
        ("records_waiting", _("Requests")),
        ("admin_waiting", _("On nobody’s list")),
        ("commissioner_safety", _("Safety")),
        ("commissioner_holds", _("Legal holds")),
        ("commissioner_agreements", _("Agreements")),
        ("admin_approvals", _("Late approvals")),
        ("admin_people", _("People")),
        ("admin_invitations", _("Invitations")),
        ("admin_organisations", _("Organisations")),
    ),
    "beside": (
        ("beside_people", _("Whom you stand beside")),
        ("catalogue", _("Find support")),
    ),
}
NULL = "\0"
AT_THE_DOOR: tuple[str, object] = ("provider_enquiries", _("At the door"))
# Who takes referrals on and delivers nothing has no calendar, sessions or payments.
INTAKE: tuple[tuple[str, object], ...] = (
    ("provider_inbox", _("Inbox")),
    AT_THE_DOOR,
    ("provider_safety", _("Safety")),
    ("provider_agreements", _("Agreements")),
    ("catalogue", _("Find support")),
)
PUBLIC: tuple[tuple[str, object], ...] = (
    ("catalogue", _("Find support")),
    ("ask_for_help", _("Ask for help")),
)


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    href: str
    label: str
    current: bool


class FrameMiddleware:
    """Keeps what a signed-in user sees out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer to a signed-in user as hers alone."""
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response


class TextMiddleware:
    """Refuses the one character that no PostgreSQL text can hold, before anything is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Answer 400 where a field that was sent holds a null character."""
        sent = (*request.GET.lists(), *request.POST.lists())
        if any(NULL in text for name, values in sent for text in (name, *values)):
            return render(request, "400.html", status=400)
        return None


def context(request: HttpRequest) -> dict[str, object]:
    """Return what `base.html` needs on every page: its navigation, and whose page it is."""
    user = getattr(request, "user", None)
    frame: dict[str, object] = {
        "DEMO": settings.DEMO,
        "demo_mail_url": reverse("demo_mail") if settings.DEMO else "",
        "cast": sign_in.cast() if settings.DEMO else (),
    }
    if not isinstance(user, User):
        return frame | {"navigation": _links(PUBLIC, request)}
    today = timezone.localdate()
    door = doors.door_of(user=user, on=today)
    return frame | {
        "navigation": _links(_pages(user=user, door=door, on=today), request),
        "user_words": user.name,
        "door": door,
    }


def _pages(*, user: User, door: str, on: date) -> tuple[tuple[str, object], ...]:
    if door != "provider":
        return NAVIGATION.get(door, PUBLIC)
    roles = memberships.roles_of(user=user, on=on)
    if Role.PROVIDER_WORKER not in roles:
        return INTAKE
    pages = NAVIGATION[door]
    return (*pages[:1], AT_THE_DOOR, *pages[1:]) if Role.INTAKE_WORKER in roles else pages


def _links(pages: tuple[tuple[str, object], ...], request: HttpRequest) -> list[Link]:
    links = [(reverse(name), str(label)) for name, label in pages]
    here = max(
        (href for href, _label in links if request.path.startswith(href)), key=len, default=""
    )
    return [Link(href=href, label=label, current=href == here) for href, label in links]
