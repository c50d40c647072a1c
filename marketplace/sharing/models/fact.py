"""What is known about a person: entered once, with its source, and who was offered it."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.people.roles import Role
from marketplace.sharing.models.reason import Information


class Source(models.TextChoices):
    """Where a fact came from."""

    SAID = "said", _("It was said")
    DOCUMENT = "document", _("It was read in a document")
    AGENCY = "agency", _("Another agency said so")


class Verification(models.TextChoices):
    """How a fact was checked."""

    SEEN_DOCUMENT = "seen_document", _("Saw a document")
    AGENCY_TOLD = "agency_told", _("Asked another agency")


class FactForm(models.TextChoices):
    """As what a fact is offered."""

    VALUE = "value", _("The answer itself")
    YES_NO = "yes_no", _("Only a yes or a no")


class FactQuerySet(models.QuerySet["Fact"]):
    """Facts, narrowed."""

    def standing(self) -> Self:
        """Narrow to what is held to be true now: not replaced by a correction."""
        return self.filter(replaced_at__isnull=True)

    def open(self) -> Self:
        """Narrow to what is no secret."""
        return self.filter(is_confidential=False)


class Fact(models.Model):
    """One thing known about one person; a correction keeps the row it replaces.

    For the person, who decides for her or speaks for her; for others only by a reason that opens
    facts. `told_for` names what a confidential one was told for: it stays there.
    """

    INFORMATION = Information.FACTS
    FAMILY_PATH = "person__members__family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    IS_PRIVATE = True
    IS_OPENED_BY_REASONS = True
    PERSONAL = {
        "id": False,
        "reference": False,
        "person": True,
        "key": True,
        "value": True,
        "came_from": False,
        "source_organisation": False,
        "entered_by": True,
        "entered_organisation": False,
        "entered_role": False,
        "entered_at": False,
        "verified_by": True,
        "verified_organisation": False,
        "verified_role": False,
        "verified_how": False,
        "verified_at": False,
        "told_for": False,
        "is_confidential": False,
        "replaces": False,
        "replaced_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="facts")
    key = models.SlugField(max_length=64)
    value = models.JSONField()
    came_from = models.CharField(max_length=16, choices=Source.choices)
    source_organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="facts_entered"
    )
    entered_organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_role = models.CharField(max_length=32, choices=Role.choices)
    entered_at = models.DateTimeField()
    verified_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="facts_verified"
    )
    verified_organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_role = models.CharField(max_length=32, choices=Role.choices, blank=True)
    verified_how = models.CharField(max_length=16, choices=Verification.choices, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    told_for = models.UUIDField(null=True, blank=True)
    is_confidential = models.BooleanField(default=False)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(came_from=Source.AGENCY) | Q(source_organisation__isnull=False),
                name="sharing_fact_names_the_agency_it_came_from",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_how="", verified_role="")
                | (Q(verified_at__isnull=False) & ~Q(verified_how="") & ~Q(verified_role="")),
                name="sharing_fact_verified_says_how",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(verified_by=models.F("entered_by")),
                name="sharing_fact_verified_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(told_for__isnull=True) | Q(is_confidential=True),
                name="sharing_fact_told_for_is_confidential",
            ),
            models.UniqueConstraint(
                fields=["person", "key", "is_confidential"],
                condition=Q(replaced_at__isnull=True, told_for__isnull=True),
                name="sharing_fact_one_standing_a_key",
            ),
            models.UniqueConstraint(
                fields=["person", "key", "told_for"],
                condition=Q(replaced_at__isnull=True, told_for__isnull=False),
                name="sharing_fact_one_standing_a_key_and_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"fact {self.reference}"

    @property
    def is_verified(self) -> bool:
        """Tell whether somebody other than who entered it checked it."""
        return self.verified_at is not None

    @property
    def is_standing(self) -> bool:
        """Tell whether it is held to be true now."""
        return self.replaced_at is None


class FactOffer(models.Model):
    """One fact, offered to whoever holds one reason: as its value, or as a yes or no.

    The answer to a yes-or-no is worked out when it is read, and the value never shown.
    """

    INFORMATION = Information.FACTS
    FAMILY_PATH = "fact__person__members__family"
    PERSON_PATH = "fact__person"
    CONFIDENTIAL_PATH = "fact__is_confidential"
    IS_PRIVATE = True
    PERSONAL = {
        "id": False,
        "reference": False,
        "fact": True,
        "reason": False,
        "form": False,
        "operator": False,
        "operand": False,
        "question": False,
        "offered_by": False,
        "offered_at": False,
        "read_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="offers")
    reason = models.ForeignKey("sharing.Reason", models.PROTECT, related_name="offers")
    form = models.CharField(max_length=8, choices=FactForm.choices)
    operator = models.CharField(max_length=16, blank=True)
    operand = models.JSONField(null=True, blank=True)
    question = models.CharField(max_length=300, blank=True)
    # The reference of an actor, as in the history: it outlives the user.
    offered_by = models.CharField(max_length=64)
    offered_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(form=FactForm.VALUE, operator="", question="")
                | (Q(form=FactForm.YES_NO) & ~Q(operator="") & ~Q(question="")),
                name="sharing_fact_offer_asks_one_thing",
            ),
            models.UniqueConstraint(
                fields=["fact", "reason", "form", "question"],
                name="sharing_fact_offer_once",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.reference}"
