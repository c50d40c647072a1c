"""How a notice leaves: by e-mail, by text message, or on this site."""

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from cms import reminders
from marketplace.notices import links
from marketplace.notices.models import Channel, Notice

logger = logging.getLogger(__name__)


class NotDelivered(Exception):
    """The channel could not take the message now; it is tried again."""


def deliver(*, notice: Notice) -> None:
    """Send one notice over its channel. Raises NotDelivered.

    Whatever goes wrong, a missing template or a server that hangs up, is this notice's own: it
    must not hold up the others.
    """
    try:
        if notice.channel == Channel.EMAIL:
            _email(notice)
        elif notice.channel == Channel.SMS:
            _sms(notice)
    except Exception as error:
        raise NotDelivered from error


def _email(notice: Notice) -> None:
    context = {
        "name": notice.user.get_short_name(),
        # The link goes through /go/, since which page it is depends on who follows it.
        "address": f"{settings.SITE_URL}/go/{notice.subject_kind}/{notice.subject}/",
        "site": settings.SITE_URL,
        **_entries(notice),
    }
    message = EmailMultiAlternatives(
        subject=render_to_string(f"emails/{notice.kind}.subject.txt", context).strip(),
        body=render_to_string(f"emails/{notice.kind}.txt", context),
        to=[notice.user.email],
        headers={"Message-ID": f"<{notice.reference}@alongside>"},
    )
    message.attach_alternative(render_to_string(f"emails/{notice.kind}.html", context), "text/html")
    message.send()


def _entries(notice: Notice) -> dict[str, object]:
    """Return the entries that a message asks its reader to check, each with her own link."""
    if notice.kind != links.KIND:
        return {}
    found = list(reminders.told(organisation=notice.subject, at=notice.created_at))
    on = timezone.localdate(notice.created_at)
    return {
        "entries": links.lines(services=found[: links.MOST], reader=notice.user, on=on),
        "more": max(len(found) - links.MOST, 0),
    }


def _sms(notice: Notice) -> None:
    # The console stands in until a provider is chosen (issue 6); no number is printed.
    logger.info("text message %s: %s", notice.reference, notice.kind)
