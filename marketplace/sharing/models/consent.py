"""A yes to sharing: who said it, how, to which words, and until when it holds."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.sharing.models.reason import Information, Purpose


class ConsentHow(models.TextChoices):
    """How a yes came to us."""

    SIGNED_IN = "signed_in", _("Signed in, by herself")
    TOLD_ADVOCATE = "told_advocate", _("Told to her advocate")
    TOLD_WORKER = "told_worker", _("Told to the worker who asked for it")
    ON_PAPER = "on_paper", _("On paper")
    RECORDED_BEFORE = "recorded_before", _("Said before a yes was written down here")


TOLD = (ConsentHow.TOLD_ADVOCATE, ConsentHow.TOLD_WORKER, ConsentHow.ON_PAPER)


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Yeses, narrowed."""

    def standing(self, at: datetime) -> Self:
        """Narrow to what was said, not taken back, and is not at its end."""
        return self.filter(
            Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at),
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            given_at__lte=at,
        )


class Consent(models.Model):
    """One yes about one person and one subject; the reasons that rest on it close with it.

    `words` are what she read when she said it, in the version `form` (UK GDPR Art. 7(1)).
    """

    INFORMATION = Information.SUPPORT
    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    IS_PRIVATE = True
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "given_by": True,
        "how": False,
        "told_to": True,
        "told_on": False,
        "form": False,
        "words": True,
        "purpose": False,
        "subject": False,
        "is_confidential": False,
        "given_at": False,
        "ends_at": False,
        "withdrawn_at": False,
        "withdrawn_by": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="consents")
    given_by = models.ForeignKey("budgets.Person", models.PROTECT, related_name="consents_given")
    how = models.CharField(max_length=16, choices=ConsentHow.choices)
    told_to = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="consents_told"
    )
    told_on = models.DateField(null=True, blank=True)
    form = models.SlugField()
    words = models.TextField()
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    subject = models.UUIDField()
    is_confidential = models.BooleanField(default=False)
    given_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # The reference of an actor, as in the history: it outlives the user.
    withdrawn_by = models.CharField(max_length=64, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(how__in=TOLD, told_to__isnull=False, told_on__isnull=False)
                | (~Q(how__in=TOLD) & Q(told_to__isnull=True, told_on__isnull=True)),
                name="sharing_consent_told_says_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(how__in=ConsentHow.values) & ~Q(words="") & ~Q(form=""),
                name="sharing_consent_says_how_and_to_what",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="sharing_consent_says_what_for"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("given_at")),
                name="sharing_consent_ends_after_the_yes",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="")
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_at__gte=F("given_at"))
                    & ~Q(withdrawn_by="")
                ),
                name="sharing_consent_withdrawn_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["person", "subject"],
                condition=Q(withdrawn_at__isnull=True),
                name="sharing_consent_one_standing_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.reference}"

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether the yes was taken back."""
        return self.withdrawn_at is not None
