"""What is on an advocate's desk: her families, and of their money what she may know."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet, Sum

from budgets import balances, funds, ledger
from budgets import families as households
from budgets.models import Family, Member, Person, Plan, Transfer
from marketplace.pages import doors
from marketplace.people import appointments
from marketplace.people.roles import Role

ROLES = (Role.ADVOCATE, Role.LEAD_PROFESSIONAL)


def families(visit: doors.Visit) -> QuerySet[Family]:
    """Return the households in which somebody appointed her, or which she leads, by name."""
    appointed = appointments.of(user=visit.user, on=visit.today).values("person")
    homes = Member.objects.on(visit.today).filter(person__in=appointed).values("family")
    led = appointments.leads_of(user=visit.user, on=visit.today).values("family")
    mine = Family.objects.filter(Q(pk__in=homes) | Q(pk__in=led))
    # A household that was merged is on the desk once.
    mine = mine.exclude(Q(merged_into__in=homes) | Q(merged_into__in=led))
    return visit.visible(mine).order_by("name", "pk")


def open_family(visit: doors.Visit, reference: uuid.UUID) -> Family:
    """Open one household's record, and record the look."""
    found: Family = visit.open(Family.objects.all(), reference=reference, kind="family")
    return found


def people(visit: doors.Visit, family: Family) -> list[Person]:
    """Return who lives there of those she may know of, the oldest first, each once."""
    return households.shown_once(records_of_people(visit, family))


def records_of_people(visit: doors.Visit, family: Family) -> list[Person]:
    """Return every record of who lives there, of those she may know of, the oldest first."""
    home = Person.objects.at_home(family=family, on=visit.today)
    return list(visit.visible(home).order_by("born_on", "pk"))


def plan_of(visit: doors.Visit, family: Family) -> Plan | None:
    """Return the household's plan that is not closed, or None."""
    return visit.visible(Plan.objects.current().filter(family=family)).first()


def money(visit: doors.Visit, plans: Iterable[Plan]) -> dict[int, balances.PlanMoney]:
    """Return this year's money of many plans, without a trace of what she may not know of."""
    wanted, year = list(plans), funds.year_of(visit.today)
    of_year = Transfer.objects.filter(envelope__plan__in=wanted, envelope__year=year)
    unseen = of_year.exclude(pk__in=visit.visible(of_year).values("pk"))
    set_aside = _sums(unseen.open_holds())
    spent, back = _sums(unseen.paid()), _sums(unseen.paid_back())
    return {
        pk: seen.without(
            set_aside_pence=set_aside.get(pk, 0), spent_pence=spent.get(pk, 0) - back.get(pk, 0)
        )
        for pk, seen in ledger.plan_balances(plans=wanted, year=year).items()
    }


def _sums(transfers: Any) -> dict[int, int]:
    rows = transfers.order_by().values("envelope__plan").annotate(sum=Sum("amount_pence"))
    return {row["envelope__plan"]: row["sum"] for row in rows}
