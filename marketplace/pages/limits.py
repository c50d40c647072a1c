"""Limits and running totals in words: what was used, and what a commission would leave."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Step
from marketplace.authority import uses
from marketplace.authority.models import Rule
from marketplace.pages import doors
from marketplace.referrals import acts, commissions
from marketplace.referrals.models import Referral
from pricing import money

WORDS = {
    "commission": gettext_lazy("For one piece of support"),
    "family_year": gettext_lazy("For this family, this year"),
    "rule_year": gettext_lazy("For all families, this year"),
}


@dataclass(frozen=True)
class Limits:
    """The limits of one rule as a table, and whether they are enough."""

    rows: list[list[str]]
    is_enough: bool

    @property
    def heads(self) -> list[dict[str, object]]:
        """Return the heads of its columns."""
        return [
            {"text": _("Limit"), "is_number": False},
            {"text": _("Up to"), "is_number": True},
            {"text": _("Used"), "is_number": True},
            {"text": _("Left after this"), "is_number": True},
        ]


def of_whoever_asks(visit: doors.Visit, referral: Referral, rule: Rule | None) -> Limits | None:
    """Return the limits of a worker's own rule.

    Of the family's total she sees what she may know of: the rest would betray what is hidden.
    """
    if rule is None:
        return None
    first = date(uses.year_of(visit.today), 4, 1)
    bought = Referral.objects.filter(
        family=referral.family,
        steps__step=Step.COMMISSION,
        steps__at__date__gte=first,
        steps__rule__in=Rule.objects.filter(lineage=rule.lineage).values("reference"),
    )
    used = commissions.in_use_pence(visit.visible(bought))
    return _limits(visit, referral, rule, family_used_pence=used)


def of_who_approves(visit: doors.Visit, referral: Referral, rule: Rule | None) -> Limits | None:
    """Return the limits of the approver's rule: sums only, of all that was agreed under it."""
    return _limits(visit, referral, rule) if rule is not None else None


def _limits(
    visit: doors.Visit, referral: Referral, rule: Rule, family_used_pence: int | None = None
) -> Limits:
    found = uses.room(
        rule=rule,
        family=referral.family,
        on=visit.today,
        amount_pence=acts.amount_pence(referral),
        family_used_pence=family_used_pence,
    )
    rows = [
        [
            str(WORDS[one.kind]),
            money.show(one.limit_pence),
            money.show(one.used_pence) if one.kind != "commission" else "–",
            money.show(one.left_pence)
            if one.is_enough
            else _("%(short)s too much") % {"short": money.show(-one.left_pence)},
        ]
        for one in found
    ]
    return Limits(rows=rows, is_enough=all(one.is_enough for one in found))
