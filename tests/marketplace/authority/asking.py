"""How the tests of this room ask, and add a rule."""

from datetime import datetime
from typing import Any

from budgets import history
from budgets.models import Family
from cms.models import Service, Step
from marketplace.authority import authority
from marketplace.authority.authority import Decision
from marketplace.authority.models import Agreement, Rule
from marketplace.people.models import User
from marketplace.people.roles import Role
from tests.cast import Cast


def decide(
    cast: Cast,
    who: User | history.Actor,
    step: Step = Step.CHECK_ELIGIBILITY,
    service: Service | None = None,
    amount_pence: int = 0,
    family: Family | None = None,
    at: datetime | None = None,
) -> Decision:
    """Ask for somebody of the cast, about Fred's household unless said otherwise."""
    return authority.decide(
        by=who if isinstance(who, history.Actor) else cast.by(who),
        step=step,
        service=service or cast.mentor,
        family=family or cast.family,
        amount_pence=amount_pence,
        at=at or cast.at,
    )


def codes(decision: Decision) -> list[str]:
    """Return why not, in codes."""
    return [reason.code for reason in decision.reasons]


def rule_of(cast: Cast, step: Step = Step.COMMISSION) -> Rule:
    """Return the rule that lets Amira take a step on the mentor."""
    return Rule.objects.get(agreement=cast.agreement, service=cast.mentor, step=step)


def add_rule(cast: Cast, agreement: Agreement | None = None, **fields: Any) -> Rule:
    """Have a rule under the agreement with Beacon, as if it had been there when both signed."""
    return Rule.objects.create(
        **{
            "agreement": agreement or cast.agreement,
            "role": Role.ADVOCATE,
            "step": Step.COMMISSION,
            "cover": cast.cover,
            "valid_from": cast.day,
            **fields,
        }
    )
