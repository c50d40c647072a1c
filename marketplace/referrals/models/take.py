"""Which of her organisation's people has taken a referral on: hers first, and still everybody's."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from marketplace.people.models import Membership
from marketplace.people.roles import Role


class TakeQuerySet(models.QuerySet["Take"]):
    """Takes, narrowed."""

    def standing(self, day: date) -> Self:
        """Narrow to those not put back, of somebody who still works there in that role."""
        works = Membership.objects.on(day).filter(
            user=OuterRef("user"),
            organisation=OuterRef("organisation"),
            role=OuterRef("role"),
            user__is_active=True,
        )
        return self.filter(Exists(works), put_back_at__isnull=True)


class Take(models.Model):
    """One worker's having taken one referral on, for one role at her organisation.

    It says whose list it stands on; any colleague in the role can still act.
    """

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
        "user": True,
        "taken_at": False,
        "put_back_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey("referrals.Referral", models.PROTECT, related_name="takes")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="takes")
    role = models.CharField(max_length=32, choices=Role.choices)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="takes")
    taken_at = models.DateTimeField()
    put_back_at = models.DateTimeField(null=True, blank=True)

    objects = TakeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "organisation", "role"],
                condition=Q(put_back_at__isnull=True),
                name="referrals_take_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(put_back_at__isnull=True) | Q(put_back_at__gte=F("taken_at")),
                name="referrals_take_put_back_after_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"take {self.reference}"
