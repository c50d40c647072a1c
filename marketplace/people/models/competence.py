"""What a worker is qualified for, and where her own interests lie."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.people.models.membership import DatedQuerySet


class Competence(models.Model):
    """A dated qualification that a rule may ask for (design §5)."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="competences")
    code = models.SlugField(_("code"))
    checked_by = models.CharField(_("where it was checked"), max_length=64)
    checker = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="people_competence_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(checker__isnull=True) | ~Q(checker=F("user")),
                name="people_competence_checked_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"competence {self.pk}: {self.code}"


class Interest(models.Model):
    """An organisation that a worker gains from; booking it needs somebody else's approval."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="interests")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="interests")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="people_interest_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(ends_on__isnull=True),
                name="people_interest_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"interest {self.pk}"
