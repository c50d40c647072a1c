"""What two organisations agreed that one may do on the other's services (report §5.4.3)."""

import uuid
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
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

    def signed(self) -> Self:
        """Narrow to those that both have signed, whatever became of them."""
        return self.filter(
            Q(holder__isnull=True) | Q(holder_signed_at__isnull=False),
            owner_signed_at__isnull=False,
        )

    def in_force(self, day: date) -> Self:
        """Narrow to those signed, begun, not ended and not suspended on `day`, also a past one."""
        return self.signed().filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
            Q(ended_on__isnull=True) | Q(ended_on__gt=day),
            ~Exists(Suspension.objects.on(day).filter(agreement=OuterRef("pk"))),
            valid_from__lte=day,
        )


class Agreement(models.Model):
    """The owner lets the holder act on its services.

    A null holder means families themselves; a holder that is the owner is its own scheme of
    delegation, which says what its staff may commission. What both signed never changes: a change
    is a new version, which both sign, and the one before ends that day. Where it stands on a day
    is told by its days and its suspensions; its state says only where it stands now.
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
    owner_signed_by = models.CharField(max_length=64, blank=True)
    holder_signed_by = models.CharField(max_length=64, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    pathway = models.ForeignKey(
        "authority.Pathway", models.PROTECT, null=True, blank=True, related_name="versions"
    )
    version = models.PositiveIntegerField(default=1)
    answered_at = models.DateTimeField(null=True, blank=True)

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
            models.CheckConstraint(
                condition=~Q(state=AgreementState.ENDED) | Q(ended_on__isnull=False),
                name="authority_agreement_ended_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["pathway", "version"],
                condition=Q(pathway__isnull=False),
                name="authority_agreement_one_a_version",
            ),
            models.UniqueConstraint(
                fields=["pathway"],
                condition=Q(
                    pathway__isnull=False,
                    state__in=[AgreementState.PROPOSED, AgreementState.ANSWERED],
                ),
                name="authority_agreement_one_on_the_table",
            ),
        ]

    def __str__(self) -> str:
        return f"agreement {self.reference}"

    @property
    def is_on_the_table(self) -> bool:
        """Tell whether it is still being talked about."""
        return self.state in (AgreementState.PROPOSED, AgreementState.ANSWERED)

    @property
    def has_a_signature(self) -> bool:
        """Tell whether anybody has signed it, so that its terms stand."""
        return self.owner_signed_at is not None or self.holder_signed_at is not None

    @property
    def is_signed_by_both(self) -> bool:
        """Tell whether both have signed; families sign nothing."""
        return self.owner_signed_at is not None and (
            self.holder_id is None or self.holder_signed_at is not None
        )


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    """Suspensions, narrowed."""

    def on(self, day: date) -> Self:
        """Narrow to those that hold on `day`."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


class Suspension(models.Model):
    """Days on which an agreement does not hold; half-open, an open end is null."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="suspensions")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    organisation = models.UUIDField(null=True, blank=True)
    suspended_by = models.CharField(max_length=64)
    words = models.TextField(blank=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="authority_suspension_ends_no_sooner",
            ),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(ends_on__isnull=True),
                name="authority_suspension_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"suspension {self.pk} of agreement {self.agreement_id}"


class CoverKind(models.TextChoices):
    """Who bears the risk when somebody else takes a step (report §5.4.3)."""

    INSURED = "insured", _("Insured by the holder")
    SELF_INSURED = "self_insured", _("The holder insures itself")
    OWNER = "owner", _("Borne by the owner")


class CoverQuerySet(models.QuerySet["Cover"]):
    """Covers, narrowed."""

    def lapsing(self, *, on: date, within: int) -> Self:
        """Narrow to those in force on a day that end in the `within` days after it."""
        return self.filter(
            valid_from__lte=on, valid_to__gt=on, valid_to__lte=on + timedelta(days=within)
        )

    def lapsed(self, on: date) -> Self:
        """Narrow to those that hold no more on a day."""
        return self.filter(valid_to__lte=on)


class Cover(models.Model):
    """Liability cover under an agreement, from and to a date; half-open.

    A renewal is a row of its own, and the rules that rest on it are rewritten for it unchanged.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="covers")
    kind = models.CharField(max_length=16, choices=CoverKind.choices)
    insurer = models.CharField(max_length=150, blank=True)
    policy_reference = models.CharField(max_length=64, blank=True)
    amount_pence = models.BigIntegerField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    renews = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="renewed_by"
    )

    objects = CoverQuerySet.as_manager()

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


class CoverWarning(models.Model):
    """That both were told of a cover's end so many days ahead: 30, 14 and 7, and 0 as it ends."""

    cover = models.ForeignKey(Cover, models.PROTECT, related_name="warnings")
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cover", "days"], name="authority_cover_warned_once"),
        ]

    def __str__(self) -> str:
        return f"warning {self.days} days before cover {self.cover_id} ends"
