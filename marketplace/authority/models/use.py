"""How much was commissioned under a rule, through all its versions."""

from django.db import models
from django.db.models import Q


class Use(models.Model):
    """The running total of one rule's lineage in one year, for one family or (null) for all."""

    INFORMATION = "money"
    FAMILY_PATH = "family"
    # What confidential support cost is in the sum, so nobody sees it through `sharing.visible`.
    IS_PRIVATE = True
    PERSONAL = {"id": False, "lineage": False, "family": True, "year": False, "amount_pence": False}

    lineage = models.UUIDField()
    family = models.ForeignKey(
        "budgets.Family", models.PROTECT, null=True, blank=True, related_name="+"
    )
    year = models.PositiveSmallIntegerField()
    amount_pence = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lineage", "family", "year"],
                condition=Q(family__isnull=False),
                name="authority_use_one_a_family_and_year",
            ),
            models.UniqueConstraint(
                fields=["lineage", "year"],
                condition=Q(family__isnull=True),
                name="authority_use_one_a_year",
            ),
            models.CheckConstraint(
                condition=Q(amount_pence__gte=0), name="authority_use_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"use {self.pk}: {self.year}"
