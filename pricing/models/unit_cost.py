"""What one unit of a service costs the agency: staff, overheads and materials over the volume."""

import uuid

from django.db import models
from django.db.models import Q

from pricing.models.price import PriceUnit


class UnitCost(models.Model):
    """A unit cost with everything it was built from, so that it can be questioned (report 4.7).

    The time of its staff lines at their rates, overheads on top, and the materials, all over the
    units that they make.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="unit_costs")
    unit = models.CharField(max_length=10, choices=PriceUnit, default=PriceUnit.SESSION)
    overhead_basis_points = models.PositiveIntegerField()
    materials_pence = models.BigIntegerField(default=0)
    units = models.PositiveIntegerField()
    amount_pence = models.BigIntegerField()
    price_year = models.CharField(max_length=9)
    source = models.CharField(max_length=300)
    built_on = models.DateField()
    built_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["service_id", "-built_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1), name="pricing_unit_cost_at_least_one_unit"
            ),
            models.CheckConstraint(
                condition=Q(materials_pence__gte=0, amount_pence__gte=0),
                name="pricing_unit_cost_never_below_nothing",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=PriceUnit.values), name="pricing_unit_cost_unit_known"
            ),
        ]

    def __str__(self) -> str:
        return f"unit cost {self.reference}"

    @property
    def overhead_percent(self) -> str:
        """Return the overheads on the time in percent, such as "15.5"."""
        return f"{self.overhead_basis_points / 100:.2f}".rstrip("0").rstrip(".")
