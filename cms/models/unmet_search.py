"""What somebody looked for and nobody offers: unmet demand, counted by day, of nobody."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnmetSearch(models.Model):
    """How often one search found nothing on one day. Written by `unmet_searches.count` only.

    Nothing typed is kept as it was typed: `words` are those that the catalogue's own words hold,
    `terms` are "taxonomy:slug", `filters` the names of the other filters that were on and never
    what was chosen in them. Each is a list in text, in its order, a space between entries.
    """

    day = models.DateField(_("day"), db_index=True)
    terms = models.CharField(_("what should change"), max_length=500, blank=True)
    words = models.CharField(_("words of ours"), max_length=200, blank=True)
    kind = models.CharField(_("kinds"), max_length=100, blank=True)
    district = models.CharField(_("district"), max_length=100, blank=True)
    filters = models.CharField(_("also narrowed by"), max_length=200, blank=True)
    count = models.PositiveIntegerField(_("how often"), default=1)

    class Meta:
        verbose_name = _("search that found nothing")
        verbose_name_plural = _("searches that found nothing")
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "terms", "words", "kind", "district", "filters"],
                name="cms_unmetsearch_once_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(count__gte=1), name="cms_unmetsearch_was_made"
            ),
        ]

    def __str__(self) -> str:
        return f"searches that found nothing {self.pk}"
