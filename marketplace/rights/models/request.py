"""What somebody asks about her own record, and what became of it."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    """Which right is used (UK GDPR Art. 15, 16, 17 and 21)."""

    ACCESS = "access", _("A copy of the record")
    CORRECTION = "correction", _("Something to put right")
    ERASURE = "erasure", _("The record to be erased")
    OBJECTION = "objection", _("Something to stop")


class RequestState(models.TextChoices):
    """Where the request stands."""

    ASKED = "asked", _("Asked")
    IN_REVIEW = "in_review", _("Being looked at")
    RELEASED = "released", _("Ready to download")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


OPEN = (RequestState.ASKED, RequestState.IN_REVIEW)


class RequestQuerySet(models.QuerySet["RightsRequest"]):
    """Requests, narrowed."""

    def open(self) -> Self:
        """Narrow to requests that wait for their answer."""
        return self.filter(state__in=OPEN)


class RightsRequest(models.Model):
    """One request of one person, to be answered within a calendar month.

    Private: for the person, whoever decides for her or speaks for her, and whoever answers. What a
    person who is decided for asks herself is confidential.
    """

    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "reference"
    IS_PRIVATE = True
    INFORMATION = "household"
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "kind": True,
        "asked_by": True,
        "asked_at": False,
        "due_on": False,
        "organisation": False,
        "state": False,
        "words": True,
        "about": False,
        "before": True,
        "wanted": True,
        "entered_by": True,
        "texts_read": False,
        "taken_by": True,
        "taken_at": False,
        "answer": True,
        "answered_by": True,
        "answered_at": False,
        "is_confidential": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="rights_requests")
    kind = models.CharField(_("kind"), max_length=16, choices=RequestKind.choices)
    asked_by = models.ForeignKey("people.User", models.PROTECT, related_name="rights_asked")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, related_name="rights_requests"
    )
    state = models.CharField(
        max_length=16, choices=RequestState.choices, default=RequestState.ASKED
    )
    words = models.TextField(_("in her words"), blank=True)
    # A correction: the field (model label, key and field), what it said, what it should say.
    about = models.CharField(max_length=150, blank=True)
    before = models.TextField(_("what it said"), blank=True)
    wanted = models.TextField(_("what it should say"), blank=True)
    entered_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Digests of the texts that the reviewer has read: what was written since is not released.
    texts_read = models.JSONField(default=dict, blank=True)
    taken_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="rights_taken"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="rights_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    is_confidential = models.BooleanField(default=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=RequestKind.values), name="rights_request_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, answered_at__isnull=True)
                | Q(
                    state__in=[RequestState.RELEASED, RequestState.DONE, RequestState.REFUSED],
                    answered_at__isnull=False,
                ),
                name="rights_request_answered_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.REFUSED) | ~Q(answer=""),
                name="rights_request_refused_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.RELEASED) | Q(kind=RequestKind.ACCESS),
                name="rights_request_only_access_is_released",
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "asked_by"],
                condition=Q(state__in=OPEN, kind__in=[RequestKind.ACCESS, RequestKind.ERASURE]),
                name="rights_request_one_open_a_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "due_on"], name="rights_request_waiting"),
        ]

    def __str__(self) -> str:
        return f"rights request {self.reference}"

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for its answer."""
        return self.state in OPEN

    @property
    def is_released(self) -> bool:
        """Tell whether there is a copy to download."""
        return self.state == RequestState.RELEASED

    @property
    def is_refused(self) -> bool:
        """Tell whether the answer was no."""
        return self.state == RequestState.REFUSED

    @property
    def is_access(self) -> bool:
        """Tell whether a copy was asked for."""
        return self.kind == RequestKind.ACCESS

    @property
    def is_correction(self) -> bool:
        """Tell whether something is to be put right."""
        return self.kind == RequestKind.CORRECTION

    @property
    def is_erasure(self) -> bool:
        """Tell whether the record is to be erased."""
        return self.kind == RequestKind.ERASURE
