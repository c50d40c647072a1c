"""History in words: who, for whom, when, what, under which rule; of one referral or one person.

What a reader may not know of leaves no trace: not in the lines, nor in their number or pages.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import ActorKind, Event, Person
from cms.models import Organisation
from marketplace.authority.models import Rule
from marketplace.bookings.models import Booking
from marketplace.pages import doors
from marketplace.pages.advocate import desk, ending_forms
from marketplace.pages.templatetags import alongside
from marketplace.people.models import User
from marketplace.referrals import loops
from marketplace.referrals.models import EndReason, PauseReason, Referral, Rung

WHAT: dict[str, object] = {
    "signpost": gettext_lazy("Told about it"),
    "check_eligibility": gettext_lazy("Checked who can have it"),
    "take_application": gettext_lazy("Sent the form"),
    "take_up": gettext_lazy("Asked for it, after they were told of it"),
    "amend": gettext_lazy("Changed what was told"),
    "decide_eligibility": gettext_lazy("Decided: yes, they can have it"),
    "assess": gettext_lazy("Worked out how much"),
    "diagnose": gettext_lazy("Found the cause"),
    "say_yes": gettext_lazy("The family said yes"),
    "weigh": gettext_lazy("Said what it is for, and what could stop it"),
    "requote": gettext_lazy("The price had changed: it was worked out again"),
    "take_yes_back": gettext_lazy("The family took its yes back"),
    "raise_approval": gettext_lazy("Nobody answered, so one level up was asked"),
    "approval_overdue": gettext_lazy("Nobody answered, so the administrators were told"),
    "commission": gettext_lazy("Set the money aside"),
    "book": gettext_lazy("Booked it"),
    "hand_over": gettext_lazy("Handed it over"),
    "ask_approval": gettext_lazy("Asked for approval of the cost"),
    "approve": gettext_lazy("Approved the cost"),
    "refuse_approval": gettext_lazy("Said no to the cost"),
    "chased": gettext_lazy("Chased what was promised"),
    "promise": gettext_lazy("Promised something"),
    "kept": gettext_lazy("Kept what was promised"),
    "nudged": gettext_lazy("Reminded of what is due"),
    "escalated": gettext_lazy("It stayed late: those above were told"),
    "pause": gettext_lazy("Paused it"),
    "go_on": gettext_lazy("Let it go on"),
    "take": gettext_lazy("Took it on"),
    "put_back": gettext_lazy("Put it back for all"),
    "left_to_administrator": gettext_lazy("Nobody was there for it: those in charge were told"),
    "fall_through": gettext_lazy("The booking fell through"),
    "cancel": gettext_lazy("Cancelled it; the money went back"),
    "complete": gettext_lazy("Finished it"),
    "decline": gettext_lazy("Said no"),
    "withdraw": gettext_lazy("Stopped it"),
    "expire": gettext_lazy("It ran out without an answer"),
    "ask_time": gettext_lazy("Asked for a time"),
    "accept": gettext_lazy("Accepted the time"),
    "decline_time": gettext_lazy("Could not do the time"),
    "offer_time": gettext_lazy("Offered another time"),
    "take_offer": gettext_lazy("Took the time that was offered"),
    "cancel_time": gettext_lazy("Cancelled the time"),
    "reopen": gettext_lazy("Took it up again"),
    "tell_ending": gettext_lazy("The family said how it went"),
    "delivered": gettext_lazy("It took place"),
    "did_not_come": gettext_lazy("They did not come"),
    "was_not_brought": gettext_lazy("They were not brought"),
    "did_not_happen": gettext_lazy("It could not be given"),
}
# What a person's timeline tells of.
KINDS = ("referral", "booking", "session")
MOST_OF_ONE = 40
PER_PAGE = 25


@dataclass(frozen=True)
class Item:
    """One line of the timeline."""

    what: str
    at: datetime
    who: str
    note: str
    rule: str = ""
    """Under whose agreement it was done, in words."""
    rule_href: str = ""
    """Where the rule is read as it was that day."""
    about: str = ""
    about_href: str = ""


@doors.staff(*desk.ROLES)
def person(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, person: uuid.UUID
) -> HttpResponse:
    """Show what happened for one person of a household, newest first, in pages."""
    family = desk.open_family(visit, reference)
    found = next((one for one in desk.people(visit, family) if one.reference == person), None)
    if found is None:
        raise Http404
    page_obj = Paginator(of_person(visit, found), PER_PAGE).get_page(request.GET.get("page"))
    events = list(page_obj)
    theirs = visit.visible(Referral.objects.filter(person=found))
    return render(
        request,
        "advocate/timeline.html",
        {
            "family": family,
            "person": found,
            "page_obj": page_obj,
            "items": in_words(events, about=abouts(visit, events, page="advocate_referral")),
            "circles": ending_forms.in_words(loops.of(theirs)),
        },
    )


@dataclass(frozen=True)
class About:
    """Which service a line is about, and where the reader finds the request."""

    words: str
    href: str


def of(visit: doors.Visit, referral: Referral) -> list[Item]:
    """Return the last of what happened to a referral and its bookings, newest first."""
    bookings = Booking.objects.filter(referral=referral).values_list("reference", flat=True)
    found = visit.visible(Event.objects.filter(subject__in=[referral.reference, *bookings]))
    events = list(found.select_related("text").order_by("-at", "-pk")[:MOST_OF_ONE])
    return in_words(events)


def of_person(visit: doors.Visit, person: Person) -> QuerySet[Event]:
    """Return the lines of a person's timeline that the reader may know of, newest first."""
    records = Person.objects.every_record_of([person.pk])
    found = Event.objects.filter(person__in=records, subject_kind__in=KINDS)
    rows: QuerySet[Event] = visit.visible(found).select_related("text").order_by("-at", "-pk")
    return rows


