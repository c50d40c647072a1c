"""An entry in the catalogue: a specialist service, a group, a mentor, a role model."""

import datetime
import uuid
from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)

from cms import freshness

OLDEST = 130
ADULT = 18
# What never says a mentor's first name: it would stay there when she takes her yes back.
NEVER_NAMING = ("summary", "description", "what_happens_next")
NEVER_NAMING_ADDRESSES = ("email", "website")
# Never carried by a draft or an older version: they belong to the entry itself.
WHOLE_ENTRY = (
    "reference",
    "source",
    "source_id",
    "import_digest",
    "checked_on",
    # Written by whoever saw a check: an old draft must not bring one back that has run out.
    "check_valid_until",
    "added_on",
    "withdrawn_on",
    "merged_into_id",
    # Who can have how much: set by the owner's commissioner, and by the feed it comes from.
    "minimum_age",
    "maximum_age",
    "standard_quantity",
)
WHOLE_LISTS = ("criteria", "bands")


class ServiceKind(models.TextChoices):
    """What sort of support an entry is."""

    SPECIALIST = "specialist", _("Specialist service")
    UNIVERSAL = "universal", _("Open to everyone")
    GROUP = "group", _("Group")
    MENTOR = "mentor", _("Mentor")
    ROLE_MODEL = "role_model", _("Role model")
    ADVOCATE = "advocate", _("Advocate")


class ContactCheck(models.TextChoices):
    """The check that the worker's contact with people needs."""

    NONE = "none", _("None needed")
    DBS_BASIC = "dbs_basic", _("Basic DBS check")
    DBS_ENHANCED = "dbs_enhanced", _("Enhanced DBS check")


MENTOR_KINDS = (ServiceKind.MENTOR, ServiceKind.ROLE_MODEL)


class ServiceQuerySet(models.QuerySet["Service"]):
    """The questions asked of services."""

    def offered(self, on: datetime.date) -> "ServiceQuerySet":
        """Return what may be offered on a day: live, standing, its contact check current.

        A mentor meets people alone: one whose entry asks for no check is not offered at all.
        """
        needs_none = models.Q(contact_check=ContactCheck.NONE)
        return self.standing(on).filter(
            (needs_none & ~models.Q(kind__in=MENTOR_KINDS))
            | (~needs_none & models.Q(check_valid_until__gte=on)),
            live=True,
        )

    def unchecked_for(self, months: int, on: datetime.date) -> "ServiceQuerySet":
        """Return those last checked, or come in unchecked, so many months before a day or more."""
        latest = freshness.last_check(months=months, on=on)
        return self.filter(
            models.Q(checked_on__lte=latest)
            | models.Q(checked_on__isnull=True, added_on__lte=latest)
        )

    def standing(self, on: datetime.date) -> "ServiceQuerySet":
        """Return those neither withdrawn nor merged into another on a day."""
        return self.filter(
            models.Q(withdrawn_on__isnull=True) | models.Q(withdrawn_on__gt=on),
            merged_into__isnull=True,
        )

    def mentors(self) -> "ServiceQuerySet":
        """Return mentors and role models."""
        return self.filter(kind__in=MENTOR_KINDS)


