"""Every agreement in one table: services down, organisations across (report §5.4.2)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from cms.models import Organisation, Service, Step
from marketplace.authority.models import Rule
from marketplace.people.roles import Role

LAPSES_SOON = timedelta(days=30)
ORDER = [step.value for step in Step]


@dataclass(frozen=True)
class Cell:
    """What one role of one organisation may do on one service, up to which limit (pence)."""

    role: str
    steps: tuple[str, ...]
    limit_commission_pence: int | None
    has_commission: bool
    cover: str
    cover_until: date | None
    lapses_soon: bool
    has_lapsed: bool


@dataclass(frozen=True)
class Row:
    """One service, with a list of cells for each organisation."""

    service: Service
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Matrix:
    """The table; a null organisation stands for families themselves."""

    holders: tuple[Organisation | None, ...]
    rows: tuple[Row, ...]


def matrix(*, day: date, owner: Organisation | None = None) -> Matrix:
    """Return what holds on a day, for one owner's services or for all; a few queries in all.

    A rule for a term counts for each service with it, a rule for all for each of the owner's.
    """
    rules = _rules(day=day, owner=owner)
    services = _services(rules=rules)
    found: dict[tuple[int, int | None, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        for service in services:
            if _covers(rule, service):
                found[service.pk, rule.agreement.holder_id, rule.role].append(rule)
    holders = {rule.agreement.holder_id: rule.agreement.holder for rule in rules}
    columns = sorted(holders.items(), key=lambda item: item[1].name if item[1] else "")
    rows = tuple(
        Row(service, tuple(_cells(found, service, pk, day) for pk, _holder in columns))
        for service in services
    )
    return Matrix(holders=tuple(holder for _pk, holder in columns), rows=rows)


def _rules(*, day: date, owner: Organisation | None) -> list[Rule]:
    rules = Rule.objects.in_force(day).select_related("agreement__holder", "cover")
    if owner is not None:
        rules = rules.filter(agreement__owner=owner)
    return list(rules.order_by("pk"))


def _services(*, rules: Iterable[Rule]) -> list[Service]:
    """Return the services that some rule names, or whose term one names."""
    named = {rule.service_id for rule in rules if rule.service_id}
    terms = {rule.term_id for rule in rules if rule.term_id}
    owners = {rule.agreement.owner_id for rule in rules}
    services: QuerySet[Service] = Service.objects.filter(pk__in=named) | Service.objects.filter(
        terms__in=terms, owner__in=owners
    )
    return list(
        services.filter(live=True)
        .select_related("owner")
        .prefetch_related("terms")
        .distinct()
        .order_by("name", "pk")
    )


def _covers(rule: Rule, service: Service) -> bool:
    if rule.agreement.owner_id != service.owner_id:
        return False
    if rule.service_id is not None:
        return rule.service_id == service.pk
    if rule.term_id is not None:
        return rule.term_id in {term.pk for term in service.terms.all()}
    return True


def _cells(
    found: dict[tuple[int, int | None, str], list[Rule]],
    service: Service,
    holder_id: int | None,
    day: date,
) -> tuple[Cell, ...]:
    return tuple(
        _cell(role=role, rules=found[service.pk, holder_id, role], day=day)
        for role in Role.values
        if (service.pk, holder_id, role) in found
    )


def _cell(*, role: str, rules: list[Rule], day: date) -> Cell:
    strongest = {rule.step: rule for rule in sorted(rules, key=lambda rule: rule.specificity)}
    commission = strongest.get(Step.COMMISSION)
    cover = next((rule.cover for rule in strongest.values() if rule.cover), None)
    until = cover.valid_to if cover else None
    return Cell(
        role=str(Role(role).label),
        steps=tuple(str(Step(step).label) for step in ORDER if step in strongest),
        limit_commission_pence=commission.limit_commission_pence if commission else None,
        has_commission=commission is not None,
        cover=str(cover.get_kind_display()) if cover else "",
        cover_until=until,
        lapses_soon=until is not None and day <= until <= day + LAPSES_SOON,
        has_lapsed=until is not None and until <= day,
    )
