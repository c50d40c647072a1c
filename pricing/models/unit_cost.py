"""What one unit of a service costs the agency, built from hours, rates and overheads."""

import uuid

from django.db import models
from django.db.models import Q


class UnitCost(models.Model):
    """A unit cost with everything it was built from, so that it can be questioned (report 4.7)."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="unit_costs")
    direct_minutes = models.PositiveIntegerField()
    rate_pence_per_hour = models.BigIntegerField()
    overhead_basis_points = models.PositiveIntegerField()
    units = models.PositiveIntegerField()
    amount_pence = models.BigIntegerField()
    price_year = models.CharField(max_length=9)
    source = models.CharField(max_length=300)
    built_on = models.DateField()

    class Meta:
        ordering = ["service_id", "-built_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1), name="pricing_unit_cost_at_least_one_unit"
            ),
            models.CheckConstraint(
                condition=Q(rate_pence_per_hour__gte=0, amount_pence__gte=0),
                name="pricing_unit_cost_never_below_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"unit cost {self.reference}"
