"""Who at an owner may say yes to a cost: its own levels, the lowest limit first (design §5)."""

from dataclasses import dataclass
from datetime import date

from budgets.models import Family
from cms.models import Service, Step
from marketplace.authority import rules, uses
from marketplace.authority.models import Rule
from marketplace.people import competences, memberships
from marketplace.people.models import User
from marketplace.people.roles import Role

# Whose pages take a yes to a cost.
ROLES = (Role.COMMISSIONER, Role.INTAKE_WORKER)


@dataclass(frozen=True)
class Level:
    """One role at the owner with one limit; null in pence: no limit."""

    role: Role
    limit_pence: int | None
    rule: Rule | None = None

    @property
    def room(self) -> float:
        """Return how much one commission may cost, in pence; infinite without a limit."""
        return float("inf") if self.limit_pence is None else float(self.limit_pence)


def of(*, service: Service, on: date) -> tuple[Level, ...]:
    """Return the owner's levels for setting money aside on a service, the lowest limit first.

    An owner without a scheme of its own leaves it to its intake, which has every step.
    """
    found = [
        Level(role=Role(rule.role), limit_pence=rule.limit_commission_pence, rule=rule)
        for rule in rules.on_day(service=service, holder=service.owner, day=on)
        if rule.step == Step.COMMISSION
        and rule.role in ROLES
        and rules.has_cover(rule=rule, day=on)
    ]
    if not found:
        return (Level(role=Role.INTAKE_WORKER, limit_pence=None),)
    return tuple(sorted(found, key=_order))


def is_enough(*, level: Level, family: Family, amount_pence: int, on: date) -> bool:
    """Tell whether a level may still say yes to an amount, by its limit and running totals."""
    if amount_pence > level.room:
        return False
    if level.rule is None:
        return True
    room = uses.room(rule=level.rule, family=family, on=on, amount_pence=amount_pence)
    return all(one.is_enough for one in room)


def people(*, level: Level, service: Service, on: date, but: str) -> list[User]:
    """Return who may answer at a level on a day; never who asked, nor who gains from it."""
    code = level.rule.competence if level.rule else ""
    return [
        user
        for user in memberships.holders(organisation=service.owner, role=level.role, on=on)
        if user.is_active
        and str(user.reference) != but
        and (not code or competences.holds(user_reference=str(user.reference), code=code, on=on))
        and not competences.has_interest(
            user_reference=str(user.reference), organisation=service.provider, on=on
        )
    ]


def _order(level: Level) -> tuple[float, int]:
    return level.room, level.rule.pk if level.rule else 0
