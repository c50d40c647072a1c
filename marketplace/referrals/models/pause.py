"""A while in which the clocks of a referral stand still, for a listed reason, until a day."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PauseReason(models.TextChoices):
    """Why the clocks may stand still: never because a service is short of people."""

    FAMILY_AWAY = "family_away", _("The family is away")
    FAMILY_ASKED = "family_asked", _("The family asked to wait")
    ILLNESS = "illness", _("Somebody in the family is ill")
    PAPERS = "papers", _("A paper is needed that somebody else has to send")
    OTHER_SERVICE = "other_service", _("Another service has to finish first")


class PauseQuerySet(models.QuerySet["Pause"]):
    """Pauses, narrowed."""

    def on(self, day: date) -> Self:
        """Narrow to those that hold on a day."""
        return self.filter(starts_on__lte=day, ends_on__gt=day)


class Pause(models.Model):
    """One pause of one referral, half-open: on `ends_on` the clocks go on by themselves."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "referral": True,
        "reason": True,
        "starts_on": False,
        "ends_on": False,
        "paused_by": False,
        "paused_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey("referrals.Referral", models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=16, choices=PauseReason.choices)
    starts_on = models.DateField()
    ends_on = models.DateField()
    paused_by = models.CharField(max_length=64)
    paused_at = models.DateTimeField()

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="referrals_pause_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=PauseReason.values), name="referrals_pause_reason_known"
            ),
        ]
        ordering = ["starts_on", "pk"]

    def __str__(self) -> str:
        return f"pause {self.reference}"
