"""One movement of money."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from budgets.models.account import Account, AccountKind
from budgets.models.event import ActorKind
from budgets.models.family import Person
from budgets.models.fund import Envelope


class Phase(models.TextChoices):
    """How far a movement has gone."""

    POSTED = "posted", _("spent")
    PENDING = "pending", _("set aside")
    VOID = "void", _("put back")


DIGESTED = (
    "previous",
    "reference",
    "debit_id",
    "credit_id",
    "envelope_id",
    "person_id",
    "is_confidential",
    "amount_pence",
    "phase",
    "settles_id",
    "reverses_id",
    "key",
    "service_id",
    "subject",
    "actor_kind",
    "actor_reference",
    "at",
)
"""The fields under the hash, in its order: everything but the row's number and the hash."""


def digest_of(values: Iterable[object]) -> str:
    """Return the hash of a row's `DIGESTED` values; it holds the row before it in the chain."""
    return hashlib.sha256(json.dumps([_plain(value) for value in values]).encode()).hexdigest()


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return None if value is None else str(value)


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Transfers by what they did."""

    def holds(self) -> Self:
        """Return what was ever set aside."""
        return self.filter(phase=Phase.PENDING)

    def open_holds(self) -> Self:
        """Return what is set aside and neither spent nor put back."""
        return self.holds().filter(settled_by__isnull=True)

    def posted(self) -> Self:
        """Return the movements that happened."""
        return self.filter(phase=Phase.POSTED)

    def paid(self) -> Self:
        """Return what a plan spent with a provider."""
        return self.posted().filter(
            debit__kind=AccountKind.ENVELOPE, credit__kind=AccountKind.PROVIDER
        )

    def paid_back(self) -> Self:
        """Return what came back to a plan from a provider."""
        return self.posted().filter(
            debit__kind=AccountKind.PROVIDER, credit__kind=AccountKind.ENVELOPE
        )

    def sum_pence(self) -> int:
        """Return the sum of their amounts, in pence."""
        return self.aggregate(sum=Sum("amount_pence"))["sum"] or 0

    def of(self, subject: uuid.UUID) -> Self:
        """Return the transfers of one referral, session or other subject."""
        return self.filter(subject=subject)


class Transfer(models.Model):
    """One debit, one credit, one amount: never changed, never deleted.

    Chained by hash on the account the money leaves. No free text and no names.
    """

    INFORMATION: ClassVar[str] = "money"
    FAMILY_PATH: ClassVar[str] = "envelope__plan__family"
    PERSON_PATH: ClassVar[str] = "person"
    CONFIDENTIAL_PATH: ClassVar[str] = "is_confidential"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "debit": False,
        "credit": False,
        "envelope": True,
        "person": True,
        "is_confidential": False,
        "amount_pence": False,
        "phase": False,
        "settles": False,
        "reverses": False,
        "key": False,
        "service": True,
        "subject": False,
        "actor_kind": False,
        "actor_reference": False,
        "at": False,
        "previous": False,
        "digest": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits")
    envelope = models.ForeignKey(
        Envelope, models.PROTECT, null=True, blank=True, related_name="transfers"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="transfers"
    )
    is_confidential = models.BooleanField(default=False)
    amount_pence = models.BigIntegerField()
    phase = models.CharField(max_length=10, choices=Phase)
    settles = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="settled_by"
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    key = models.CharField(max_length=150, unique=True)
    service = models.ForeignKey(
        "cms.Service", models.PROTECT, null=True, blank=True, related_name="+"
    )
    subject = models.UUIDField(null=True, blank=True, db_index=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor_reference = models.CharField(max_length=100)
    at = models.DateTimeField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["envelope", "at"], name="budgets_transfer_statement")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_pence__gt=0), name="budgets_transfer_moves_something"
            ),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="budgets_transfer_between_two_accounts"
            ),
            models.CheckConstraint(
                condition=Q(phase=Phase.PENDING, settles__isnull=True, reverses__isnull=True)
                | Q(phase=Phase.VOID, settles__isnull=False, reverses__isnull=True)
                | (Q(phase=Phase.POSTED) & (Q(settles__isnull=True) | Q(reverses__isnull=True))),
                name="budgets_transfer_settles_or_reverses_as_its_phase_says",
            ),
            models.CheckConstraint(
                condition=Q(is_confidential=False) | Q(person__isnull=False),
                name="budgets_transfer_confidential_is_somebodys",
            ),
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(digest=""), name="budgets_transfer_has_key_and_digest"
            ),
            models.UniqueConstraint(
                fields=["debit", "previous"], name="budgets_transfer_chain_never_forks"
            ),
        ]

    def __str__(self) -> str:
        return f"transfer {self.reference}"

    def seal(self) -> str:
        """Return the hash that belongs to what the row says."""
        return digest_of(getattr(self, name) for name in DIGESTED)

    @property
    def is_hold(self) -> bool:
        """Tell whether this sets money aside."""
        return self.phase == Phase.PENDING

    @property
    def is_posted(self) -> bool:
        """Tell whether the money has moved."""
        return self.phase == Phase.POSTED

    @property
    def is_void(self) -> bool:
        """Tell whether this puts back what was set aside."""
        return self.phase == Phase.VOID

    @property
    def is_payment(self) -> bool:
        """Tell whether a plan spends this; both accounts must have been fetched."""
        ends = (self.debit.kind, self.credit.kind)
        return self.is_posted and ends == (AccountKind.ENVELOPE, AccountKind.PROVIDER)

    @property
    def is_repayment(self) -> bool:
        """Tell whether this comes back to a plan; both accounts must have been fetched."""
        ends = (self.debit.kind, self.credit.kind)
        return self.is_posted and ends == (AccountKind.PROVIDER, AccountKind.ENVELOPE)
