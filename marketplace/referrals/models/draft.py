"""One form for several services, before it is sent: saved as it is filled in."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

KEPT_DAYS = 90
"""How long an unsent form is kept after it was last saved, in days."""


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts, narrowed."""

    def unfinished(self) -> Self:
        """Narrow to forms that were neither sent nor thrown away."""
        return self.filter(sent_at__isnull=True, discarded_at__isnull=True)

    def past_keeping(self, at: datetime) -> Self:
        """Narrow to those that were last saved so long ago that they go, sent or not."""
        return self.filter(saved_at__lte=at - timedelta(days=KEPT_DAYS))


class Draft(models.Model):
    """What somebody has filled in so far for one person, for up to fifteen services.

    It is for its author's eyes only, for as long as she may know the person; a copy of the
    person's record has it too. `why` and `answers` hold what was typed, field by field.
    """

    INFORMATION = "support"
    FAMILY_PATH = "family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    AUTHOR_PATH = "author"
    PERSONAL = {
        "id": False,
        "reference": False,
        "author": True,
        "organisation": False,
        "family": True,
        "person": True,
        "services": True,
        "why": True,
        "answers": True,
        "is_confidential": False,
        "referrals": True,
        "started_at": False,
        "saved_at": False,
        "page": False,
        "turn": False,
        "sent_at": False,
        "discarded_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey("people.User", models.PROTECT, related_name="drafts")
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="drafts"
    )
    family = models.ForeignKey("budgets.Family", models.PROTECT, related_name="drafts")
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="drafts")
    services = models.ManyToManyField("cms.Service", blank=True, related_name="+")
    why = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    is_confidential = models.BooleanField(default=False)
    referrals = models.ManyToManyField("referrals.Referral", blank=True, related_name="drafts")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    page = models.UUIDField(null=True, blank=True)  # from which page it was saved last
    turn = models.BigIntegerField(default=0)  # and as the how manieth change there
    sent_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(discarded_at__isnull=True),
                name="referrals_draft_sent_or_discarded",
            ),
            models.CheckConstraint(
                condition=Q(saved_at__gte=F("started_at")),
                name="referrals_draft_saved_after_start",
            ),
            models.CheckConstraint(
                condition=(Q(sent_at__isnull=True) & Q(discarded_at__isnull=True))
                | Q(why={}, answers={}),
                name="referrals_draft_keeps_nothing_once_done",
            ),
        ]
        indexes = [
            models.Index(
                fields=["author"],
                condition=Q(sent_at__isnull=True, discarded_at__isnull=True),
                name="referrals_draft_unfinished",
            ),
            models.Index(fields=["saved_at"], name="referrals_draft_saved"),
        ]

    def __str__(self) -> str:
        return f"draft {self.reference}"

    @property
    def is_unfinished(self) -> bool:
        """Tell whether it can still be filled in and sent."""
        return self.sent_at is None and self.discarded_at is None

    @property
    def is_sent(self) -> bool:
        """Tell whether it was sent."""
        return self.sent_at is not None

    @property
    def kept_until(self) -> datetime:
        """Return the moment at which it goes unless it is saved again."""
        return self.saved_at + timedelta(days=KEPT_DAYS)
