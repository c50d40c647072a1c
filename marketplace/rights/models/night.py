"""One local day's nightly work: the row remembers it, so that no process has to."""

from django.db import models
from django.db.models import F, Q


class Night(models.Model):
    """Who claims the day does its work; one that died is taken up once its lease is over."""

    day = models.DateField(unique=True)
    claimed_until = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="rights_night_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"night of {self.day}"
