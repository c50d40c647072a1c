"""A commission above somebody's limit, waiting for one named next level."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.people.roles import Role


class ApprovalState(models.TextChoices):
    """What became of the request."""

    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    CLOSED = "closed", _("No longer needed")


class ApprovalQuerySet(models.QuerySet["Approval"]):
    """Approvals, narrowed."""

    def waiting(self) -> Self:
        """Narrow to requests without an answer."""
        return self.filter(state=ApprovalState.WAITING)

    def late(self, day: date) -> Self:
        """Narrow to requests whose level let its working days pass."""
        return self.waiting().filter(due_on__lt=day)

    def overdue(self) -> Self:
        """Narrow to requests that nobody above can answer: the administrator was told."""
        return self.waiting().filter(overdue_at__isnull=False)


class Approval(models.Model):
    """One request to one organisation's role; never answered by the asker (design §5)."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "referral": True,
        "organisation": False,
        "role": False,
        "amount_pence": False,
        "level": False,
        "rule": False,
        "limit_pence": False,
        "due_on": False,
        "raised_at": False,
        "overdue_at": False,
        "state": False,
        "asked_by": False,
        "asked_at": False,
        "answered_by": False,
        "answered_at": False,
        "words": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey("referrals.Referral", models.PROTECT, related_name="approvals")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="approvals")
    role = models.CharField(max_length=32, choices=Role.choices)
    amount_pence = models.BigIntegerField()
    # Which level is asked now: 1 is the lowest with enough limit; each silence goes one up.
    level = models.PositiveSmallIntegerField(default=1)
    rule = models.UUIDField(null=True, blank=True)
    limit_pence = models.BigIntegerField(null=True, blank=True)
    due_on = models.DateField()
    raised_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=16, choices=ApprovalState.choices, default=ApprovalState.WAITING
    )
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(state=ApprovalState.WAITING),
                name="referrals_approval_one_waiting",
            ),
            models.CheckConstraint(
                condition=~Q(answered_by=models.F("asked_by")),
                name="referrals_approval_never_by_the_asker",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ApprovalState.APPROVED, ApprovalState.REFUSED])
                | (Q(answered_at__isnull=False) & ~Q(answered_by="")),
                name="referrals_approval_answer_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"approval {self.reference}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether an answer is still due."""
        return self.state == ApprovalState.WAITING

    @property
    def is_overdue(self) -> bool:
        """Tell whether nobody above can answer it, and the administrators were told."""
        return self.overdue_at is not None

    @property
    def who(self) -> str:
        """Return the level that is asked now: its organisation and role."""
        return _("%(organisation)s, %(role)s") % {
            "organisation": self.organisation.name,
            "role": Role(self.role).label,
        }
