"""How prices moved: uprated through two years, corrected, planned, shared, built and asked for."""

import textwrap
from datetime import timedelta
from typing import Any

from marketplace.management.demonstration.stage import SEED, Stage, moment, read
from marketplace.referrals import price_proposals
from pricing import prices, unit_costs, uprating
from pricing.models import Confidence, Funding, Price, PriceUnit
from pricing.uprating import Amount

PATH = "marketplace/data/prices.json"


def move_on(stage: Stage) -> None:
    """Set what was set before today, in its order, before anybody asks for anything."""
    said = read(PATH)
    for row in said["uprated"]:
        _uprate(stage, row)
    for row in said["corrected"]:
        _correct(stage, row)
    for row in said["shared"]:
        _share(stage, row)


def look_ahead(stage: Stage) -> None:
    """Plan, build and ask for what stands beside the prices of today."""
    said = read(PATH)
    for row in said["planned"]:
        _plan(stage, row)
    for row in said["built"]:
        _build(stage, row)
    for row in said["asked"]:
        price_proposals.propose(
            service=stage.services[row["slug"]],
            amount_pence=row["amount_pence"],
            unit=PriceUnit(row["unit"]),
            price_year=row["year"],
            valid_from=stage.on + timedelta(days=row["days_ahead"]),
            reason=row["reason"],
            by=stage.by(row["by"]),
            at=moment(stage.day(row["days_ago"]), 11),
        )


def _uprate(stage: Stage, row: dict[str, Any]) -> None:
    """Take the published figure to the prices of each later year, from that year's day on."""
    first = prices.price_on(
        service=stage.services[row["slug"]], day=stage.day(row["steps"][0]["days_ago"])
    )
    year = uprating.year_in(first.price_year)
    assert year is not None
    for step in row["steps"]:
        day, to_year = stage.day(step["days_ago"]), step["year"]
        amount = uprating.uprate(Amount(first.amount_pence, year), to_year=to_year)
        cost = uprating.uprate(Amount(first.cost_pence or 0, year), to_year=to_year)
        told = f"Uprated from {year} to {to_year} by HM Treasury’s GDP deflators. From: "
        prices.set_price(
            service=first.service,
            amount_pence=amount.pence,
            cost_pence=cost.pence if first.cost_pence is not None else None,
            unit=PriceUnit(first.unit),
            funding=Funding(first.funding),
            confidence=Confidence.ESTIMATED,
            price_year=to_year,
            source=textwrap.shorten(told + first.source, 300, placeholder=" …"),
            valid_from=day,
            by=_who(stage, row),
            at=moment(day, 9),
        )


def _correct(stage: Stage, row: dict[str, Any]) -> None:
    """Add the contract to a price that was set without it: what it said before is kept."""
    day = stage.day(row["days_ago"])
    price = prices.price_on(service=stage.services[row["slug"]], day=day)
    _again(
        price,
        contract_reference=row["contract_reference"],
        by=_who(stage, row),
        at=moment(day, 14),
    )


def _plan(stage: Stage, row: dict[str, Any]) -> None:
    price = prices.price_on(service=stage.services[row["slug"]], day=stage.on)
    _again(
        price,
        amount_pence=row["amount_pence"],
        confidence=Confidence.AGREED,
        price_year=row["year"],
        source=row["source"],
        contract_reference=row["contract_reference"],
        valid_from=stage.on + timedelta(days=row["days_ahead"]),
        by=_who(stage, row),
        at=moment(stage.day(row["days_ago"]), 10),
    )


def _again(price: Price, **other: Any) -> None:
    """Set what a price says, but for what is said otherwise."""
    names = (
        *("amount_pence", "cost_pence", "funding", "confidence", "price_year", "source"),
        *("contract_reference", "valid_from"),
    )
    same = {name: getattr(price, name) for name in names}
    prices.set_price(service=price.service, unit=PriceUnit(price.unit), **{**same, **other})


def _share(stage: Stage, row: dict[str, Any]) -> None:
    day = stage.day(row["days_ago"])
    prices.share(
        price=prices.price_on(service=stage.services[row["slug"]], day=day),
        parts=[(stage.organisations[key].pk, parts) for key, parts in row["parts"].items()],
        by=_who(stage, row),
        at=moment(day, 9),
    )


def _build(stage: Stage, row: dict[str, Any]) -> None:
    unit_costs.build(
        service=stage.services[row["slug"]],
        unit=PriceUnit(row["unit"]),
        staff=[unit_costs.Time(*line) for line in row["staff"]],
        overhead_basis_points=row["overhead_basis_points"],
        materials_pence=row["materials_pence"],
        units=row["units"],
        price_year=row["year"],
        source=row["source"],
        built_on=stage.day(row["days_ago"]),
        by=_who(stage, row),
    )


def _who(stage: Stage, row: dict[str, Any]) -> str:
    return SEED.reference if row["by"] == "seed" else stage.by(row["by"]).reference
