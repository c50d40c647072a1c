"""What two organisations agreed that one may do on the other's services (report §5.4.3)."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AgreementState(models.TextChoices):
    """How far an agreement has come."""

    PROPOSED = "proposed", _("Proposed")
    ANSWERED = "answered", _("Answered by the owner")
    SIGNED = "signed", _("Signed by both")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Agreements, narrowed."""

    def live_on(self, day: date) -> Self:
        """Narrow to those signed and in force on `day`."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
            state=AgreementState.SIGNED,
            valid_from__lte=day,
        )


class Agreement(models.Model):
    """The owner lets the holder act on its services.

    A null holder means families themselves; a holder that is the owner is its own scheme of
    delegation, which says what its staff may commission.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="agreements_given")
    holder = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="agreements_held"
    )
    state = models.CharField(
        max_length=16, choices=AgreementState.choices, default=AgreementState.PROPOSED
    )
    owner_signed_at = models.DateTimeField(null=True, blank=True)
    holder_signed_at = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="authority_agreement_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state=AgreementState.SIGNED) | Q(owner_signed_at__isnull=False),
                name="authority_agreement_signed_by_owner",
            ),
            models.CheckConstraint(
                condition=~Q(state=AgreementState.SIGNED)
                | Q(holder__isnull=True)
                | Q(holder_signed_at__isnull=False),
                name="authority_agreement_signed_by_holder",
            ),
        ]

    def __str__(self) -> str:
        return f"agreement {self.reference}"


class CoverKind(models.TextChoices):
    """Who bears the risk when somebody else takes a step (report §5.4.3)."""

    INSURED = "insured", _("Insured by the holder")
    SELF_INSURED = "self_insured", _("The holder insures itself")
    OWNER = "owner", _("Borne by the owner")


class Cover(models.Model):
    """Liability cover under an agreement, from and to a date; half-open."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="covers")
    kind = models.CharField(max_length=16, choices=CoverKind.choices)
    insurer = models.CharField(max_length=150, blank=True)
    policy_reference = models.CharField(max_length=64, blank=True)
    amount_pence = models.BigIntegerField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=CoverKind.INSURED)
                | (
                    ~Q(insurer="")
                    & Q(valid_to__isnull=False, amount_pence__isnull=False, amount_pence__gt=0)
                ),
                name="authority_cover_insured_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"cover {self.pk}: {self.kind}"

    def holds_on(self, day: date) -> bool:
        """Tell whether the cover is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
