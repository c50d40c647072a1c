"""How each model leads to the family, the persons and the subject it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Paths:
    """A model's paths as look-ups; `pk` where the row itself is meant, None where there is none.

    A model declares FAMILY_PATH, and where they apply: PERSON_PATH; CONFIDENTIAL_PATH (true: only
    for the person, her confidantes and whoever was asked about that very thing); SUBJECT_PATH (the
    reference that a reason names); HELD_BACK_PATH (until that day only
    for whoever was asked about that very thing); AUTHOR_PATH (for nobody but who wrote it, and for
    her, who typed it, also what is confidential);
    `IS_PRIVATE = True` (not for the household, leads and organisations), and with it
    `IS_OPENED_BY_REASONS = True` (but for whoever holds a reason for the whole record).

    INFORMATION is the kind of information that a row is, which a reason for the whole record opens
    or not; where that depends on the row, a table of kinds by what stands at INFORMATION_PATH.
    """

    family: str
    person: str | None
    confidential: str | None
    subject: str | None
    held_back: str | None
    author: str | None
    is_private: bool
    is_opened_by_reasons: bool
    information: str | None
    # What stands at `information_at`, for each kind; what is in none of them tells of every kind.
    information_at: str | None
    information_of: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_reached_by_person(self) -> bool:
        """Tell whether the family is only known through the person."""
        before = "" if self.person == "pk" else f"{self.person}__"
        return self.person is not None and self.family == f"{before}members__family"


def paths(model: Any) -> Paths:
    """Return a model's paths. Raises AttributeError for a model that is about no family."""
    said = model.INFORMATION
    return Paths(
        family=model.FAMILY_PATH or "pk",
        person="pk" if getattr(model, "PERSON_PATH", None) == "" else _path(model, "PERSON_PATH"),
        confidential=_path(model, "CONFIDENTIAL_PATH"),
        subject=_path(model, "SUBJECT_PATH"),
        held_back=_path(model, "HELD_BACK_PATH"),
        author=_path(model, "AUTHOR_PATH"),
        is_private=getattr(model, "IS_PRIVATE", False),
        is_opened_by_reasons=getattr(model, "IS_OPENED_BY_REASONS", False),
        information=None if isinstance(said, Mapping) else said,
        information_at=_path(model, "INFORMATION_PATH"),
        information_of=_by_kind(said) if isinstance(said, Mapping) else (),
    )


def follow(row: Any, path: str | None) -> Any:
    """Return what a path leads to from a row, or None where it breaks off on the way."""
    if path is None:
        return None
    found = row
    for name in filter(None, path.split("__")):
        found = getattr(found, name, None)
    return found


def _by_kind(said: Mapping[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (kind, tuple(name for name, named in said.items() if named == kind))
        for kind in dict.fromkeys(said.values())
    )


def _path(model: Any, name: str) -> str | None:
    found: str | None = getattr(model, name, None)
    return found or None
