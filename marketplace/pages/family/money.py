"""Left, set aside and spent: in words, and as a list that adds up to the penny."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Case, CharField, Count, F, Min, Q, QuerySet, Sum, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets import balances, funds, ledger
from budgets.models import AccountKind, Envelope, Plan, Transfer
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.family import household
from marketplace.referrals.models import Referral
from pricing import money

PER_PAGE = 10
SET_ASIDE, SPENT, CAME_BACK, PUT_IN, WENT_BACK = "set_aside", "spent", "came_back", "in", "out"
TAGS = {
    SET_ASIDE: (gettext_lazy("Set aside"), "wait"),
    SPENT: (gettext_lazy("Spent"), "plain"),
    CAME_BACK: (gettext_lazy("Came back"), "good"),
    PUT_IN: (gettext_lazy("Put in"), "good"),
    WENT_BACK: (gettext_lazy("Went back"), "plain"),
}
KINDS = Case(
    When(debit__kind=AccountKind.FUND, then=Value(PUT_IN)),
    When(credit__kind=AccountKind.FUND, then=Value(WENT_BACK)),
    When(debit__kind=AccountKind.PROVIDER, then=Value(CAME_BACK)),
    When(phase="pending", then=Value(SET_ASIDE)),
    default=Value(SPENT),
    output_field=CharField(),
)
WHOSE = Case(
    When(
        Q(debit__kind=AccountKind.FUND) | Q(credit__kind=AccountKind.FUND),
        then=F("envelope__fund__organisation__name"),
    ),
    default=Value(""),
    output_field=CharField(),
)


@dataclass(frozen=True)
class Line:
    """One line of the list: what for, when, and how much in pence."""

    what: str
    detail: str
    at: datetime
    tag: str
    tone: str
    pence: int
    href: str = ""


def of(visit: doors.Visit, plan: Plan, *, year: int | None = None) -> balances.PlanMoney:
    """Return a plan's money as the visitor may know it: somebody else's secrets count as left."""
    known = visible(visit, plan).values("pk")
    hidden = Transfer.objects.filter(envelope__plan=plan).exclude(pk__in=known)
    return ledger.plan_balance(plan=plan, year=year, hidden=hidden)


def visible(visit: doors.Visit, plan: Plan) -> QuerySet[Transfer]:
    """Return the movements of a plan's money that the visitor may know of."""
    return visit.visible(Transfer.objects.filter(envelope__plan=plan))


def rows(visit: doors.Visit, plan: Plan, *, year: int) -> QuerySet[Transfer, dict[str, object]]:
    """Return the list's rows, newest first: what was set aside at once is one row."""
    stands = Q(phase="pending", settled_by__isnull=True) | Q(phase="posted")
    return (
        visible(visit, plan)
        .filter(stands, envelope__year=year)
        .order_by()
        .annotate(kind=KINDS, whose=WHOSE)
        .values("at", "subject", "person", "kind", "whose", service_name=F("service__name"))
        .annotate(pence=Sum("amount_pence"), count=Count("pk"), first=Min("pk"))
        .order_by("-at", "-first")
    )


def lines(visit: doors.Visit, home: household.Household, found: Iterable[object]) -> list[Line]:
    """Return rows as lines in words, each leading to what was asked for."""
    wanted = [row for row in found if isinstance(row, dict)]
    hrefs = _addresses(visit, [row["subject"] for row in wanted if row["subject"]])
    names = {person.pk: home.called(person) for person in (*home.at_home, *home.own)}
    return [_line(row, hrefs=hrefs, names=names) for row in wanted]


def set_aside(visit: doors.Visit, home: household.Household, plan: Plan, year: int) -> list[Line]:
    """Return what is set aside now, a line for each thing it is for."""
    found = [row for row in rows(visit, plan, year=year) if row["kind"] == SET_ASIDE]
    return lines(visit, home, found)


def year_words(year: int) -> str:
    """Return a financial year in words."""
    return _("April %(first)s to March %(last)s") % {"first": year, "last": year + 1}


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show the money of one year: words, the bar, then every line."""
    home = household.of(visit)
    if home.plan is None or home.family is None:
        return render(request, "family/money.html", {"home": home})
    this_year = funds.year_of(visit.today)
    years = list(Envelope.objects.filter(plan=home.plan).values_list("year", flat=True).distinct())
    asked = request.GET.get("year", "")
    year = next((one for one in years if str(one) == asked), this_year)
    page_obj = Paginator(rows(visit, home.plan, year=year), PER_PAGE).get_page(
        request.GET.get("page")
    )
    amounts = of(visit, home.plan, year=year)
    return render(
        request,
        "family/money.html",
        {
            "home": home,
            "money": amounts,
            "sums": sums(amounts),
            "page_obj": page_obj,
            "lines": lines(visit, home, page_obj),
            "year_words": year_words(year),
            "is_this_year": year == this_year,
            "other_years": [
                {"words": year_words(one), "href": f"{request.path}?year={one}"}
                for one in sorted({*years, this_year}, reverse=True)
                if one != year
            ],
            "live_topics": topics.plan(home.family.reference),
        },
    )


def sums(amounts: balances.PlanMoney) -> list[list[str]]:
    """Return how it adds up: what was put in, less what is set aside and spent, is what is left."""
    return [
        [_("Put in"), money.show(amounts.total_pence)],
        [_("Set aside"), money.show(-amounts.set_aside_pence or 0)],
        [_("Spent"), money.show(-amounts.spent_pence or 0)],
    ]


def _addresses(visit: doors.Visit, subjects: list[UUID]) -> dict[UUID, str]:
    known = visit.visible(Referral.objects.filter(reference__in=subjects))
    return {
        reference: reverse("family_referral", kwargs={"reference": reference})
        for reference in known.values_list("reference", flat=True)
    }


def _line(row: dict[str, object], *, hrefs: dict[UUID, str], names: dict[int, str]) -> Line:
    kind, pence, count = str(row["kind"]), int(str(row["pence"])), int(str(row["count"]))
    tag, tone = TAGS[kind]
    name = names.get(int(str(row["person"]))) if row["person"] else None
    detail = _("for %(name)s") % {"name": name} if name else ""
    if kind == SET_ASIDE and count > 1 and pence % count == 0:
        each = _("%(count)s at %(each)s each") % {
            "count": count,
            "each": money.show(pence // count),
        }
        detail = f"{detail}, {each}" if detail else each
    at = row["at"]
    assert isinstance(at, datetime)
    subject = row["subject"]
    return Line(
        what=str(row["service_name"] or row["whose"] or _("Your plan")),
        detail=detail,
        at=at,
        tag=str(tag),
        tone=tone,
        pence=pence,
        href=hrefs.get(subject, "") if isinstance(subject, UUID) else "",
    )
