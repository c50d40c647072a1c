"""What was sent to those who keep an entry, so that each stage asks once."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReminderStage(models.TextChoices):
    """What a reminder says; what is fresh needs none."""

    ASKED = "asked", _("Asked to check it")
    CHASED = "chased", _("Chased")
    MARKED = "marked", _("Told that it is marked")
    STOPPED = "stopped", _("Told that it cannot be bought")


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """The questions asked of reminders."""

    def unsent(self, at: datetime) -> Self:
        """Narrow to letters to an address that nobody is sending and that have not gone out."""
        return self.filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=at), sent_at__isnull=True
        )


class Reminder(models.Model):
    """One entry, one stage, counted from one check: asked once.

    Where those who keep it sign in here, they got a notice, and it was sent when it was written:
    `organisation` is theirs. Where nobody does, `email` is the entry's contact, and the row itself
    is the outbox's.
    """

    service = models.ForeignKey("cms.Service", on_delete=models.CASCADE, related_name="reminders")
    stage = models.CharField(max_length=8, choices=ReminderStage.choices)
    counted_from = models.DateField()
    organisation = models.ForeignKey(
        "cms.Organisation",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reminders",
    )
    email = models.EmailField(blank=True)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["written_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "counted_from", "stage"], name="cms_reminder_once_a_stage"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=ReminderStage.values), name="cms_reminder_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, email="")
                | (Q(organisation__isnull=True) & ~Q(email="")),
                name="cms_reminder_to_people_or_to_an_address",
            ),
        ]
        indexes = [
            models.Index(
                fields=["email"], condition=Q(sent_at__isnull=True), name="cms_reminder_unsent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of service {self.service_id}, counted from {self.counted_from}"
