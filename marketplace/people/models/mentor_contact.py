"""How a mentor herself is reached: by her sign-in, or by a link to her own address."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MentorContactQuerySet(models.QuerySet["MentorContact"]):
    """Contacts, narrowed."""

    def linked(self, at: datetime) -> Self:
        """Narrow to those with a link that still works."""
        return self.exclude(email="").filter(link_until__gt=at)

    def unsent(self, at: datetime) -> Self:
        """Narrow to those whose letter did not go out and that nobody is sending."""
        return self.linked(at).filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=at), sent_at__isnull=True
        )


class MentorContact(models.Model):
    """The mentor, as she can be asked: nobody else says yes for her.

    A link is good once; its number says which of them is the last.
    """

    PERSONAL = {
        "id": False,
        "reference": False,
        "mentor": False,
        "user": True,
        "email": True,
        "named_at": False,
        "link_number": False,
        "link_until": False,
        "claimed_until": False,
        "sent_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mentor = models.OneToOneField("cms.Mentor", models.CASCADE, related_name="contact")
    user = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="mentoring"
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    named_at = models.DateTimeField()
    link_number = models.PositiveIntegerField(default=0)
    link_until = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MentorContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(email=""),
                name="people_mentorcontact_by_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"contact {self.reference}"
