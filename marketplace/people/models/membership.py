"""Who works where, as what, and when."""

import uuid
from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.people.roles import Role

Row = TypeVar("Row", bound=models.Model)


class DatedQuerySet(models.QuerySet[Row]):
    """Rows with `starts_on` and `ends_on`, half-open; an open end is null."""

    def on(self, day: date) -> Self:
        """Narrow to what holds on `day`."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


class MembershipQuerySet(DatedQuerySet["Membership"]):
    """Roles, narrowed."""

    def on(self, day: date) -> Self:
        """Narrow to what holds on `day`: somebody suspended holds nothing."""
        return super().on(day).filter(suspended_at__isnull=True)

    def standing(self, day: date) -> Self:
        """Narrow to what was given and not ended on `day`, suspended or not."""
        return super().on(day)


class Membership(models.Model):
    """One user's role at one organisation, between dates; suspended, it does not hold."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ends_on__isnull=True),
                name="people_membership_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="people_membership_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="people_membership_role_known"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role"], name="people_member_org_role")]

    def __str__(self) -> str:
        return f"membership {self.pk}: {self.role}"
