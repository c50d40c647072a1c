"""The three funds of the household's file, one each for every financial year that is needed."""

from datetime import date
from typing import Any

from budgets import funds, history
from budgets.models import Fund, Plan
from marketplace.management.demonstration.stage import Stage, moment, read
from marketplace.people.roles import Role
from pricing import money

FAMILIES_A_POOL = 60
FIRST_DAY = 790
"""Days before today on which the oldest year's money was paid in."""

SHARES = {"county": 6, "nhs": 3, "community-safety": 2}
"""How much of a made-up family's year comes from each fund: the demonstration's own choice."""


def open_all(stage: Stage) -> None:
    """Open and fill each fund for every financial year of the last two calendar years."""
    first = funds.year_of(stage.day(FIRST_DAY))
    for year in range(first, funds.year_of(stage.on) + 1):
        day = max(date(year, 4, 1), stage.day(FIRST_DAY))
        for row in rows():
            _open(stage, row, year=year, day=day)


def rows() -> list[dict[str, Any]]:
    """Return the funds as the household's file names them."""
    found: list[dict[str, Any]] = read("budgets/data/household.json")["funds"]
    return found


def allocate(
    stage: Stage, *, plan: Plan, key: str, year: int, amount_pence: int, day: date
) -> None:
    """Put a share of one fund into a plan for one year."""
    if amount_pence == 0:
        return
    organisation = next(row["organisation"] for row in rows() if row["key"] == key)
    funds.allocate(
        fund=stage.funds[key, year],
        plan=plan,
        year=year,
        amount_pence=amount_pence,
        key=f"demo:allocate:{key}:{year}:{plan.pk}",
        by=treasurer(stage, organisation),
        at=moment(day, 11),
    )


def allocate_year(stage: Stage, *, plan: Plan, year: int, total_pence: int, day: date) -> None:
    """Put one year's money into a made-up family's plan, some of it from each fund."""
    shares = money.split(total_pence, list(SHARES.values()))
    for key, amount_pence in zip(SHARES, shares, strict=True):
        allocate(stage, plan=plan, key=key, year=year, amount_pence=amount_pence, day=day)


def treasurer(stage: Stage, organisation: str) -> history.Actor:
    """Return who moves an organisation's money: finance, a commissioner, or its intake."""
    for role in (Role.FINANCE, Role.COMMISSIONER, Role.INTAKE_WORKER):
        if found := stage.at(organisation, role):
            return found[0].by
    raise LookupError(organisation)


def treasurer_of(stage: Stage, fund: Fund) -> history.Actor:
    """Return who moves a fund's money."""
    slug = next(
        slug for slug, found in stage.organisations.items() if found.pk == fund.organisation_id
    )
    return treasurer(stage, slug)


def _open(stage: Stage, row: dict[str, Any], *, year: int, day: date) -> None:
    by = treasurer(stage, row["organisation"])
    fund = funds.open(
        organisation=stage.organisations[row["organisation"]],
        name=row["name"],
        year=year,
        needs=stage.terms_of(row["needs"]),
        districts=row["districts"],
        by=by,
        at=moment(day, 8),
    )
    pools = max(1, -(-stage.families // FAMILIES_A_POOL))  # more families, more money
    funds.pay_in(
        fund=fund,
        amount_pence=row["pool_pence"] * pools,
        key=f"demo:pay-in:{row['key']}:{year}",
        by=by,
        at=moment(day, 9),
    )
    stage.funds[row["key"], year] = fund
