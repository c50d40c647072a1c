"""What one organisation bears of a quote, to the penny."""

from django.db import models
from django.db.models import Q


class QuoteShare(models.Model):
    """One organisation's share of a quote: copied once, adding up to the total with the others."""

    quote = models.ForeignKey("pricing.Quote", models.CASCADE, related_name="shares")
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, related_name="quote_shares"
    )
    parts = models.PositiveIntegerField()
    amount_pence = models.BigIntegerField()

    class Meta:
        ordering = ["-parts", "organisation__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_pence__gte=0), name="pricing_quote_share_never_below_nothing"
            ),
            models.UniqueConstraint(
                fields=["quote", "organisation"], name="pricing_quote_share_one_an_organisation"
            ),
        ]

    def __str__(self) -> str:
        return f"share {self.pk} of quote {self.quote_id}"
