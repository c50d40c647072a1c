"""A copy of somebody's record: read and redacted by a person, built when it is downloaded.

Nothing of it is kept. At the download the live rows are gathered again, less what was redacted,
less every row with a text that the reviewer has not read as it stands now.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from marketplace.people.models import User
from marketplace.rights import record, requests, standing
from marketplace.rights.models import (
    Redaction,
    RedactionReason,
    RequestKind,
    RequestState,
    RightsRequest,
)
from marketplace.rights.record import Field, Kind, Row

WHOLE_ROW = ""


class NotRead(history.Refused):
    """Texts that nobody has read are not released."""

    def __init__(self, titles: Iterable[str]) -> None:
        super().__init__(
            _("Read these first, and leave out what is about somebody else: %(titles)s.")
            % {"titles": ", ".join(titles)}
        )


class NotThere(history.Refused):
    """There is no such field in what was found."""


class NotReady(history.Refused):
    """No copy was released, or not to her."""


@dataclass(frozen=True)
class Copy:
    """What a person downloads."""

    person: Person
    organisation: str
    asked_at: datetime | None
    made_at: datetime
    kinds: tuple[Kind, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the copy as data, for machines."""
        return {
            "about": self.person.name,
            "from": self.organisation,
            "asked_at": self.asked_at.isoformat() if self.asked_at else None,
            "made_at": self.made_at.isoformat(),
            "record": [
                {
                    "kind": kind.label,
                    "title": kind.title,
                    "rows": [
                        {field.name: field.value for field in row.fields} for row in kind.rows
                    ],
                }
                for kind in self.kinds
            ],
        }


def found(*, request: RightsRequest, at: datetime) -> list[Kind]:
    """Return everything that whoever asked may be given, before anything is redacted."""
    held = standing.of(user=request.asked_by, person=request.person, at=at)
    knows = held is not None and held.knows_secrets
    decided_by = held.decided_by if held else None
    return record.gather(
        person=request.person,
        knows_secrets=knows,
        secrets_under=held.secrets_under if held else None,
        decided_by=decided_by,
        at=at,
    )


def unread(*, request: RightsRequest, kinds: Iterable[Kind]) -> list[str]:
    """Return the titles of the kinds that hold a text nobody read, or that was changed since."""
    gone = _redactions(request)
    return [
        kind.title
        for kind in kinds
        if any(not _is_read(request, kind.label, *one) for one in _texts(kind, gone))
    ]


@transaction.atomic
def read(
    *,
    request: RightsRequest,
    label: str,
    marks: dict[str, str],
    user: User,
    by: history.Actor,
    at: datetime,
) -> RightsRequest:
    """Record that the reviewer read the texts of one kind as they were shown (place → digest).

    Raises NotForThem, IsAnswered.
    """
    request = requests.locked(request)
    requests.must_answer(request, user=user, by=by, at=at)
    request.texts_read = {**request.texts_read, **marks}
    request.save(update_fields=["texts_read"])
    requests.record(request, verb="read", before=request.state, by=by, at=at, reason=label)
    return request


def marks(*, request: RightsRequest, kind: Kind) -> dict[str, str]:
    """Return the digest of each text of a kind, by its place: what a reader has before her."""
    return {
        record.place(kind.label, row.key, field.name): record.digest(
            salt=request.reference, text=field.text
        )
        for row in kind.rows
        for field in row.fields
        if field.is_written
    }


@transaction.atomic
def redact(
    *,
    request: RightsRequest,
    label: str,
    row_key: str,
    field: str,
    reason: RedactionReason,
    user: User,
    by: history.Actor,
    at: datetime,
) -> Redaction:
    """Leave a field, or with an empty name a whole row, out of the copy. Again changes the reason.

    Raises NotForThem, IsAnswered, NotThere.
    """
    request = requests.locked(request)
    requests.must_answer(request, user=user, by=by, at=at)
    if not _is_there(found(request=request, at=at), label, row_key, field):
        raise NotThere(_("There is no such line any more. Open the page again."))
    redaction, _new = Redaction.objects.update_or_create(
        request=request,
        label=label,
        row_key=row_key,
        field=field,
        defaults={"reason": RedactionReason(reason), "by": user, "at": at},
    )
    requests.record(request, verb="redacted", before=request.state, by=by, at=at, reason=reason)
    return redaction


@transaction.atomic
def restore(*, redaction: Redaction, user: User, by: history.Actor, at: datetime) -> None:
    """Put back what was left out. Raises NotForThem, IsAnswered."""
    request = requests.locked(redaction.request)
    requests.must_answer(request, user=user, by=by, at=at)
    Redaction.objects.filter(pk=redaction.pk).delete()
    requests.record(request, verb="restored", before=request.state, by=by, at=at)


