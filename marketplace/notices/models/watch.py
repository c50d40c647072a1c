"""Somebody who asked to be told what came of something."""

from django.db import models


class Watch(models.Model):
    """One user waits to hear of one subject; gone once she was told."""

    user = models.ForeignKey("people.User", models.CASCADE, related_name="watches")
    subject_kind = models.SlugField()
    subject = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "watches"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "user"], name="notices_watch_once_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"watch of {self.subject_kind} {self.subject}"
