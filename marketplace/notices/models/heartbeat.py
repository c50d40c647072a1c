"""When the sweep last ran, so that a page can say whether the worker is alive."""

from django.db import models


class Heartbeat(models.Model):
    """One row a worker's job: when it last ran to its end."""

    job = models.SlugField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"heartbeat of {self.job}"
