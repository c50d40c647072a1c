"""What somebody was told something would cost, frozen."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from pricing.models.price import Confidence, Funding, PriceUnit


class Quote(models.Model):
    """The figures of a price as they were when it was asked: copied, never looked up again.

    It holds until its last moment, which is not included; after that nobody is held to it.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="quotes")
    service_name = models.CharField(max_length=300)
    unit = models.CharField(max_length=10, choices=PriceUnit)
    quantity = models.PositiveIntegerField()
    unit_amount_pence = models.BigIntegerField()
    total_pence = models.BigIntegerField()
    unit_cost_pence = models.BigIntegerField(null=True, blank=True)
    funding = models.CharField(max_length=20, choices=Funding)
    confidence = models.CharField(max_length=20, choices=Confidence)
    price_year = models.CharField(max_length=9)
    source = models.CharField(max_length=300)
    price_reference = models.UUIDField()
    contract_reference = models.CharField(max_length=100, blank=True)
    quoted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-quoted_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="pricing_quote_quantity_at_least_one"
            ),
            models.CheckConstraint(
                condition=Q(unit_amount_pence__gte=0), name="pricing_quote_never_below_nothing"
            ),
            models.CheckConstraint(
                condition=Q(total_pence=F("quantity") * F("unit_amount_pence")),
                name="pricing_quote_total_is_quantity_times_amount",
            ),
            models.CheckConstraint(
                condition=Q(unit_cost_pence__isnull=True) | Q(unit_cost_pence__gte=0),
                name="pricing_quote_cost_never_below_nothing",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("quoted_at")),
                name="pricing_quote_expires_after_it_is_made",
            ),
        ]

    def __str__(self) -> str:
        return f"quote {self.reference}"

    def has_expired(self, at: datetime) -> bool:
        """Tell whether the quote no longer holds at a moment."""
        return at >= self.expires_at

    @property
    def is_payable(self) -> bool:
        """Tell whether the provider is paid each time."""
        return self.funding == Funding.SPOT_PURCHASE

    @property
    def is_placeholder(self) -> bool:
        """Tell whether the figure is only a placeholder, to be shown as one."""
        return self.confidence == Confidence.PLACEHOLDER
