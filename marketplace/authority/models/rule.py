"""One thing that a role at a holder may do on an owner's services, and how often it was used."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cms.models import Step
from marketplace.authority.models.agreement import Agreement
from marketplace.people.roles import Role


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules, narrowed."""

    def in_force(self, day: date) -> Self:
        """Narrow to rules valid on `day` under an agreement that was in force that day."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
            valid_from__lte=day,
            agreement__in=Agreement.objects.in_force(day),
        )


class Rule(models.Model):
    """A role at the holder may take one step on a service, a term's services, or all (design §5).

    Limits are in pence, judged on the whole life of a commission; null means no limit. A new
    version of a rule keeps its lineage, and with it the running totals.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lineage = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
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
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="authority_rule_ends_no_sooner",
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
