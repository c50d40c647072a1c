"""A list of services that somebody brought as a file, until it is in the catalogue."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sheet(models.Model):
    """One file with a row a service; `mapping` says which column is which field of an entry.

    `heads` are the names of its columns. The file itself is forgotten once it is imported, or a
    week after it was brought.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "cms.Organisation",
        on_delete=models.PROTECT,
        related_name="sheets",
        verbose_name=_("whose services these are"),
    )
    name = models.CharField(_("file"), max_length=150)
    content = models.BinaryField()
    heads = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    brought_by = models.CharField(max_length=64)
    brought_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("file of services")
        verbose_name_plural = _("files of services")
        ordering = ["-brought_at", "-pk"]

    def __str__(self) -> str:
        return f"file {self.reference}"

    @property
    def is_imported(self) -> bool:
        """Say whether its rows have been brought into the catalogue."""
        return self.imported_at is not None
