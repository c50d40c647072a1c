"""Which rule covers which service on a day, which of them wins, and whether cover stands behind it.

The one place that judges this: `authority.decide` asks it of the database, lists ask it of rules
that they have fetched.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from cms.models import Organisation, Service, Step, Term
from marketplace.authority.models import Rule, RuleQuerySet


def about(*, service: Service, day: date, step: Step | None = None) -> RuleQuerySet:
    """Return the rules in force on a day that cover a service, for one step or for all."""
    terms = Term.objects.filter(services=service).values("pk")
    found = Rule.objects.in_force(day).filter(
        Q(service=service)
        | Q(service__isnull=True, term__in=terms)
        | Q(service__isnull=True, term__isnull=True),
        agreement__owner=service.owner_id,
    )
    return found if step is None else found.filter(step=step)


def covers(*, rule: Rule, service: Service) -> bool:
    """Tell whether a rule is about a service: it, its term, or all of its owner's.

    For lists: the rule's agreement and the service's terms must have been fetched.
    """
    if rule.agreement.owner_id != service.owner_id:
        return False
    if rule.service_id is not None:
        return rule.service_id == service.pk
    return rule.term_id is None or rule.term_id in {term.pk for term in service.terms.all()}


def most_specific(found: Iterable[Rule]) -> list[Rule]:
    """Return the rules that win: for the service before its terms, its terms before all."""
    rules = list(found)
    top = max((rule.specificity for rule in rules), default=0)
    return [rule for rule in rules if rule.specificity == top]


def room(rule: Rule) -> float:
    """Return how much one commission may cost under a rule, in pence; infinite without a limit."""
    limit = rule.limit_commission_pence
    return float("inf") if limit is None else float(limit)


def has_cover(*, rule: Rule, day: date) -> bool:
    """Tell whether cover stands behind a rule on a day; families need none."""
    if rule.agreement.holder_id is None:
        return True
    return rule.cover is not None and rule.cover.holds_on(day)


def on_day(*, service: Service, holder: Organisation | None, day: date) -> list[Rule]:
    """Return what an organisation (null: families) could do on a service on a day, past or not.

    The rules that won that day, by role and step. Whether cover held too says `has_cover`.
    """
    held: dict[tuple[str, str], list[Rule]] = {}
    rules = (
        about(service=service, day=day)
        .filter(agreement__holder=holder)
        .select_related("cover", "agreement")
    )
    for rule in rules.order_by("role", "pk"):
        held.setdefault((rule.role, rule.step), []).append(rule)
    return [rule for same in held.values() for rule in most_specific(same)]
