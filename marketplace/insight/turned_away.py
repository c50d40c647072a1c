"""What a service's criteria do: who asked, whom they turned away, and what was spent meanwhile.

Counts only. A cell of fewer than five is not said, nor reckoned from the others and the whole, and
a confidential service has no cells, so that no figure points at somebody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from budgets import funds
from budgets.models import Account, Total
from cms.models import Organisation, Service
from marketplace.referrals.models import AgeBand, Referral, Rung, TurnedAway, TurningPoint

DAYS_BACK = 365
SMALL = 5


@dataclass(frozen=True)
class Cell:
    """How many of one age or district; None where it is not said."""

    label: str
    number: int | None


@dataclass(frozen=True)
class ByRule:
    """Whom one criterion turned away."""

    sentence: str
    number: int
    ages: tuple[Cell, ...] = ()
    districts: tuple[Cell, ...] = ()
    points: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Demand:
    """A service in the last twelve months: asked for, agreed, turned away, paid."""

    asked: int = 0
    agreed: int = 0
    people_turned_away: int = 0
    spent_pence: int = 0
    set_aside_pence: int = 0
    rules: tuple[ByRule, ...] = field(default=())

    def number_of(self, sentence: str) -> int:
        """Return how many a criterion turned away, by its sentence."""
        return sum(rule.number for rule in self.rules if rule.sentence == sentence)


def of(*, services: Iterable[Service], at: datetime) -> dict[int, Demand]:
    """Return what the criteria of services did in the twelve months before a moment.

    As many queries however many services there are.
    """
    wanted = list(services)
    keys = [service.pk for service in wanted]
    since = at - timedelta(days=DAYS_BACK)
    turned = TurnedAway.objects.filter(service__in=keys, at__gte=since, at__lte=at)
    asked = Referral.objects.filter(service__in=keys, asked_at__gte=since, asked_at__lte=at)
    asked = asked.exclude(rung=Rung.SIGNPOSTED)
    numbers = {
        "asked": _numbers(asked, "pk"),
        "agreed": _numbers(asked.filter(steps__step="decide_eligibility"), "pk"),
        "people_turned_away": _numbers(turned, "person"),
    }
    paid = _paid(keys, since)
    rules = _rules(turned)
    return {
        service.pk: Demand(
            **{name: found.get(service.pk, 0) for name, found in numbers.items()},
            **paid.get(service.pk, {}),
            rules=_shown(rules.get(service.pk, {}), is_secret=service.is_confidential),
        )
        for service in wanted
    }


def left_pence(*, organisation: Organisation, at: datetime) -> int:
    """Return what is left this year in an organisation's funds, not yet allocated, in pence."""
    year = funds.year_of(timezone.localdate(at))
    found = Account.objects.filter(fund__organisation=organisation, fund__year=year).aggregate(
        left=Sum(F("posted_pence") - F("pending_out_pence"))
    )
    return int(found["left"] or 0)


def _numbers(rows: QuerySet[Any], what: str) -> dict[int, int]:
    found = rows.order_by().values("service").annotate(number=Count(what, distinct=True))
    return {row["service"]: row["number"] for row in found}


def _paid(keys: list[int], since: datetime) -> dict[int, dict[str, int]]:
    first = timezone.localdate(since).replace(day=1)
    rows = Total.objects.filter(service__in=keys, month__gte=first).sums("service")
    return {
        row["service"]: {"spent_pence": row["spent"], "set_aside_pence": row["set_aside"]}
        for row in rows
    }


def _rules(turned: QuerySet[TurnedAway]) -> dict[int, dict[str, dict[str, dict[str, int]]]]:
    """Return the counts by service, sentence, kind of cell and value."""
    found: dict[int, dict[str, dict[str, dict[str, int]]]] = {}
    for kind in ("age_band", "district", "point"):
        rows = turned.order_by().values("service", "sentence", kind)
        for row in rows.annotate(number=Count("pk")):
            rule = found.setdefault(row["service"], {}).setdefault(row["sentence"], {})
            rule.setdefault(kind, {})[row[kind]] = row["number"]
    return found


def _shown(
    rules: Mapping[str, Mapping[str, Mapping[str, int]]], *, is_secret: bool
) -> tuple[ByRule, ...]:
    shown = [
        ByRule(
            sentence=sentence,
            number=sum(kinds["point"].values()),
            ages=() if is_secret else _cells(kinds["age_band"], AgeBand),
            districts=() if is_secret else _cells(kinds["district"]),
            points=() if is_secret else _cells(kinds["point"], TurningPoint),
        )
        for sentence, kinds in rules.items()
    ]
    return tuple(sorted(shown, key=lambda rule: (-rule.number, rule.sentence)))


def _cells(numbers: Mapping[str, int], choices: Any = None) -> tuple[Cell, ...]:
    order = list(choices) if choices else sorted(numbers)
    unsaid = _unsaid(numbers)
    if len(unsaid) == len(numbers) and sum(numbers.values()) < SMALL:
        return ()  # of so few, the names of the cells alone would point at somebody
    return tuple(
        Cell(
            label=str(choices(value).label) if choices else value,
            number=None if value in unsaid else numbers[value],
        )
        for value in order
        if value in numbers
    )


def _unsaid(numbers: Mapping[str, int]) -> frozenset[str]:
    """Return the cells that are not said: the small ones, and others until these are not reckoned.

    The whole is said too, so what is left of it after every cell that is said is told by taking
    away: that has to be of two cells at least, and not small itself.
    """
    rising = sorted(numbers, key=lambda value: (numbers[value], value))
    count = sum(number < SMALL for number in numbers.values())
    while 0 < count < len(rising):
        left = sum(numbers[value] for value in rising[:count])
        if count > 1 and left >= SMALL:
            break
        count += 1
    return frozenset(rising[:count])
