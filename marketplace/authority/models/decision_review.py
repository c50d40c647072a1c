"""Whether the service would have decided the same: a sample of what others decided for it."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q


class DecisionReviewQuerySet(models.QuerySet["DecisionReview"]):
    """Sampled decisions, narrowed."""

    def waiting(self) -> Self:
        """Narrow to those nobody has judged."""
        return self.filter(judged_at__isnull=True)

    def judged(self) -> Self:
        """Narrow to those somebody has judged."""
        return self.filter(judged_at__isnull=False)

    def of_month(self, month: date) -> Self:
        """Narrow to decisions taken in the month that begins on a day."""
        return self.filter(month=month)


class DecisionReview(models.Model):
    """One step that was taken under a rule, sampled for the owner's staff to judge.

    `event` is the line of history of the step, `subject` the referral it was about.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rule = models.ForeignKey("authority.Rule", models.PROTECT, related_name="reviews")
    event = models.UUIDField(unique=True)
    subject = models.UUIDField()
    month = models.DateField()
    sampled_on = models.DateField()
    judged_by = models.CharField(max_length=64, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    would_have_made = models.BooleanField(null=True, blank=True)
    words = models.TextField(blank=True)

    objects = DecisionReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, judged_by="", would_have_made__isnull=True)
                | (Q(judged_at__isnull=False, would_have_made__isnull=False) & ~Q(judged_by="")),
                name="authority_review_judged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.reference}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody has judged it."""
        return self.judged_at is None
