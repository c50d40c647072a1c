"""One narrow row a service, for searching."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Listing(models.Model):
    """What the search reads. Written by `catalogue.list()` only; rooms above hand values down.

    `words`, `name_words`, `terms` and `districts` are lists in text, a space before and after
    every entry, so that both databases find an entry with the same LIKE.
    """

    service = models.OneToOneField("cms.Service", on_delete=models.CASCADE, related_name="listing")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, db_index=True)
    words = models.TextField(default=" ")
    name_words = models.TextField(default=" ")
    terms = models.TextField(default=" ")
    districts = models.TextField(default=" ")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    minimum_age = models.PositiveSmallIntegerField(null=True)
    maximum_age = models.PositiveSmallIntegerField(null=True)
    price_from_pence = models.BigIntegerField(null=True)
    price_unit = models.CharField(max_length=10, blank=True)
    wait_days = models.PositiveSmallIntegerField(null=True)
    next_free_at = models.DateTimeField(null=True)
    rating_tenths = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [
            models.Index(fields=["name", "id"], name="cms_listing_name"),
            models.Index(fields=["latitude", "longitude"], name="cms_listing_point"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_from_pence__isnull=True)
                | models.Q(price_from_pence__gte=0),
                name="cms_listing_price_is_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(rating_tenths__isnull=True)
                | models.Q(rating_tenths__range=(10, 50)),
                name="cms_listing_rating_is_one_to_five",
            ),
        ]

    def __str__(self) -> str:
        return f"listing of service {self.service_id}"

    @property
    def is_free(self) -> bool:
        """Say whether it costs the plan nothing."""
        return self.price_from_pence == 0


class Word(models.Model):
    """A word that some listing has held, as written: what misspelt words are mended from."""

    text = models.CharField(max_length=40, unique=True)
    stem = models.CharField(max_length=40, db_index=True)
    length = models.PositiveSmallIntegerField(db_index=True)

    class Meta:
        verbose_name = _("word of the catalogue")
        verbose_name_plural = _("words of the catalogue")

    def __str__(self) -> str:
        return self.text
