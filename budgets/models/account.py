"""A place where money can be."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from budgets.models.fund import Envelope, Fund


class AccountKind(models.TextChoices):
    """What an account stands for."""

    FUND = "fund", _("fund")
    ENVELOPE = "envelope", _("envelope")
    PROVIDER = "provider", _("provider")
    OUTSIDE = "outside", _("outside")
    CLEARING = "clearing", _("clearing")


KEPT = [AccountKind.FUND, AccountKind.ENVELOPE]
SUMMED = [AccountKind.PROVIDER, AccountKind.OUTSIDE, AccountKind.CLEARING]


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, locked or summed."""

    def locked(self) -> Self:
        """Lock the rows in the order of their ids, and fetch their envelopes."""
        return (
            self.select_for_update(no_key=True, of=("self",))
            .select_related("envelope")
            .order_by("pk")
        )


class Account(models.Model):
    """A place where money can be; only `budgets.ledger` writes here.

    Funds and envelopes keep their balance in the row, changed under its lock. The balances of
    providers, outside and clearing are sums of their transfers, so that they are nobody's queue.
    """

    INFORMATION: ClassVar[str] = "money"
    FAMILY_PATH: ClassVar[str] = "envelope__plan__family"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "kind": False,
        "fund": False,
        "envelope": True,
        "organisation": False,
        "posted_pence": False,
        "pending_out_pence": False,
        "spent_pence": False,
        "head": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=AccountKind)
    fund = models.OneToOneField(Fund, models.PROTECT, null=True, blank=True, related_name="account")
    envelope = models.OneToOneField(
        Envelope, models.PROTECT, null=True, blank=True, related_name="account"
    )
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    posted_pence = models.BigIntegerField(default=0)
    pending_out_pence = models.BigIntegerField(default=0)
    spent_pence = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True, default="")

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(posted_pence__gte=F("pending_out_pence")),
                name="budgets_account_left_never_below_nothing",
            ),
            models.CheckConstraint(
                condition=Q(pending_out_pence__gte=0, spent_pence__gte=0),
                name="budgets_account_set_aside_never_below_nothing",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=KEPT) | Q(posted_pence=0, pending_out_pence=0, spent_pence=0),
                name="budgets_account_only_funds_and_envelopes_keep_balances",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=AccountKind.FUND,
                    fund__isnull=False,
                    envelope__isnull=True,
                    organisation__isnull=True,
                )
                | Q(
                    kind=AccountKind.ENVELOPE,
                    fund__isnull=True,
                    envelope__isnull=False,
                    organisation__isnull=True,
                )
                | Q(
                    kind__in=SUMMED,
                    fund__isnull=True,
                    envelope__isnull=True,
                    organisation__isnull=False,
                ),
                name="budgets_account_belongs_to_what_its_kind_says",
            ),
            models.UniqueConstraint(
                fields=["kind", "organisation"],
                condition=Q(organisation__isnull=False),
                name="budgets_account_one_a_kind_and_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} account {self.reference}"

    @property
    def left_pence(self) -> int:
        """Return what can still be set aside or moved, in pence."""
        return self.posted_pence - self.pending_out_pence

    @property
    def keeps_balance(self) -> bool:
        """Tell whether the row itself holds the balance."""
        return self.kind in KEPT
