"""How far a family may go with each service by itself, for whole lists in a few queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from cms.models import Service, Step
from marketplace.authority import rules
from marketplace.authority.models import Rule
from marketplace.people.roles import Role


@dataclass(frozen=True)
class Reach:
    """What a family can do with a service: in words, and how glad the words may look."""

    words: str
    tone: str


def of(
    services: Iterable[Service], *, prices: Mapping[int, int], day: date, may_ask: bool
) -> dict[int, Reach]:
    """Return how far a family may go, by service; prices are whole offers in pence by service.

    For lists only: the page that asks decides by `authority.decide`. Terms, processes and owners
    of the services must have been fetched.
    """
    found = list(
        Rule.objects.in_force(day)
        .filter(agreement__holder__isnull=True, role=Role.FAMILY)
        .select_related("agreement")
    )
    return {
        service.pk: _reach(service, found if may_ask else [], price_pence=prices.get(service.pk, 0))
        for service in services
    }


def _reach(service: Service, found: list[Rule], *, price_pence: int) -> Reach:
    if service.is_universal:
        return Reach(_("Just turn up"), "good")
    steps = [process.step for process in service.processes.all()]
    may = _may(service, found)
    if all(step in may for step in steps if step not in (Step.BOOK, Step.COMMISSION)):
        limit = may[Step.COMMISSION].limit_commission_pence if Step.COMMISSION in may else 0
        if Step.COMMISSION not in steps or limit is None or price_pence <= limit:
            return Reach(_("You can book this yourself"), "good")
    if steps and steps[0] in may:
        return Reach(_("You can ask for this"), "wait")
    return Reach(_("Your advocate can ask for you"), "plain")


def _may(service: Service, found: list[Rule]) -> dict[str, Rule]:
    """Return the rule that decides each step: the most specific, and of equals the roomiest."""
    covering = [rule for rule in found if rules.covers(rule=rule, service=service)]
    return {
        step: max(
            rules.most_specific(rule for rule in covering if rule.step == step), key=rules.room
        )
        for step in {rule.step for rule in covering}
    }
