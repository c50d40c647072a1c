"""The outbox: one row for one message to one user."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How a message travels."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    IN_APP = "in_app", _("On this site")


class NoticeQuerySet(models.QuerySet["Notice"]):
    """The outbox, narrowed."""

    def due(self, at: datetime) -> Self:
        """Narrow to what should go out now and nobody is sending."""
        return self.filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=at),
            sent_at__isnull=True,
            given_up_at__isnull=True,
            send_after__lte=at,
        )

    def unread(self) -> Self:
        """Narrow to messages on this site that were not opened yet."""
        return self.filter(channel=Channel.IN_APP, read_at__isnull=True)


class Notice(models.Model):
    """A message to be sent, written in the transaction of the act that it tells of.

    It names a kind (its three templates) and the reference of its subject: never a person.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="notices")
    channel = models.CharField(max_length=16, choices=Channel.choices)
    kind = models.SlugField()
    subject_kind = models.SlugField()
    subject = models.UUIDField()
    created_at = models.DateTimeField()
    send_after = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="notices_notice_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True),
                name="notices_notice_sent_or_given_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_after"],
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="notices_notice_unsent",
            ),
            models.Index(fields=["user", "channel", "-created_at"], name="notices_notice_user"),
        ]

    def __str__(self) -> str:
        return f"notice {self.reference}"
