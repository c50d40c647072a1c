"""What became of each session: recorded once, with what that does to its money said beforehand."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.models import Service
from marketplace.bookings import sessions
from marketplace.bookings.models import Session, SessionState
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.provider import filters, forms, waiting
from marketplace.people.roles import Role

PER_PAGE = 20


@dataclass(frozen=True)
class Row:
    """One session of the list."""

    session: Session
    who: str
    pence: int | None
    money_words: str


@doors.staff(Role.PROVIDER_WORKER)
def overview(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the sessions to record, oldest first; or those that were recorded, latest first."""
    is_recorded = request.GET.get("show") == "recorded"
    every, services = _theirs(visit), Service.objects.filter(provider=visit.organisation)
    found = every.recorded() if is_recorded else every.to_record(visit.at)
    narrow = filters.Recorded if is_recorded else filters.ToRecord
    chosen = narrow(request.GET, queryset=found, services=services, today=visit.today)
    page = Paginator(chosen.qs, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        Row(
            session=session,
            who=waiting.who(session.booking.referral.person, on=visit.today),
            pence=session.hold.amount_pence if session.hold else None,
            money_words=_money_words(session),
        )
        for session in page
    ]
    return render(
        request,
        "provider/sessions.html",
        {
            "chosen": chosen,
            "page_obj": page,
            "rows": rows,
            "is_recorded": is_recorded,
            "hidden": {"show": "recorded"} if is_recorded else {},
            "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
            "live_topics": topics.inbox(visit.organisation.reference),
        },
    )


@doors.staff(Role.PROVIDER_WORKER)
def record(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say what became of one session; it cannot be taken back, and the page says so first."""
    session = _find(visit, reference, is_read=request.method != "POST")
    person = session.booking.referral.person
    form = forms.Record(
        request.POST or None,
        outcomes=sessions.outcomes(person=person, at=session.starts_at),
        pence=session.hold.amount_pence if session.hold else None,
    )

    def act() -> str:
        state = SessionState(form.cleaned_data["state"])
        sessions.record(session=session, state=state, by=visit.by, at=visit.at)
        return reverse("provider_session", kwargs={"reference": reference}) + "?done=1"

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "provider/session.html",
        {
            "session": session,
            "referral": session.booking.referral,
            "who": waiting.who(person, on=visit.today),
            "form": form,
            "form_key": request.POST.get("form_key", ""),
            "is_open": session.is_planned and session.starts_at <= visit.at,
            "is_to_come": session.is_planned and session.starts_at > visit.at,
            "is_just_done": request.GET.get("done") == "1",
            "money_words": _money_words(session),
            "left": _theirs(visit).to_record(visit.at).count(),
        },
    )


def _money_words(session: Session) -> str:
    """Return what became of the money that was set aside for a session."""
    if session.hold is None:
        return _("Free to the plan")
    if session.is_planned:
        return _("set aside")
    return _("spent") if sessions.IS_SPENT[session.state] else _("back in the plan")


def _theirs(visit: doors.Visit) -> Any:
    return (
        visit.visible(Session.objects.all())
        .filter(booking__referral__service__provider=visit.organisation)
        .select_related(
            "booking__referral__service__provider",
            "booking__referral__person",
            "booking__referral__family",
            "hold",
            "slot__place",
        )
    )


def _find(visit: doors.Visit, reference: uuid.UUID, *, is_read: bool) -> Session:
    """Return one session; reading it is a look."""
    if is_read:
        session: Session = visit.open(_theirs(visit), reference=reference, kind="session")
        return session
    found: Session = get_object_or_404(_theirs(visit), reference=reference)
    return found
