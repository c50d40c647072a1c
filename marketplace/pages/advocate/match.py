"""A mentor for somebody: who fits her and a goal of hers, and why."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from budgets.models import Family, Goal, Person
from cms.models import Service, Term, TermTaxonomy, Weekday
from marketplace.pages import doors, mentor_forms, mentors_shown
from marketplace.pages.advocate import desk, questions
from marketplace.referrals import matches, matching

MOST = 6
PARTS = {"morning": (9, 12), "afternoon": (12, 17), "evening": (17, 21)}


class Wanted(forms.Form):
    """For whom, for which goal, and what she likes: nothing of it is kept."""

    person = questions.Named(
        words="first_name",
        label=_("For whom?"),
        queryset=Person.objects.none(),
        to_field_name="reference",
        empty_label=None,
    )
    goal = questions.Named(
        words="words",
        label=_("For which goal?"),
        queryset=Goal.objects.none(),
        to_field_name="reference",
        required=False,
        empty_label=_("All that they want to change"),
    )
    language = questions.Named(
        words="shown",
        label=_("Which language?"),
        queryset=Term.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("English"),
    )
    day = forms.ChoiceField(
        label=_("Free on"), choices=[("", _("Any day")), *Weekday.choices], required=False
    )
    part = forms.ChoiceField(
        label=_("When in the day?"),
        choices=[
            ("", _("At any time")),
            ("morning", _("In the morning")),
            ("afternoon", _("In the afternoon")),
            ("evening", _("In the evening")),
        ],
        required=False,
    )
    interest = mentor_forms.Terms(
        label=_("What do they like?"),
        help_text=_("What they told us themselves counts already."),
        queryset=None,
        to_field_name="slug",
        required=False,
    )

    def __init__(self, data: Any, *, people: list[Person], goals: Any) -> None:
        super().__init__(data)
        at_home = Person.objects.filter(pk__in=[one.pk for one in people])
        questions.choose(self, "person", at_home.order_by("born_on", "pk"))
        questions.choose(self, "goal", goals)
        languages = mentor_forms.terms_of(TermTaxonomy.LANGUAGE).exclude(slug="english")
        questions.choose(self, "language", languages)
        questions.choose(self, "interest", mentor_forms.terms_of(TermTaxonomy.INTEREST))

    def hours(self) -> tuple[matching.Hours, ...]:
        """Return the hours that were said; none where neither day nor part of the day was."""
        start, end = PARTS.get(self.cleaned_data["part"], (8, 21))
        days = [int(day) for day in self.cleaned_data["day"]]
        if not days and self.cleaned_data["part"]:
            days = [*Weekday.values]
        return tuple(matching.Hours(day, start * 60, end * 60) for day in days)


@dataclass(frozen=True)
class Fitting:
    """One mentor who fits: as everybody may see her, why, and where to ask."""

    service: Service
    mentor: mentors_shown.Shown
    reasons: tuple[str, ...]
    ask_href: str


@doors.staff(*desk.ROLES)
def page(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show who fits somebody of a household, and why.

    Goals that somebody keeps to herself are left out: this page is looked at together.
    """
    family = desk.open_family(visit, reference)
    people = desk.people(visit, family)
    goals = visit.visible(Goal.objects.open().filter(plan__family=family, is_confidential=False))
    goals = goals.select_related("term", "person").order_by("position", "pk")
    data = request.GET.copy()
    if not data.get("person") and people:
        data["person"] = str(people[0].reference)
    form = Wanted(data, people=people, goals=goals)
    found = _found(visit, family, form, list(goals)) if people and form.is_valid() else []
    context = {"family": family, "form": form, "found": found, "misread": not form.is_valid()}
    return render(request, "advocate/match.html", context)


def _found(visit: doors.Visit, family: Family, form: Wanted, goals: list[Goal]) -> list[Fitting]:
    said = form.cleaned_data
    person: Person = said["person"]
    own = [goal for goal in goals if goal.person_id in (None, person.pk)]
    asked = matches.Asked(
        person=person,
        family=family,
        goals=(said["goal"],) if said["goal"] else tuple(own),
        interests=tuple(said["interest"]),
        languages=(said["language"],) if said["language"] else (),
        hours=form.hours(),
    )
    query = {"person": str(person.reference)}
    if said["goal"]:
        query["goal"] = str(said["goal"].reference)
    return [
        Fitting(
            service=one.service,
            mentor=mentors_shown.shown(one.service, one.mentor),
            reasons=one.reasons,
            ask_href=f"{reverse('advocate_ask', args=[family.reference, one.service.slug])}"
            f"?{urlencode(query)}",
        )
        for one in matches.find(asked=asked, on=visit.today, most=MOST)
    ]
