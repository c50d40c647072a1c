"""How far somebody could take a service on a day: so that people ask where asking leads on."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from marketplace.management.demonstration.stage import Stage, Worker, read
from marketplace.people.roles import Role


@dataclass(frozen=True)
class Reach:
    """One rule of the committed agreements: who may take how many steps, on what, since when."""

    owner: str
    holder: str | None
    role: str
    service: str | None
    term: str | None
    steps: int
    days_ago: int


def steps(stage: Stage, slug: str, worker: Worker | None, *, day: date) -> int:
    """Return how many steps a worker's rules let her take on a service; None is a family."""
    row = stage.data[slug]
    holder, role = (worker.organisation, worker.role) if worker else (None, Role.FAMILY)
    found = [
        rule.steps
        for rule in rules()
        if (rule.owner, rule.holder, rule.role) == (row["owner"], holder, role)
        and (rule.service == slug or rule.term in row["terms"])
        and stage.day(rule.days_ago) <= day
    ]
    return max(found, default=0)


@cache
def rules() -> tuple[Reach, ...]:
    """Return the rules of the committed agreements."""
    return tuple(
        Reach(
            owner=agreement["owner"],
            holder=agreement["holder"],
            role=rule["role"],
            service=rule["service"],
            term=rule["term"],
            steps=len(rule["steps"]),
            days_ago=agreement["valid_from_days_ago"],
        )
        for agreement in read("marketplace/data/agreements.json")["agreements"]
        for rule in agreement["rules"]
    )
