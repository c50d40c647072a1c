"""Letters that ask the contact of an entry to check it, where nobody of theirs signs in here.

A notice is for a user; an address is none. So the reminder itself is the outbox's row. All that an
address is asked goes in one letter.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from cms import reminders
from cms.models import Reminder
from marketplace.notices import links
from marketplace.notices.outbox import LEASE, MOST_ATTEMPTS

logger = logging.getLogger(__name__)


def sweep(*, at: datetime) -> int:
    """Send the letters that did not go out, one an address, and return how many went."""
    sent = 0
    while waiting := _unsent(at).order_by("written_at", "pk").first():
        claimed = _claim(waiting.email, at)
        if not claimed:
            break  # another sweep holds them
        sent += _send(waiting.email, claimed, at=at)
    return sent


def _unsent(at: datetime) -> QuerySet[Reminder]:
    return Reminder.objects.unsent(at).filter(attempts__lt=MOST_ATTEMPTS)


def _claim(address: str, at: datetime) -> list[Reminder]:
    with transaction.atomic():
        unsent = _unsent(at).filter(email=address).order_by("pk")
        # SQLite has no row locks; its transactions begin with the one lock there is.
        if connection.features.has_select_for_update_skip_locked:
            unsent = unsent.select_for_update(skip_locked=True, of=("self",), no_key=True)
        claimed = list(unsent)
        Reminder.objects.filter(pk__in=[one.pk for one in claimed]).update(
            claimed_until=at + LEASE, attempts=F("attempts") + 1
        )
    return claimed


def _send(address: str, claimed: list[Reminder], *, at: datetime) -> int:
    """Send one letter; where that fails it is tried again when its lease has run out."""
    rows = Reminder.objects.filter(pk__in=[one.pk for one in claimed])
    on = timezone.localdate(at)
    late = reminders.late(on=on).filter(pk__in=[one.service_id for one in claimed])
    found = [service for service in late if links.contact(service).lower() == address]
    try:
        if found:
            _email(address, links.lines(services=found, reader=address, on=on), claimed[0])
    except Exception:
        logger.warning("letter of reminder %s was not delivered", claimed[0].pk)
        return 0
    rows.update(sent_at=at, claimed_until=None)
    return 1 if found else 0


def _email(address: str, entries: list[links.Line], first: Reminder) -> None:
    context = {"entries": entries[: links.MOST], "site": settings.SITE_URL}
    message = EmailMultiAlternatives(
        subject=render_to_string("letters/entries_to_check.subject.txt", context).strip(),
        body=render_to_string("letters/entries_to_check.txt", context),
        to=[address],
        headers={"Message-ID": f"<reminder-{first.pk}@alongside>"},
    )
    html = render_to_string("letters/entries_to_check.html", context)
    message.attach_alternative(html, "text/html")
    message.send()
