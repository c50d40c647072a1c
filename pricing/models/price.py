"""What a service costs the plan, from one day until the next price."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PriceUnit(models.TextChoices):
    """What one price buys."""

    SESSION = "session", _("session")
    HOUR = "hour", _("hour")
    DAY = "day", _("day")
    WEEK = "week", _("week")
    COURSE = "course", _("course")
    PLACE = "place", _("place")
    ONE_OFF = "one_off", _("one-off payment")
    MONTH = "month", _("month")


class Funding(models.TextChoices):
    """How the provider is paid (design §6)."""

    ALREADY_FUNDED = "already_funded", _("already funded: nothing to pay")
    RECHARGE = "recharge", _("recharged between public bodies")
    SPOT_PURCHASE = "spot_purchase", _("bought each time")


class Confidence(models.TextChoices):
    """How much a figure can be trusted: it need not be right, it must be honest (report 4.7)."""

    PLACEHOLDER = "placeholder", _("placeholder")
    ESTIMATED = "estimated", _("estimated")
    COSTED = "costed", _("costed")
    AGREED = "agreed", _("agreed")


class PriceQuerySet(models.QuerySet["Price"]):
    """Prices by the day they hold on."""

    def on(self, day: date) -> Self:
        """Return the prices that hold on the day; the last day is not included."""
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )

    def open(self) -> Self:
        """Return the prices that nothing has superseded."""
        return self.filter(valid_to__isnull=True)

    def planned(self, day: date) -> Self:
        """Return the prices that begin after the day."""
        return self.filter(valid_from__gt=day)


class Figures(models.Model):
    """What a price says, and who said it: the same in a price and in what a price said before."""

    amount_pence = models.BigIntegerField()
    unit = models.CharField(max_length=10, choices=PriceUnit)
    funding = models.CharField(max_length=20, choices=Funding)
    cost_pence = models.BigIntegerField(null=True, blank=True)
    confidence = models.CharField(max_length=20, choices=Confidence)
    price_year = models.CharField(max_length=9)
    source = models.CharField(max_length=300)
    contract_reference = models.CharField(max_length=100, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    # References, not names; empty where it was set before this was kept.
    set_by = models.CharField(max_length=64, blank=True)
    set_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Price(Figures):
    """One price of one unit of one service, between two days (the second not included)."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="prices")
    # Who ended it, where it ends because somebody said so and not because another begins.
    ended_by = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ["service_id", "unit", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_pence__gte=0), name="pricing_price_never_below_nothing"
            ),
            models.CheckConstraint(
                condition=Q(cost_pence__isnull=True) | Q(cost_pence__gte=0),
                name="pricing_price_cost_never_below_nothing",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="pricing_price_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=PriceUnit.values), name="pricing_price_unit_known"
            ),
            models.CheckConstraint(
                condition=Q(funding__in=Funding.values), name="pricing_price_funding_known"
            ),
            models.CheckConstraint(
                condition=Q(confidence__in=Confidence.values),
                name="pricing_price_confidence_known",
            ),
            models.UniqueConstraint(
                fields=["service", "unit"],
                condition=Q(valid_to__isnull=True),
                name="pricing_price_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(valid_to__isnull=False),
                name="pricing_price_that_was_ended_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"price {self.reference}"

    @property
    def is_open(self) -> bool:
        """Tell whether nothing has superseded this price."""
        return self.valid_to is None

    def holds(self, on: date) -> bool:
        """Tell whether this is the price on a day; the last day is not included."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def is_planned(self, on: date) -> bool:
        """Tell whether the price begins after a day."""
        return self.valid_from > on

    @property
    def is_placeholder(self) -> bool:
        """Tell whether the figure is only a placeholder, to be shown as one."""
        return self.confidence == Confidence.PLACEHOLDER

    @property
    def is_payable(self) -> bool:
        """Tell whether the provider is paid each time."""
        return self.funding == Funding.SPOT_PURCHASE
