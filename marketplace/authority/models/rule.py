"""One thing that a role at a holder may do on an owner's services, and how often it was used."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cms.models import Step
from marketplace.authority.models.agreement import AgreementState
from marketplace.people.roles import Role


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules, narrowed."""

    def in_force(self, day: date) -> Self:
        """Narrow to rules valid on `day` under an agreement that is live that day."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
            Q(agreement__valid_to__isnull=True) | Q(agreement__valid_to__gt=day),
            valid_from__lte=day,
            agreement__valid_from__lte=day,
            agreement__state=AgreementState.SIGNED,
        )


class Rule(models.Model):
    """A role at the holder may take one step on a service, a term's services, or all (design §5).

    Limits are in pence, judged on the whole life of a commission; null means no limit.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey("authority.Agreement", models.PROTECT, related_name="rules")
    role = models.CharField(max_length=32, choices=Role.choices)
    service = models.ForeignKey(
        "cms.Service", models.PROTECT, null=True, blank=True, related_name="rules"
    )
    term = models.ForeignKey("cms.Term", models.PROTECT, null=True, blank=True, related_name="+")
    step = models.CharField(_("step"), max_length=32, choices=Step.choices)
    limit_commission_pence = models.BigIntegerField(null=True, blank=True)
    limit_family_year_pence = models.BigIntegerField(null=True, blank=True)
    limit_year_pence = models.BigIntegerField(null=True, blank=True)
    cover = models.ForeignKey(
        "authority.Cover", models.PROTECT, null=True, blank=True, related_name="rules"
    )
    competence = models.SlugField(blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(service__isnull=True) | Q(term__isnull=True),
                name="authority_rule_service_or_term",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="authority_rule_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(limit_commission_pence__isnull=True) | Q(limit_commission_pence__gte=0),
                name="authority_rule_limit_not_negative",
            ),
            models.UniqueConstraint(
                fields=["agreement", "role", "service", "step"],
                condition=Q(valid_to__isnull=True, service__isnull=False),
                name="authority_rule_one_open_a_service",
            ),
            models.UniqueConstraint(
                fields=["agreement", "role", "term", "step"],
                condition=Q(valid_to__isnull=True, term__isnull=False),
                name="authority_rule_one_open_a_term",
            ),
            models.UniqueConstraint(
                fields=["agreement", "role", "step"],
                condition=Q(valid_to__isnull=True, service__isnull=True, term__isnull=True),
                name="authority_rule_one_open_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.reference}"

    @property
    def specificity(self) -> int:
        """Return 2 for one service, 1 for a term's services, 0 for all of the owner's."""
        if self.service_id is not None:
            return 2
        return 1 if self.term_id is not None else 0


class Use(models.Model):
    """The running total under one rule in one year, for one family or (null) for all."""

    FAMILY_PATH = "family"
    # What confidential support cost is in the sum, so nobody sees it through `sharing.visible`.
    IS_PRIVATE = True
    PERSONAL = {"id": False, "rule": False, "family": True, "year": False, "amount_pence": False}

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="uses")
    family = models.ForeignKey(
        "budgets.Family", models.PROTECT, null=True, blank=True, related_name="+"
    )
    year = models.PositiveSmallIntegerField()
    amount_pence = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "family", "year"],
                condition=Q(family__isnull=False),
                name="authority_use_one_a_family_and_year",
            ),
            models.UniqueConstraint(
                fields=["rule", "year"],
                condition=Q(family__isnull=True),
                name="authority_use_one_a_year",
            ),
            models.CheckConstraint(
                condition=Q(amount_pence__gte=0), name="authority_use_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"use {self.pk}: {self.year}"
