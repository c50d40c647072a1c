"""One referral: where it stands, what can be done, whose turn it is, what happened."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Person
from cms.models import Step
from marketplace.bookings import cooling_off
from marketplace.bookings.models import Booking, Session, Slot
from marketplace.notices import topics
from marketplace.pages import changes, doors, limits, promising
from marketplace.pages.advocate import (
    before,
    desk,
    ending_forms,
    promises_shown,
    questions,
    steps,
    timeline,
)
from marketplace.pages.templatetags import alongside
from marketplace.referrals import amendments, approvals, parties, sittings
from marketplace.referrals.models import (
    Application,
    Approval,
    Promise,
    Referral,
    YesHow,
    YesThrough,
)

MOST_TIMES = 12


class Yes(forms.Form):
    """The family's yes, as it was told to the advocate."""

    person = questions.Named(
        words="first_name",
        label=gettext_lazy("Who said yes?"),
        queryset=Person.objects.none(),
        to_field_name="reference",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    through = forms.ChoiceField(
        label=gettext_lazy("How did they tell you?"),
        choices=[one for one in YesThrough.choices if one[0] != YesThrough.UNKNOWN],
        widget=forms.RadioSelect,
    )
    told_on = forms.DateField(label=gettext_lazy("On which day?"), widget=forms.DateInput)
    told = forms.BooleanField(label=gettext_lazy("They told me so, knowing what it costs"))

    def __init__(self, data: Any = None, *, people: list[Person], today: date) -> None:
        super().__init__(data, initial={"told_on": today})
        found = Person.objects.filter(pk__in=[person.pk for person in people])
        questions.choose(self, "person", found)
        if len(people) == 1:
            self.initial["person"] = people[0].reference


class Stop(forms.Form):
    """Why it is stopped, in the family's words."""

    words = forms.CharField(
        label=gettext_lazy("Why, in the family’s words?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@doors.staff(*desk.ROLES)
def referral(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one referral."""
    return page(request, visit, open_referral(visit, reference))


def open_referral(visit: doors.Visit, reference: uuid.UUID) -> Referral:
    """Open one referral, and record the look."""
    rows = Referral.objects.with_names().select_related(
        "goal", "need", "barrier", "plan", "referrer", "referrer_organisation", "yes_by"
    )
    found: Referral = visit.open(rows, reference=reference, kind="referral")
    return found


def page(
    request: HttpRequest,
    visit: doors.Visit,
    found: Referral,
    *,
    bound: Mapping[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a referral's page, with the form that was sent where it has to be put right."""
    bound = bound or {}
    shown = steps.shown(referral=found, by=visit.by, at=visit.at, bound=bound)
    context = {
        "referral": found,
        "acts": shown,
        "now": next((one for one in shown if one.is_next), None),
        "after": [one for one in shown if not one.is_next],
        "is_sitting": found.is_open and not found.handed_over_rung and _is_mine(visit, found),
        "may_go_on": sittings.can_go_on(referral=found, by=visit.by, at=visit.at),
        "promises": _promises(visit, found),
        "timeline": timeline.of(visit, found),
        "stop_form": bound.get("stop") or Stop(),
        "error_form": next(iter(bound.values()), None),
        "may_stop": found.is_open
        and parties.is_for_family(referral=found, by=visit.by, at=visit.at),
        "live_topics": topics.referral(found.reference),
        "form_key": request.POST.get("form_key"),
        **_yes(visit, found, bound),
        **_buying(visit, found, bound, shown),
        **_times(visit, found),
        **_about(visit, found),
        **promising.holding(visit, found, door="advocate"),
        **ending_forms.context(visit, found, bound),
    }
    return render(request, "advocate/referral.html", context, status=status)


def _is_mine(visit: doors.Visit, found: Referral) -> bool:
    organisation = found.referrer_organisation
    return organisation is not None and organisation.reference == visit.by.organisation


def _promises(visit: doors.Visit, found: Referral) -> list[promises_shown.Shown]:
    owed = visit.visible(Promise.objects.open().filter(referral=found))
    return promises_shown.shown(promises_shown.fetched(owed).order_by("due_on"), day=visit.today)


def _yes(visit: doors.Visit, found: Referral, bound: Mapping[str, forms.Form]) -> dict[str, Any]:
    """Return the form for the family's yes where it is wanted and hers to record."""
    people = parties.deciders(referral=found, on=visit.today)
    said = None
    if found.yes_by is not None:
        how = YesHow(found.yes_how).label if found.yes_how else ""
        said = _("%(name)s said yes: %(how)s") % {
            "name": found.yes_by.first_name,
            "how": str(how).lower(),
        }
        if found.yes_told_on is not None:
            said += _(", %(through)s, on %(day)s") % {
                "through": str(YesThrough(found.yes_through).label).lower(),
                "day": alongside.day(found.yes_told_on),
            }
    return {
        "yes_form": bound.get("yes") or Yes(people=people, today=visit.today),
        "may_record_yes": parties.represents(user=visit.user, person=found.person, on=visit.today),
        "said_yes": said,
    }


def _buying(
    visit: doors.Visit,
    found: Referral,
    bound: Mapping[str, forms.Form],
    shown: list[steps.Shown],
) -> dict[str, Any]:
    """Return what is asked before buying, the limits it counts against, and who approves."""
    now = next((one for one in shown if one.is_next), None)
    is_buying = now is not None and now.act.step == Step.COMMISSION
    waiting = (
        Approval.objects.waiting().filter(referral=found).select_related("organisation").first()
    )
    return {
        "before_form": (
            bound.get("before") or before.form(visit, found)
            if now is not None and now.needs_weighing
            else None
        ),
        "limits": (
            limits.of_whoever_asks(visit, found, now.act.rule) if now and is_buying else None
        ),
        "approval": waiting,
        "next_level": (
            approvals.next_level(referral=found, by=visit.by, at=visit.at)
            if now is not None and now.act.needs_approval and waiting is None
            else None
        ),
        "may_take_back": cooling_off.is_open(found)
        and parties.has_their_word(referral=found, by=visit.by, at=visit.at),
        "beside": before.offered_beside(visit, found),
        "asked_beside": before.asked_beside(visit, found),
    }


def _times(visit: doors.Visit, found: Referral) -> dict[str, Any]:
    live = (
        Booking.objects.live()
        .filter(referral=found)
        .prefetch_related("sessions__slot__place")
        .first()
    )
    past = (
        Booking.objects.filter(referral=found, state="declined").order_by("-answered_at").first()
        if live is None
        else None
    )
    wants = live is None and (
        found.is_commissioned or (found.service.is_universal and found.rung == "signposted")
    )
    free = Slot.objects.none()
    if wants:
        free = Slot.objects.free(visit.at).filter(service=found.service).select_related("place")
    return {
        "booking": live,
        "declined_booking": past,
        "wants_time": wants,
        "slots": list(free.order_by("starts_at")[:MOST_TIMES]),
        "sessions": list(live.sessions.order_by("starts_at")) if live else _had(found),
    }


def _had(found: Referral) -> list[Session]:
    return list(Session.objects.filter(booking__referral=found).order_by("starts_at")[:20])


def _about(visit: doors.Visit, found: Referral) -> dict[str, Any]:
    application = Application.objects.filter(referral=found).first()
    texts = {question.key: question.text for question in found.service.questions.all()}
    answers = application.answers if application else {}
    return {
        "answers": [{"key": texts.get(key, key), "value": value} for key, value in answers.items()],
        "application": application,
        "changes": changes.of(visit, found) if application else [],
        "may_amend": application is not None
        and amendments.can_amend(referral=found, by=visit.by, at=visit.at),
        "alternatives": list(found.alternatives.all()) if not found.is_open else [],
        "back_href": reverse("advocate_family", args=[found.family.reference]),
    }
