"""What a price said before somebody corrected, moved or took it back: kept, never overwritten."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pricing.models.price import Figures


class PriceChangeKind(models.TextChoices):
    """What was done to the price."""

    CORRECTED = "corrected", _("corrected")
    REMOVED = "removed", _("taken back before it began")
    ENDED = "ended", _("ended")
    SHARED = "shared", _("shared out in another way")


class PriceChange(Figures):
    """The figures of a price as they were before one change; the row itself never changes."""

    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="price_changes")
    # A reference, not a key: a planned price that was taken back is there no longer.
    price_reference = models.UUIDField()
    kind = models.CharField(max_length=10, choices=PriceChangeKind)
    # Parts by the reference of the organisation, as they were.
    shares = models.JSONField(default=dict, blank=True)
    changed_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=PriceChangeKind.values),
                name="pricing_price_change_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["service", "unit"], name="pricing_price_change_service"),
        ]

    def __str__(self) -> str:
        return f"change {self.pk} of price {self.price_reference}"
