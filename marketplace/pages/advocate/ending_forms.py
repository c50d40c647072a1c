"""How something ends, and how it is taken up again: the forms, and what a referral's page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy

from budgets.models import Person
from marketplace.pages import doors
from marketplace.pages.advocate import questions
from marketplace.referrals import endings, loops, parties, reopenings
from marketplace.referrals.models import (
    Ending,
    GoalMet,
    Referral,
    Rung,
    WhatNext,
    WhyEnds,
    YesHow,
)


class Finish(forms.Form):
    """What the family said at the end: was the goal met, why it ends, what comes next."""

    told_by = questions.Named(
        words="first_name",
        label=gettext_lazy("Who told you?"),
        queryset=Person.objects.none(),
        to_field_name="reference",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Was the goal met, as they see it?"),
        choices=[
            (GoalMet.MET, gettext_lazy("Yes")),
            (GoalMet.PARTLY, gettext_lazy("Partly")),
            (GoalMet.NOT_MET, gettext_lazy("No")),
        ],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("How was it, in their words?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    why = forms.ChoiceField(
        label=gettext_lazy("Why does it end, as they see it?"),
        choices=WhyEnds.choices,
        widget=forms.RadioSelect,
    )
    next = forms.ChoiceField(
        label=gettext_lazy("What do they want next?"),
        choices=WhatNext.choices,
        widget=forms.RadioSelect,
    )
    next_words = forms.CharField(
        label=gettext_lazy("More about what comes next"), max_length=500, required=False
    )

    def __init__(self, data: Any = None, *, people: list[Person]) -> None:
        super().__init__(data)
        found = Person.objects.filter(pk__in=[person.pk for person in people])
        questions.choose(self, "told_by", found)
        if len(people) == 1:
            self.initial["told_by"] = people[0].reference

    def told(self) -> endings.Told:
        """Return what a valid form says."""
        said = self.cleaned_data
        return endings.Told(
            by=said["told_by"],
            how=YesHow.TOLD_ADVOCATE,
            goal_met=GoalMet(said["reason"]),
            why=WhyEnds(said["why"]),
            next=WhatNext(said["next"]),
            words=said["words"],
            next_words=said["next_words"],
        )


class Reopen(forms.Form):
    """What has changed since it ended."""

    note = forms.CharField(
        label=gettext_lazy("What has changed?"),
        help_text=gettext_lazy("The service reads it. What was answered before is kept."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@dataclass(frozen=True)
class Circle:
    """A circle somebody was sent round, in words."""

    whom: str
    words: str
    need: str
    loop: loops.Loop


def finish(visit: doors.Visit, found: Referral, data: Any = None) -> Finish:
    """Return the form for the family's word; she herself or who decides may have said it."""
    people = [found.person, *parties.deciders(referral=found, on=visit.today)]
    return Finish(data, people=list(dict.fromkeys(people)))


def context(visit: doors.Visit, found: Referral, bound: Mapping[str, forms.Form]) -> dict[str, Any]:
    """Return what the page shows of the end: the forms, the family's word, circles."""
    is_ours = parties.tells_for(referral=found, by=visit.by, at=visit.at)
    ending = Ending.objects.filter(referral=found).select_related("told_by").first()
    is_to_tell = found.rung == Rung.COMPLETED and ending is None
    query = {"person": str(found.person.reference)}
    if found.goal is not None:
        query["goal"] = str(found.goal.reference)
    return {
        "finish_form": (
            bound.get("finish") or finish(visit, found)
            if is_ours and (found.is_booked or is_to_tell)
            else None
        ),
        "finish_href": reverse(
            "advocate_tell" if is_to_tell else "advocate_complete", args=[found.reference]
        ),
        "ending": ending,
        "ask_query": urlencode(query),
        "circles": circles(visit, found),
        **_again(visit, found, bound, is_ours=is_ours),
    }


def circles(visit: doors.Visit, found: Referral) -> list[Circle]:
    """Return the circles that this person was sent round and this service is in."""
    about = visit.visible(Referral.objects.filter(person=found.person, need=found.need))
    return [one for one in in_words(loops.of(about)) if found.service in one.loop.services]


def in_words(found: list[loops.Found]) -> list[Circle]:
    """Return circles in words: "Family support → Mentor → Family support"."""
    return [
        Circle(
            whom=one.person.first_name,
            words=" → ".join(service.name for service in one.loop.services),
            need=one.need,
            loop=one.loop,
        )
        for one in found
    ]


def _again(
    visit: doors.Visit, found: Referral, bound: Mapping[str, forms.Form], *, is_ours: bool
) -> dict[str, Any]:
    if found.is_open:
        before = found.reopened_from
        seen = before is not None and visit.visible(Referral.objects.filter(pk=before.pk)).exists()
        return {"reopened_from": before if seen else None}
    refusal = reopenings.why_not(referral=found, at=visit.at)
    again = getattr(refusal, "referral", None)
    if again is not None and not visit.visible(Referral.objects.filter(pk=again.pk)).exists():
        again = None
    return {
        "reopened_as": again,
        "reopen_form": (bound.get("reopen") or Reopen() if is_ours and refusal is None else None),
        "reopen_until": reopenings.last_moment(found) if refusal is None else None,
    }
