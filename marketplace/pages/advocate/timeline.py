"""A referral's history in words: who, for whom, when, what, under which rule."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import ActorKind, Event, Person
from cms.models import Organisation
from marketplace.authority.models import Rule
from marketplace.bookings.models import Booking
from marketplace.pages import doors
from marketplace.pages.templatetags import alongside
from marketplace.people.models import User
from marketplace.referrals.models import EndReason, Referral, Rung

WHAT: dict[str, object] = {
    "signpost": gettext_lazy("Told about it"),
    "check_eligibility": gettext_lazy("Checked who can have it"),
    "take_application": gettext_lazy("Sent the form"),
    "decide_eligibility": gettext_lazy("Decided: yes, they can have it"),
    "assess": gettext_lazy("Worked out how much"),
    "diagnose": gettext_lazy("Found the cause"),
    "say_yes": gettext_lazy("The family said yes"),
    "weigh": gettext_lazy("Said what it is for, and what could stop it"),
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
}


@dataclass(frozen=True)
class Item:
    """One line of the timeline."""

    what: str
    at: datetime
    who: str
    note: str


def of(visit: doors.Visit, referral: Referral) -> list[Item]:
    """Return what happened to a referral and its bookings, newest first, in five queries."""
    bookings = Booking.objects.filter(referral=referral).values_list("reference", flat=True)
    events = list(
        visit.visible(Event.objects.filter(subject__in=[referral.reference, *bookings]))
        .select_related("text")
        .order_by("at", "pk")
    )
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
        Item(
            what=_what(event),
            at=event.at,
            who=_who(event, users, organisations, persons),
            note=_note(event, rules),
        )
        for event in reversed(_whole(events))
    ]


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
    words = str(WHAT.get(event.verb, event.verb.replace("_", " ").capitalize()))
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


def _note(event: Event, rules: dict[str, str]) -> str:
    parts = []
    if event.reason in EndReason.values:
        parts.append(str(EndReason(event.reason).label) + ".")
    text = getattr(event, "text", None)
    if text is not None:
        parts.append(f"“{text.text}”")
    if event.rule is not None and str(event.rule) in rules:
        parts.append(_("Under the agreement with %(owner)s.") % {"owner": rules[str(event.rule)]})
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
