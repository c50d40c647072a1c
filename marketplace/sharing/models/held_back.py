"""What the person is not shown for a while, for a recorded reason that a second person reviews."""

import uuid
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HeldBackReason(models.TextChoices):
    """Why somebody may not learn of it yet."""

    HARM = "harm", _("Somebody could be hurt if it were known")
    INQUIRY = "inquiry", _("The police or a social worker are finding out what happened")
    PRESSURE = "pressure", _("Somebody could be put under pressure to say nothing")


class HeldBackQuerySet(models.QuerySet["HeldBack"]):
    """What is held back, narrowed."""

    def open(self) -> Self:
        """Narrow to what was not released."""
        return self.filter(released_at__isnull=True)

    def unreviewed(self) -> Self:
        """Narrow to what waits for a second person."""
        return self.open().filter(reviewed_at__isnull=True)


class HeldBack(models.Model):
    """One concern's traces, kept from the person's own pages until a day.

    Private and of nobody named, so that the gate lets nobody in: it is reached from its concern,
    or by who reviews it.
    """

    FAMILY_PATH = "safeguard__person__members__family"
    INFORMATION = "safety"
    IS_PRIVATE = True
    PERSONAL = {
        "id": False,
        "reference": False,
        "safeguard": True,
        "reason": False,
        "words": True,
        "until": False,
        "asked_by": True,
        "asked_at": False,
        "review_due_at": False,
        "reviewed_by": True,
        "reviewed_at": False,
        "is_upheld": False,
        "released_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    safeguard = models.ForeignKey("sharing.Safeguard", models.PROTECT, related_name="held_back")
    reason = models.CharField(max_length=16, choices=HeldBackReason.choices)
    words = models.TextField(_("why"))
    until = models.DateField()
    asked_by = models.ForeignKey("people.User", models.PROTECT, related_name="held_back")
    asked_at = models.DateTimeField()
    review_due_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="held_back_reviewed"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    is_upheld = models.BooleanField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    objects = HeldBackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="sharing_held_back_says_why"),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("asked_by")),
                name="sharing_held_back_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, is_upheld__isnull=True)
                | Q(reviewed_at__isnull=False, is_upheld__isnull=False, reviewed_by__isnull=False),
                name="sharing_held_back_review_is_whole",
            ),
            models.UniqueConstraint(
                fields=["safeguard"],
                condition=Q(released_at__isnull=True),
                name="sharing_held_back_once_a_concern",
            ),
        ]

    def __str__(self) -> str:
        return f"held back {self.reference}"

    @property
    def review_due_on(self) -> date:
        """Return the last day for a review: it is due by the end of it."""
        return timezone.localdate(self.review_due_at - timedelta(seconds=1))

    @property
    def is_reviewed(self) -> bool:
        """Tell whether a second person has said yes or no."""
        return self.reviewed_at is not None
