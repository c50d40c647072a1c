"""Money an organisation puts aside for plans, and its share in one plan for one year."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from budgets.models.plan import Plan


def year_of(day: date) -> int:
    """Return the financial year of a day by its first calendar year: 2026 is April 2026 on."""
    return day.year if (day.month, day.day) >= (4, 1) else day.year - 1


class Fund(models.Model):
    """Money of one organisation for one financial year, for any plan or for some needs only."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="funds")
    name = models.CharField(max_length=150)
    year = models.PositiveSmallIntegerField()
    needs = models.ManyToManyField("cms.Term", blank=True, related_name="+")
    districts = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "organisation_id", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__range=(2000, 2100)), name="budgets_fund_year_plausible"
            ),
            models.UniqueConstraint(
                fields=["organisation", "name", "year"], name="budgets_fund_name_once_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"fund {self.reference}"


class EnvelopeQuerySet(models.QuerySet["Envelope"]):
    """Envelopes by plan and year."""

    def of(self, *, plan: Plan, year: int | None = None) -> Self:
        """Return a plan's envelopes, of one year where it is given."""
        found = self.filter(plan=plan)
        return found if year is None else found.filter(year=year)


class Envelope(models.Model):
    """The share of one fund in one plan for one financial year."""

    INFORMATION: ClassVar[str] = "money"
    FAMILY_PATH: ClassVar[str] = "plan__family"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "plan": True,
        "fund": False,
        "year": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="envelopes")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="envelopes")
    year = models.PositiveSmallIntegerField()

    objects = EnvelopeQuerySet.as_manager()

    class Meta:
        ordering = ["plan_id", "year", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__range=(2000, 2100)), name="budgets_envelope_year_plausible"
            ),
            models.UniqueConstraint(
                fields=["plan", "fund", "year"], name="budgets_envelope_one_a_plan_fund_year"
            ),
        ]

    def __str__(self) -> str:
        return f"envelope {self.reference}"
