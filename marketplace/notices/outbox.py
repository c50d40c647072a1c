"""Sending what lies in the outbox: claimed with a lease, sent at least once, tried again later."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.module_loading import import_string

from marketplace.notices import channels
from marketplace.notices.models import Heartbeat, Notice

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
# Few at a time, so that a slow mail server does not outlast the lease.
BATCH = 20
MOST_ATTEMPTS = 8
SWEEP = "sweep"


def claim(*, at: datetime, most: int = BATCH) -> list[Notice]:
    """Take a lease on what is due, so that two sweeps never send the same notice at once.

    The attempt is counted now: a notice that kills its worker is given up in the end as well.
    """
    with transaction.atomic():
        due = Notice.objects.due(at).order_by("send_after", "pk")
        # SQLite has no row locks; its transactions begin with the one lock there is.
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",), no_key=True)
        claimed = list(due.select_related("user")[:most])
        Notice.objects.filter(pk__in=[notice.pk for notice in claimed]).update(
            claimed_until=at + LEASE, attempts=F("attempts") + 1
        )
    for notice in claimed:
        notice.attempts += 1
    return claimed


def sweep(*, at: datetime) -> int:
    """Send what is due and return how many went out; a failure waits longer each time."""
    sent = 0
    # Asked first, since claiming takes SQLite's one lock.
    while Notice.objects.due(at).exists():
        claimed = claim(at=at)
        if not claimed:
            break  # another sweep holds the rest
        sent += sum(_send(notice=notice, at=at) for notice in claimed)
    Heartbeat.objects.update_or_create(job=SWEEP, defaults={"at": at})
    return sent


def is_swept(*, at: datetime) -> bool:
    """Tell whether the sweep ran lately, so that nothing unsent lies for long."""
    return Heartbeat.objects.filter(job=SWEEP, at__gt=at - LEASE).exists()


def _send(*, notice: Notice, at: datetime) -> bool:
    if not _may_still_know(notice=notice, at=at):
        _take_back(notice=notice, at=at)
        return False
    if not notice.user.is_active or notice.attempts > MOST_ATTEMPTS:
        _give_up(notice=notice, at=at)
        return False
    try:
        channels.deliver(notice=notice)
    except channels.NotDelivered:
        logger.warning("notice %s was not delivered", notice.reference)
        _put_off(notice=notice, at=at)
        return False
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(sent_at=at, claimed_until=None)
    return True


def _may_still_know(*, notice: Notice, at: datetime) -> bool:
    """Ask the rooms above, at the moment of sending, whether its reader may know of it."""
    may_know: Callable[..., bool] = import_string(settings.NOTICES_MAY_KNOW)
    return may_know(notice=notice, at=at)


def _take_back(*, notice: Notice, at: datetime) -> None:
    """Never send what its reader may not know of any more: a right that came back tells anew."""
    logger.info("notice %s was taken back: its reader may not know of it now", notice.reference)
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(claimed_until=None, given_up_at=at)


def _put_off(*, notice: Notice, at: datetime) -> None:
    if notice.attempts >= MOST_ATTEMPTS:
        _give_up(notice=notice, at=at)
        return
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(
        claimed_until=None, send_after=at + timedelta(minutes=2**notice.attempts)
    )


def _give_up(*, notice: Notice, at: datetime) -> None:
    logger.error("notice %s was given up after %s attempts", notice.reference, notice.attempts)
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(claimed_until=None, given_up_at=at)
