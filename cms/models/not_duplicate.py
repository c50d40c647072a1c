"""Two entries that look alike and are two."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NotDuplicate(models.Model):
    """Two entries that look alike and that an editor has found to be two."""

    first = models.ForeignKey("cms.Service", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("cms.Service", on_delete=models.CASCADE, related_name="+")
    said_by = models.CharField(max_length=64)
    said_at = models.DateTimeField()

    class Meta:
        verbose_name = _("two that are not one")
        verbose_name_plural = _("pairs that are not one")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="cms_not_duplicate_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")),
                name="cms_not_duplicate_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"services {self.first_id} and {self.second_id}"
