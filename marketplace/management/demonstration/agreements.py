"""Who may do what on whose service: each cell negotiated in the open, on its own days.

What is about one service and another organisation goes the guided path. What is about several
services, about families, or an organisation's own scheme is proposed and signed as a whole.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from budgets import history
from cms.models import Step
from marketplace.authority import agreements, pathways
from marketplace.authority.models import Agreement, Cover, CoverKind, Pathway, Risk
from marketplace.authority.pathways import CoverTerms, Line, LineAnswer
from marketplace.management.demonstration.stage import SEED, Stage, moment, read
from marketplace.people.roles import Role

RISKS = {
    Step.CHECK_ELIGIBILITY: (Risk.LOW, "Who can have it is written down."),
    Step.TAKE_APPLICATION: (Risk.LOW, "We read every form."),
    Step.DECIDE_ELIGIBILITY: (Risk.MEDIUM, "We look at a sample every month."),
    Step.ASSESS: (Risk.MEDIUM, "Only with the training that we give."),
    Step.DIAGNOSE: (Risk.HIGH, "Only by clinicians on the register."),
    Step.COMMISSION: (Risk.HIGH, "Up to a limit, and we see each one the same day."),
    Step.BOOK: (Risk.LOW, "The provider still says yes."),
}


def sign(stage: Stage) -> None:
    """Agree everything in the committed file, oldest first."""
    rows = read("marketplace/data/agreements.json")["agreements"]
    for row in sorted(rows, key=lambda row: -row["valid_from_days_ago"]):
        cells = [rule for rule in row["rules"] if _is_a_cell(row, rule)]
        if cells:
            _negotiate(stage, row, cells)
        rest = [rule for rule in row["rules"] if not _is_a_cell(row, rule)]
        if rest:
            _sign(stage, row, rest)


def signatory(stage: Stage, organisation: str) -> history.Actor:
    """Return who speaks for an organisation: its commissioner, or a paper that was imported."""
    found = stage.at(organisation, Role.COMMISSIONER) + stage.at(organisation, Role.ADMINISTRATOR)
    return found[0].by if found else SEED


def answer(
    stage: Stage,
    found: Iterable[Pathway],
    *,
    owner: str,
    cover: CoverTerms,
    said: dict[tuple[int, str, str], dict[str, Any]],
    at: datetime,
    starts_on: date | None = None,
    words: str = "",
) -> list[Pathway]:
    """Answer every line of some cells: what is named by service, role and step, and no else."""
    answers = []
    for pathway in found:
        version = pathways.on_the_table(pathway=pathway)
        for line in version.offers.all() if version else ():
            limits = said.get((pathway.service_id, line.role, line.step))
            risk, risk_words = RISKS[Step(line.step)]
            answers.append(
                LineAnswer(
                    offer=line.reference,
                    accepted=limits is not None,
                    risk=risk,
                    risk_words=risk_words,
                    **(limits or {}),
                )
            )
    return pathways.answer(
        answers=answers,
        cover=cover,
        starts_on=starts_on,
        words=words,
        by=signatory(stage, owner),
        at=at,
    )


def _is_a_cell(row: dict[str, Any], rule: dict[str, Any]) -> bool:
    is_anothers = row["holder"] is not None and row["holder"] != row["owner"]
    return is_anothers and rule["service"] is not None and row["valid_to_days"] is None


def _negotiate(stage: Stage, row: dict[str, Any], cells: list[dict[str, Any]]) -> None:
    """List, offer, answer and sign the cells of one agreement, all at once."""
    start = stage.day(row["valid_from_days_ago"])
    owner, holder = row["owner"], row["holder"]
    services = [stage.services[slug] for slug in dict.fromkeys(rule["service"] for rule in cells)]
    pathways.invite(
        services=services,
        holders=[stage.organisations[holder]],
        by=signatory(stage, owner),
        at=moment(start - timedelta(days=20)),
    )
    found = pathways.offer(
        services=services,
        holder=stage.organisations[holder],
        lines=[
            Line(
                role=Role(rule["role"]),
                step=Step(step),
                competence=rule["competence"] or "",
                service=stage.services[rule["service"]],
            )
            for rule in cells
            for step in rule["steps"]
        ],
        by=signatory(stage, holder),
        at=moment(start - timedelta(days=18)),
    )
    found = answer(
        stage,
        found,
        owner=owner,
        cover=_terms(stage, row["cover"]),
        said={
            (stage.services[rule["service"]].pk, rule["role"], step): _limits(rule)
            for rule in cells
            for step in rule["steps"]
        },
        at=moment(start - timedelta(days=14)),
        starts_on=start,
    )
    for days, slug in ((11, owner), (8, holder)):
        pathways.sign(
            pathways=found,
            party=stage.organisations[slug],
            by=signatory(stage, slug),
            at=moment(start - timedelta(days=days)),
        )


def _sign(stage: Stage, row: dict[str, Any], rules: list[dict[str, Any]]) -> None:
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
        by=signatory(stage, row["owner"]),
        at=at,
    )
    cover = _cover(stage, agreement, row["cover"], start)
    for rule in rules:
        _rule(stage, agreement, rule, cover, start)
    for slug in dict.fromkeys(filter(None, (row["owner"], row["holder"]))):
        at += timedelta(days=3)
        party, by = stage.organisations[slug], signatory(stage, slug)
        agreements.sign(agreement=agreement, party=party, by=by, at=at)


def _limits(rule: dict[str, Any]) -> dict[str, int | None]:
    names = ("limit_commission_pence", "limit_family_year_pence", "limit_year_pence")
    return {name: rule[name] for name in names}


def _terms(stage: Stage, row: dict[str, Any]) -> CoverTerms:
    expires = row["expires_in_days"]
    return CoverTerms(
        kind=CoverKind(row["kind"]),
        insurer=row["insurer"],
        policy_reference=row["policy_reference"],
        amount_pence=row["amount_pence"],
        expires_on=None if expires is None else stage.on + timedelta(days=expires),
    )


def _cover(
    stage: Stage, agreement: Agreement, row: dict[str, Any] | None, start: date
) -> Cover | None:
    if row is None:
        return None
    terms = _terms(stage, row)
    return agreements.add_cover(
        agreement=agreement,
        kind=terms.kind,
        insurer=terms.insurer,
        policy_reference=terms.policy_reference,
        amount_pence=terms.amount_pence,
        valid_from=start,
        valid_to=terms.expires_on,
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
        valid_from=start,
        **_limits(row),
    )
