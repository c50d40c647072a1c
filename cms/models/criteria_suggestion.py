"""What a provider suggests of who can have a service: read by the owner's commissioner."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class SuggestionState(models.TextChoices):
    """What became of a suggestion."""

    WAITING = "waiting", _("waits for an answer")
    TAKEN = "taken", _("taken")
    DECLINED = "declined", _("not taken")
    REPLACED = "replaced", _("replaced by another")


class CriteriaSuggestionQuerySet(models.QuerySet["CriteriaSuggestion"]):
    """The questions asked of suggestions."""

    def waiting(self) -> "CriteriaSuggestionQuerySet":
        """Return what nobody has answered."""
        return self.filter(state=SuggestionState.WAITING)


class CriteriaSuggestion(models.Model):
    """Other criteria and bands for one service, and why. It changes nothing by itself.

    Who can have a service is set where demand and money are seen (ADR 18).
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey(
        "cms.Service", on_delete=models.CASCADE, related_name="criteria_suggestions"
    )
    content = models.JSONField(_("content"), default=dict)
    reason = models.TextField(_("reason"))
    made_to = models.PositiveSmallIntegerField(_("version it was made to"))
    suggested_by = models.CharField(_("suggested by"), max_length=64)
    suggested_at = models.DateTimeField(_("suggested"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=SuggestionState.choices,
        default=SuggestionState.WAITING,
    )
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.CharField(_("answered by"), max_length=64, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = CriteriaSuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-suggested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=models.Q(state=SuggestionState.WAITING),
                name="cms_criteria_suggestion_one_waits_a_service",
            ),
            models.CheckConstraint(
                condition=models.Q(state=SuggestionState.WAITING, answered_at__isnull=True)
                | (~models.Q(state=SuggestionState.WAITING) & models.Q(answered_at__isnull=False)),
                name="cms_criteria_suggestion_answer_has_its_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=SuggestionState.values),
                name="cms_criteria_suggestion_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"suggested criteria {self.reference}"

    @property
    def is_waiting(self) -> bool:
        """Say whether nobody has answered it."""
        return self.state == SuggestionState.WAITING
