"""A family's plan, and what they want to change, in their words."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from budgets.models.family import Family, Person


class PlanStatus(models.TextChoices):
    """Where a plan is in its life."""

    DRAFT = "draft", _("draft")
    AGREED = "agreed", _("agreed")
    ACTIVE = "active", _("active")
    IN_REVIEW = "in_review", _("in review")
    CLOSED = "closed", _("closed")


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans by status."""

    def current(self) -> Self:
        """Return the plans that are not closed."""
        return self.exclude(status=PlanStatus.CLOSED)

    def active(self) -> Self:
        """Return the plans from which support can be bought: active, or in review."""
        return self.filter(status__in=[PlanStatus.ACTIVE, PlanStatus.IN_REVIEW])


class Plan(models.Model):
    """A family's plan of three to five years (report 4.7)."""

    INFORMATION: ClassVar[str] = "plan"
    FAMILY_PATH: ClassVar[str] = "family"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "family": True,
        "status": False,
        "starts_on": False,
        "ends_on": False,
        "vision": True,
        "review_on": False,
        "closed_on": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey(Family, models.PROTECT, related_name="plans")
    status = models.CharField(max_length=10, choices=PlanStatus, default=PlanStatus.DRAFT)
    starts_on = models.DateField()
    ends_on = models.DateField()
    vision = models.TextField(blank=True)
    review_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="budgets_plan_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(status__in=PlanStatus.values), name="budgets_plan_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=PlanStatus.CLOSED, closed_on__isnull=False)
                | (~Q(status=PlanStatus.CLOSED) & Q(closed_on__isnull=True)),
                name="budgets_plan_closed_has_its_day",
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=~Q(status=PlanStatus.CLOSED),
                name="budgets_plan_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.reference}"

    @property
    def is_active(self) -> bool:
        """Tell whether support can be bought from this plan."""
        return self.status in {PlanStatus.ACTIVE, PlanStatus.IN_REVIEW}

    @property
    def is_closed(self) -> bool:
        """Tell whether the plan has come to its end."""
        return self.status == PlanStatus.CLOSED


class GoalQuerySet(models.QuerySet["Goal"]):
    """Goals by whether they were reached."""

    def open(self) -> Self:
        """Return the goals still to reach."""
        return self.filter(reached_on__isnull=True)


class Goal(models.Model):
    """Something the family, or one of its people, wants to change."""

    INFORMATION: ClassVar[str] = "plan"
    FAMILY_PATH: ClassVar[str] = "plan__family"
    PERSON_PATH: ClassVar[str] = "person"
    CONFIDENTIAL_PATH: ClassVar[str] = "is_confidential"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "plan": True,
        "person": True,
        "words": True,
        "term": True,
        "position": False,
        "score_at_start": True,
        "score_now": True,
        "is_confidential": True,
        "reached_on": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="goals")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="goals")
    words = models.TextField()
    term = models.ForeignKey("cms.Term", models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    score_at_start = models.PositiveSmallIntegerField(null=True, blank=True)
    score_now = models.PositiveSmallIntegerField(null=True, blank=True)
    is_confidential = models.BooleanField(default=False)
    reached_on = models.DateField(null=True, blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["plan_id", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score_at_start__isnull=True) | Q(score_at_start__range=(1, 10)),
                name="budgets_goal_score_at_start_one_to_ten",
            ),
            models.CheckConstraint(
                condition=Q(score_now__isnull=True) | Q(score_now__range=(1, 10)),
                name="budgets_goal_score_now_one_to_ten",
            ),
            models.CheckConstraint(
                condition=Q(is_confidential=False) | Q(person__isnull=False),
                name="budgets_goal_confidential_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"goal {self.reference}"

    @property
    def is_reached(self) -> bool:
        """Tell whether the family got there."""
        return self.reached_on is not None
