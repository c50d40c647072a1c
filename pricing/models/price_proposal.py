"""A price that a provider asks for; the owner's commissioner answers."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pricing.models.price import PriceUnit


class ProposalState(models.TextChoices):
    """What became of a proposed price."""

    WAITING = "waiting", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("not accepted")
    TAKEN_BACK = "taken_back", _("taken back")


class PriceProposalQuerySet(models.QuerySet["PriceProposal"]):
    """Proposed prices by what became of them."""

    def waiting(self) -> Self:
        """Return those that nobody has answered."""
        return self.filter(state=ProposalState.WAITING)


class PriceProposal(models.Model):
    """What a provider would charge for one unit from a day on, and why."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="price_proposals")
    amount_pence = models.BigIntegerField()
    unit = models.CharField(max_length=10, choices=PriceUnit)
    price_year = models.CharField(max_length=9)
    valid_from = models.DateField()
    reason = models.CharField(max_length=300)
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ProposalState, default=ProposalState.WAITING, editable=False
    )
    words = models.CharField(max_length=1000, blank=True)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = PriceProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_pence__gte=0), name="pricing_proposal_never_below_nothing"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="pricing_proposal_state_known"
            ),
            models.CheckConstraint(
                condition=Q(unit__in=PriceUnit.values), name="pricing_proposal_unit_known"
            ),
            models.UniqueConstraint(
                fields=["service", "unit"],
                condition=Q(state=ProposalState.WAITING),
                name="pricing_proposal_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"proposed price {self.reference}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody has answered yet."""
        return self.state == ProposalState.WAITING
