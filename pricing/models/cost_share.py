"""How organisations share what a service costs, by agreement."""

from django.db import models
from django.db.models import Q


class CostShare(models.Model):
    """One organisation's part of a price: parts of the whole of all parts, such as 60 and 40."""

    price = models.ForeignKey("pricing.Price", models.CASCADE, related_name="shares")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="cost_shares")
    parts = models.PositiveIntegerField()

    class Meta:
        ordering = ["-parts", "organisation__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parts__gte=1), name="pricing_cost_share_at_least_one_part"
            ),
            models.UniqueConstraint(
                fields=["price", "organisation"], name="pricing_cost_share_one_an_organisation"
            ),
        ]

    def __str__(self) -> str:
        return f"share {self.pk} of price {self.price_id}"
