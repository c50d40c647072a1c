"""Running totals under a rule, so that splitting does not get round a limit (design §5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from budgets import funds, history
from budgets.models import Family
from marketplace.authority.models import Rule, Use


class OverLimit(history.Refused):
    """The running total would pass the rule's limit; somebody was quicker."""


@dataclass(frozen=True)
class Totals:
    """What was commissioned under a rule this year, in pence: for one family, and for all."""

    family_pence: int
    all_pence: int


@dataclass(frozen=True)
class Room:
    """One limit of a rule, in pence: what was used of it, and what an amount would leave."""

    kind: Literal["commission", "family_year", "rule_year"]
    limit_pence: int
    used_pence: int
    amount_pence: int

    @property
    def left_pence(self) -> int:
        """Return what is left after the amount; less than nothing where it passes the limit."""
        return self.limit_pence - self.used_pence - self.amount_pence

    @property
    def is_enough(self) -> bool:
        """Tell whether the amount stays within the limit."""
        return self.left_pence >= 0


def year_of(day: date) -> int:
    """Return the financial year a day lies in: 2026 is April 2026 to March 2027."""
    return funds.year_of(day)


def totals(*, rule: Rule, family: Family | None, year: int) -> Totals:
    """Return the running totals under a rule and the versions of it before, in a year."""
    sums = Use.objects.filter(lineage=rule.lineage, year=year).aggregate(
        ours=Sum("amount_pence", filter=Q(family=family, family__isnull=False)),
        everybody=Sum("amount_pence", filter=Q(family__isnull=True)),
    )
    return Totals(family_pence=sums["ours"] or 0, all_pence=sums["everybody"] or 0)


def room(
    *,
    rule: Rule,
    family: Family,
    on: date,
    amount_pence: int,
    family_used_pence: int | None = None,
) -> tuple[Room, ...]:
    """Return each limit of a rule, with what is used of it and what an amount would leave.

    `family_used_pence` stands for the family's total where a reader may not know all of it.
    """
    used = totals(rule=rule, family=family, year=year_of(on))
    of_family = used.family_pence if family_used_pence is None else family_used_pence
    found: list[tuple[Literal["commission", "family_year", "rule_year"], int | None, int]] = [
        ("commission", rule.limit_commission_pence, 0),
        ("family_year", rule.limit_family_year_pence, of_family),
        ("rule_year", rule.limit_year_pence, used.all_pence),
    ]
    return tuple(
        Room(kind=kind, limit_pence=limit, used_pence=used_pence, amount_pence=amount_pence)
        for kind, limit, used_pence in found
        if limit is not None
    )


@transaction.atomic
def add(*, rule: Rule, family: Family, year: int, amount_pence: int) -> None:
    """Add to the running totals under lock; a negative amount gives back. Raises OverLimit."""
    for whose, limit in (
        (None, rule.limit_year_pence),
        (family, rule.limit_family_year_pence),
    ):
        key: dict[str, Any] = {"lineage": rule.lineage, "family": whose, "year": year}
        Use.objects.get_or_create(**key)
        use = Use.objects.select_for_update(no_key=True).get(**key)
        total = max(use.amount_pence + amount_pence, 0)
        if limit is not None and amount_pence > 0 and total > limit:
            raise OverLimit(_("This would pass the limit agreed for this year. Ask for approval."))
        use.amount_pence = total
        use.save(update_fields=["amount_pence"])
