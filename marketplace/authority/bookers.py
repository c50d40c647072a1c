"""Who may book a service for a family, by the rules in force: for everybody to read."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from cms.models import Service, Step
from marketplace.authority import rules
from marketplace.authority.models import Rule
from marketplace.people.roles import Role

# Answered by the provider, whoever books: they are no part of asking.
PROVIDERS_OWN = frozenset({Step.BOOK, Step.DIAGNOSE})


@dataclass(frozen=True)
class Booker:
    """A role at an organisation that may book a service, or only ask for it.

    `organisation` is empty where it is the family itself; `limit_pence` is the most that one
    booking may cost without anybody else's yes, null where there is no limit.
    """

    role: Role
    organisation: str
    may_book: bool
    limit_pence: int | None = None

    @property
    def is_family(self) -> bool:
        """Say whether it is the family itself."""
        return self.role == Role.FAMILY


def of(*, service: Service, at: datetime) -> tuple[Booker, ...]:
    """Return who may book a service that day, families first, then who may go all the way.

    One query; the processes and the owner of the service must have been fetched. Running totals,
    money and one worker's own competences are asked for when it comes to it.
    """
    day = timezone.localdate(at)
    held: dict[tuple[str, Role], list[Rule]] = {}
    found = rules.about(service=service, day=day).select_related("cover", "agreement__holder")
    for rule in found.order_by("pk"):
        holder = rule.agreement.holder
        if rules.has_cover(rule=rule, day=day):
            held.setdefault((holder.name if holder else "", Role(rule.role)), []).append(rule)
    needed = [
        step for step in (row.step for row in service.processes.all()) if step not in PROVIDERS_OWN
    ]
    bookers = [_booker(key, same, needed) for key, same in held.items()]
    if service.is_universal:
        bookers = [Booker(Role.FAMILY, "", may_book=True)]
    elif (own := Booker(Role.INTAKE_WORKER, service.owner.name, may_book=True)) not in bookers:
        bookers.append(own)
    return tuple(
        sorted(
            (booker for booker in bookers if booker),
            key=lambda one: (not one.is_family, not one.may_book, one.organisation, one.role),
        )
    )


def _booker(key: tuple[str, Role], same: list[Rule], needed: list[str]) -> Booker | None:
    """Return how far a role gets: all the way, only the first step, or None for neither."""
    organisation, role = key
    winning = {
        step: rules.most_specific(rule for rule in same if rule.step == step) for step in needed
    }
    may_book = bool(needed) and all(winning.values())
    if not may_book and not (needed and winning[needed[0]]):
        return None
    paying = winning.get(Step.COMMISSION, [])
    roomiest = max(paying, key=rules.room, default=None)
    return Booker(
        role=role,
        organisation=organisation,
        may_book=may_book,
        limit_pence=roomiest.limit_commission_pence if roomiest and may_book else None,
    )
