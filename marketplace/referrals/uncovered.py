"""Commissions that stand although the cover they were made under has lapsed (design §5)."""

from datetime import date

from django.db.models import QuerySet

from cms.models import Organisation, Step
from marketplace.authority import covers
from marketplace.referrals.models import Referral, Rung, StepTaken


def of(*, owner: Organisation, on: date) -> QuerySet[Referral]:
    """Return an owner's live commissions made under a rule whose cover has lapsed, oldest first.

    They stand: nobody loses what was promised. The owner has to see that nobody carries the risk.
    """
    under_it = StepTaken.objects.filter(
        step=Step.COMMISSION,
        rule__in=covers.uncovered_rules(on=on, owner=owner).values("reference"),
    )
    return Referral.objects.filter(
        service__owner=owner, rung__in=(Rung.COMMISSIONED, Rung.BOOKED), steps__in=under_it
    ).order_by("asked_at", "pk")
