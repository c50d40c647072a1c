"""Choosing: for whom, by what should change, with the price and what would be left after."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets import funds
from budgets.models import Goal, Person
from cms import catalogue
from cms.models import Listing, Service, Term, TermTaxonomy
from marketplace.pages import doors
from marketplace.pages.family import forms, household, matched, reach, words
from marketplace.pages.family import money as amounts
from marketplace.pages.public import cards
from pricing import money

PER_PAGE = 10


@dataclass(frozen=True)
class Choice:
    """One service to choose, with what it would do to the money."""

    card: cards.Choice
    whole: str
    after: str
    fits: bool
    reach: reach.Reach
    ask_href: str


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what fits one person and what should change."""
    home = household.of(visit)
    goals = wishes(visit, home, home.own)
    chosen = request.GET.get("change", "")
    goal = next((goal for goal in goals if chosen == f"goal-{goal.reference}"), None)
    # A goal that is somebody's own says for whom it is.
    person = (goal.person if goal else None) or home.find(request.GET.get("for", ""))
    issues = list(Term.objects.of(TermTaxonomy.ISSUE).order_by("plain_name", "name"))
    form = forms.ChooseForm(
        {"for": str(person.reference), "change": chosen},
        home=home,
        goals=goals,
        issues=issues,
    )
    issue = next((term for term in issues if chosen == f"issue-{term.slug}"), None)
    found = _found(visit, home, person, goal=goal, issue=issue)
    is_all = not found.exists() and (goal is not None or issue is not None)
    if is_all:
        found = _found(visit, home, person, goal=None, issue=None)
    fetched = found.prefetch_related("service__terms", "service__processes")
    page_obj = Paginator(fetched, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "family/choose.html",
        {
            "form": form,
            "person": home.called(person),
            "choices": choices(list(page_obj), visit, home, person, goal),
            "page_obj": page_obj,
            "count": page_obj.paginator.count,
            "is_all": is_all,
            "matched": matched.of(visit, home, person, goals=goals, goal=goal, issue=issue),
        },
    )


def wishes(visit: doors.Visit, home: household.Household, persons: Iterable[Person]) -> list[Goal]:
    """Return the goals, still to reach, of these persons and of all of us."""
    if home.plan is None:
        return []
    found = visit.visible(Goal.objects.open().filter(plan=home.plan)).select_related(
        "term", "person"
    )
    theirs = found.filter(Q(person=None) | Q(person__in=[person.pk for person in persons]))
    return list(theirs.order_by("position", "pk"))


def choices(
    listed: list[Listing],
    visit: doors.Visit,
    home: household.Household,
    person: Person,
    goal: Goal | None,
) -> list[Choice]:
    """Return rows of the search as choices for one person."""
    plan = home.plan
    left = amounts.of(visit, plan, year=funds.year_of(visit.today)).left_pence if plan else None
    prices = {row.service_id: whole_pence(row) or 0 for row in listed}
    reaches = reach.of(
        [row.service for row in listed],
        prices=prices,
        day=visit.today,
        may_ask=plan is not None and plan.is_active and home.says_yes,
    )
    query = {"for": str(person.reference)} | ({"goal": str(goal.reference)} if goal else {})
    return [
        _choice(row, left=left, reach_of=reaches[row.service_id], query=query) for row in listed
    ]


def whole_pence(row: Listing) -> int | None:
    """Return what the usual offer of a service takes from the plan, in pence."""
    if row.price_from_pence is None:
        return None
    return 0 if row.service.is_statutory else row.price_from_pence * row.service.standard_quantity


def _choice(
    row: Listing, *, left: int | None, reach_of: reach.Reach, query: dict[str, str]
) -> Choice:
    card, pence = cards.choice(row), whole_pence(row)
    address = reverse("family_ask", kwargs={"slug": card.slug})
    return Choice(
        card=card,
        whole=_whole(row, pence),
        after=_after(pence, left),
        fits=pence is None or left is None or pence <= left,
        reach=reach_of,
        ask_href=f"{address}?{urlencode(query)}",
    )


def _whole(row: Listing, pence: int | None) -> str:
    if not pence or row.service.standard_quantity == 1:
        return ""
    much = words.units(row.service.standard_quantity, row.price_unit)
    return _("%(much)s: %(price)s") % {"much": much, "price": money.show(pence)}


def _after(pence: int | None, left: int | None) -> str:
    if pence is None or left is None or pence == 0:
        return ""
    if pence > left:
        return _("This is more than you have left.")
    return _("You would have %(left)s left.") % {"left": money.show(left - pence)}


def _found(
    visit: doors.Visit,
    home: household.Household,
    person: Person,
    *,
    goal: Goal | None,
    issue: Term | None,
) -> QuerySet[Listing]:
    term = issue or (goal.term if goal else None)
    text = goal.words if goal is not None and goal.term is None else ""
    return catalogue.search(
        on=visit.today,
        words=text,
        terms=[term] if term else [],
        district=home.family.district if home.family else "",
        age=person.age_on(visit.today),
    )


def offered(visit: doors.Visit) -> QuerySet[Service]:
    """Return the services that can be asked for today, with what asking needs."""
    return (
        Service.objects.offered(visit.today)
        .select_related("owner", "provider", "listing")
        .prefetch_related("terms", "processes", "criteria", "questions")
    )
