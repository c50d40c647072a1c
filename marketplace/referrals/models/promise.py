"""What a service or a worker said they would do, and by when: a clock in working days."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PromiseKind(models.TextChoices):
    """What was promised."""

    ANSWER = "answer", _("give an answer")
    DECIDE = "decide", _("decide if you can have it")
    ASSESS = "assess", _("work out how much support you need")
    OFFER_TIME = "offer_time", _("offer you a time")
    APPROVE = "approve", _("say yes or no to the cost")
    CALL_BACK = "call_back", _("call you back")
    WRITE_UP = "write_up", _("write it up")
    ATTEND = "attend", _("be there")
    SAY_YES = "say_yes", _("say yes or no")


GIVEN_KINDS: tuple[PromiseKind, ...] = (
    PromiseKind.CALL_BACK,
    PromiseKind.WRITE_UP,
    PromiseKind.ATTEND,
)
"""What people give their word for, and say themselves when it is done; the others follow from the
steps of a referral, and taking the step keeps them."""


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Promises, narrowed."""

    def open(self) -> Self:
        """Narrow to promises not yet kept or let go."""
        return self.filter(kept_at__isnull=True, ended_at__isnull=True)

    def late(self, day: date) -> Self:
        """Narrow to open promises whose day has passed."""
        return self.open().filter(due_on__lt=day)

    def running(self, day: date) -> Self:
        """Narrow to open promises whose clock runs on a day: those of a pause stand still."""
        stand = Q(
            referral__pauses__starts_on__lte=day,
            referral__pauses__ends_on__gt=day,
        )
        return self.open().exclude(pk__in=self.model._default_manager.filter(stand).values("pk"))

    def with_clocks(self) -> Self:
        """Fetch what a clock needs, so that a list asks once."""
        return self.prefetch_related("referral__pauses")


class Promise(models.Model):
    """One promise, on a referral or to a family; silence never closes anything (design §4).

    `working_days` is how long was given; `due_on` and `amber_on` follow from it and from the
    pauses of the referral, and are kept so that lists can ask for them.
    """

    INFORMATION = "support"
    FAMILY_PATH = "family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "referral__reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "family": True,
        "person": True,
        "referral": True,
        "is_confidential": False,
        "kind": False,
        "organisation": False,
        "worker": True,
        "words": True,
        "working_days": False,
        "made_at": False,
        "due_on": False,
        "amber_on": False,
        "kept_at": False,
        "nudged_at": False,
        "chased_at": False,
        "late_told_at": False,
        "escalated_at": False,
        "ended_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey("budgets.Family", models.PROTECT, related_name="promises")
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="promises")
    referral = models.ForeignKey(
        "referrals.Referral", models.PROTECT, null=True, blank=True, related_name="promises"
    )
    is_confidential = models.BooleanField(default=False)
    kind = models.CharField(max_length=16, choices=PromiseKind.choices)
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="promises"
    )
    worker = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="promises"
    )
    words = models.CharField(_("about what"), max_length=200, blank=True)
    working_days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    due_on = models.DateField()
    amber_on = models.DateField()
    kept_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    chased_at = models.DateTimeField(null=True, blank=True)
    late_told_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "kind"],
                condition=Q(kept_at__isnull=True, ended_at__isnull=True, worker__isnull=True),
                name="referrals_promise_one_open_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kept_at__isnull=True) | Q(kept_at__gte=F("made_at")),
                name="referrals_promise_kept_after_made",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=PromiseKind.values), name="referrals_promise_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(referral__isnull=False) | Q(kind__in=GIVEN_KINDS),
                name="referrals_promise_steps_are_of_a_referral",
            ),
            models.CheckConstraint(
                condition=Q(amber_on__lte=F("due_on")), name="referrals_promise_amber_before_late"
            ),
            models.CheckConstraint(
                condition=Q(escalated_at__isnull=True) | Q(late_told_at__isnull=False),
                name="referrals_promise_told_before_escalated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(kept_at__isnull=True, ended_at__isnull=True),
                name="referrals_promise_open",
            )
        ]

    def __str__(self) -> str:
        return f"promise {self.reference}"

    @property
    def is_open(self) -> bool:
        """Tell whether it still has to be kept."""
        return self.kept_at is None and self.ended_at is None

    @property
    def is_given(self) -> bool:
        """Tell whether somebody gave her word for it, and says herself when it is done."""
        return self.kind in GIVEN_KINDS
