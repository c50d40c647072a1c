"""Letters to people who cannot sign in: the invited, and mentors; sent at least once.

A notice is for a user; these are none. So the row that the letter is about is the outbox's row: it
says whether its letter went out, and a sweep that dies leaves it to the next.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from marketplace.notices.outbox import BATCH, LEASE
from marketplace.people import invitations, mentor_contacts
from marketplace.people.models import Invitation, MentorContact

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """One kind of letter: whose rows, its three files, where its link leads, and its number."""

    rows: type[Invitation] | type[MentorContact]
    template: str
    path: Callable[[Any], str]
    number: Callable[[Any], str]


LETTERS = (
    Letter(
        rows=Invitation,
        template="invitation",
        path=lambda row: reverse("invitation", args=[invitations.token(row)]),
        number=lambda row: str(row.reference),
    ),
    Letter(
        rows=MentorContact,
        template="mentor_link",
        path=lambda row: reverse("mentor_link", args=[mentor_contacts.token(row)]),
        number=lambda row: f"{row.reference}.{row.link_number}",
    ),
)


def sweep(*, at: datetime) -> int:
    """Send the letters that did not go out, and return how many went."""
    return sum(_sweep(letter, at=at) for letter in LETTERS)


def _sweep(letter: Letter, *, at: datetime) -> int:
    sent = 0
    while letter.rows.objects.unsent(at).exists():
        claimed = _claim(letter, at=at)
        if not claimed:
            break  # another sweep holds the rest
        sent += sum(_send(letter, row, at=at) for row in claimed)
    return sent


def _claim(letter: Letter, *, at: datetime) -> list[Any]:
    with transaction.atomic():
        unsent: Any = letter.rows.objects.unsent(at).order_by("pk")
        # SQLite has no row locks; its transactions begin with the one lock there is.
        if connection.features.has_select_for_update_skip_locked:
            unsent = unsent.select_for_update(skip_locked=True, of=("self",), no_key=True)
        claimed = list(unsent[:BATCH])
        letter.rows.objects.filter(pk__in=[one.pk for one in claimed]).update(
            claimed_until=at + LEASE
        )
    return claimed


def _send(letter: Letter, row: Any, *, at: datetime) -> bool:
    """Send one letter; where that fails it is tried again when its lease has run out."""
    try:
        _email(letter, row)
    except Exception:
        logger.warning("%s %s was not delivered", letter.template, row.reference)
        return False
    letter.rows.objects.filter(pk=row.pk).update(sent_at=at, claimed_until=None)
    return True


def _email(letter: Letter, row: Any) -> None:
    context = {"address": f"{settings.SITE_URL}{letter.path(row)}", "site": settings.SITE_URL}
    start = f"letters/{letter.template}"
    message = EmailMultiAlternatives(
        subject=render_to_string(f"{start}.subject.txt", context).strip(),
        body=render_to_string(f"{start}.txt", context),
        to=[row.email],
        headers={"Message-ID": f"<{letter.number(row)}@alongside>"},
    )
    message.attach_alternative(render_to_string(f"{start}.html", context), "text/html")
    message.send()
