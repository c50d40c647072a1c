"""One cell of the table: what one organisation may do on one service, and how they got there."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.models import Step
from marketplace.people.roles import Role


class PathwayState(models.TextChoices):
    """How far a cell has come on the guided path (design §5)."""

    LISTED = "listed", _("Listed")
    OFFERED = "offered", _("Offered by the holder")
    ANSWERED = "answered", _("Answered by the owner")
    AGREED = "agreed", _("Signed by both, not begun yet")
    LIVE = "live", _("Live")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


class Risk(models.TextChoices):
    """What the owner thinks can go wrong when somebody else takes a step."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class Pathway(models.Model):
    """One service and one other organisation; its versions are agreements, every one kept.

    The state says where it stands now. What held on some day is asked of the rules.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="pathways")
    holder = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="pathways_held")
    state = models.CharField(
        max_length=16, choices=PathwayState.choices, default=PathwayState.LISTED
    )
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "holder"], name="authority_pathway_one_a_cell"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PathwayState.values), name="authority_pathway_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"pathway {self.reference}"

    @property
    def is_in_force(self) -> bool:
        """Tell whether the holder may act under it now."""
        return self.state == PathwayState.LIVE

    @property
    def is_signed(self) -> bool:
        """Tell whether some version is signed by both and not ended."""
        return self.state in (PathwayState.AGREED, PathwayState.LIVE, PathwayState.SUSPENDED)


class Offer(models.Model):
    """One line of a version: a step that a role at the holder says it has the skill for."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey("authority.Agreement", models.PROTECT, related_name="offers")
    role = models.CharField(max_length=32, choices=Role.choices)
    step = models.CharField(max_length=32, choices=Step.choices)
    competence = models.SlugField(blank=True)
    words = models.TextField(blank=True)
    offered_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "role", "step"], name="authority_offer_one_a_role_and_step"
            ),
            models.CheckConstraint(
                condition=Q(step__in=Step.values, role__in=Role.values),
                name="authority_offer_known",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.reference}"


class Answer(models.Model):
    """What the owner said to one line; a later answer replaces it, and both are kept."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="answers")
    accepted = models.BooleanField()
    risk = models.CharField(max_length=8, choices=Risk.choices, blank=True)
    risk_words = models.TextField(blank=True)
    competence = models.SlugField(blank=True)
    cover = models.ForeignKey(
        "authority.Cover", models.PROTECT, null=True, blank=True, related_name="+"
    )
    limit_commission_pence = models.BigIntegerField(null=True, blank=True)
    limit_family_year_pence = models.BigIntegerField(null=True, blank=True)
    limit_year_pence = models.BigIntegerField(null=True, blank=True)
    answered_by = models.CharField(max_length=64)
    answered_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(replaced_at__isnull=True),
                name="authority_answer_one_that_stands",
            ),
            models.CheckConstraint(
                condition=Q(accepted=False) | (~Q(risk="") & Q(cover__isnull=False)),
                name="authority_answer_yes_weighs_risk_and_cover",
            ),
            models.CheckConstraint(
                condition=Q(risk="") | Q(risk__in=Risk.values), name="authority_answer_risk_known"
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk} to offer {self.offer_id}"


class Message(models.Model):
    """A line of the thread of a cell, read by both organisations."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pathway = models.ForeignKey(Pathway, models.PROTECT, related_name="messages")
    author = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="authority_message_says_something"),
        ]

    def __str__(self) -> str:
        return f"message {self.reference}"
