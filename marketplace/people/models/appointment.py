"""Who stands beside a person, and who leads for a family."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.people.models.membership import DatedQuerySet
from marketplace.people.roles import POWERS, AdvocateKind, Power


class Appointment(models.Model):
    """An advocate whom a person chose, with exactly the powers of her kind (report §4.2).

    Whom somebody confides in is hers to tell: the others at home do not see it.
    """

    INFORMATION = "household"
    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    IS_PRIVATE = True
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "user": True,
        "kind": False,
        "starts_on": False,
        "ends_on": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="appointments")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="appointments")
    kind = models.CharField(_("kind"), max_length=32, choices=AdvocateKind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "user"],
                condition=Q(ends_on__isnull=True),
                name="people_appointment_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="people_appointment_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}: {self.kind}"

    def has(self, power: Power) -> bool:
        """Tell whether this kind of advocate holds `power`."""
        return power in POWERS[self.kind]


class Lead(models.Model):
    """The one worker accountable for a family, beside the advocate (design §3)."""

    INFORMATION = "household"
    FAMILY_PATH = "family"
    PERSONAL = {
        "id": False,
        "reference": False,
        "family": True,
        "user": True,
        "organisation": False,
        "starts_on": False,
        "ends_on": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey("budgets.Family", models.PROTECT, related_name="leads")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="leads")
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="leads")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(ends_on__isnull=True),
                name="people_lead_one_open_a_family",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="people_lead_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"lead {self.pk}"
