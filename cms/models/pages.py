"""Guides and the glossary: the only Wagtail pages there are."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import StreamField
from wagtail.models import Page

from cms import blocks


class GuideIndexPage(Page):
    """The list of guides."""

    introduction = models.TextField(_("introduction"), blank=True)

    template = "cms/guide_index_page.html"
    subpage_types = ["cms.GuidePage", "cms.GlossaryPage"]
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("list of guides")
        verbose_name_plural = _("lists of guides")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the guides that are live."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["guides"] = GuidePage.objects.child_of(self).live().order_by("title")
        return context


class GuidePage(Page):
    """Something explained, in plain words."""

    summary = models.CharField(_("summary"), max_length=255, blank=True)
    body = StreamField(blocks.BodyBlock(), blank=True, verbose_name=_("text"))

    template = "cms/guide_page.html"
    parent_page_types = ["cms.GuideIndexPage"]
    subpage_types: list[str] = []
    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")


class GlossaryPage(Page):
    """The common language between agencies and families (report 3.1.6)."""

    introduction = models.TextField(_("introduction"), blank=True)

    template = "cms/glossary_page.html"
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        InlinePanel("entries", label=_("Word")),
    ]

    class Meta:
        verbose_name = _("glossary")
        verbose_name_plural = _("glossaries")


class GlossaryEntry(models.Model):
    """One word, and what it means here."""

    page = ParentalKey(GlossaryPage, on_delete=models.CASCADE, related_name="entries")
    slug = models.SlugField(_("address"), max_length=80)
    word = models.CharField(_("word"), max_length=80)
    meaning = models.TextField(_("what it means"))
    said_as = models.CharField(
        _("what we say to families"), max_length=80, blank=True, help_text=_("If another word.")
    )
    is_linked = models.BooleanField(
        _("linked where it is used"),
        default=True,
        help_text=_("Not for a word that people also say and mean something else by."),
    )

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")
        ordering = ["word", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "slug"], name="cms_glossaryentry_slug_once_a_page"
            ),
        ]

    def __str__(self) -> str:
        return self.word
