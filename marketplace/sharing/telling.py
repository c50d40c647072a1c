"""Who may still be told of something when its message leaves: asked by the outbox (settings).

A message says only that there is something to open. Still, whom a sharing that was stopped had
let know is not told any more, however long her message lay in the outbox.
"""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Model

from marketplace.notices.models import Notice
from marketplace.sharing import sharing

# Names nobody, and keeps a worker from waiting at a door: told also to whom the stop shut out.
ALWAYS_TOLD = frozenset({"booking_cancelled"})


def may_know(*, notice: Notice, at: datetime) -> bool:
    """Tell whether a message's reader may know of its subject at this moment.

    What is about no family is anybody's to be told; what is private goes to whom its verb names.
    """
    if notice.kind in ALWAYS_TOLD:
        return True
    model = subject_model(notice.subject_kind)
    if model is None or getattr(model, "IS_PRIVATE", False):
        return True
    found = model._base_manager.filter(reference=notice.subject)
    return sharing.visible(found, user=notice.user, at=at).exists()


def subject_model(kind: str) -> type[Model] | None:
    """Return the model about families that a kind of subject is the name of, or None."""
    name = kind.replace("_", "").replace("-", "")
    found: Any = (
        model
        for model in apps.get_models()
        if model._meta.model_name == name and hasattr(model, "FAMILY_PATH")
    )
    return next(found, None)
