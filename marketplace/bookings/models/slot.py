"""A time that a provider offers, with its places."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q


class SlotQuerySet(models.QuerySet["Slot"]):
    """Slots, narrowed."""

    def free(self, at: datetime) -> Self:
        """Narrow to future times with a place left."""
        return self.filter(starts_at__gt=at, taken__lt=F("places"))


class Slot(models.Model):
    """One time of one service; `taken` never passes `places`."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="slots")
    place = models.ForeignKey("cms.Place", models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField(default=1)
    taken = models.PositiveSmallIntegerField(default=0)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__lte=F("places")), name="bookings_slot_not_overfull"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="bookings_slot_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["service", "starts_at"], name="bookings_slot_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"slot {self.reference}"

    @property
    def is_full(self) -> bool:
        """Tell whether every place is taken."""
        return self.taken >= self.places
