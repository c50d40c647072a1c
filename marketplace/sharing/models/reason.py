"""Why somebody may open a person's record now, and on what lawful ground (design §5)."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.people.roles import Role


class ReasonKind(models.TextChoices):
    """What opened the reason."""

    REFERRAL = "referral", _("They were asked to help")
    BOOKING = "booking", _("They provide support that is booked")
    LEAD = "lead", _("They lead for the family")
    APPROVAL = "approval", _("A decision is waiting for them")
    SAFEGUARD = "safeguard", _("They keep somebody safe")
    EMERGENCY = "emergency", _("They opened it in an emergency")


class Basis(models.TextChoices):
    """The lawful ground; only consent can be withdrawn (UK GDPR Art. 6)."""

    PUBLIC_TASK = "public_task", _("It is their public duty")
    LEGAL_OBLIGATION = "legal_obligation", _("The law says they must")
    VITAL_INTERESTS = "vital_interests", _("To protect somebody's life")
    CONSENT = "consent", _("You said yes")


class Scope(models.TextChoices):
    """How much of the person's record the reason opens."""

    RECORD = "record", _("The plan and what is in it")
    SUBJECT = "subject", _("Only what they were asked for")


class ReasonQuerySet(models.QuerySet["Reason"]):
    """Reasons, narrowed."""

    def live(self, at: datetime) -> Self:
        """Narrow to reasons that hold at this moment."""
        return self.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=at), opened_at__lte=at)


class Reason(models.Model):
    """One organisation's role, or one user, may know about one person because of one subject.

    A user's reason that names an organisation holds while she works there.
    """

    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "subject"
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "organisation": False,
        "role": False,
        "user": True,
        "kind": False,
        "scope": False,
        "basis": False,
        "subject": False,
        "is_confidential": False,
        "opened_at": False,
        "closed_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="reasons")
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="reasons"
    )
    role = models.CharField(max_length=32, choices=Role.choices, blank=True)
    user = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="reasons"
    )
    kind = models.CharField(max_length=16, choices=ReasonKind.choices)
    scope = models.CharField(max_length=16, choices=Scope.choices)
    basis = models.CharField(max_length=24, choices=Basis.choices)
    subject = models.UUIDField()
    is_confidential = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ReasonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, user__isnull=True) & ~Q(role="")
                | Q(user__isnull=False),
                name="sharing_reason_has_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="sharing_reason_closes_after_opening",
            ),
            models.UniqueConstraint(
                fields=["person", "organisation", "role", "subject"],
                condition=Q(closed_at__isnull=True, user__isnull=True),
                name="sharing_reason_one_open_a_role",
            ),
            models.UniqueConstraint(
                fields=["person", "user", "subject"],
                condition=Q(closed_at__isnull=True, user__isnull=False),
                name="sharing_reason_one_open_a_user",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "role", "closed_at"], name="sharing_reason_org"),
            models.Index(fields=["subject"], name="sharing_reason_subject"),
        ]

    def __str__(self) -> str:
        return f"reason {self.reference}"

    @property
    def can_be_stopped(self) -> bool:
        """Tell whether the person can stop this by saying no."""
        return self.basis == Basis.CONSENT