class Service(
    PreviewableMixin,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    ClusterableModel,
):
    """An entry in the catalogue. Never deleted: withdrawn, or merged into another."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("address"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=10, choices=ServiceKind.choices, default=ServiceKind.SPECIALIST
    )
    owner = models.ForeignKey(
        "cms.Organisation",
        on_delete=models.PROTECT,
        related_name="services_owned",
        verbose_name=_("owner"),
        help_text=_("Whose rules and money govern it."),
    )
    provider = models.ForeignKey(
        "cms.Organisation",
        on_delete=models.PROTECT,
        related_name="services_provided",
        verbose_name=_("provider"),
        help_text=_("Who delivers it; may be the same."),
    )
    summary = models.CharField(
        _("summary"), max_length=255, blank=True, help_text=_("One plain sentence.")
    )
    description = models.TextField(_("description"), blank=True)
    what_happens_next = models.TextField(
        _("what happens when I ask"), blank=True, help_text=_("In plain words, with the waiting.")
    )
    website = models.URLField(_("website"), max_length=500, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    minimum_age = models.PositiveSmallIntegerField(_("youngest"), null=True, blank=True)
    maximum_age = models.PositiveSmallIntegerField(_("oldest"), null=True, blank=True)
    terms = ParentalManyToManyField(
        "cms.Term", blank=True, related_name="services", verbose_name=_("helps with")
    )
    places = ParentalManyToManyField(
        "cms.Place", blank=True, related_name="services", verbose_name=_("places")
    )
    districts = models.JSONField(
        _("districts served"),
        default=list,
        blank=True,
        help_text=_("A list of names. Left empty: the districts its places are in."),
    )
    answer_days = models.PositiveSmallIntegerField(
        _("answers within"), default=5, help_text=_("Working days.")
    )
    wait_days = models.PositiveSmallIntegerField(
        _("usual wait"), null=True, blank=True, help_text=_("Days from asking to starting.")
    )
    places_a_week = models.PositiveSmallIntegerField(
        _("new people a week"), null=True, blank=True, help_text=_("How many can start.")
    )
    places_at_once = models.PositiveSmallIntegerField(
        _("people at once"), null=True, blank=True, help_text=_("How many can have it together.")
    )
    notice_days = models.PositiveSmallIntegerField(
        _("free to cancel until"), default=2, help_text=_("Days before.")
    )
    standard_quantity = models.PositiveSmallIntegerField(
        _("standard offer"), default=1, help_text=_("How many sessions, hours or days.")
    )
    is_statutory = models.BooleanField(
        _("a legal right"), default=False, help_text=_("Never refused for lack of plan money.")
    )
    is_confidential = models.BooleanField(
        _("confidential"),
        default=False,
        help_text=_("Leaves no trace for other members of the household."),
    )
    contact_check = models.CharField(
        _("check needed"),
        max_length=12,
        choices=ContactCheck.choices,
        default=ContactCheck.NONE,
        help_text=_("What the worker's contact with people needs."),
    )
    check_valid_until = models.DateField(_("check held until"), null=True, blank=True)
    checked_on = models.DateField(_("entry last checked"), null=True, blank=True)
    added_on = models.DateField(_("added on"), auto_now_add=True, editable=False)
    source = models.CharField(_("imported from"), max_length=100, blank=True, editable=False)
    source_id = models.CharField(_("number there"), max_length=100, blank=True, editable=False)
    import_digest = models.CharField(max_length=64, blank=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
    )
    changed_at = models.DateTimeField(
        _("last changed"), auto_now=True, db_index=True, editable=False
    )
    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="service")
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="service",
        for_concrete_model=False,
    )

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["live", "kind"], name="cms_service_live_kind"),
            models.Index(fields=["name", "id"], name="cms_service_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~models.Q(source=""),
                name="cms_service_once_a_source",
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_age__isnull=True) | models.Q(minimum_age__lte=OLDEST),
                name="cms_service_minimum_age_is_an_age",
                violation_error_message=_("Give an age in years, up to 130."),
            ),
            models.CheckConstraint(
                condition=models.Q(maximum_age__isnull=True) | models.Q(maximum_age__lte=OLDEST),
                name="cms_service_maximum_age_is_an_age",
                violation_error_message=_("Give an age in years, up to 130."),
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_age__isnull=True)
                | models.Q(maximum_age__isnull=True)
                | models.Q(minimum_age__lte=models.F("maximum_age")),
                name="cms_service_ages_in_order",
                violation_error_message=_("Put the youngest age below the oldest."),
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")),
                name="cms_service_is_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=models.Q(standard_quantity__gte=1),
                name="cms_service_offer_is_something",
                violation_error_message=_("Offer at least one."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def revisions(self) -> models.Manager[models.Model]:
        """Return its drafts and past versions, as Wagtail asks for them."""
        manager: models.Manager[models.Model] = self._revisions
        return manager

    @property
    def is_universal(self) -> bool:
        """Say whether anybody may have it without being decided on."""
        return self.kind == ServiceKind.UNIVERSAL

    @property
    def is_mentor(self) -> bool:
        """Say whether it is a person beside you: mentor or role model."""
        return self.kind in MENTOR_KINDS

    def is_checked(self, on: datetime.date) -> bool:
        """Say whether the check that meeting people needs is held on a day (`offered` asks it)."""
        if self.contact_check == ContactCheck.NONE:
            return not self.is_mentor
        return self.check_valid_until is not None and self.check_valid_until >= on

    @property
    def is_withdrawn(self) -> bool:
        """Say whether it has been taken out of the catalogue."""
        return self.withdrawn_on is not None or self.merged_into_id is not None

    def with_content_json(self, content: dict[str, Any]) -> "Service":
        """Return a revision's version, except for what is true of the entry as a whole.

        Otherwise publishing an old draft would bring a withdrawn service back, or old criteria.
        """
        version: Service = super().with_content_json(content)
        # Asked of the database: Wagtail may hold this row from before it was withdrawn.
        whole = Service.objects.filter(pk=self.pk).values(*WHOLE_ENTRY).first() or {}
        for name, value in whole.items():
            setattr(version, name, value)
        if whole:
            now = Service.objects.get(pk=self.pk)
            for name in WHOLE_LISTS:
                setattr(version, name, list(getattr(now, name).all()))
            version.name_by_consent()
            version.hold_checks()
            mentor = getattr(version, "mentor", None)
            if mentor is not None and not mentor.called() and mentor.is_in_address(version.slug):
                version.slug = now.slug
        return version

    def clean(self) -> None:
        """Write a mentor's name as far as she says yes, and refuse what names her elsewhere."""
        self.name_by_consent()
        self.hold_checks()
        mentor = getattr(self, "mentor", None)
        if mentor is None:
            return
        texts = {name: getattr(self, name) for name in NEVER_NAMING}
        mentor.must_not_be_named(**texts, name=mentor.plain_name(self.name))
        mentor.must_not_be_in(**{name: getattr(self, name) for name in NEVER_NAMING_ADDRESSES})
        rows = [f"{row.text} {row.help_text}" for row in self.questions.all()]
        rows += [row.description for row in self.schedules.all()]
        mentor.must_not_be_named(**{NON_FIELD_ERRORS: " ".join(rows)})
        if not mentor.called() and mentor.is_in_address(self.slug):
            mentor.must_not_be_named(slug=mentor.first_name)
        if self.contact_check not in self.checks_that_will_do():
            raise ValidationError({"contact_check": self.check_needed()})

    def name_by_consent(self) -> None:
        """Put a mentor's first name before the entry's name, or leave it out, as she says."""
        mentor = getattr(self, "mentor", None)
        if mentor is not None:
            self.name = mentor.entry_name(self.name)

    def hold_checks(self) -> None:
        """Reckon how long a check that is enough is held, from those that somebody saw.

        Where all of them have ended none is held, whatever a feed says.
        """
        rows = list(self.checks.all()) if self.pk else []
        if rows:
            held = [row for row in rows if row.ended_at is None]
            enough = [row.valid_until for row in held if row.will_do(need=self.contact_check)]
            self.check_valid_until = max(enough, default=None)

    def checks_that_will_do(self) -> tuple[str, ...]:
        """Return the checks that meeting these people alone needs, at the least."""
        if self.minimum_age is None or self.minimum_age < ADULT:
            return (ContactCheck.DBS_ENHANCED,)
        return (ContactCheck.DBS_BASIC, ContactCheck.DBS_ENHANCED)

    def check_needed(self) -> str:
        """Say which check a mentor needs, in words."""
        if ContactCheck.DBS_BASIC in self.checks_that_will_do():
            return gettext("A mentor meets people alone: say which check is needed.")
        return gettext("Whoever meets people under 18 alone needs an enhanced check.")

    def get_preview_template(self, request: object, mode_name: str) -> str:
        """Name the template of Wagtail's preview."""
        return "cms/service_preview.html"
