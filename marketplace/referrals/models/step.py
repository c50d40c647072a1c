"""One of the processes behind the rungs, done or passed, with the authority it was done under."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.models import Step


class Outcome(models.TextChoices):
    """What became of a step."""

    DONE = "done", _("Done")
    PASSED = "passed", _("Not needed by this service")


class StepTaken(models.Model):
    """A step on a referral: who took it, for which organisation, when and under which rule."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "referral": True,
        "step": False,
        "outcome": False,
        "facts": True,
        "rule": False,
        "actor_kind": False,
        "actor_reference": False,
        "organisation": False,
        "at": False,
    }

    referral = models.ForeignKey("referrals.Referral", models.PROTECT, related_name="steps")
    step = models.CharField(max_length=32, choices=Step.choices)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    facts = models.JSONField(default=dict, blank=True)
    rule = models.UUIDField(null=True, blank=True)
    actor_kind = models.CharField(max_length=16)
    actor_reference = models.CharField(max_length=64)
    organisation = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "step"], name="referrals_step_taken_once"),
            models.CheckConstraint(condition=Q(step__in=Step.values), name="referrals_step_known"),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"step {self.step} of referral {self.referral_id}"

    @property
    def was_needed(self) -> bool:
        """Tell whether the service needed this step."""
        return self.outcome == Outcome.DONE
