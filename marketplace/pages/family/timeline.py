"""What has happened, in plain words: places and the family, never a worker.

With one request, or page by page for one person: herself, or a child she decides for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Event
from cms.models import Organisation
from marketplace.authority.models import Rule
from marketplace.bookings.models import Session
from marketplace.pages import doors
from marketplace.pages.advocate import timeline as staff
from marketplace.pages.family import household
from marketplace.people.models import User
from marketplace.referrals.models import Referral

SAYS = {
    ("referral", "signpost"): gettext_lazy("First talked about"),
    ("referral", "check_eligibility"): gettext_lazy("Checked that it fits"),
    ("referral", "take_application"): gettext_lazy("The form was sent"),
    ("referral", "take_up"): gettext_lazy("Asked for it"),
    ("referral", "amend"): gettext_lazy("Changed what was told"),
    ("referral", "decide_eligibility"): gettext_lazy("Agreed that you can have it"),
    ("referral", "assess"): gettext_lazy("Worked out how much help"),
    ("referral", "diagnose"): gettext_lazy("Seen by somebody who knows about this"),
    ("referral", "say_yes"): gettext_lazy("Said yes"),
    ("referral", "weigh"): gettext_lazy("Said what it is for"),
    ("referral", "requote"): gettext_lazy("The price changed, so you are asked again"),
    ("referral", "take_yes_back"): gettext_lazy("Took the yes back"),
    ("referral", "raise_approval"): gettext_lazy("Asked somebody higher up about the cost"),
    ("referral", "approval_overdue"): gettext_lazy("It was late, so those in charge were told"),
    ("referral", "commission"): gettext_lazy("Money set aside"),
    ("referral", "ask_approval"): gettext_lazy("Asked for a yes to the cost"),
    ("referral", "approve"): gettext_lazy("Said yes to the cost"),
    ("referral", "refuse_approval"): gettext_lazy("Said no to the cost"),
    ("referral", "chased"): gettext_lazy("It was late, so they were chased"),
    ("referral", "promise"): gettext_lazy("Promised you something"),
    ("referral", "kept"): gettext_lazy("Did what was promised"),
    ("referral", "escalated"): gettext_lazy("Still late, so whoever is in charge was told"),
    ("referral", "pause"): gettext_lazy("Put on hold for a while"),
    ("referral", "go_on"): gettext_lazy("Went on again"),
    ("referral", "left_to_administrator"): gettext_lazy(
        "Nobody was there for it, so whoever is in charge was told"
    ),
    ("referral", "hand_over"): gettext_lazy("Passed on to whoever is next"),
    ("referral", "cancel"): gettext_lazy("Money went back to what is left"),
    ("referral", "fall_through"): gettext_lazy("The booking was stopped"),
    ("referral", "complete"): gettext_lazy("Finished"),
    ("referral", "decline"): gettext_lazy("Said no"),
    ("referral", "withdraw"): gettext_lazy("Stopped"),
    ("referral", "expire"): gettext_lazy("Nobody said yes or no, so it ended"),
    ("referral", "reopen"): gettext_lazy("Asked them to look again"),
    ("referral", "tell_ending"): gettext_lazy("You said how it went"),
    ("booking", "ask_time"): gettext_lazy("Asked for a time"),
    ("booking", "accept"): gettext_lazy("Said yes to the time"),
    ("booking", "decline_time"): gettext_lazy("Could not do that time"),
    ("booking", "offer_time"): gettext_lazy("Offered another time"),
    ("booking", "take_offer"): gettext_lazy("Took the other time"),
    ("booking", "cancel_time"): gettext_lazy("Stopped the booking"),
    ("session", "delivered"): gettext_lazy("It took place"),
    ("session", "did_not_come"): gettext_lazy("Nobody could come"),
    ("session", "was_not_brought"): gettext_lazy("It could not take place"),
    ("session", "did_not_happen"): gettext_lazy("They could not do it"),
}


PER_PAGE = 20
# The lines that have words for a family.
_SAID = Q(subject_kind="session") | Q(
    subject_kind__in=["referral", "booking"],
    verb__in=sorted({name for kind, name in SAYS if kind != "session"}),
)


@dataclass(frozen=True)
class Moment:
    """One thing that happened."""

    what: str
    at: datetime
    who: str
    note: str
    rule: str = ""
    rule_href: str = ""
    about: str = ""
    about_href: str = ""


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show what has happened for herself, or for a child she decides for, in pages."""
    home = household.of(visit)
    person = home.find(request.GET.get("for", ""))
    events = staff.of_person(visit, person).filter(_SAID)
    page_obj = Paginator(events, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page_obj)
    about = staff.abouts(visit, rows, page="family_referral")
    return render(
        request,
        "family/timeline.html",
        {
            "person": person,
            "name": home.called(person),
            "is_self": person.pk == home.person.pk,
            "others": [one for one in home.own if one.pk != person.pk],
            "page_obj": page_obj,
            "moments": _told(rows, visit=visit, home=home, about=about),
        },
    )


def of(referral: Referral, *, visit: doors.Visit, home: household.Household) -> list[Moment]:
    """Return what happened with a request, the latest first; one act is told once."""
    bookings = list(referral.bookings.values_list("reference", flat=True))
    sessions = Session.objects.filter(booking__referral=referral)
    subjects = [referral.reference, *bookings, *sessions.values_list("reference", flat=True)]
    found = (
        visit.visible(Event.objects.filter(subject__in=subjects))
        .select_related("text")
        .order_by("at", "pk")
    )
    return _told(list(found), visit=visit, home=home)[::-1]


def _told(
    events: Iterable[Event],
    *,
    visit: doors.Visit,
    home: household.Household,
    about: Mapping[UUID, staff.About] | None = None,
) -> list[Moment]:
    kept = list(events)
    rules = {
        rule.reference: rule.agreement.owner.name
        for rule in Rule.objects.filter(
            reference__in={event.rule for event in kept} - {None}
        ).select_related("agreement__owner")
    }
    places = {
        place.reference: place.name
        for place in Organisation.objects.filter(
            reference__in={event.organisation_reference for event in kept} - {None}
        )
    }
    people = {
        str(user.reference): home.called(user.person)
        for user in User.objects.filter(
            person__in=[person.pk for person in (*home.at_home, *home.own)]
        ).select_related("person")
    }
    told: dict[tuple[str, datetime, UUID], Moment] = {}
    for event in kept:
        what = _what(event)
        if what:
            who = places.get(event.organisation_reference) if event.organisation_reference else None
            who = who or people.get(event.actor_reference, "")
            text = getattr(event, "text", None)
            owner = rules.get(event.rule, "") if event.rule else ""
            of_what = (about or {}).get(event.subject)
            moment = Moment(
                what=what,
                at=event.at,
                who=who[:1].upper() + who[1:],
                note=text.text if text is not None else "",
                rule=_("By a rule of %(owner)s") % {"owner": owner} if owner else "",
                rule_href=_rule_href(event) if owner else "",
                about=of_what.words if of_what else "",
                about_href=of_what.href if of_what else "",
            )
            told.setdefault((what, event.at, event.subject), moment)
    return list(told.values())


def _rule_href(event: Event) -> str:
    day = timezone.localdate(event.at).isoformat()
    return f"{reverse('rule', args=[event.rule])}?on={day}"


def _what(event: Event) -> str:
    name = event.to_state if event.subject_kind == "session" else event.verb
    return str(SAYS.get((event.subject_kind, name), ""))
