"""One opening of a person's record; the person can read the list."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.people.roles import Power, Role


class Look(models.Model):
    """Who opened what about whom, when and for which reason.

    For the person herself, whoever decides for her or speaks for her, and nobody else at home.
    She reads role and organisation, not the worker's name (design §5). The ground is a kind of
    reason, and then `reason` is that row's reference; or an appointment, with the power it was
    looked at by; or living together, leading, or a role.
    """

    INFORMATION = "support"
    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    HELD_BACK_PATH = "held_back_until"
    IS_PRIVATE = True
    PERSONAL = {
        "id": False,
        "person": True,
        "user": True,
        "organisation": False,
        "role": False,
        "subject_kind": False,
        "subject": False,
        "ground": False,
        "reason": False,
        "power": False,
        "is_confidential": False,
        "held_back_until": False,
        "held_back_for": False,
        "at": False,
    }

    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="looks")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="looks")
    organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=32, choices=Role.choices)
    subject_kind = models.SlugField()
    subject = models.UUIDField()
    ground = models.CharField(_("ground"), max_length=24)
    reason = models.UUIDField(null=True, blank=True)
    power = models.CharField(max_length=16, choices=Power.choices, blank=True)
    is_confidential = models.BooleanField(default=False)
    held_back_until = models.DateField(null=True, blank=True)
    held_back_for = models.SlugField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(held_back_until__isnull=True) | ~Q(held_back_for=""),
                name="sharing_look_held_back_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["person", "-at"], name="sharing_look_person")]

    def __str__(self) -> str:
        return f"look {self.pk}"
