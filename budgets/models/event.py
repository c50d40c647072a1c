"""One line of history."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from budgets.models.family import Family, Person


class ActorKind(models.TextChoices):
    """What acted."""

    PERSON = "person", _("somebody signed in")
    LINK = "link", _("somebody with a link")
    CLOCK = "clock", _("the clock")
    IMPORT = "import", _("an import")
    STRIPE = "stripe", _("Stripe")


# What a line of history about such a subject tells of; a kind not named here tells of everything.
INFORMATION_OF: dict[str, str] = {
    "family": "household",
    "person": "household",
    "relationship": "household",
    "plan": "plan",
    "goal": "plan",
    "fund": "money",
    "referral": "support",
    "promise": "support",
    "approval": "support",
    "enquiry": "support",
    "booking": "support",
    "session": "support",
    "sharing": "support",
    "consent": "support",
    "fact": "facts",
    "safeguard": "safety",
    "emergency": "safety",
}


class EventQuerySet(models.QuerySet["Event"]):
    """Events by what they are about."""

    def of(self, subject: uuid.UUID) -> Self:
        """Return the history of one subject, oldest first."""
        return self.filter(subject=subject).order_by("at", "id")


class Event(models.Model):
    """Who did what, for which organisation, when and why: never changed, never deleted.

    Keeps references, not foreign keys, except to the family and person it is about.
    """

    INFORMATION: ClassVar[dict[str, str]] = INFORMATION_OF
    INFORMATION_PATH: ClassVar[str] = "subject_kind"
    FAMILY_PATH: ClassVar[str] = "family"
    PERSON_PATH: ClassVar[str] = "person"
    CONFIDENTIAL_PATH: ClassVar[str] = "is_confidential"
    SUBJECT_PATH: ClassVar[str] = "subject"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "subject_kind": False,
        "subject": False,
        "family": True,
        "person": True,
        "is_confidential": False,
        "verb": False,
        "from_state": False,
        "to_state": False,
        "actor_kind": False,
        "actor_reference": True,
        "organisation_reference": False,
        "on_behalf_of": True,
        "reason": False,
        "rule": False,
        "transfers": False,
        "at": False,
        "text_digest": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="events")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="events")
    is_confidential = models.BooleanField(default=False)
    verb = models.CharField(max_length=60)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor_reference = models.CharField(max_length=100)
    organisation_reference = models.UUIDField(null=True, blank=True)
    on_behalf_of = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    rule = models.UUIDField(null=True, blank=True)
    transfers = models.JSONField(default=list, blank=True)
    at = models.DateTimeField()
    text_digest = models.CharField(max_length=64, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["subject", "at"], name="budgets_event_of_subject"),
            models.Index(fields=["family", "at"], name="budgets_event_of_family"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(verb="") & ~Q(subject_kind=""), name="budgets_event_says_what"
            ),
            models.CheckConstraint(
                condition=Q(actor_kind__in=ActorKind.values), name="budgets_event_actor_known"
            ),
            models.CheckConstraint(
                condition=Q(is_confidential=False) | Q(person__isnull=False),
                name="budgets_event_confidential_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.reference}"


class EventText(models.Model):
    """What somebody wrote at an event: can be erased while the event and its digest stand."""

    INFORMATION: ClassVar[dict[str, str]] = INFORMATION_OF
    INFORMATION_PATH: ClassVar[str] = "event__subject_kind"
    FAMILY_PATH: ClassVar[str] = "event__family"
    PERSON_PATH: ClassVar[str] = "event__person"
    CONFIDENTIAL_PATH: ClassVar[str] = "event__is_confidential"
    SUBJECT_PATH: ClassVar[str] = "event__subject"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "event": False,
        "salt": False,
        "text": True,
    }

    event = models.OneToOneField(Event, models.PROTECT, related_name="text")
    salt = models.CharField(max_length=32)
    text = models.TextField()

    def __str__(self) -> str:
        return f"text of event {self.event_id}"
