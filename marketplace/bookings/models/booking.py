"""A time asked of a provider, and the provider's answer."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BookingState(models.TextChoices):
    """Where the request for a time stands."""

    ASKED = "asked", _("Waiting for an answer")
    OFFERED = "offered", _("Another time offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    FINISHED = "finished", _("Finished")


LIVE = (BookingState.ASKED, BookingState.OFFERED, BookingState.ACCEPTED)


class BookingQuerySet(models.QuerySet["Booking"]):
    """Bookings, narrowed."""

    def awaiting_answer(self) -> Self:
        """Narrow to requests that the provider has not answered."""
        return self.filter(state=BookingState.ASKED)

    def live(self) -> Self:
        """Narrow to bookings that still stand."""
        return self.filter(state__in=LIVE)

    def with_names(self) -> Self:
        """Fetch what a list shows, in the same query."""
        return self.select_related(
            "referral__service__provider", "referral__person", "referral__family", "referral__quote"
        )


class Booking(models.Model):
    """One request to one provider, for one referral; at most one is live."""

    INFORMATION = "support"
    FAMILY_PATH = "referral__family"
    PERSON_PATH = "referral__person"
    CONFIDENTIAL_PATH = "referral__is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "referral": True,
        "state": False,
        "asked_at": False,
        "answered_at": False,
        "decline_reason": True,
        "words": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey("referrals.Referral", models.PROTECT, related_name="bookings")
    state = models.CharField(
        max_length=16, choices=BookingState.choices, default=BookingState.ASKED
    )
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.SlugField(blank=True)
    words = models.TextField(blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(state__in=LIVE),
                name="bookings_booking_one_live_a_referral",
            ),
            models.CheckConstraint(
                condition=~Q(state=BookingState.DECLINED) | ~Q(decline_reason=""),
                name="bookings_booking_declined_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"booking {self.reference}"

    @property
    def is_live(self) -> bool:
        """Tell whether the request or the agreed times still stand."""
        return self.state in LIVE

    @property
    def is_waiting(self) -> bool:
        """Tell whether the provider still has to answer."""
        return self.state == BookingState.ASKED

    @property
    def is_offered(self) -> bool:
        """Tell whether the family has to answer to other times."""
        return self.state == BookingState.OFFERED

    @property
    def is_accepted(self) -> bool:
        """Tell whether the times are agreed."""
        return self.state == BookingState.ACCEPTED

    @property
    def is_declined(self) -> bool:
        """Tell whether the provider said no to these times."""
        return self.state == BookingState.DECLINED
