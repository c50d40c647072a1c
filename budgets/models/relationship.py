"""How two people are related, wherever they live (report, Fred's household)."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from budgets.models.family import Person


class Kin(models.TextChoices):
    """What the relative is to the person."""

    PARENT = "parent", _("parent")
    STEP_PARENT = "step_parent", _("step-parent")
    GRANDPARENT = "grandparent", _("grandparent")
    PARTNER = "partner", _("partner")
    FORMER_PARTNER = "former_partner", _("former partner")
    SIBLING = "sibling", _("brother or sister")
    HALF_SIBLING = "half_sibling", _("half-brother or half-sister")
    STEP_SIBLING = "step_sibling", _("step-brother or step-sister")
    CARER = "carer", _("carer")
    OTHER = "other", _("other relative or friend")


# What each is to the other.
BOTH_WAYS = {
    Kin.PARTNER,
    Kin.FORMER_PARTNER,
    Kin.SIBLING,
    Kin.HALF_SIBLING,
    Kin.STEP_SIBLING,
    Kin.OTHER,
}


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    """Relationships by day and people."""

    def on(self, day: date) -> Self:
        """Return the relationships that hold on the day; the last day is not included."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))

    def open(self) -> Self:
        """Return the relationships without an end."""
        return self.filter(ends_on__isnull=True)


class Relationship(models.Model):
    """What a relative is to a person, from a day on, until it is not so any more."""

    FAMILY_PATH: ClassVar[str] = "person__members__family"
    PERSON_PATH: ClassVar[str] = "person"
    CONFIDENTIAL_PATH: ClassVar[str] = "is_confidential"
    INFORMATION: ClassVar[str] = "household"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "person": True,
        "relative": True,
        "kind": True,
        "is_confidential": True,
        "starts_on": True,
        "ends_on": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="relationships")
    relative = models.ForeignKey(Person, models.PROTECT, related_name="related_to")
    kind = models.CharField(max_length=20, choices=Kin)
    is_confidential = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(person=F("relative")), name="budgets_relationship_between_two"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kin.values), name="budgets_relationship_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="budgets_relationship_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["person", "relative", "kind"],
                condition=Q(ends_on__isnull=True),
                name="budgets_relationship_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"relationship {self.reference}"

    @property
    def is_both_ways(self) -> bool:
        """Tell whether each is to the other what the other is to her."""
        return self.kind in BOTH_WAYS
