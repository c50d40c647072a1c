"""The plan: where we are heading, and what each of us wants to change, in our own words."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets import plans
from budgets.models import Goal, Person, Plan
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.family import acting, forms, household, words


@dataclass(frozen=True)
class Wish:
    """One goal, as its family reads it, and what the visitor may do with it."""

    goal: Goal
    now: str
    start: str
    can_change: bool
    can_rise: bool

    @property
    def is_better(self) -> bool:
        """Tell whether it has got better since the start."""
        return (self.goal.score_now or 0) > (self.goal.score_at_start or 0)


@dataclass(frozen=True)
class Voice:
    """What one person wants to change, or all of us together."""

    title: str
    wishes: tuple[Wish, ...]


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show the plan that the visitor may know."""
    home = household.of(visit)
    goals = _goals(visit, home.plan) if home.plan else []
    return render(
        request,
        "family/plan.html",
        {
            "home": home,
            "plan": home.plan,
            "voices": voices([goal for goal in goals if not goal.is_reached], home),
            "reached": [goal for goal in goals if goal.is_reached],
            "live_topics": topics.plan(home.family.reference) if home.family else "",
        },
    )


@doors.family
def add(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Add what somebody wants to change."""
    home = household.of(visit)
    plan = _plan(home)
    form = forms.GoalForm(request.POST or None, home=home)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def act() -> str:
            plans.add_goal(
                plan=plan,
                words=said["words"],
                person=said["person"],
                score_at_start=said["score"],
                is_confidential=said["is_secret"],
                by=acting.by(visit, said["person"] or home.person),
                at=visit.at,
            )
            return reverse("family_plan")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    context = {"form": form, "form_key": request.POST.get("form_key", "")}
    return render(request, "family/goal_add.html", context)


@doors.family
def goal(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Say where we are now with one goal."""
    home = household.of(visit)
    found = _own_goal(visit, home, reference)
    start = {"score": found.score_now} if found.score_now else None
    form = forms.ScoreForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            plans.score(
                goal=found,
                score=form.cleaned_data["score"],
                by=acting.by(visit, found.person or home.person),
                at=visit.at,
            )
            return reverse("family_plan")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    context = {
        "goal": found,
        "start": words.score(found.score_at_start),
        "form": form,
        "form_key": request.POST.get("form_key", ""),
    }
    return render(request, "family/goal.html", context)


@doors.family
@require_POST
def rise(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Move one goal above the one that the visitor sees over it."""
    home = household.of(visit)
    found = _own_goal(visit, home, reference)
    voice = [one for one in _goals(visit, home.plan) if one.person_id == found.person_id]
    above = [one for one in voice if not one.is_reached and one.position < found.position]
    back = reverse("family_plan")

    def act() -> str:
        if above:
            plans.put_before(
                goal=found,
                other=above[-1],
                by=acting.by(visit, found.person or home.person),
                at=visit.at,
            )
        return back

    return acting.perform(request, visit, act, back=back)


@doors.family
@require_POST
def reached(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Say that a goal was reached."""
    home = household.of(visit)
    found = _own_goal(visit, home, reference)
    back = reverse("family_plan")

    def act() -> str:
        plans.reach(
            goal=found,
            on=visit.today,
            by=acting.by(visit, found.person or home.person),
            at=visit.at,
        )
        return back

    return acting.perform(request, visit, act, back=back, done=_("You got there. Well done."))


def voices(goals: list[Goal], home: household.Household) -> list[Voice]:
    """Return goals by whose they are: all of us, then the visitor, then everybody else."""
    persons: list[Person | None] = [None, home.person]
    persons += [one for one in home.at_home if one.pk != home.person.pk]
    found = []
    for person in persons:
        theirs = [goal for goal in goals if goal.person_id == (person.pk if person else None)]
        if theirs:
            title = home.called(person)
            found.append(
                Voice(
                    title=title[:1].upper() + title[1:],
                    wishes=tuple(_wish(goal, place, home) for place, goal in enumerate(theirs)),
                )
            )
    return found


def _wish(goal: Goal, place: int, home: household.Household) -> Wish:
    can_change = can_be_changed(goal, home)
    return Wish(
        goal=goal,
        now=words.score(goal.score_now),
        start=words.score(goal.score_at_start),
        can_change=can_change,
        can_rise=can_change and place > 0,
    )


def can_be_changed(goal: Goal, home: household.Household) -> bool:
    """Tell whether a goal is the visitor's to change: the family's, her own, or her child's."""
    return goal.person_id is None or home.is_own(goal.person_id)


def _goals(visit: doors.Visit, plan: Plan | None) -> list[Goal]:
    found = visit.visible(Goal.objects.filter(plan=plan)).select_related("person")
    return list(found.order_by("position", "pk"))


def _own_goal(visit: doors.Visit, home: household.Household, reference: UUID) -> Goal:
    found = next((g for g in _goals(visit, home.plan) if g.reference == reference), None)
    if found is None or not can_be_changed(found, home):
        raise Http404
    return found


def _plan(home: household.Household) -> Plan:
    if home.plan is None:
        raise Http404
    return home.plan
