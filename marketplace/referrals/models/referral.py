"""A family's request for one service, on the ladder (report §5.4.2, design §4)."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from marketplace.referrals.models.route import Route


class Rung(models.TextChoices):
    """How far a referral has come; the first six are the report's outcomes."""

    SIGNPOSTED = "signposted", _("Told about it")
    SOFT_REFERRED = "soft_referred", _("Asked for")
    APPLIED = "applied", _("Form sent")
    HARD_REFERRED = "hard_referred", _("Agreed you can have it")
    COMMISSIONED = "commissioned", _("Money set aside")
    BOOKED = "booked", _("Booked")
    COMPLETED = "completed", _("Finished")
    DECLINED = "declined", _("They said no")
    WITHDRAWN = "withdrawn", _("Stopped")
    EXPIRED = "expired", _("Left unanswered")


CLIMB: tuple[Rung, ...] = (
    Rung.SIGNPOSTED,
    Rung.SOFT_REFERRED,
    Rung.APPLIED,
    Rung.HARD_REFERRED,
    Rung.COMMISSIONED,
    Rung.BOOKED,
)
OPEN_RUNGS = CLIMB
ENDS: tuple[Rung, ...] = (Rung.COMPLETED, Rung.DECLINED, Rung.WITHDRAWN, Rung.EXPIRED)


class EndReason(models.TextChoices):
    """Why a referral ended before or after its service."""

    GOAL_MET = "goal_met", _("The goal was met")
    GOAL_PARTLY_MET = "goal_partly_met", _("The goal was partly met")
    GOAL_NOT_MET = "goal_not_met", _("The goal was not met")
    NOT_ELIGIBLE = "not_eligible", _("It is for somebody in another situation")
    NO_PLACE = "no_place", _("There is no free place")
    WRONG_SERVICE = "wrong_service", _("Something else would help more")
    TOO_FAR = "too_far", _("It is too far away")
    CHANGED_MIND = "changed_mind", _("The family changed its mind")
    NO_LONGER_NEEDED = "no_longer_needed", _("It is no longer needed")
    ASKED_TWICE = "asked_twice", _("It was asked for twice")
    NO_ANSWER = "no_answer", _("The family did not answer")


class YesHow(models.TextChoices):
    """How the person said yes."""

    SIGNED_IN = "signed_in", _("Said yes on this site")
    TOLD_ADVOCATE = "told_advocate", _("Told the advocate")


