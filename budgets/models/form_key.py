"""A form that was sent, and what it was answered, so that sending it twice is safe."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class FormKey(models.Model):
    """The key of one sent form, stored in the transaction of what the form did."""

    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "key": False,
        "user_reference": True,
        "request_digest": False,
        "answer": False,
        "at": False,
    }

    key = models.UUIDField(unique=True)
    user_reference = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    answer = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(request_digest=""), name="budgets_form_key_has_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"form {self.key}"
