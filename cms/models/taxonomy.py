"""The words services are mapped to: needs, issues, barriers, visions and more."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class TermTaxonomy(models.TextChoices):
    """The lists of terms (report 3.3 and 4.8, and the directory's own)."""

    NEED = "need", _("Need")
    ISSUE = "issue", _("Issue")
    BARRIER = "barrier", _("Barrier")
    VISION = "vision", _("Vision")
    CATEGORY = "category", _("Category")
    AUDIENCE = "audience", _("Who it is for")
    LANGUAGE = "language", _("Language")
    INTEREST = "interest", _("Interest")


class TermQuerySet(models.QuerySet["Term"]):
    """The questions asked of terms."""

    def of(self, taxonomy: str) -> "TermQuerySet":
        """Return one taxonomy's terms."""
        return self.filter(taxonomy=taxonomy)

    def top(self) -> "TermQuerySet":
        """Return those under no other."""
        return self.filter(parent__isnull=True)


class Term(models.Model):
    """One entry of a taxonomy."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    taxonomy = models.CharField(_("taxonomy"), max_length=10, choices=TermTaxonomy.choices)
    slug = models.SlugField(_("slug"), max_length=120)
    name = models.CharField(_("name"), max_length=200, help_text=_("What workers call it."))
    plain_name = models.CharField(
        _("plain name"), max_length=200, blank=True, help_text=_("What families read.")
    )
    description = models.TextField(_("description"), blank=True)
    also_said = models.TextField(
        _("also said"),
        blank=True,
        help_text=_("Other words that people look for it by: kicked out of school, bunking off."),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    source = models.CharField(_("taken from"), max_length=100, blank=True)
    source_id = models.CharField(_("number there"), max_length=100, blank=True)
    changed_at = models.DateTimeField(
        _("last changed"), auto_now=True, db_index=True, editable=False
    )

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["taxonomy", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["taxonomy", "slug"], name="cms_term_slug_once_a_taxonomy"
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="cms_term_is_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_taxonomy_display()}: {self.name}"

    @property
    def shown(self) -> str:
        """Return what families read."""
        return self.plain_name or self.name
