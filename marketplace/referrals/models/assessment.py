"""How much somebody gets, and by which published criterion."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Assessment(models.Model):
    """What an assessment gave: units, the bands as they were shown, and why it differs, if so."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "referral": True,
        "units": False,
        "units_by_facts": False,
        "sentence": True,
        "bands": True,
        "reason": True,
        "assessed_at": False,
    }

    referral = models.OneToOneField("referrals.Referral", models.PROTECT, related_name="assessment")
    units = models.PositiveSmallIntegerField(_("units"))
    units_by_facts = models.PositiveSmallIntegerField(_("units by what is known"))
    sentence = models.CharField(_("criterion"), max_length=255, blank=True)
    bands = models.JSONField(_("bands shown"), default=list, blank=True)
    reason = models.TextField(_("why another amount"), blank=True)
    assessed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1), name="referrals_assessment_gives_something"
            ),
        ]

    def __str__(self) -> str:
        return f"assessment of referral {self.referral_id}"

    @property
    def is_another(self) -> bool:
        """Tell whether somebody gave another amount than the facts gave."""
        return self.units != self.units_by_facts
