"""A criterion that turned somebody away: counted, so that criteria are set from what they do."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.models import CriterionOperator


class TurningPoint(models.TextChoices):
    """Where on the way somebody was turned away."""

    TOLD = "told", _("before it was asked for")
    CHECK = "check", _("when it was checked")
    DECIDE = "decide", _("when it was decided")
    DECLINE = "decline", _("when the service said no")


class AgeBand(models.TextChoices):
    """How old somebody was, coarsely enough to point at nobody."""

    UNKNOWN = "", _("not known")
    UNDER_5 = "under_5", _("under 5")
    TO_10 = "5_to_10", _("5 to 10")
    TO_15 = "11_to_15", _("11 to 15")
    TO_17 = "16_to_17", _("16 to 17")
    TO_24 = "18_to_24", _("18 to 24")
    TO_64 = "25_to_64", _("25 to 64")
    OVER = "65_and_over", _("65 and over")


class TurnedAwayQuerySet(models.QuerySet["TurnedAway"]):
    """What was counted, narrowed."""

    def of_owner(self, organisation: object) -> Self:
        """Narrow to the services that an organisation owns."""
        return self.filter(service__owner=organisation)


class TurnedAway(models.Model):
    """One person, one criterion that was not met, one form or look: counted once.

    Written even where the act itself was refused and left nothing (design §4).
    """

    INFORMATION = "support"
    FAMILY_PATH = "family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "referral"
    PERSONAL = {
        "id": False,
        "reference": False,
        "service": True,
        "referral": False,
        "family": True,
        "person": True,
        "is_confidential": False,
        "fact": False,  # a published rule, as it stood
        "operator": False,
        "sentence": False,
        "point": False,
        "age_band": True,
        "district": True,
        "organisation": False,
        "key": False,
        "at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="turned_away")
    referral = models.UUIDField(null=True, blank=True)
    family = models.ForeignKey("budgets.Family", models.PROTECT, related_name="turned_away")
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="turned_away")
    is_confidential = models.BooleanField(default=False)
    fact = models.SlugField(_("fact"), max_length=50)
    operator = models.CharField(_("comparison"), max_length=10, choices=CriterionOperator.choices)
    sentence = models.CharField(_("who it is for"), max_length=255)
    point = models.CharField(_("when"), max_length=8, choices=TurningPoint.choices)
    age_band = models.CharField(_("age"), max_length=12, choices=AgeBand.choices, blank=True)
    district = models.CharField(_("district"), max_length=100, blank=True)
    organisation = models.UUIDField(null=True, blank=True)
    key = models.UUIDField(editable=False)
    at = models.DateTimeField()

    objects = TurnedAwayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "service", "person", "fact", "operator"],
                name="referrals_turned_away_once_a_form",
            ),
            models.CheckConstraint(
                condition=Q(point__in=TurningPoint.values),
                name="referrals_turned_away_point_is_known",
            ),
        ]
        indexes = [models.Index(fields=["service", "at"], name="referrals_turned_away_service")]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"turned away {self.reference}"