class YesThrough(models.TextChoices):
    """How the person told the advocate."""

    FACE_TO_FACE = "face_to_face", _("Face to face")
    PHONE = "phone", _("On the phone")
    MESSAGE = "message", _("In a message or letter")
    UNKNOWN = "unknown", _("It was not written down how")


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Referrals, narrowed."""

    def open(self) -> Self:
        """Narrow to referrals still on the ladder."""
        return self.filter(rung__in=OPEN_RUNGS)

    def waiting(self) -> Self:
        """Narrow to those that were asked for and are not yet commissioned."""
        return self.filter(rung__in=[Rung.SOFT_REFERRED, Rung.APPLIED, Rung.HARD_REFERRED])

    def with_names(self) -> Self:
        """Fetch what a list shows, in the same query."""
        return self.select_related(
            "service__owner", "service__provider", "person", "family", "quote"
        )


class Referral(models.Model):
    """One person's request for one service.

    Only `referrals/referrals.py` moves the rung, under lock. `handed_over_rung` is written once,
    when the referrer's sitting ends.
    """

    INFORMATION = "support"
    FAMILY_PATH = "family"
    PERSON_PATH = "person"
    CONFIDENTIAL_PATH = "is_confidential"
    SUBJECT_PATH = "reference"
    PERSONAL = {
        "id": False,
        "reference": False,
        "family": True,
        "person": True,
        "plan": True,
        "goal": True,
        "service": True,
        "need": True,
        "barrier": True,
        "met_by": True,
        "instead_of": True,
        "weighed_at": False,
        "beside": True,
        "referrer": True,
        "referrer_organisation": False,
        "rung": False,
        "handed_over_rung": False,
        "handed_over_at": False,
        "is_confidential": False,
        "is_apart": False,
        "quantity": False,
        "quote": False,
        "is_charged_to_plan": False,
        "yes_by": True,
        "yes_at": False,
        "yes_how": False,
        "yes_through": False,
        "yes_told_on": False,
        "end_reason": True,
        "end_words": True,
        "route": True,
        "enquiry": True,
        "reopened_from": False,
        "reopen_note": True,
        "asked_at": False,
        "ended_at": False,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey("budgets.Family", models.PROTECT, related_name="referrals")
    person = models.ForeignKey("budgets.Person", models.PROTECT, related_name="referrals")
    plan = models.ForeignKey(
        "budgets.Plan", models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    goal = models.ForeignKey(
        "budgets.Goal", models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    service = models.ForeignKey("cms.Service", models.PROTECT, related_name="referrals")
    need = models.ForeignKey("cms.Term", models.PROTECT, null=True, blank=True, related_name="+")
    barrier = models.ForeignKey("cms.Term", models.PROTECT, null=True, blank=True, related_name="+")
    met_by = models.CharField(_("what would help with that"), max_length=200, blank=True)
    instead_of = models.CharField(_("instead of"), max_length=200, blank=True)
    # When it was asked which goal it serves, what could stop it, and instead of what it comes.
    weighed_at = models.DateTimeField(null=True, blank=True)
    # The referral whose barrier this one meets.
    beside = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="asked_beside"
    )
    referrer = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="referrals_made"
    )
    referrer_organisation = models.ForeignKey(
        "cms.Organisation", models.PROTECT, null=True, blank=True, related_name="referrals_made"
    )
    rung = FSMField(
        default=Rung.SIGNPOSTED, choices=Rung.choices, protected=True, max_length=16, editable=False
    )
    handed_over_rung = models.CharField(max_length=16, choices=Rung.choices, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    is_confidential = models.BooleanField(default=False)
    is_apart = models.BooleanField(default=False)  # beside one of which its asker may not know
    quantity = models.PositiveSmallIntegerField(null=True, blank=True)
    quote = models.ForeignKey(
        "pricing.Quote", models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    is_charged_to_plan = models.BooleanField(default=False)
    yes_by = models.ForeignKey(
        "budgets.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    yes_at = models.DateTimeField(null=True, blank=True)
    yes_how = models.CharField(max_length=16, choices=YesHow.choices, blank=True)
    yes_through = models.CharField(max_length=16, choices=YesThrough.choices, blank=True)
    yes_told_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=24, choices=EndReason.choices, blank=True)
    end_words = models.TextField(blank=True)
    alternatives = models.ManyToManyField("cms.Service", blank=True, related_name="+")
    route = models.CharField(max_length=16, choices=Route.choices, default=Route.OTHER_SERVICE)
    enquiry = models.ForeignKey(
        "referrals.Enquiry", models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    reopened_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reopened_as"
    )
    reopen_note = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rung__in=Rung.values), name="referrals_referral_rung_known"
            ),
            models.UniqueConstraint(
                fields=["person", "service"],
                condition=Q(rung__in=OPEN_RUNGS, is_confidential=False, is_apart=False),
                name="referrals_referral_one_open",
            ),
            # Of what is kept from others, a second asker must not learn: so one open an asker.
            models.UniqueConstraint(
                fields=["person", "service", "referrer"],
                condition=Q(rung__in=OPEN_RUNGS, is_confidential=True),
                name="referrals_referral_one_open_in_confidence",
            ),
            # Nor of what was asked for where she may not look (`again.standing`).
            models.UniqueConstraint(
                fields=["person", "service", "referrer"],
                condition=Q(rung__in=OPEN_RUNGS, is_apart=True),
                name="referrals_referral_one_open_apart",
            ),
            models.CheckConstraint(
                condition=Q(handed_over_rung="", handed_over_at__isnull=True)
                | (~Q(handed_over_rung="") & Q(handed_over_at__isnull=False)),
                name="referrals_referral_handed_over_with_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(rung__in=ENDS) | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="referrals_referral_end_says_why",
            ),
            models.CheckConstraint(
                condition=Q(route__in=Route.values), name="referrals_referral_route_known"
            ),
            models.CheckConstraint(
                condition=Q(is_charged_to_plan=False)
                | (Q(yes_at__isnull=False, quote__isnull=False, plan__isnull=False)),
                name="referrals_referral_charged_only_with_a_yes",
            ),
            models.CheckConstraint(
                condition=Q(is_charged_to_plan=False) | Q(weighed_at__isnull=False),
                name="referrals_referral_charged_only_when_weighed",
            ),
            models.CheckConstraint(
                condition=(
                    Q(yes_how=YesHow.TOLD_ADVOCATE, yes_told_on__isnull=False) & ~Q(yes_through="")
                )
                | (~Q(yes_how=YesHow.TOLD_ADVOCATE) & Q(yes_told_on__isnull=True, yes_through="")),
                name="referrals_referral_told_yes_says_how_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["service", "rung"], name="referrals_referral_service"),
            models.Index(fields=["family", "rung"], name="referrals_referral_family"),
            models.Index(fields=["rung", "asked_at"], name="referrals_referral_rung"),
        ]

    def __str__(self) -> str:
        return f"referral {self.reference}"

    @transition(field=rung, source=Rung.SIGNPOSTED, target=Rung.SOFT_REFERRED)
    def soft_refer(self) -> None:
        """Climb: eligibility is checked."""

    @transition(field=rung, source=Rung.SOFT_REFERRED, target=Rung.APPLIED)
    def apply(self) -> None:
        """Climb: the application is complete and shared."""

    @transition(field=rung, source=Rung.APPLIED, target=Rung.HARD_REFERRED)
    def hard_refer(self) -> None:
        """Climb: eligibility is decided."""

    @transition(field=rung, source=Rung.HARD_REFERRED, target=Rung.COMMISSIONED)
    def commission(self) -> None:
        """Climb: the amount is assessed, the person said yes, money is set aside."""

    @transition(field=rung, source=Rung.COMMISSIONED, target=Rung.BOOKED)
    def book(self) -> None:
        """Climb: the provider accepted a time."""

    @transition(field=rung, source=Rung.BOOKED, target=Rung.COMMISSIONED)
    def fall_through(self) -> None:
        """Step down: the booking fell through."""

    @transition(field=rung, source=Rung.COMMISSIONED, target=Rung.HARD_REFERRED)
    def cancel(self) -> None:
        """Step down: the commission was cancelled and its money returned."""

    @transition(field=rung, source=Rung.BOOKED, target=Rung.COMPLETED)
    def complete(self) -> None:
        """End: the service was delivered."""

    @transition(
        field=rung,
        source=[Rung.SOFT_REFERRED, Rung.APPLIED, Rung.HARD_REFERRED, Rung.COMMISSIONED],
        target=Rung.DECLINED,
    )
    def decline(self) -> None:
        """End: the service said no."""

    @transition(field=rung, source=list(OPEN_RUNGS), target=Rung.WITHDRAWN)
    def withdraw(self) -> None:
        """End: the family or the referrer stopped it."""

    @transition(field=rung, source=[Rung.SIGNPOSTED, Rung.HARD_REFERRED], target=Rung.EXPIRED)
    def expire(self) -> None:
        """End: the family left the choice unanswered."""

    @property
    def is_open(self) -> bool:
        """Tell whether the referral is still on the ladder."""
        return self.rung in OPEN_RUNGS

    @property
    def is_booked(self) -> bool:
        """Tell whether a time is agreed."""
        return bool(self.rung == Rung.BOOKED)

    @property
    def is_commissioned(self) -> bool:
        """Tell whether money is set aside and no time is agreed yet."""
        return bool(self.rung == Rung.COMMISSIONED)

    @property
    def has_yes(self) -> bool:
        """Tell whether the person said yes to the money being used."""
        return self.yes_at is not None

    @property
    def is_weighed(self) -> bool:
        """Tell whether what has to be asked before buying was asked."""
        return self.weighed_at is not None

    @property
    def rung_words(self) -> str:
        """Return the rung in a family's words."""
        return str(Rung(self.rung).label)
