"""Concerns for somebody's safety: what waits, a new one, and one with its history."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Event, EventText, Person
from marketplace.pages import danger, doors
from marketplace.pages.safety import forms
from marketplace.people import memberships
from marketplace.people.models import Membership, User
from marketplace.sharing import calls, emergencies, held_back, safeguards
from marketplace.sharing.models import Emergency, Safeguard, SafeguardKind

PER_PAGE = 20
MOST_PERSONS = 200
"""So many are offered by name; who knows of more opens the person's page first."""

HAPPENED = {
    "opened": gettext_lazy("Opened"),
    "reviewed": gettext_lazy("Looked at again"),
    "agreed": gettext_lazy("Talked over with the person"),
    "stepped_up": gettext_lazy("Stepped up to a social worker"),
    "stepped_down": gettext_lazy("Stepped down from the social worker"),
    "handed_over": gettext_lazy("Handed over"),
    "nudged": gettext_lazy("The owner was told that a review is due"),
    "escalated": gettext_lazy("A manager was told that a review is late"),
    "closed": gettext_lazy("Closed"),
}


@dataclass(frozen=True)
class Line:
    """One line of a concern's history."""

    what: str
    at: datetime
    who: str
    note: str


@dataclass(frozen=True)
class Row:
    """One concern of the list."""

    safeguard: Safeguard
    is_late: bool
    is_due: bool


def listing(request: HttpRequest, visit: doors.Visit, *, door: str) -> HttpResponse:
    """List the open concerns that she may know of, those of her organisation and due first."""
    mine = request.GET.get("show") != "others"
    known = visit.visible(Safeguard.objects.open()).select_related(
        "person", "owner", "owner_organisation"
    )
    ours = known.filter(owner_organisation=visit.organisation)
    others = known.exclude(owner_organisation=visit.organisation)
    found = (ours if mine else others).order_by("review_on", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "safety/list.html",
        {
            "door": door,
            "page_obj": page,
            "rows": [_row(safeguard, visit.today) for safeguard in page],
            "is_mine": mine,
            "counts": {"ours": ours.count(), "others": others.count()},
            "calls": [
                (call, reverse(f"{door}_call", args=[call.reference]))
                for call in calls.waiting(user=visit.user, at=visit.at)[:PER_PAGE]
            ],
            "new_href": reverse(f"{door}_concern_new"),
            "emergency_href": _emergency_href(visit, door),
            **(_to_review(visit) if door == "commissioner" else {}),
        },
    )


def ring(request: HttpRequest, visit: doors.Visit, *, door: str) -> HttpResponse:
    """Say whom to ring first; then the concern can be written down."""
    about = {name: request.GET[name] for name in ("person", "family") if name in request.GET}
    new = reverse(f"{door}_concern_new")
    return render(
        request,
        "safety/danger.html",
        {
            "contacts": danger.contacts(),
            "step_up_href": f"{new}?{urlencode(about)}" if about else new,
            "continue_href": back(request) or reverse(f"{door}_safety"),
            "emergency_href": _emergency_href(visit, door),
        },
    )


def _emergency_href(visit: doors.Visit, door: str) -> str:
    """Return where a record is opened in an emergency, for those who may."""
    may = memberships.current(user=visit.user, on=visit.today, among=emergencies.ROLES)
    return reverse(f"{door}_emergency") if door != "commissioner" and may else ""


def back(request: HttpRequest) -> str:
    """Return where somebody came from, if that is a page of ours."""
    there = request.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(there, allowed_hosts=None)
    return there if is_ours and there.startswith("/") else ""


def new(request: HttpRequest, visit: doors.Visit, *, door: str) -> HttpResponse:
    """Write down a concern, and who answers for it."""
    people = persons(request, visit)
    form = forms.Concern(
        request.POST or None,
        persons=people,
        owners=colleagues(visit),
        user=visit.user,
        today=visit.today,
        initial={"person": request.GET.get("person", "")},
    )

    def act() -> str:
        given = form.cleaned_data
        safeguard = safeguards.open(
            person=given["person"],
            kind=SafeguardKind(given["kind"]),
            evidence=given["evidence"],
            owner=given["owner"],
            organisation=visit.organisation,
            review_on=given["review_on"],
            is_confidential=not given["home_may_know"],
            is_with_social_worker=given["is_with_social_worker"],
            is_agreed=given["is_agreed"],
            by=visit.acting_for(given["person"]),
            at=visit.at,
        )
        known = visit.visible(Safeguard.objects.filter(pk=safeguard.pk)).exists()
        if known:
            return reverse(f"{door}_concern", args=[safeguard.reference])
        return reverse(f"{door}_safety")

    if request.method == "POST" and form.is_valid():
        try:
            answer = doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("It is written down, and its owner knows of it."))
            return answer
    context = {
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "has_persons": people.exists(),
        "list_href": reverse(f"{door}_safety"),
        "contacts": danger.contacts(),
    }
    return render(request, "safety/new.html", context, status=422 if form.errors else 200)


