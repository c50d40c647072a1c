"""Who may listen to what, for many sockets at once: asked on subscribing and before every event."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from budgets.models import Family
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral
from marketplace.sharing import looks, sharing

INBOX_ROLES = (Role.PROVIDER_WORKER, Role.INTAKE_WORKER, Role.COMMISSIONER)
TOPIC = re.compile(
    r"(inbox|plan|referral)\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
Value = TypeVar("Value")
SAME_OPENING = timedelta(minutes=5)
RECORDS: dict[str, Any] = {"plan": Family, "referral": Referral}
AT_ONCE = 500
"""How many values one query is given."""


@dataclass(frozen=True)
class Pass:
    """What a socket came in with: its session, its user, and the user's password as it was."""

    session_key: str
    user_id: int
    auth_hash: str


@dataclass(frozen=True)
class Verdict:
    """Which passes still stand, and which of their topics they may listen to."""

    standing: frozenset[Pass]
    allowed: frozenset[tuple[Pass, str]]


def is_topic(name: object) -> bool:
    """Tell whether a client's word is the name of a topic."""
    return isinstance(name, str) and TOPIC.fullmatch(name) is not None


def enter(*, session_key: str | None, at: datetime) -> Pass | None:
    """Return the pass of a signed-in session, or None."""
    if not session_key:
        return None
    session = Session.objects.filter(session_key=session_key, expire_date__gt=at).first()
    kept = session.get_decoded() if session else {}
    user = User.objects.filter(pk=kept.get(SESSION_KEY, 0), is_active=True).first()
    if user is None:
        return None
    auth_hash = user.get_session_auth_hash()
    if not constant_time_compare(kept.get(HASH_SESSION_KEY, ""), auth_hash):
        return None
    return Pass(session_key=session_key, user_id=user.pk, auth_hash=auth_hash)


def check(*, wanted: Iterable[tuple[Pass, str]], at: datetime) -> Verdict:
    """Say for many (pass, topic) pairs at once which still stand and which are still allowed."""
    pairs = frozenset(wanted)
    standing = _standing(frozenset(each for each, _topic in pairs), at)
    asked: dict[str, set[int]] = {}
    for each, topic in pairs:
        if each in standing:
            asked.setdefault(topic, set()).add(each.user_id)
    users = User.objects.in_bulk({each.user_id for each in standing})
    may = {topic: _may_listen(topic, ids, users, at) for topic, ids in asked.items()}
    allowed = (
        (each, topic) for each, topic in pairs if each in standing and each.user_id in may[topic]
    )
    return Verdict(standing=standing, allowed=frozenset(allowed))


def look(*, entry: Pass, topics: Iterable[str], at: datetime) -> None:
    """Write down that somebody listens to what is about a person, as any other opening.

    The page that it belongs to has just been looked at, and that is not written twice.
    """
    user = User.objects.get(pk=entry.user_id)
    for topic in sorted(topics):
        kind, reference = _parts(topic)
        model = RECORDS.get(kind)
        if model is None or looks.was_written(
            user=user, subject=reference, since=at - SAME_OPENING
        ):
            continue
        row = sharing.visible(model.objects.filter(reference=reference), user=user, at=at).first()
        if row is not None:
            sharing.record_look(
                row=row, reference=reference, user=user, at=at, kind=model._meta.model_name or ""
            )


def _parts(topic: str) -> tuple[str, UUID]:
    kind, _dot, reference = topic.partition(".")
    return kind, UUID(reference)


def _standing(passes: frozenset[Pass], at: datetime) -> frozenset[Pass]:
    """Return the passes whose session was not ended and whose user is still the same."""
    keys: set[str] = set()
    for some in _chunks(sorted({each.session_key for each in passes})):
        found = Session.objects.filter(session_key__in=some, expire_date__gt=at)
        keys.update(found.values_list("session_key", flat=True))
    hashes: dict[int, str] = {}
    for few in _chunks(sorted({each.user_id for each in passes})):
        for user in User.objects.filter(pk__in=few, is_active=True):
            hashes[user.pk] = user.get_session_auth_hash()
    return frozenset(
        each
        for each in passes
        if each.session_key in keys and hashes.get(each.user_id) == each.auth_hash
    )


def _may_listen(topic: str, ids: set[int], users: dict[int, User], at: datetime) -> set[int]:
    match = TOPIC.fullmatch(topic)
    if match is None:
        return set()
    kind, reference = match[1], UUID(match[2])
    if kind == "inbox":
        return _of_inbox(reference, ids, at)
    rows: QuerySet[Family] | QuerySet[Referral] = (
        Family.objects.filter(reference=reference)
        if kind == "plan"
        else Referral.objects.filter(reference=reference)
    )
    return {pk for pk in ids if sharing.visible(rows, user=users[pk], at=at).exists()}


def _of_inbox(organisation: UUID, ids: set[int], at: datetime) -> set[int]:
    held = Membership.objects.on(timezone.localdate(at)).filter(
        organisation__reference=organisation, role__in=INBOX_ROLES
    )
    return ids & set(held.values_list("user_id", flat=True))


def _chunks(values: list[Value]) -> Iterable[list[Value]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
