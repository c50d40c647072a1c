"""What was changed in an application after it was sent, so that both sides can read it."""

import uuid

from django.db import models


class Amendment(models.Model):
    """One answer that was put right: before, after, why, who and when; never changed itself."""

    INFORMATION = "support"
    FAMILY_PATH = "application__referral__family"
    PERSON_PATH = "application__referral__person"
    CONFIDENTIAL_PATH = "application__referral__is_confidential"
    SUBJECT_PATH = "application__referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "application": True,
        "question": False,
        "asked": False,
        "before": True,
        "after": True,
        "why": True,
        "actor_reference": False,
        "organisation": False,
        "at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        "referrals.Application", models.PROTECT, related_name="amendments"
    )
    question = models.SlugField(max_length=60)
    asked = models.CharField(max_length=255)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    actor_reference = models.CharField(max_length=64)
    organisation = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "question", "at"], name="referrals_amendment_once"
            ),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"amendment {self.reference}"
