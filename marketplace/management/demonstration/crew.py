"""Who takes a step: whoever the rules let, as it would be in the offices of the place."""

import random
from functools import cache

from budgets import history
from cms.models import Step
from marketplace.management.demonstration.stage import Stage, read
from marketplace.people.roles import Role

SENIOR_FROM_PENCE = 100_000
JUNIOR = {"leicestershire-county-council": "colin", "nhs-leicestershire": "moira"}
SENIOR = {"leicestershire-county-council": "helena", "nhs-leicestershire": "moira"}
OWNED_STEPS = (Step.DIAGNOSE, Step.BOOK)


def taker(stage: Stage, slug: str, step: Step, dice: random.Random) -> history.Actor:
    """Return who takes a step once the referrer's sitting is over."""
    row = stage.data[slug]
    if step in OWNED_STEPS or (step == Step.ASSESS and slug in assessed_by_providers()):
        return provider(stage, slug, dice)
    return intake(stage, row["owner"], dice)


def provider(stage: Stage, slug: str, dice: random.Random) -> history.Actor:
    """Return a worker of the provider."""
    return dice.choice(stage.at(stage.data[slug]["provider"], Role.PROVIDER_WORKER)).by


def intake(stage: Stage, owner: str, dice: random.Random) -> history.Actor:
    """Return an intake worker of the owner, who has every step."""
    return dice.choice(stage.at(owner, Role.INTAKE_WORKER)).by


def commissioners(stage: Stage, owner: str, amount_pence: int) -> list[history.Actor]:
    """Return who may commission for the owner, the one to ask first coming first."""
    by_level = [JUNIOR, SENIOR] if amount_pence <= SENIOR_FROM_PENCE else [SENIOR]
    keys = dict.fromkeys(level[owner] for level in by_level if owner in level)
    return [stage.by(key) for key in keys]


@cache
def assessed_by_providers() -> frozenset[str]:
    """Return the services whose provider assesses how much, under a rule."""
    return frozenset(
        rule["service"]
        for agreement in read("marketplace/data/agreements.json")["agreements"]
        for rule in agreement["rules"]
        if rule["role"] == Role.PROVIDER_WORKER and Step.ASSESS in rule["steps"]
    )