def in_words(
    events: Sequence[Event], *, about: Mapping[uuid.UUID, About] | None = None
) -> list[Item]:
    """Return lines of history, newest first, in words; four queries, however many they are."""
    users = _named(User, [event.actor_reference for event in events if _is_person(event)])
    organisations = _named(Organisation, [event.organisation_reference for event in events])
    persons = {
        str(person.reference): person.first_name
        for person in Person.objects.filter(reference__in=_some(e.on_behalf_of for e in events))
    }
    rules = {
        str(rule.reference): rule.agreement.owner.name
        for rule in Rule.objects.filter(
            reference__in=_some(event.rule for event in events)
        ).select_related("agreement__owner")
    }
    return [
        _item(event, users, organisations, persons, rules, (about or {}).get(event.subject))
        for event in reversed(_whole(list(reversed(events))))
    ]


def abouts(visit: doors.Visit, events: Sequence[Event], *, page: str) -> dict[uuid.UUID, About]:
    """Return the service and the request behind each line's subject; three queries for all."""
    subjects = {event.subject for event in events}
    referrals = visit.visible(Referral.objects.select_related("service"))
    found: dict[uuid.UUID, Referral] = {}
    for path in ("reference", "bookings__reference", "bookings__sessions__reference"):
        rows = referrals.filter(**{f"{path}__in": subjects}).annotate(line_of=F(path))
        found |= {row.line_of: row for row in rows}
    return {
        subject: About(row.service.name, reverse(page, kwargs={"reference": row.reference}))
        for subject, row in found.items()
    }


def _item(
    event: Event,
    users: dict[str, str],
    organisations: dict[str, str],
    persons: dict[str, str],
    rules: dict[str, str],
    about: About | None,
) -> Item:
    owner = rules.get(str(event.rule), "") if event.rule is not None else ""
    day = timezone.localdate(event.at).isoformat()
    return Item(
        what=_what(event),
        at=event.at,
        who=_who(event, users, organisations, persons),
        note=_note(event),
        rule=_("Under the agreement with %(owner)s") % {"owner": owner} if owner else "",
        rule_href=f"{reverse('rule', args=[event.rule])}?on={day}" if owner else "",
        about=about.words if about else "",
        about_href=about.href if about else "",
    )


def _whole(events: list[Event]) -> list[Event]:
    """Return one line an act: an act that climbed several rungs wrote an event for each."""
    kept: list[Event] = []
    for event in events:
        last = kept[-1] if kept else None
        same = last is not None and (last.verb, last.at, last.actor_reference) == (
            event.verb,
            event.at,
            event.actor_reference,
        )
        if same:
            kept[-1] = event
        else:
            kept.append(event)
    return kept


def _what(event: Event) -> str:
    name = event.to_state if event.subject_kind == "session" else event.verb
    words = str(WHAT.get(name, name.replace("_", " ").capitalize()))
    if event.subject_kind == "session":
        return words
    if event.from_state and event.from_state != event.to_state and event.to_state in Rung.values:
        return _("%(what)s: now “%(rung)s”") % {
            "what": words,
            "rung": alongside.rung_words(event.to_state),
        }
    return words


def _who(
    event: Event, users: dict[str, str], organisations: dict[str, str], persons: dict[str, str]
) -> str:
    if event.actor_kind == ActorKind.CLOCK:
        return _("by itself")
    name = users.get(event.actor_reference, "")
    parts = [name, organisations.get(str(event.organisation_reference), "")]
    who = ", ".join(part for part in parts if part)
    whose = persons.get(str(event.on_behalf_of), "")
    return _("%(who)s, for %(name)s") % {"who": who, "name": whose} if whose else who


def _note(event: Event) -> str:
    parts = []
    if event.reason in EndReason.values:
        parts.append(str(EndReason(event.reason).label) + ".")
    if event.verb == "pause" and event.reason in PauseReason.values:
        parts.append(str(PauseReason(event.reason).label) + ".")
    text = getattr(event, "text", None)
    if text is not None:
        parts.append(f"“{text.text}”")
    return " ".join(parts)


def _is_person(event: Event) -> bool:
    return event.actor_kind == ActorKind.PERSON


def _some(references: Iterable[uuid.UUID | str | None]) -> set[uuid.UUID]:
    return {uuid.UUID(str(reference)) for reference in references if reference}


def _named(
    model: type[User] | type[Organisation], references: Iterable[uuid.UUID | str | None]
) -> dict[str, str]:
    rows = model._default_manager.filter(reference__in=_some(references))
    return {str(reference): name for reference, name in rows.values_list("reference", "name")}
