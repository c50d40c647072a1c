"""Who is helping: the lead, the advocate, and the places that do something now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Organisation
from marketplace.pages import danger, doors
from marketplace.pages.family import household, stories, words
from marketplace.people.models import Appointment, Lead, Membership
from marketplace.people.roles import AdvocateKind
from marketplace.referrals.models import Referral, Rung

PER_PAGE = 10
AGREED = (Rung.COMMISSIONED, Rung.BOOKED)


@dataclass(frozen=True)
class Helper:
    """One person or place that helps: what for, since when, and how to reach it."""

    name: str
    role: str
    organisation: str
    phone: str
    note: str


def people(visit: doors.Visit, home: household.Household) -> list[Helper]:
    """Return the lead and the advocates by name: those whom the family knows."""
    found = []
    leads = visit.visible(Lead.objects.on(visit.today)).select_related("user", "organisation")
    for lead in leads.order_by("starts_on", "pk"):
        found.append(
            Helper(
                name=lead.user.name,
                role=_("Lead worker"),
                organisation=lead.organisation.name,
                phone=lead.organisation.phone,
                note=_("Pulls the help together. Since %(day)s.") % {"day": month(lead.starts_on)},
            )
        )
    return [*found, *_advocates(visit, home)]


def places(told: Iterable[stories.Story]) -> list[Helper]:
    """Return each place that gives support, or was asked for it, and what for."""
    by_place: dict[Organisation, list[stories.Story]] = defaultdict(list)
    for story in told:
        if story.referral.rung == Rung.SIGNPOSTED:
            continue  # nobody was told yet
        service = story.referral.service
        by_place[service.provider if story.referral.rung in AGREED else service.owner].append(story)
    return [_place(place, group) for place, group in by_place.items()]


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List who helps, how many, and whom to ring at any hour."""
    home = household.of(visit)
    told = stories.tell(
        stories.fetched(visit.visible(Referral.objects.open())), visit=visit, home=home
    )
    known, asked = people(visit, home), places(told)
    page_obj = Paginator(asked, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "family/helpers.html",
        {
            "people": known,
            "page_obj": page_obj,
            "count": len(known) + len(asked),
            "any_hour": [danger.emergency(), *danger.contacts()],
        },
    )


def month(day: date | datetime) -> str:
    """Return a month and its year, in words."""
    shown = timezone.localdate(day) if isinstance(day, datetime) else day
    return f"{_MONTHS[shown.month - 1]} {shown.year}"


_MONTHS = (
    gettext_lazy("January"),
    gettext_lazy("February"),
    gettext_lazy("March"),
    gettext_lazy("April"),
    gettext_lazy("May"),
    gettext_lazy("June"),
    gettext_lazy("July"),
    gettext_lazy("August"),
    gettext_lazy("September"),
    gettext_lazy("October"),
    gettext_lazy("November"),
    gettext_lazy("December"),
)


def _advocates(visit: doors.Visit, home: household.Household) -> list[Helper]:
    works = Membership.objects.on(visit.today).select_related("organisation").order_by("pk")
    held = (
        visit.visible(Appointment.objects.on(visit.today))
        .filter(person__in=[person.pk for person in (*home.at_home, *home.own)])
        .select_related("user", "person")
        .prefetch_related(Prefetch("user__memberships", works, to_attr="works"))
        .order_by("starts_on", "pk")
    )
    by_user: dict[tuple[int, str], list[Appointment]] = defaultdict(list)
    for appointment in held:
        by_user[appointment.user_id, appointment.kind].append(appointment)
    return [_advocate(group, home) for group in by_user.values()]


def _advocate(group: list[Appointment], home: household.Household) -> Helper:
    first = group[0]
    works: list[Membership] = getattr(first.user, "works", [])
    place = works[0].organisation if works else None
    names = dict.fromkeys(home.called(appointment.person) for appointment in group)
    return Helper(
        name=first.user.name,
        role=str(words.ADVOCATES[AdvocateKind(first.kind)]),
        organisation=place.name if place else "",
        phone=place.phone if place else "",
        note=_("For %(names)s. Since %(day)s.")
        % {"names": listed(names), "day": month(first.starts_on)},
    )


def _place(place: Organisation, group: list[stories.Story]) -> Helper:
    since = min(story.referral.asked_at for story in group)
    titles = dict.fromkeys(story.title for story in group)
    return Helper(
        name=place.name,
        role="; ".join(titles),
        organisation="",
        phone=place.phone,
        note=_("Since %(day)s.") % {"day": month(since)},
    )


def listed(names: Iterable[str]) -> str:
    """Return names as people say them: "you, Jamie and Josh"."""
    known = list(names)
    if len(known) < 2:
        return "".join(known)
    return _("%(first)s and %(last)s") % {"first": ", ".join(known[:-1]), "last": known[-1]}
