"""Opening a record in an emergency: timed, with a reason in words, reviewed by somebody else."""

import uuid
from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.people.roles import Role


class Finding(models.TextChoices):
    """What whoever reviewed it found."""

    PROPER = "proper", _("It was right to open it")
    IMPROPER = "improper", _("It was not right to open it")


class EmergencyQuerySet(models.QuerySet["Emergency"]):
    """Emergencies, narrowed."""

    def running(self, at: datetime) -> Self:
        """Narrow to those under which a record is open at this moment."""
        return self.filter(opened_at__lte=at, ends_at__gt=at)

    def unreviewed(self) -> Self:
        """Narrow to those that nobody has reviewed."""
        return self.filter(reviewed_at__isnull=True)

    def overdue(self, at: datetime) -> Self:
        """Narrow to those whose time for a review has passed."""
        return self.unreviewed().filter(review_due_at__lte=at)

    def shown(self, day: date) -> Self:
        """Narrow to those that the person may read of."""
        return self.filter(Q(held_back_until__isnull=True) | Q(held_back_until__lte=day))


class Emergency(models.Model):
    """One person's record opened by one worker who had no other reason (design §5, §9).

    The person reads of it, unless that is held back for a reviewed reason.
    """

    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    HELD_BACK_PATH = "held_back_until"
    INFORMATION = "safety"
    IS_PRIVATE = True
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "user": True,
        "organisation": False,
        "role": False,
        "why": True,
        "opened_at": False,
        "ends_at": False,
        "review_due_at": False,
        "escalated_at": False,
        "reviewed_by": True,
        "reviewed_at": False,
        "finding": False,
        "words": True,
        "held_back_until": False,
        "held_back_for": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="emergencies")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="emergencies")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="emergencies")
    role = models.CharField(max_length=32, choices=Role.choices)
    why = models.TextField(_("why"))
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    review_due_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="emergencies_reviewed"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=16, choices=Finding.choices, blank=True)
    words = models.TextField(_("what was found"), blank=True)
    held_back_until = models.DateField(null=True, blank=True)
    held_back_for = models.SlugField(blank=True)

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="sharing_emergency_says_why"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("opened_at")), name="sharing_emergency_ends"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("user")),
                name="sharing_emergency_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, finding="")
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False)
                & Q(finding__in=Finding.values)
                & ~Q(words=""),
                name="sharing_emergency_review_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(held_back_until__isnull=True) | ~Q(held_back_for=""),
                name="sharing_emergency_held_back_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["review_due_at"],
                condition=Q(reviewed_at__isnull=True),
                name="sharing_emergency_to_review",
            )
        ]

    def __str__(self) -> str:
        return f"emergency {self.reference}"

    @property
    def review_due_on(self) -> date:
        """Return the last day for a review: it is due by the end of it."""
        return timezone.localdate(self.review_due_at - timedelta(seconds=1))

    @property
    def is_reviewed(self) -> bool:
        """Tell whether somebody has said whether it was right."""
        return self.reviewed_at is not None

    @property
    def was_proper(self) -> bool:
        """Tell whether the review found it right."""
        return self.finding == Finding.PROPER


class Attempt(models.Model):
    """One try to open a record in an emergency; nothing of what was typed is kept."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="attempts")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="attempts")
    has_found = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="sharing_attempt_user")]

    def __str__(self) -> str:
        return f"attempt {self.pk}"
