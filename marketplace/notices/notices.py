"""Telling people: notices are written in the act's own transaction, and sent from the outbox."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from cms.models import Organisation
from marketplace.notices import entry_letters, letters, outbox, tasks
from marketplace.notices.models import Channel, Notice
from marketplace.people import memberships
from marketplace.people.models import User


def tell(
    *,
    users: Iterable[User],
    kind: str,
    subject_kind: str,
    subject: UUID,
    at: datetime,
    over: Iterable[Channel] = (Channel.IN_APP, Channel.EMAIL),
) -> list[Notice]:
    """Write one notice a user and channel, in the caller's own transaction.

    The templates are `emails/<kind>.subject.txt`, `.txt` and `.html`; the subject is only a
    reference, so that nothing about a person is stored here. Who may not sign in is not told.
    """
    channels = list(over)
    written = Notice.objects.bulk_create(
        Notice(
            user=user,
            channel=channel,
            kind=kind,
            subject_kind=subject_kind,
            subject=subject,
            created_at=at,
            send_after=at,
            sent_at=at if channel == Channel.IN_APP else None,
        )
        for user in users
        if user.is_active
        for channel in channels
    )
    if any(notice.sent_at is None for notice in written):
        tasks.nudge_on_commit()
    return written


def tell_role(
    *,
    organisation: Organisation,
    role: str,
    kind: str,
    subject_kind: str,
    subject: UUID,
    at: datetime,
) -> list[Notice]:
    """Tell everybody who holds a role at an organisation."""
    users = memberships.holders(organisation=organisation, role=role, on=timezone.localdate(at))
    return tell(users=users, kind=kind, subject_kind=subject_kind, subject=subject, at=at)


def sweep(*, at: datetime) -> int:
    """Send what is due and return how many went out."""
    return outbox.sweep(at=at) + letters.sweep(at=at) + entry_letters.sweep(at=at)


def is_swept(*, at: datetime) -> bool:
    """Tell whether the sweep ran lately, so that nothing unsent lies for long."""
    return outbox.is_swept(at=at)


def read(*, user: User, subject: UUID, at: datetime) -> None:
    """Mark what a user was told on this site about a subject as read."""
    Notice.objects.unread().filter(user=user, subject=subject).update(read_at=at)
