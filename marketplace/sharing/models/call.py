"""Somebody who feels unsafe asks to be rung."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q


class CallQuerySet(models.QuerySet["Call"]):
    """Calls, narrowed."""

    def waiting(self) -> Self:
        """Narrow to who was not rung yet."""
        return self.filter(answered_at__isnull=True)


class Call(models.Model):
    """A person's wish to be rung by somebody on her side; nobody else at home learns of it."""

    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "reference"
    INFORMATION = "safety"
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "is_confidential": False,
        "asked_at": False,
        "answered_by": True,
        "answered_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="calls")
    is_confidential = models.BooleanField(default=True)
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="calls_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="sharing_call_answered_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(answered_at__isnull=True),
                name="sharing_call_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"call {self.reference}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody has rung yet."""
        return self.answered_at is None
