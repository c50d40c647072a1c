"""One field, or one row, that a reviewer leaves out of a copy, and why."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RedactionReason(models.TextChoices):
    """Why something is left out (Data Protection Act 2018, Sch. 2 and 3)."""

    ABOUT_ANOTHER = "about_another", _("It is about somebody else")
    ENDANGERS = "endangers", _("Knowing it could put somebody in danger")
    LEGAL_ADVICE = "legal_advice", _("It is legal advice")


class Redaction(models.Model):
    """What is left out of one copy; for the reviewers only, and kept as evidence.

    Where `field` is empty the whole row is left out. What endangers leaves no trace in the copy.
    """

    FAMILY_PATH = "request__person__members__family"
    IS_PRIVATE = True
    INFORMATION = "safety"
    PERSONAL = {
        "id": False,
        "request": True,
        "label": False,
        "row_key": False,
        "field": False,
        "reason": False,
        "by": True,
        "at": False,
    }

    request = models.ForeignKey("rights.RightsRequest", models.PROTECT, related_name="redactions")
    label = models.CharField(max_length=60)
    row_key = models.CharField(max_length=40)
    field = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=24, choices=RedactionReason.choices)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="redactions")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=RedactionReason.values),
                name="rights_redaction_reason_known",
            ),
            models.UniqueConstraint(
                fields=["request", "label", "row_key", "field"], name="rights_redaction_once"
            ),
        ]

    def __str__(self) -> str:
        return f"redaction {self.pk}: {self.reason}"

    @property
    def leaves_no_trace(self) -> bool:
        """Tell whether not even the gap may be seen."""
        return self.reason == RedactionReason.ENDANGERS
