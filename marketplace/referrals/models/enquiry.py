"""Somebody asks for help who has no sign-in, or a GP or a school asks for her (report §4.6)."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.referrals.models.route import Route


class EnquiryEnd(models.TextChoices):
    """What became of an enquiry."""

    REFERRED = "referred", _("We asked services for them")
    ADVOCATE = "advocate", _("They have somebody on their side now")
    ADVISED = "advised", _("We answered, and that was enough")
    HAS_HELP = "has_help", _("Somebody helps them already")
    NOT_WANTED = "not_wanted", _("They do not want it any more")
    NOT_REACHED = "not_reached", _("We could not reach them")
    ASKED_TWICE = "asked_twice", _("They asked twice")


class Worry(models.IntegerChoices):
    """How much one key issue weighs on somebody, in the pro-forma."""

    NONE = 0, _("Not a worry")
    SOME = 1, _("Some worry")
    BIG = 2, _("A big worry")


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    """Enquiries, narrowed."""

    def open(self) -> Self:
        """Narrow to those that nobody has closed."""
        return self.filter(closed_at__isnull=True)

    def late(self, day: date) -> Self:
        """Narrow to those that nobody took up by the day that was promised."""
        return self.open().filter(taken_at__isnull=True, due_on__lt=day)

    def overdue_first(self) -> Self:
        """Order by what is due, what nobody took up first."""
        return self.order_by(F("taken_at").asc(nulls_first=True), "due_on", "pk")

    def with_names(self) -> Self:
        """Fetch what a list shows, in the same query."""
        return self.select_related(
            "organisation", "from_organisation", "asked_by", "taken_by", "person", "family"
        )


class Enquiry(models.Model):
    """One person's need as it was told at the door, and what was done about it.

    Private: those at home, leads and other organisations do not see it. Until it is linked to a
    person only the organisation that answers for the district opens it, in its intake's inbox.
    """

    INFORMATION = "support"
    FAMILY_PATH = "family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    IS_PRIVATE = True
    PERSONAL = {
        "id": False,
        "reference": False,
        "route": True,
        "organisation": False,
        "from_organisation": True,
        "asked_by": True,
        "first_name": True,
        "last_name": True,
        "born_on": True,
        "phone": True,
        "email": True,
        "contact_words": True,
        "postcode": True,
        "district": False,
        "words": True,
        "worries": True,
        "is_for_self": False,
        "is_confidential": True,
        "consent_how": False,
        "consented_at": False,
        "asked_at": False,
        "due_on": False,
        "taken_by": False,
        "taken_at": False,
        "chased_at": False,
        "family": True,
        "person": True,
        "end": True,
        "end_words": True,
        "closed_by": False,
        "closed_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    route = models.CharField(max_length=16, choices=Route.choices)
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="enquiries")
    from_organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="enquiries_sent"
    )
    asked_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="enquiries"
    )
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    born_on = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    email = models.EmailField(blank=True)
    contact_words = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    district = models.CharField(max_length=100, blank=True)
    words = models.TextField(blank=True)
    worries = models.JSONField(default=dict, blank=True)
    is_for_self = models.BooleanField(default=True)
    is_confidential = models.BooleanField(default=False)
    consent_how = models.CharField(max_length=16)
    consented_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    taken_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    chased_at = models.DateTimeField(null=True, blank=True)
    family = models.ForeignKey(
        "budgets.Family", models.PROTECT, null=True, blank=True, related_name="enquiries"
    )
    person = models.ForeignKey(
        "budgets.Person", models.PROTECT, null=True, blank=True, related_name="enquiries"
    )
    end = models.CharField(max_length=16, choices=EnquiryEnd.choices, blank=True)
    end_words = models.TextField(blank=True)
    closed_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(route__in=Route.values), name="referrals_enquiry_route_known"
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_at__isnull=True)
                | Q(taken_by__isnull=False, taken_at__isnull=False),
                name="referrals_enquiry_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, end="")
                | (Q(closed_at__isnull=False) & ~Q(end="") & Q(closed_by__isnull=False)),
                name="referrals_enquiry_closed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(family__isnull=True, person__isnull=True)
                | Q(family__isnull=False, person__isnull=False),
                name="referrals_enquiry_linked_to_somebody_at_home",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "closed_at"], name="referrals_enquiry_inbox"),
            models.Index(fields=["from_organisation"], name="referrals_enquiry_from"),
        ]
        verbose_name_plural = _("enquiries")

    def __str__(self) -> str:
        return f"enquiry {self.reference}"

    @property
    def name(self) -> str:
        """Return what the person is called."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_open(self) -> bool:
        """Tell whether something is still to be done about it."""
        return self.closed_at is None

    @property
    def is_taken(self) -> bool:
        """Tell whether somebody has taken it up."""
        return self.taken_at is not None

    @property
    def is_linked(self) -> bool:
        """Tell whether it is known whom in which household it is about."""
        return self.person_id is not None


class Catchment(models.Model):
    """Which organisation answers the door of a district; an empty name means everywhere else."""

    district = models.CharField(max_length=100, unique=True, blank=True)
    organisation = models.ForeignKey("cms.Organisation", models.PROTECT, related_name="catchments")

    class Meta:
        ordering = ["district"]

    def __str__(self) -> str:
        return f"catchment {self.district or 'everywhere else'}"
