"""The outbox: notices written with the act, sent at least once, with a stable message id."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from cms.models import Organisation
from marketplace.notices import channels
from marketplace.notices.models import Channel, Heartbeat, Notice
from marketplace.people import memberships
from marketplace.people.models import User

LEASE = timedelta(minutes=5)
BATCH = 100
MOST_ATTEMPTS = 8
SWEEP = "sweep"


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
    reference, so that nothing about a person is stored here.
    """
    return Notice.objects.bulk_create(
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
        for channel in over
    )


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


def claim(*, at: datetime, most: int = BATCH) -> list[Notice]:
    """Take a lease on what is due, so that two sweeps never send the same notice at once."""
    with transaction.atomic():
        due = Notice.objects.due(at).order_by("send_after", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        claimed = list(due.select_related("user")[:most])
        Notice.objects.filter(pk__in=[notice.pk for notice in claimed]).update(
            claimed_until=at + LEASE
        )
    return claimed


def sweep(*, at: datetime) -> int:
    """Send what is due and return how many went out; a failure waits longer each time."""
    sent = 0
    for notice in claim(at=at):
        sent += _send(notice=notice, at=at)
    Heartbeat.objects.update_or_create(job=SWEEP, defaults={"at": at})
    return sent


def is_swept(*, at: datetime) -> bool:
    """Tell whether the sweep ran lately, so that nothing unsent lies for long."""
    return Heartbeat.objects.filter(job=SWEEP, at__gt=at - LEASE).exists()


def _send(*, notice: Notice, at: datetime) -> int:
    try:
        channels.deliver(notice=notice)
    except channels.NotDelivered:
        _put_off(notice=notice, at=at)
        return 0
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(sent_at=at, claimed_until=None)
    return 1


def _put_off(*, notice: Notice, at: datetime) -> None:
    attempts = notice.attempts + 1
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(
        attempts=attempts,
        claimed_until=None,
        send_after=at + timedelta(minutes=2**attempts),
        given_up_at=at if attempts >= MOST_ATTEMPTS else None,
    )


def read(*, user: User, subject: UUID, at: datetime) -> None:
    """Mark what a user was told on this site about a subject as read."""
    Notice.objects.unread().filter(user=user, subject=subject).update(read_at=at)
