"""Who may do what on whose service: proposed, covered and signed by both, on their own days."""

from datetime import date, timedelta
from typing import Any

from budgets import history
from marketplace.authority import agreements
from marketplace.authority.models import Agreement, Cover, CoverKind
from marketplace.management.demonstration.stage import SEED, Stage, moment, read
from marketplace.people.roles import Role


def sign(stage: Stage) -> None:
    """Sign every agreement of the committed file, oldest first."""
    rows = read("marketplace/data/agreements.json")["agreements"]
    for row in sorted(rows, key=lambda row: -row["valid_from_days_ago"]):
        _sign(stage, row)


def _sign(stage: Stage, row: dict[str, Any]) -> None:
    start = stage.day(row["valid_from_days_ago"])
    ends = row["valid_to_days"]
    owner = stage.organisations[row["owner"]]
    holder = stage.organisations[row["holder"]] if row["holder"] else None
    at = moment(start - timedelta(days=14))
    agreement = agreements.propose(
        owner=owner,
        holder=holder,
        valid_from=start,
        valid_to=None if ends is None else stage.on + timedelta(days=ends),
        by=_signatory(stage, row["owner"]),
        at=at,
    )
    cover = _cover(stage, agreement, row["cover"], start)
    for rule in row["rules"]:
        _rule(stage, agreement, rule, cover, start)
    for slug in dict.fromkeys(filter(None, (row["owner"], row["holder"]))):
        at += timedelta(days=3)
        party, by = stage.organisations[slug], _signatory(stage, slug)
        agreements.sign(agreement=agreement, party=party, by=by, at=at)


def _signatory(stage: Stage, organisation: str) -> history.Actor:
    """Return who signs for an organisation: its commissioner where it has one."""
    found = stage.at(organisation, Role.COMMISSIONER)
    found += [worker for worker in stage.workers.values() if worker.organisation == organisation]
    return found[0].by if found else SEED


def _cover(
    stage: Stage, agreement: Agreement, row: dict[str, Any] | None, start: date
) -> Cover | None:
    if row is None:
        return None
    expires = row["expires_in_days"]
    return agreements.add_cover(
        agreement=agreement,
        kind=CoverKind(row["kind"]),
        insurer=row["insurer"],
        policy_reference=row["policy_reference"],
        amount_pence=row["amount_pence"],
        valid_from=start,
        valid_to=None if expires is None else stage.on + timedelta(days=expires),
    )


def _rule(
    stage: Stage, agreement: Agreement, row: dict[str, Any], cover: Cover | None, start: date
) -> None:
    agreements.add_rules(
        agreement=agreement,
        role=Role(row["role"]),
        steps=row["steps"],
        service=stage.services[row["service"]] if row["service"] else None,
        term=stage.terms[row["term"]] if row["term"] else None,
        cover=cover,
        competence=row["competence"] or "",
        limit_commission_pence=row["limit_commission_pence"],
        limit_family_year_pence=row["limit_family_year_pence"],
        limit_year_pence=row["limit_year_pence"],
        valid_from=start,
    )
