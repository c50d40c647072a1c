"""How each model leads to the family, the persons and the subject it is about."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Paths:
    """A model's paths as look-ups; `pk` where the row itself is meant, None where there is none.

    A model declares FAMILY_PATH, and where they apply: PERSON_PATH; CONFIDENTIAL_PATH (true: only
    for the person, her confidantes and whoever was asked about that very thing); SUBJECT_PATH (the
    reference that a reason names); HELD_BACK_PATH (shown to nobody before that day); and
    `IS_PRIVATE = True` (not for the household, leads and organisations).
    """

    family: str
    person: str | None
    confidential: str | None
    subject: str | None
    held_back: str | None
    is_private: bool

    @property
    def is_reached_by_person(self) -> bool:
        """Tell whether the family is only known through the person."""
        before = "" if self.person == "pk" else f"{self.person}__"
        return self.person is not None and self.family == f"{before}members__family"


def paths(model: Any) -> Paths:
    """Return a model's paths. Raises AttributeError for a model that is about no family."""
    return Paths(
        family=model.FAMILY_PATH or "pk",
        person="pk" if getattr(model, "PERSON_PATH", None) == "" else _path(model, "PERSON_PATH"),
        confidential=_path(model, "CONFIDENTIAL_PATH"),
        subject=_path(model, "SUBJECT_PATH"),
        held_back=_path(model, "HELD_BACK_PATH"),
        is_private=getattr(model, "IS_PRIVATE", False),
    )


def follow(row: Any, path: str | None) -> Any:
    """Return what a path leads to from a row, or None where it breaks off on the way."""
    if path is None:
        return None
    found = row
    for name in filter(None, path.split("__")):
        found = getattr(found, name, None)
    return found


def _path(model: Any, name: str) -> str | None:
    found: str | None = getattr(model, name, None)
    return found or None
