"""Letters to people who cannot sign in yet: invitations, sent at least once.

A notice is for a user; who is invited is none. So the invitation itself is the outbox's row: it
says whether its letter went out, and a sweep that dies leaves it to the next.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from marketplace.notices.outbox import BATCH, LEASE
from marketplace.people import invitations
from marketplace.people.models import Invitation

logger = logging.getLogger(__name__)


def sweep(*, at: datetime) -> int:
    """Send the invitations whose letter did not go out, and return how many went."""
    sent = 0
    while Invitation.objects.unsent(at).exists():
        claimed = _claim(at)
        if not claimed:
            break  # another sweep holds the rest
        sent += sum(_send(invitation, at=at) for invitation in claimed)
    return sent


def _claim(at: datetime) -> list[Invitation]:
    with transaction.atomic():
        unsent = Invitation.objects.unsent(at).order_by("created_at", "pk")
        # SQLite has no row locks; its transactions begin with the one lock there is.
        if connection.features.has_select_for_update_skip_locked:
            unsent = unsent.select_for_update(skip_locked=True, of=("self",), no_key=True)
        claimed = list(unsent[:BATCH])
        Invitation.objects.filter(pk__in=[one.pk for one in claimed]).update(
            claimed_until=at + LEASE
        )
    return claimed


def _send(invitation: Invitation, *, at: datetime) -> bool:
    """Send one letter; where that fails it is tried again when its lease has run out."""
    try:
        _email(invitation)
    except Exception:
        logger.warning("invitation %s was not delivered", invitation.reference)
        return False
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=at, claimed_until=None)
    return True


def _email(invitation: Invitation) -> None:
    path = reverse("invitation", args=[invitations.token(invitation)])
    context = {"address": f"{settings.SITE_URL}{path}", "site": settings.SITE_URL}
    message = EmailMultiAlternatives(
        subject=render_to_string("letters/invitation.subject.txt", context).strip(),
        body=render_to_string("letters/invitation.txt", context),
        to=[invitation.email],
        headers={"Message-ID": f"<{invitation.reference}@alongside>"},
    )
    message.attach_alternative(render_to_string("letters/invitation.html", context), "text/html")
    message.send()
