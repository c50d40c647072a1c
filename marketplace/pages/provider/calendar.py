"""The provider's calendar: a week, or a list; both print, and fit a phone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cms.models import Organisation
from marketplace.bookings.models import BookingState, Session, SessionState, Slot
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.provider import waiting
from marketplace.people.roles import Role

PER_PAGE = 30
WEEK = timedelta(days=7)
MOST_YEARS_AWAY = 20


@dataclass(frozen=True)
class Entry:
    """One time in the calendar: somebody's session, or one that is still free."""

    starts_at: datetime
    ends_at: datetime
    title: str
    service: str
    place: str
    href: str
    state: str
    tone: str


@dataclass
class Day:
    """One day with what is on it."""

    on: date
    is_today: bool
    entries: list[Entry] = field(default_factory=list)


@doors.staff(Role.PROVIDER_WORKER)
def calendar(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show one week, day by day, with the free times; or all that is to come, as a list."""
    if request.GET.get("view") == "list":
        return _list(request, visit)
    monday = _monday(request.GET.get("week", ""), visit.today)
    days = _days(visit, monday)
    return render(
        request,
        "provider/calendar.html",
        {
            "days": days,
            "monday": monday,
            "sunday": monday + timedelta(days=6),
            "before": _week(monday - WEEK),
            "after": _week(monday + WEEK),
            "is_this_week": monday <= visit.today < monday + WEEK,
            "is_empty": not any(day.entries for day in days),
            "live_topics": topics.inbox(visit.organisation.reference),
        },
    )


def _list(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    start = _midnight(visit.today)
    rows = _sessions(visit).filter(starts_at__gte=start).order_by("starts_at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    days = _by_day((_entry(session, visit) for session in page), visit.today)
    return render(
        request,
        "provider/calendar_list.html",
        {
            "days": list(days.values()),
            "page_obj": page,
            "live_topics": topics.inbox(visit.organisation.reference),
        },
    )


def _days(visit: doors.Visit, monday: date) -> list[Day]:
    start, end = _midnight(monday), _midnight(monday + WEEK)
    booked = _sessions(visit).filter(starts_at__gte=start, starts_at__lt=end)
    free = _free(visit.organisation, visit.at).filter(starts_at__gte=start, starts_at__lt=end)
    entries = [
        *(_entry(session, visit) for session in booked),
        *(_free_entry(slot) for slot in free),
    ]
    found = _by_day(sorted(entries, key=lambda each: each.starts_at), visit.today)
    week = [monday + timedelta(days=number) for number in range(7)]
    return [found.get(day) or Day(on=day, is_today=day == visit.today) for day in week]


def _by_day(entries: Iterable[Entry], today: date) -> dict[date, Day]:
    days: dict[date, Day] = {}
    for entry in entries:
        on = timezone.localdate(entry.starts_at)
        days.setdefault(on, Day(on=on, is_today=on == today)).entries.append(entry)
    return days


def _sessions(visit: doors.Visit) -> QuerySet[Session]:
    """Return what stands in the calendar: held or agreed, not what was cancelled."""
    found: QuerySet[Session] = (
        visit.visible(Session.objects.all())
        .filter(booking__referral__service__provider=visit.organisation)
        .exclude(state=SessionState.CANCELLED)
        .exclude(booking__state=BookingState.DECLINED)
        .select_related("booking__referral__service", "booking__referral__person", "slot__place")
    )
    return found


def _free(organisation: Organisation, at: datetime) -> QuerySet[Slot]:
    return (
        Slot.objects.free(at)
        .filter(service__provider=organisation)
        .select_related("service", "place")
    )


def _entry(session: Session, visit: doors.Visit) -> Entry:
    booking, state = session.booking, str(session.get_state_display())
    tone = "good" if session.is_delivered else "plain"
    if session.is_planned and not booking.is_accepted:
        state, tone = str(booking.get_state_display()), "wait"
    elif session.is_planned and session.starts_at <= visit.at:
        state, tone = _("To record"), "wait"
    elif session.is_planned:
        state, tone = "", ""
    place = session.slot.place.name if session.slot and session.slot.place else ""
    is_to_record = session.is_planned and booking.is_accepted and session.starts_at <= visit.at
    about = session if is_to_record else booking
    return Entry(
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        title=waiting.who(booking.referral.person, on=visit.today),
        service=booking.referral.service.name,
        place=place,
        href=reverse(
            "provider_session" if is_to_record else "provider_booking",
            kwargs={"reference": about.reference},
        ),
        state=state,
        tone=tone,
    )


def _free_entry(slot: Slot) -> Entry:
    left = slot.places - slot.taken
    return Entry(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        title=_("Free") if left == 1 else _("%(left)s places free") % {"left": left},
        service=slot.service.name,
        place=slot.place.name if slot.place else "",
        href="",
        state="",
        tone="",
    )


def _monday(text: str, today: date) -> date:
    """Return the Monday of the week asked for; of this one where no sensible week is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    if abs(day.year - today.year) > MOST_YEARS_AWAY:
        day = today
    return day - timedelta(days=day.weekday())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _week(monday: date) -> str:
    return f"?{urlencode({'week': monday.isoformat()})}"
