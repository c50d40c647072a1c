"""Mentors who fit somebody at home and what she wants to change, with the reasons."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from budgets.models import Goal, Person
from cms.models import Service, Term
from marketplace.pages import doors, mentors_shown
from marketplace.pages.family import household
from marketplace.referrals import matches


@dataclass(frozen=True)
class Fitting:
    """One mentor who fits: as everybody may see her, why, and where to ask."""

    service: Service
    mentor: mentors_shown.Shown
    reasons: tuple[str, ...]
    ask_href: str


def of(
    visit: doors.Visit,
    home: household.Household,
    person: Person,
    *,
    goals: list[Goal],
    goal: Goal | None,
    issue: Term | None,
) -> list[Fitting]:
    """Return the mentors who fit one person best today; a chosen goal or issue counts alone."""
    own = [one for one in goals if one.person_id in (None, person.pk)]
    wanted = [goal] if goal is not None else [] if issue is not None else own
    asked = matches.Asked(
        person=person,
        family=home.family,
        goals=tuple(wanted),
        issue=issue,
        is_herself=person.pk == home.person.pk,
    )
    query = {"for": str(person.reference)} | ({"goal": str(goal.reference)} if goal else {})
    return [
        Fitting(
            service=one.service,
            mentor=mentors_shown.shown(one.service, one.mentor),
            reasons=one.reasons,
            ask_href=f"{reverse('family_ask', args=[one.service.slug])}?{urlencode(query)}",
        )
        for one in matches.find(asked=asked, on=visit.today)
    ]
