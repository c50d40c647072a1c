"""A check that a worker holds, as somebody saw it: level and days. Its number is never kept."""

import datetime
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.models.service import ContactCheck


class CheckQuerySet(models.QuerySet["Check"]):
    """The questions asked of checks."""

    def held(self) -> "CheckQuerySet":
        """Return those of who still works on the service."""
        return self.filter(ended_at__isnull=True)


class Check(models.Model):
    """One worker's check, for one service (design §5: level and date that the contact needs)."""

    ENOUGH = {
        ContactCheck.NONE: (ContactCheck.DBS_BASIC, ContactCheck.DBS_ENHANCED),
        ContactCheck.DBS_BASIC: (ContactCheck.DBS_BASIC, ContactCheck.DBS_ENHANCED),
        ContactCheck.DBS_ENHANCED: (ContactCheck.DBS_ENHANCED,),
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", on_delete=models.CASCADE, related_name="checks")
    holder = models.CharField(
        _("whose check"), max_length=50, help_text=_("A first name or initials is enough.")
    )
    level = models.CharField(_("which check"), max_length=12, choices=ContactCheck.choices[1:])
    seen_on = models.DateField(_("seen on"))
    valid_until = models.DateField(_("held until"))
    seen_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check held")
        verbose_name_plural = _("checks held")
        ordering = ["holder", "-valid_until", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__in=[ContactCheck.DBS_BASIC, ContactCheck.DBS_ENHANCED]),
                name="cms_check_level_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("seen_on")),
                name="cms_check_held_from_when_it_was_seen",
                violation_error_message=_("It had run out already when it was seen."),
            ),
        ]

    def __str__(self) -> str:
        return f"check {self.reference}"

    def will_do(self, *, need: str) -> bool:
        """Tell whether its level is what the contact needs, or more."""
        return self.level in self.ENOUGH[ContactCheck(need)]

    def is_enough(self, *, need: str, on: datetime.date) -> bool:
        """Tell whether it is what the contact needs, on a day."""
        return self.will_do(need=need) and self.seen_on <= on <= self.valid_until
