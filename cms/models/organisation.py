"""Any body that owns, runs or commissions support, and the places it is given at."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    """What sort of body an organisation is."""

    COUNTY_COUNCIL = "county_council", _("County council")
    DISTRICT_COUNCIL = "district_council", _("District council")
    NHS_COMMISSIONER = "nhs_commissioner", _("NHS commissioner")
    NHS_TRUST = "nhs_trust", _("NHS trust")
    POLICE = "police", _("Police")
    YOUTH_JUSTICE = "youth_justice", _("Youth justice service")
    GP_PRACTICE = "gp_practice", _("GP practice")
    SCHOOL = "school", _("School or college")
    HOUSING = "housing", _("Housing association")
    CHARITY = "charity", _("Charity or community group")
    MENTORS_GROUP = "mentors_group", _("Mentors' group")
    SOLE_TRADER = "sole_trader", _("Sole trader")
    OTHER = "other", _("Other")


PUBLIC_BODIES = frozenset(
    {
        OrganisationKind.COUNTY_COUNCIL,
        OrganisationKind.DISTRICT_COUNCIL,
        OrganisationKind.NHS_COMMISSIONER,
        OrganisationKind.NHS_TRUST,
        OrganisationKind.POLICE,
        OrganisationKind.YOUTH_JUSTICE,
        OrganisationKind.GP_PRACTICE,
        OrganisationKind.SCHOOL,
    }
)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """The questions asked of organisations."""

    def public_bodies(self) -> "OrganisationQuerySet":
        """Return those that act on public task."""
        return self.filter(kind__in=PUBLIC_BODIES)


class Organisation(models.Model):
    """Any body: council, district, NHS body, police, school, charity, sole trader."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=255)
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=OrganisationKind.choices,
        default=OrganisationKind.OTHER,
    )
    description = models.TextField(
        _("description"), blank=True, help_text=_("What it does, in plain words.")
    )
    website = models.URLField(_("website"), max_length=500, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    postcode = models.CharField(_("postcode"), max_length=8, blank=True)
    kept_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="keeps",
        verbose_name=_("entries kept by"),
        help_text=_("Whose editors keep its entries, where it has no editors of its own."),
    )
    source = models.CharField(_("imported from"), max_length=100, blank=True, editable=False)
    source_id = models.CharField(_("number there"), max_length=100, blank=True, editable=False)
    import_digest = models.CharField(max_length=64, blank=True, editable=False)
    changed_at = models.DateTimeField(
        _("last changed"), auto_now=True, db_index=True, editable=False
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~models.Q(source=""),
                name="cms_organisation_once_a_source",
            ),
            models.UniqueConstraint(
                Lower("name"),
                condition=models.Q(source=""),
                name="cms_organisation_name_once_among_ours",
                violation_error_message=_("There is an organisation of this name already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="cms_organisation_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public_body(self) -> bool:
        """Say whether it acts on public task."""
        return self.kind in PUBLIC_BODIES


class Place(models.Model):
    """Somewhere support is given."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="places",
        verbose_name=_("organisation"),
    )
    name = models.CharField(_("name"), max_length=255)
    address = models.CharField(_("address"), max_length=500, blank=True)
    postcode = models.CharField(_("postcode"), max_length=8, blank=True)
    district = models.CharField(_("district"), max_length=100, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    step_free = models.BooleanField(
        _("step-free"), null=True, blank=True, help_text=_("Can somebody in a wheelchair get in?")
    )
    source = models.CharField(_("imported from"), max_length=100, blank=True, editable=False)
    source_id = models.CharField(_("number there"), max_length=100, blank=True, editable=False)
    import_digest = models.CharField(max_length=64, blank=True, editable=False)
    changed_at = models.DateTimeField(
        _("last changed"), auto_now=True, db_index=True, editable=False
    )

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["latitude", "longitude"], name="cms_place_point"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~models.Q(source=""),
                name="cms_place_once_a_source",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="cms_place_point_is_on_earth",
                violation_error_message=_("Give both latitude and longitude, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.name if self.postcode in ("", self.name) else f"{self.name}, {self.postcode}"

    @property
    def has_point(self) -> bool:
        """Say whether it can be put on a map."""
        return self.latitude is not None and self.longitude is not None
