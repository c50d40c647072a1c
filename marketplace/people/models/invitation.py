"""Somebody who was asked to work here, before she has a sign-in."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.people.roles import Role


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, narrowed."""

    def open(self) -> Self:
        """Narrow to those that were neither taken up nor taken back; they may have run out."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)

    def live(self, at: datetime) -> Self:
        """Narrow to those whose link still works."""
        return self.open().filter(expires_at__gt=at)

    def unsent(self, at: datetime) -> Self:
        """Narrow to live ones whose letter did not go out and that nobody is sending."""
        return self.live(at).filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=at), sent_at__isnull=True
        )


class Invitation(models.Model):
    """One address that was asked to take one role somewhere: one link, good once."""

    PERSONAL = {
        "id": False,
        "reference": False,
        "email": True,
        "organisation": False,
        "role": False,
        "invited_by": True,
        "created_at": False,
        "expires_at": False,
        "claimed_until": False,
        "sent_at": False,
        "accepted_at": False,
        "accepted_by": True,
        "withdrawn_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="invitations")
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    invited_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                "role",
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="people_invitation_one_open",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="people_invitation_expires_after_it_was_made",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="people_invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="people_invitation_accepted_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role for role in Role.values if role != Role.FAMILY]),
                name="people_invitation_role_of_a_worker",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.reference}"

    @property
    def is_open(self) -> bool:
        """Tell whether it was neither taken up nor taken back."""
        return self.accepted_at is None and self.withdrawn_at is None
