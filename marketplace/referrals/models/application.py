"""What a service was told, and on what ground."""

import uuid

from django.db import models

from marketplace.sharing.models import Basis


class Application(models.Model):
    """The answers one service asked for; it gets these and no others (design §4)."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "referral": True,
        "answers": True,
        "basis": False,
        "verified_at": False,
        "sent_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.OneToOneField(
        "referrals.Referral", models.PROTECT, related_name="application"
    )
    answers = models.JSONField(default=dict)
    basis = models.CharField(max_length=24, choices=Basis.choices)
    verified_at = models.DateTimeField()
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"application {self.reference}"
