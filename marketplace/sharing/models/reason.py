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
    SHARED = "shared", _("You chose to share it with them")


class Purpose(models.TextChoices):
    """What somebody may use it for, and for nothing else (UK GDPR Art. 5(1)(b))."""

    ASK = "ask", _("To see if they can help")
    SUPPORT = "support", _("To give you support")
    PLAN = "plan", _("To plan support with you")
    SPEND = "spend", _("To say yes or no to spending")
    CHECK = "check", _("To check one thing, so that you are not asked again")
    SAFETY = "safety", _("To keep somebody safe")


PURPOSE_OF: dict[str, Purpose] = {
    ReasonKind.REFERRAL: Purpose.ASK,
    ReasonKind.BOOKING: Purpose.SUPPORT,
    ReasonKind.LEAD: Purpose.PLAN,
    ReasonKind.APPROVAL: Purpose.SPEND,
    ReasonKind.SAFEGUARD: Purpose.SAFETY,
    ReasonKind.EMERGENCY: Purpose.SAFETY,
    ReasonKind.SHARED: Purpose.PLAN,
}


class Information(models.TextChoices):
    """The kinds of information that every model about a family is one of (`INFORMATION`)."""

    HOUSEHOLD = "household", _("Who lives at home")
    PLAN = "plan", _("The plan and its goals")
    MONEY = "money", _("The money in the plan")
    SUPPORT = "support", _("Support that was asked for and given")
    FACTS = "facts", _("Facts about you")
    SAFETY = "safety", _("Worries about safety")


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
        """Narrow to reasons that hold at this moment: neither closed nor at their end."""
        return self.filter(
            Q(closed_at__isnull=True) | Q(closed_at__gt=at),
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            opened_at__lte=at,
        )


class Reason(models.Model):
    """One organisation's role, or one user, may know about one person because of one subject.

    A user's reason that names an organisation holds while she works there. `opens_…` says which
    kinds of information a reason for the whole record opens; it ends at `ends_at`, if that is set.
    """

    INFORMATION = Information.SUPPORT
    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "subject"
    HELD_BACK_PATH = "held_back_until"
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
        "purpose": False,
        "consent": False,
        "opens_household": False,
        "opens_plan": False,
        "opens_money": False,
        "opens_support": False,
        "opens_facts": False,
        "opens_safety": False,
        "subject": False,
        "is_confidential": False,
        "opened_at": False,
        "ends_at": False,
        "closed_at": False,
        "held_back_until": False,
        "held_back_for": False,
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
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    consent = models.ForeignKey(
        "sharing.Consent", models.PROTECT, null=True, blank=True, related_name="reasons"
    )
    opens_household = models.BooleanField(default=True)
    opens_plan = models.BooleanField(default=True)
    opens_money = models.BooleanField(default=True)
    opens_support = models.BooleanField(default=True)
    opens_facts = models.BooleanField(default=True)
    opens_safety = models.BooleanField(default=True)
    subject = models.UUIDField()
    is_confidential = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    held_back_until = models.DateField(null=True, blank=True)
    held_back_for = models.SlugField(blank=True)

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
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("opened_at")),
                name="sharing_reason_ends_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="sharing_reason_says_what_for"
            ),
            models.CheckConstraint(
                condition=Q(basis=Basis.CONSENT, consent__isnull=False)
                | (~Q(basis=Basis.CONSENT) & Q(consent__isnull=True)),
                name="sharing_reason_rests_on_a_yes",
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
    def opens(self) -> tuple[Information, ...]:
        """Return the kinds of information that the reason opens, for the whole record."""
        return tuple(kind for kind in Information if getattr(self, f"opens_{kind}"))

    def is_lapsed(self, at: datetime) -> bool:
        """Tell whether the reason's own end has come."""
        return self.ends_at is not None and self.ends_at <= at

    def is_live(self, at: datetime) -> bool:
        """Tell whether the reason holds at this moment: neither closed nor at its end."""
        is_closed = self.closed_at is not None and self.closed_at <= at
        return self.opened_at <= at and not is_closed and not self.is_lapsed(at)

    @property
    def can_be_stopped(self) -> bool:
        """Tell whether the person can stop this by saying no."""
        return self.basis == Basis.CONSENT
