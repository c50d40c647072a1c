"""A form that is sent twice acts once."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import FormKey


class KeyReused(history.Refused):
    """The key was used before, by somebody else or for other answers."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This form was already sent with different answers. "
                "Open the page again to see what is true now."
            )
        )


def answer(
    *,
    key: uuid.UUID,
    by: history.Actor,
    at: datetime,
    request: Mapping[str, str],
    act: Callable[[], str],
) -> str:
    """Act once for one form, and return where it leads; a repeat returns the stored answer.

    The key is stored in the transaction of the act: where the act is refused, nothing is kept and
    the form may be sent again. Raises KeyReused where the key came with another request.
    """
    digest = _digest(request)
    try:
        with transaction.atomic():
            # Written before the act: of two at once, the second waits here for the first.
            stored = FormKey.objects.create(
                key=key, user_reference=by.reference, request_digest=digest, at=at
            )
            stored.answer = act()
            stored.save(update_fields=["answer"])
            return stored.answer
    except IntegrityError:
        before = FormKey.objects.filter(key=key).first()
        if before is None:  # the error was the act's own
            raise
        if (before.user_reference, before.request_digest) != (by.reference, digest):
            raise KeyReused from None
        return before.answer


def _digest(request: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(request), sort_keys=True).encode()).hexdigest()
