"""Whose time goes into one unit of a service, and at what rate."""

from django.db import models
from django.db.models import Q


class StaffLine(models.Model):
    """One grade or role in a unit cost: minutes at a rate an hour."""

    unit_cost = models.ForeignKey("pricing.UnitCost", models.CASCADE, related_name="staff_lines")
    role = models.CharField(max_length=100)
    minutes = models.PositiveIntegerField()
    rate_pence_per_hour = models.BigIntegerField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["unit_cost_id", "position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_pence_per_hour__gte=0),
                name="pricing_staff_line_rate_never_below_nothing",
            ),
            models.UniqueConstraint(
                fields=["unit_cost", "position"], name="pricing_staff_line_one_a_position"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.position} of unit cost {self.unit_cost_id}"

    @property
    def hours(self) -> str:
        """Return the time in hours, such as "1.5"."""
        return f"{self.minutes / 60:.2f}".rstrip("0").rstrip(".")
