"""A canary in every personal field: a word that is nowhere else, found wherever it flies.

The models say which of their fields are personal (`PERSONAL`). Numbers, days and choices cannot
hold a word; what only holds a reference to somebody else's row is a reference, not a word.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

CANARY = re.compile(r"canary\d{4}x", re.I)
# References of actors, compared and looked up by the product; they name rows, not people.
REFERENCES = {
    "budgets.Event.actor_reference",
    "budgets.FormKey.user_reference",
    "budgets.FamilyMerge.merged_by",
    "budgets.FamilyMerge.undone_by",
    "budgets.PersonMerge.merged_by",
    "budgets.PersonMerge.undone_by",
}

Model = type[models.Model]


@dataclass(frozen=True)
class Perch:
    """Where a canary sits."""

    model: Model
    pk: Any
    name: str

    @property
    def label(self) -> str:
        """Return the field in words."""
        return f"{self.model._meta.label}.{self.name}"


@dataclass
class Flock:
    """Every canary, and where it was put."""

    perches: dict[str, Perch] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new(self, perch: Perch) -> str:
        """Return a canary that nobody has."""
        word = f"canary{next(self.numbers):04d}x"
        self.perches[word] = perch
        return word

    @property
    def fields(self) -> set[str]:
        """Return the fields that hold one at least."""
        return {perch.label for perch in self.perches.values()}


def personal() -> Iterator[tuple[Model, Any]]:
    """Return every personal field that can hold a word."""
    for model in apps.get_models():
        for name, is_personal in getattr(model, "PERSONAL", {}).items():
            found = model._meta.get_field(name)
            label = f"{model._meta.label}.{name}"
            if is_personal and label not in REFERENCES and holds_words(found):
                yield model, found


def holds_words(found: Any) -> bool:
    """Tell whether a field can hold any word."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return isinstance(found, kinds) and not found.choices


def plant() -> Flock:
    """Put a canary into every personal field of every row there is.

    What is empty because it has not happened yet has to stay so, says the database.
    """
    flock = Flock()
    for model, found in personal():
        for pk, held in model._base_manager.values_list("pk", found.name):
            word = flock.new(Perch(model, pk, found.name))
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=pk).update(
                        **{found.name: worded(found, held, word)}
                    )
            except IntegrityError:
                if held:
                    raise
                del flock.perches[word]
    return flock


def worded(found: Any, held: Any, word: str) -> Any:
    """Return what a field holds with a canary in it, of the same shape."""
    if isinstance(found, models.JSONField):
        if found.name == "worries":  # what weighs on somebody, by how much
            return {**held, word: 1}
        if isinstance(held, dict):
            return {**held, "likes": word}
        return word
    if isinstance(found, models.EmailField):
        return f"{word}@alongside.example"
    return word[: found.max_length] if found.max_length else f"It was {word} who said so."
