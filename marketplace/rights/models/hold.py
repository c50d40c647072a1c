"""A legal hold: nothing of a person's or a family's is erased while it stands."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    """Holds, narrowed."""

    def standing(self) -> Self:
        """Narrow to holds that nobody lifted."""
        return self.filter(lifted_at__isnull=True)


class LegalHold(models.Model):
    """Placed and lifted by an administrator of a public body, with a reason.

    On one person, or on a whole family; private, since a claim or an inquiry may be.
    """

    FAMILY_PATH = "family"
    PERSON_PATH = "person"
    IS_PRIVATE = True
    INFORMATION = "safety"
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "family": True,
        "organisation": False,
        "reason": True,
        "placed_by": True,
        "placed_at": False,
        "lifted_by": True,
        "lifted_at": False,
        "lifted_for": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        "budgets.Person", models.PROTECT, null=True, blank=True, related_name="legal_holds"
    )
    family = models.ForeignKey(
        "budgets.Family", models.PROTECT, null=True, blank=True, related_name="legal_holds"
    )
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="legal_holds")
    reason = models.TextField(_("why it has to be kept"))
    placed_by = models.ForeignKey("people.User", models.PROTECT, related_name="holds_placed")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="holds_lifted"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_for = models.TextField(_("why it was lifted"), blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, family__isnull=True)
                | Q(person__isnull=True, family__isnull=False),
                name="rights_hold_on_a_person_or_a_family",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rights_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_for="")
                | (
                    Q(lifted_at__isnull=False, lifted_by__isnull=False)
                    & ~Q(lifted_for="")
                    & Q(lifted_at__gte=F("placed_at"))
                ),
                name="rights_hold_lifted_says_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold {self.reference}"

    @property
    def is_standing(self) -> bool:
        """Tell whether it still keeps everything."""
        return self.lifted_at is None
