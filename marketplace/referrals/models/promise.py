"""What a service or a worker said they would do, and by when: a clock in working days."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PromiseKind(models.TextChoices):
    """What was promised."""

    ANSWER = "answer", _("give an answer")
    DECIDE = "decide", _("decide if you can have it")
    ASSESS = "assess", _("work out how much support you need")
    OFFER_TIME = "offer_time", _("offer you a time")
    APPROVE = "approve", _("say yes or no to the cost")
    CALL_BACK = "call_back", _("call you back")
    SAY_YES = "say_yes", _("say yes or no")


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Promises, narrowed."""

    def open(self) -> Self:
        """Narrow to promises not yet kept or let go."""
        return self.filter(kept_at__isnull=True, ended_at__isnull=True)

    def late(self, day: date) -> Self:
        """Narrow to open promises whose day has passed."""
        return self.open().filter(due_on__lt=day)


class Promise(models.Model):
    """One promise on one referral; silence escalates and never closes anything (design §4)."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "referral": True,
        "kind": False,
        "organisation": False,
        "made_at": False,
        "due_on": False,
        "kept_at": False,
        "chased_at": False,
        "ended_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey("referrals.Referral", models.PROTECT, related_name="promises")
    kind = models.CharField(max_length=16, choices=PromiseKind.choices)
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="promises"
    )
    made_at = models.DateTimeField()
    due_on = models.DateField()
    kept_at = models.DateTimeField(null=True, blank=True)
    chased_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "kind"],
                condition=Q(kept_at__isnull=True, ended_at__isnull=True),
                name="referrals_promise_one_open_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kept_at__isnull=True) | Q(kept_at__gte=F("made_at")),
                name="referrals_promise_kept_after_made",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(kept_at__isnull=True, ended_at__isnull=True),
                name="referrals_promise_open",
            )
        ]

    def __str__(self) -> str:
        return f"promise {self.reference}"

    @property
    def is_open(self) -> bool:
        """Tell whether it still has to be kept."""
        return self.kept_at is None and self.ended_at is None
