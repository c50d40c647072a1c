"""Who can have the organisation's services and how much, set where demand and money are seen."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms import criteria_versions
from cms.models import CriteriaSuggestion, CriteriaVersion, Service, Step
from marketplace.insight import turned_away
from marketplace.pages import doors
from marketplace.pages.commissioner import criteria_forms
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import (
    assessment,
    criteria,
    criteria_suggestions,
    eligibility,
    facts,
)
from pricing import money

PER_PAGE = 20
MOST_VERSIONS = 20
FIRST_YEAR = 2000


@dataclass(frozen=True)
class Rule:
    """A criterion in force, and how many it turned away."""

    sentence: str
    number: int


@dataclass(frozen=True)
class Row:
    """One service of the list."""

    service: Service
    rules: list[Rule]
    demand: turned_away.Demand


@dataclass(frozen=True)
class Suggestion:
    """What the provider suggests, and whether it is to the rules of today."""

    reason: str
    on: datetime
    rules: list[eligibility.Criterion]
    bands: list[assessment.Band]
    standard: int
    is_of_today: bool


@doors.staff(Role.COMMISSIONER)
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the organisation's services with their criteria, and what these did in a year."""
    page = Paginator(_services(visit).order_by("name", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    services = list(page)
    demand = turned_away.of(services=services, at=visit.at)
    rows = [
        Row(one, _rules(facts.criteria(one), demand[one.pk]), demand[one.pk]) for one in services
    ]
    return render(request, "commissioner/criteria.html", {"page_obj": page, "rows": rows})


@doors.staff(Role.COMMISSIONER)
def service(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Show one service's criteria, today or as they were on a day, and what they did."""
    found = get_object_or_404(_services(visit), slug=slug)
    day = min(_day(request.GET.get("on", "")) or visit.today, visit.today)
    demand = turned_away.of(services=[found], at=visit.at)[found.pk]
    then = criteria_versions.on(service=found, day=day)
    return render(
        request,
        "commissioner/criteria_service.html",
        {
            "service": found,
            "day": day,
            "is_today": day == visit.today,
            "version": then,
            "rules": _rules(facts.criteria_on(service=found, day=day), demand),
            "bands": then.content["bands"],
            "standard": then.content["standard_quantity"],
            "versions": _versions(found),
            "suggestion": _suggested(found) if day == visit.today else None,
            "form_key": "",
            "assesses": any(row.step == Step.ASSESS for row in found.processes.all()),
            **_demand(visit, demand),
        },
    )


@doors.staff(Role.COMMISSIONER)
def change(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Set the criteria and bands of a service from now on, with a reason."""
    found = get_object_or_404(_services(visit), slug=slug)
    suggestion = _suggested(found) if "suggested" in request.GET else None
    form = criteria_forms.Criteria(
        request.POST or None,
        rules=suggestion.rules if suggestion else facts.criteria(found),
        bands=suggestion.bands if suggestion else facts.bands(found),
        standard=suggestion.standard if suggestion else found.standard_quantity,
        was=criteria.number_now(found),
    )
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            verb = criteria_suggestions.take if suggestion else criteria.change
            verb(
                service=found,
                criteria=form.rules,
                bands=form.bands,
                standard_quantity=form.cleaned_data["standard"],
                reason=form.cleaned_data["reason"],
                was=form.cleaned_data["was"],
                by=visit.by,
                at=visit.at,
            )
            return reverse("commissioner_criteria_service", args=[found.slug])

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    demand = turned_away.of(services=[found], at=visit.at)[found.pk]
    context = {
        "service": found,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "suggestion": suggestion,
        "rules": _rules(facts.criteria(found), demand),
        **_demand(visit, demand),
    }
    status = 422 if form.errors else 200
    return render(request, "commissioner/criteria_change.html", context, status=status)


@require_POST
@doors.staff(Role.COMMISSIONER)
def decline(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Leave the criteria as they are, and tell the provider who suggested others why."""
    found = get_object_or_404(_services(visit), slug=slug)
    back = reverse("commissioner_criteria_service", args=[found.slug])

    def act() -> str:
        answer = request.POST.get("answer", "")[:1000]
        criteria_suggestions.decline(service=found, answer=answer, by=visit.by, at=visit.at)
        messages.success(request, _("The provider is told."))
        return back

    return doors.perform(request, visit, act, back=back)


@doors.staff(Role.COMMISSIONER)
def about(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Lead from a message to the service it is about."""
    found = get_object_or_404(_services(visit), reference=reference)
    return redirect("commissioner_criteria_service", found.slug)


def _suggested(found: Service) -> Suggestion | None:
    row = CriteriaSuggestion.objects.waiting().filter(service=found).first()
    if row is None:
        return None
    return Suggestion(
        reason=row.reason,
        on=row.suggested_at,
        rules=criteria_suggestions.rules(row),
        bands=criteria_suggestions.bands(row),
        standard=row.content["standard_quantity"],
        is_of_today=row.made_to == criteria.number_now(found),
    )


def _services(visit: doors.Visit) -> Any:
    return (
        Service.objects.standing(visit.today)
        .filter(owner=visit.organisation)
        .select_related("owner", "provider")
        .prefetch_related("criteria", "bands", "processes")
    )


def _rules(rules: list[eligibility.Criterion], demand: turned_away.Demand) -> list[Rule]:
    return [Rule(rule.sentence, demand.number_of(rule.sentence)) for rule in rules]


def _demand(visit: doors.Visit, demand: turned_away.Demand) -> dict[str, Any]:
    left = turned_away.left_pence(organisation=visit.organisation, at=visit.at)
    return {
        "demand": demand,
        "figures": [
            {"label": _("Asked for it"), "shown": f"{demand.asked:,}"},
            {"label": _("Were agreed"), "shown": f"{demand.agreed:,}"},
            {"label": _("Were turned away"), "shown": f"{demand.people_turned_away:,}"},
            {
                "label": _("Spent on it or set aside"),
                "shown": money.show(demand.spent_pence + demand.set_aside_pence),
            },
            {"label": _("Left in your funds"), "shown": money.show(left)},
        ],
    }


def _versions(found: Service) -> list[dict[str, Any]]:
    rows: list[CriteriaVersion] = list(found.criteria_versions.order_by("-number")[:MOST_VERSIONS])
    references = {row.set_by for row in rows if row.set_by}
    names = {
        str(user.reference): user.name for user in User.objects.filter(reference__in=references)
    }
    return [{"version": row, "who": names.get(row.set_by, "")} for row in rows]


def _day(text: str) -> date | None:
    """Return the day that is meant; none where no criteria could have been in force."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None
