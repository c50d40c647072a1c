"""An open concern for somebody's safety."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SafeguardKind(models.TextChoices):
    """What the concern is about."""

    DRUGS_IN_THE_HOME = "drugs_in_the_home", _("Drugs in the home")
    ABSENT_PARENT = "absent_parent", _("A parent who comes and goes")
    VIOLENCE = "violence", _("Violence or anger in the home")
    EXPLOITATION = "exploitation", _("Somebody taking advantage")
    NEGLECT = "neglect", _("Not being looked after")
    SELF_HARM = "self_harm", _("Hurting oneself")
    OTHER = "other", _("Something else")


class SafeguardEnd(models.TextChoices):
    """Why a concern was closed."""

    SAFE_NOW = "safe_now", _("The person is safe now")
    WITH_OTHERS = "with_others", _("Others keep the person safe now")
    UNFOUNDED = "unfounded", _("There was nothing to it")


class SafeguardQuerySet(models.QuerySet["Safeguard"]):
    """Safeguards, narrowed."""

    def open(self) -> Self:
        """Narrow to concerns that are not closed."""
        return self.filter(closed_at__isnull=True)

    def to_review(self, day: date) -> Self:
        """Narrow to open concerns whose day of review has come."""
        return self.open().filter(review_on__lte=day)


class Safeguard(models.Model):
    """A concern with an owner, evidence and a review date; entries expire unless reviewed.

    No score is kept (design §9).
    """

    INFORMATION = "safety"
    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "reference"
    HELD_BACK_PATH = "held_back_until"
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "kind": True,
        "evidence": True,
        "owner": True,
        "owner_organisation": False,
        "is_confidential": False,
        "is_with_social_worker": True,
        "is_agreed": True,
        "opened_at": False,
        "review_on": False,
        "closed_at": False,
        "closed_for": False,
        "nudged_at": False,
        "escalated_at": False,
        "held_back_until": False,
        "held_back_for": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="safeguards")
    kind = models.CharField(_("about"), max_length=32, choices=SafeguardKind.choices)
    evidence = models.TextField(_("what was seen or said"))
    owner = models.ForeignKey("people.User", models.PROTECT, related_name="safeguards_owned")
    owner_organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, related_name="safeguards_owned"
    )
    is_confidential = models.BooleanField(default=True)
    is_with_social_worker = models.BooleanField(default=False)
    is_agreed = models.BooleanField(_("talked over with the person"), default=False)
    opened_at = models.DateTimeField()
    review_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_for = models.SlugField(blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    held_back_until = models.DateField(null=True, blank=True)
    held_back_for = models.SlugField(blank=True)

    objects = SafeguardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | ~Q(closed_for=""),
                name="sharing_safeguard_closed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(evidence=""), name="sharing_safeguard_has_evidence"
            ),
            models.CheckConstraint(
                condition=Q(held_back_until__isnull=True) | ~Q(held_back_for=""),
                name="sharing_safeguard_held_back_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"safeguard {self.reference}"

    @property
    def is_open(self) -> bool:
        """Tell whether the concern still stands."""
        return self.closed_at is None

    @property
    def state(self) -> str:
        """Return where the concern stands, for its history."""
        if not self.is_open:
            return "closed"
        return "with_social_worker" if self.is_with_social_worker else "open"
