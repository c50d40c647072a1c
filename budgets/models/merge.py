"""That two records are of one household, or of one person: said, and taken back."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from budgets.models.family import Family, Person


class FamilyMergeQuerySet(models.QuerySet["FamilyMerge"]):
    """Merges of households."""

    def live(self) -> Self:
        """Return the merges that were not undone."""
        return self.filter(undone_at__isnull=True)


class PersonMergeQuerySet(models.QuerySet["PersonMerge"]):
    """Merges of persons."""

    def live(self) -> Self:
        """Return the merges that were not undone."""
        return self.filter(undone_at__isnull=True)


class FamilyMerge(models.Model):
    """One record stands for another's household too; `stays` are the members that it added."""

    FAMILY_PATH: ClassVar[str] = "kept"
    INFORMATION: ClassVar[str] = "household"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "kept": True,
        "gone": True,
        "stays": False,
        "merged_at": False,
        "merged_by": True,
        "undone_at": False,
        "undone_by": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Family, models.PROTECT, related_name="merges_kept")
    gone = models.ForeignKey(Family, models.PROTECT, related_name="merges_gone")
    stays = models.JSONField(default=list, blank=True)
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=100)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=100, blank=True)

    objects = FamilyMergeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("gone")), name="budgets_familymerge_of_two_records"
            ),
            models.UniqueConstraint(
                fields=["gone"],
                condition=Q(undone_at__isnull=True),
                name="budgets_familymerge_one_live",
            ),
        ]

    def __str__(self) -> str:
        return f"merge {self.reference}"


class PersonMerge(models.Model):
    """One record stands for another's person too."""

    FAMILY_PATH: ClassVar[str] = "kept__members__family"
    PERSON_PATH: ClassVar[str] = "kept"
    INFORMATION: ClassVar[str] = "household"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "kept": True,
        "gone": True,
        "merged_at": False,
        "merged_by": True,
        "undone_at": False,
        "undone_by": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges_kept")
    gone = models.ForeignKey(Person, models.PROTECT, related_name="merges_gone")
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=100)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=100, blank=True)

    objects = PersonMergeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("gone")), name="budgets_personmerge_of_two_records"
            ),
            models.UniqueConstraint(
                fields=["gone"],
                condition=Q(undone_at__isnull=True),
                name="budgets_personmerge_one_live",
            ),
        ]

    def __str__(self) -> str:
        return f"merge {self.reference}"
