"""What a service's criteria were at a time: who could have it, and how much."""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class CriteriaVersionQuerySet(models.QuerySet["CriteriaVersion"]):
    """The questions asked of versions."""

    def before(self, moment: datetime) -> "CriteriaVersionQuerySet":
        """Return what was in force before a moment, the latest first."""
        begun = models.Q(from_at__isnull=True) | models.Q(from_at__lt=moment)
        return self.filter(begun).order_by("-number")


class CriteriaVersion(models.Model):
    """One state of a service's criteria and bands; never changed, only followed by the next.

    The first has no beginning: it is what the entry came with. Each lasts until the next begins.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey(
        "cms.Service", on_delete=models.CASCADE, related_name="criteria_versions"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    from_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    set_by = models.CharField(_("set by"), max_length=64, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    content = models.JSONField(_("content"), default=dict)

    objects = CriteriaVersionQuerySet.as_manager()

    class Meta:
        ordering = ["service", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "number"], name="cms_criteria_version_numbered_once"
            ),
            models.CheckConstraint(
                condition=models.Q(number=1, from_at__isnull=True)
                | models.Q(number__gt=1, from_at__isnull=False),
                name="cms_criteria_version_only_the_first_has_no_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"criteria {self.number} of service {self.service_id}"