def concern(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, *, door: str
) -> HttpResponse:
    """Show one concern with what happened, and what can be done with it."""
    rows = Safeguard.objects.select_related("person", "owner", "owner_organisation")
    found: Safeguard = visit.open(rows, reference=reference, kind="safeguard")
    return render(
        request,
        "safety/concern.html",
        {
            "safeguard": found,
            "person": found.person,
            "row": _row(found, visit.today),
            "happened": _happened(visit, found),
            "acts": acts(visit, found, door),
            "held": _held(visit, found),
            "list_href": reverse(f"{door}_safety"),
        },
    )


def persons(request: HttpRequest, visit: doors.Visit) -> QuerySet[Person]:
    """Return whom she may know of, narrowed to whom the address names."""
    running = Emergency.objects.running(visit.at).filter(user=visit.user).values("person")
    known = visit.visible(Person.objects.all()).values("pk")
    found = Person.objects.filter(pk__in=known) | Person.objects.filter(pk__in=running)
    family, person = request.GET.get("family", ""), request.GET.get("person", "")
    if _is_reference(person):
        found = found.filter(reference=person)
    elif _is_reference(family):
        found = found.filter(
            members__family__reference=family, members__left_on__isnull=True
        ).distinct()
    if visit.user.person_id is not None:
        found = found.exclude(pk=visit.user.person_id)
    wanted = list(found.order_by("first_name", "last_name", "pk").values_list("pk", flat=True))
    return Person.objects.filter(pk__in=wanted[:MOST_PERSONS]).order_by(
        "first_name", "last_name", "pk"
    )


def colleagues(visit: doors.Visit) -> list[User]:
    """Return who works where she does, herself first."""
    held = Membership.objects.on(visit.today).filter(organisation=visit.organisation)
    found = User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name", "pk")
    return sorted(found, key=lambda one: one.pk != visit.user.pk)


def acts(visit: doors.Visit, found: Safeguard, door: str) -> list[tuple[str, str]]:
    """Return what she can do with a concern: its words and its address."""
    if not found.is_open:
        return []
    is_ours = found.owner_organisation_id == visit.organisation.pk
    is_owner = found.owner_id == visit.user.pk
    up = found.is_with_social_worker
    is_held = found.held_back.open().exists()
    possible = [
        ("review", _("Look at it again"), is_ours),
        ("step-up", _("Step it up to a social worker"), not up),
        ("step-down", _("Step it down again"), is_ours and up),
        ("agree", _("Note that it was talked over"), is_ours and not found.is_agreed),
        ("hand-over", _("Hand it over"), is_ours),
        ("hold-back", _("Hold it back from them"), is_ours and is_owner and up and not is_held),
        ("close", _("Close it"), is_ours),
    ]
    return [
        (words, reverse(f"{door}_concern_act", args=[found.reference, name]))
        for name, words, is_possible in possible
        if is_possible
    ]


def _row(safeguard: Safeguard, today: date) -> Row:
    is_open = safeguard.is_open
    return Row(
        safeguard=safeguard,
        is_late=is_open and safeguard.review_on < today,
        is_due=is_open and safeguard.review_on == today,
    )


def _happened(visit: doors.Visit, found: Safeguard) -> list[Line]:
    events = list(visit.visible(Event.objects.of(found.reference)).order_by("-at", "-pk"))
    texts = dict(EventText.objects.filter(event__in=events).values_list("event_id", "text"))
    names = _names(event.actor_reference for event in events if event.actor_kind == "person")
    return [
        Line(
            what=str(HAPPENED.get(event.verb, event.verb)),
            at=event.at,
            who=names.get(event.actor_reference, ""),
            # What was seen stands at the top of the page already.
            note="" if event.verb == "opened" else texts.get(event.pk, ""),
        )
        for event in events
    ]


def _names(references: Iterable[str]) -> dict[str, str]:
    found = User.objects.filter(reference__in=set(references))
    return {str(user.reference): user.name for user in found}


def _held(visit: doors.Visit, found: Safeguard) -> Any:
    """Return what is held back, for those who answer for it only."""
    if found.owner_organisation_id != visit.organisation.pk:
        return None
    return found.held_back.open().first()


def _to_review(visit: doors.Visit) -> dict[str, Any]:
    """Return what a manager has to look at: emergencies, and what is held back."""
    waiting = emergencies.to_review(user=visit.user, at=visit.at)
    return {
        "emergencies": list(waiting.filter(reviewed_at=None)[:PER_PAGE]),
        "reviewed": list(waiting.exclude(reviewed_at=None).order_by("-reviewed_at")[:PER_PAGE]),
        "held_back": held_back.to_review(user=visit.user, at=visit.at)[:PER_PAGE],
    }


def _is_reference(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
