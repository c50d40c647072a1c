"""One line of history in the caller's transaction: who, when, what, why."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from budgets.models import ActorKind, Event, EventText, Family, Person
from budgets.models.event import EventQuerySet

__all__ = ["Actor", "ActorKind", "Refused", "erase_text", "of", "record", "text_digest"]


class Refused(Exception):
    """An act that is not done; its sentence is what the person reads."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Actor:
    """Who acts: the `by` of every verb. References only, never a name."""

    kind: ActorKind
    reference: str
    organisation: uuid.UUID | None = None
    on_behalf_of: uuid.UUID | None = None


def record(
    *,
    by: Actor,
    at: datetime,
    verb: str,
    subject_kind: str,
    subject: uuid.UUID,
    family: Family | None = None,
    person: Person | None = None,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
    rule: uuid.UUID | None = None,
    transfers: Iterable[uuid.UUID] = (),
    text: str = "",
    is_confidential: bool = False,
) -> Event:
    """Write one event, in the caller's transaction.

    What people wrote goes to a row of its own, which can be erased; the event keeps its digest.
    """
    salt = secrets.token_hex(16) if text else ""
    event = Event.objects.create(
        subject_kind=subject_kind,
        subject=subject,
        family=family,
        person=person,
        is_confidential=is_confidential,
        verb=verb,
        from_state=from_state,
        to_state=to_state,
        actor_kind=by.kind,
        actor_reference=by.reference,
        organisation_reference=by.organisation,
        on_behalf_of=by.on_behalf_of,
        reason=reason,
        rule=rule,
        transfers=[str(reference) for reference in transfers],
        at=at,
        text_digest=text_digest(salt=salt, text=text) if text else "",
    )
    if text:
        EventText.objects.create(event=event, salt=salt, text=text)
    return event


def of(subject: uuid.UUID) -> EventQuerySet:
    """Return the history of one subject, oldest first."""
    return Event.objects.of(subject)


def erase_text(event: Event) -> None:
    """Erase what was written at an event; the event and its digest stand."""
    EventText.objects.filter(event=event).delete()


def text_digest(*, salt: str, text: str) -> str:
    """Return the digest by which an erased text, if produced again, can be recognised."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()