@transaction.atomic
def release(
    *, request: RightsRequest, user: User, by: history.Actor, at: datetime
) -> RightsRequest:
    """Release the copy, once every text in it was read. Raises NotForThem, IsAnswered, NotRead."""
    request = requests.locked(request)
    requests.must_answer(request, user=user, by=by, at=at)
    if request.kind != RequestKind.ACCESS:
        raise requests.NotForThem(_("Only a copy of the record is released."))
    missing = unread(request=request, kinds=found(request=request, at=at))
    if missing:
        raise NotRead(missing)
    return requests.end(request, state=RequestState.RELEASED, words="", user=user, by=by, at=at)


@transaction.atomic
def download(*, request: RightsRequest, user: User, by: history.Actor, at: datetime) -> Copy:
    """Build the copy for whoever may have it now, and write down that she took it.

    Raises NotReady where nothing was released, or her standing has ended since.
    """
    held = standing.of(user=user, person=request.person, at=at)
    secret = request.is_confidential and not (held and held.knows_secrets)
    if held is None or secret or request.state != RequestState.RELEASED:
        raise NotReady(_("There is nothing here to download."))
    copy = build(
        request=request,
        knows_secrets=held.knows_secrets,
        secrets_under=held.secrets_under,
        decided_by=held.decided_by,
        at=at,
    )
    requests.record(request, verb="downloaded", before=request.state, by=by, at=at)
    return copy


def build(
    *,
    request: RightsRequest,
    knows_secrets: bool,
    at: datetime,
    secrets_under: int | None = None,
    decided_by: int | None = None,
) -> Copy:
    """Return live rows less redactions, and less every row with a text that nobody read."""
    gone = _redactions(request)
    kinds = []
    for kind in record.gather(
        person=request.person,
        knows_secrets=knows_secrets,
        secrets_under=secrets_under,
        decided_by=decided_by,
        at=at,
    ):
        rows = tuple(_shown(request, kind, gone))
        if rows:
            kinds.append(replace(kind, rows=rows))
    return Copy(
        person=request.person,
        organisation=request.organisation.name,
        asked_at=request.asked_at,
        made_at=at,
        kinds=tuple(kinds),
    )


Gone = dict[tuple[str, str, str], RedactionReason]


def _shown(request: RightsRequest, kind: Kind, gone: Gone) -> Iterator[Row]:
    unread_rows = {
        row.key for row, field in _texts(kind, gone)
        if not _is_read(request, kind.label, row, field)
    }  # fmt: skip
    for row in kind.rows:
        reason = gone.get((kind.label, row.key, WHOLE_ROW))
        if reason == RedactionReason.ENDANGERS or row.key in unread_rows:
            continue
        if reason is not None:
            said = RedactionReason(reason).label
            yield Row(row.key, (Field("left_out", _("Left out"), str(said), str(said), False),))
            continue
        yield Row(row.key, tuple(_fields(kind, row, gone)))


def _fields(kind: Kind, row: Row, gone: Gone) -> Iterator[Field]:
    for field in row.fields:
        reason = gone.get((kind.label, row.key, field.name))
        if reason is None:
            yield field
        elif reason != RedactionReason.ENDANGERS:
            said = _("Left out. %(why)s.") % {"why": RedactionReason(reason).label}
            yield replace(field, text=said, value=said)


def _texts(kind: Kind, gone: Gone) -> Iterator[tuple[Row, Field]]:
    """Yield the texts of a kind that would be in the copy."""
    for row in kind.rows:
        if (kind.label, row.key, WHOLE_ROW) in gone:
            continue
        for field in row.fields:
            if field.is_written and (kind.label, row.key, field.name) not in gone:
                yield row, field


def _is_read(request: RightsRequest, label: str, row: Row, field: Field) -> bool:
    mark = request.texts_read.get(record.place(label, row.key, field.name))
    return bool(mark == record.digest(salt=request.reference, text=field.text))


def _redactions(request: RightsRequest) -> Gone:
    rows = Redaction.objects.filter(request=request)
    return {(one.label, one.row_key, one.field): RedactionReason(one.reason) for one in rows}


def _is_there(kinds: Iterable[Kind], label: str, row_key: str, field: str) -> bool:
    return any(
        kind.label == label and row.key == row_key
        and (field == WHOLE_ROW or any(each.name == field for each in row.fields))
        for kind in kinds
        for row in kind.rows
    )  # fmt: skip
