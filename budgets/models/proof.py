"""The outcome of one proof of the ledger."""

from django.db import models
from django.db.models import Q


class Proof(models.Model):
    """When the whole ledger was last recomputed, and whether it held."""

    at = models.DateTimeField(db_index=True)
    ok = models.BooleanField()
    problems = models.PositiveIntegerField()
    transfers = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ok=True, problems=0) | Q(ok=False, problems__gt=0),
                name="budgets_proof_ok_without_problems",
            ),
        ]

    def __str__(self) -> str:
        return f"proof {self.pk}"
