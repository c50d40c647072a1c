"""One occasion of a booking."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SessionState(models.TextChoices):
    """What became of one occasion."""

    PLANNED = "planned", _("Planned")
    DELIVERED = "delivered", _("It happened")
    DID_NOT_COME = "did_not_come", _("The person did not come")
    WAS_NOT_BROUGHT = "was_not_brought", _("The child was not brought")
    DID_NOT_HAPPEN = "did_not_happen", _("The provider could not do it")
    CANCELLED = "cancelled", _("Cancelled")


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, narrowed."""

    def planned(self) -> Self:
        """Narrow to occasions still to come or to be recorded."""
        return self.filter(state=SessionState.PLANNED)

    def upcoming(self, at: datetime) -> Self:
        """Narrow to planned occasions of accepted bookings from now on, soonest first."""
        return (
            self.planned()
            .filter(starts_at__gte=at, booking__state="accepted")
            .order_by("starts_at")
        )

    def to_record(self, at: datetime) -> Self:
        """Narrow to occasions that have begun and have no record yet, oldest first.

        A booking that was cancelled later still leaves those that had begun.
        """
        return (
            self.planned()
            .filter(starts_at__lte=at, booking__state__in=["accepted", "cancelled"])
            .order_by("starts_at", "pk")
        )

    def recorded(self) -> Self:
        """Narrow to occasions of which somebody said what became of them, latest first."""
        return self.filter(
            state__in=[
                SessionState.DELIVERED,
                SessionState.DID_NOT_COME,
                SessionState.WAS_NOT_BROUGHT,
                SessionState.DID_NOT_HAPPEN,
            ]
        ).order_by("-starts_at", "-pk")


class Session(models.Model):
    """One time of one booking, with the money set aside for it."""

    INFORMATION = "support"
    FAMILY_PATH = "booking__referral__family"
    PERSON_PATH = "booking__referral__person"
    CONFIDENTIAL_PATH = "booking__referral__is_confidential"
    SUBJECT_PATH = "booking__referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "booking": True,
        "slot": False,
        "number": False,
        "starts_at": True,
        "ends_at": True,
        "state": True,
        "hold": False,
        "recorded_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    booking = models.ForeignKey("bookings.Booking", models.PROTECT, related_name="sessions")
    slot = models.ForeignKey(
        "bookings.Slot", models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(
        max_length=16, choices=SessionState.choices, default=SessionState.PLANNED
    )
    hold = models.ForeignKey(
        "budgets.Transfer", models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "number"], name="bookings_session_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["hold"],
                condition=Q(state__in=["planned", "delivered"]),
                name="bookings_session_hold_used_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="bookings_session_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="bookings_session_when")]

    def __str__(self) -> str:
        return f"session {self.reference}"

    @property
    def is_planned(self) -> bool:
        """Tell whether it is still to come or to be recorded."""
        return self.state == SessionState.PLANNED

    @property
    def is_delivered(self) -> bool:
        """Tell whether it happened."""
        return self.state == SessionState.DELIVERED
