"""What was set aside and spent in a month, kept in step by the ledger."""

from typing import Any, Self

from django.db import models
from django.db.models import Q, Sum

from budgets.models.fund import Fund


class TotalQuerySet(models.QuerySet["Total"]):
    """Totals by what they are about."""

    def sums(self, *fields: str) -> "models.QuerySet[Total, dict[str, Any]]":
        """Return one row per value of the fields, with set_aside, spent (pence) and sessions."""
        rows: models.QuerySet[Total, dict[str, Any]] = (
            self.order_by(*fields)
            .values(*fields)
            .annotate(
                set_aside=Sum("set_aside_pence"),
                spent=Sum("spent_pence"),
                sessions=Sum("spent_count"),
            )
        )
        return rows

    def owned_by(self, organisation_id: int) -> Self:
        """Return the totals of services whose rules and money the organisation governs."""
        return self.filter(service__owner_id=organisation_id)


class Total(models.Model):
    """Set aside and spent, by month (Europe/London), fund, provider and service.

    Always summed: a month's figure is spread over `LANES` rows, so that commissions at the same
    moment do not queue for one row.
    """

    LANES = 8

    month = models.DateField()
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="totals")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="+")
    service = models.ForeignKey(
        "cms.Service", models.PROTECT, null=True, blank=True, related_name="+"
    )
    lane = models.PositiveSmallIntegerField(default=0)
    set_aside_pence = models.BigIntegerField(default=0)
    spent_pence = models.BigIntegerField(default=0)
    set_aside_count = models.IntegerField(default=0)
    spent_count = models.IntegerField(default=0)

    objects = TotalQuerySet.as_manager()

    class Meta:
        ordering = ["month", "fund_id", "organisation_id", "service_id", "lane"]
        constraints = [
            models.CheckConstraint(
                condition=Q(set_aside_pence__gte=0, set_aside_count__gte=0),
                name="budgets_total_set_aside_never_below_nothing",
            ),
            models.UniqueConstraint(
                fields=["month", "fund", "organisation", "service", "lane"],
                name="budgets_total_one_a_line",
            ),
            models.UniqueConstraint(
                fields=["month", "fund", "organisation", "lane"],
                condition=Q(service__isnull=True),
                name="budgets_total_one_a_line_without_service",
            ),
        ]

    def __str__(self) -> str:
        return f"total {self.pk}"
