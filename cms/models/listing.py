"""One narrow row a service, for searching and counting, and the words it says."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Listing(models.Model):
    """What the search reads. Written by `catalogue.list()` only; rooms above hand values down.

    Lists in text (terms by taxonomy, `districts`, `hours`) have a space before and after every
    entry, so that both databases find an entry with the same LIKE, and count rows with the same
    list together. An entry of `hours` is a day (0 Monday) and a part of the day: "3e" is Thursday
    evening, "-" where one of them is not known. `traits` is what is counted in one go: see
    `listings.traits_of`.
    """

    service = models.OneToOneField("cms.Service", on_delete=models.CASCADE, related_name="listing")
    is_offered = models.BooleanField(default=False)
    offered_until = models.DateField(null=True)  # the first day on which it is not
    minimum_age = models.PositiveSmallIntegerField(null=True)
    maximum_age = models.PositiveSmallIntegerField(null=True)
    wait_days = models.PositiveSmallIntegerField(null=True)
    rating_tenths = models.PositiveSmallIntegerField(null=True)
    step_free = models.BooleanField(default=False)
    price_from_pence = models.BigIntegerField(null=True)
    next_free_at = models.DateTimeField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    kind = models.CharField(max_length=10)
    price_unit = models.CharField(max_length=10, blank=True)
    traits = models.CharField(max_length=60, default=" ")
    hours = models.CharField(max_length=120, default=" ")
    districts = models.TextField(default=" ")
    needs = models.TextField(default=" ")
    issues = models.TextField(default=" ")
    barriers = models.TextField(default=" ")
    visions = models.TextField(default=" ")
    categories = models.TextField(default=" ")
    audiences = models.TextField(default=" ")
    languages = models.TextField(default=" ")
    interests = models.TextField(default=" ")
    name = models.CharField(max_length=200)
    # Set by a search near a point.
    distance_km: float | None = None

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [
            models.Index(fields=["name", "id"], name="cms_listing_name"),
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


class Mention(models.Model):
    """A word that a listing says, by its stem; the more points, the more it is about that."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="mentions")
    stem = models.CharField(max_length=40)
    points = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("word said")
        verbose_name_plural = _("words said")
        indexes = [
            # All that finding by words reads, so that the table itself is not touched.
            models.Index(fields=["stem", "listing", "points"], name="cms_mention_found"),
        ]

    def __str__(self) -> str:
        return f"{self.stem} in listing {self.listing_id}"


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
