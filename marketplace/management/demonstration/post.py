"""The post of two years: what was sent then is not sent again, what is old was read."""

from datetime import timedelta

from django.db.models import F

from marketplace.management.demonstration.stage import Stage
from marketplace.notices.models import Notice

UNREAD_DAYS = 7


def close(stage: Stage) -> None:
    """Mark messages as sent when they were written, and those before last week as read.

    In bulk, since no verb sends what was due in the past: the sweep would send all of it now.
    """
    Notice.objects.filter(sent_at=None).update(sent_at=F("created_at"))
    old = Notice.objects.unread().filter(created_at__lt=stage.now - timedelta(days=UNREAD_DAYS))
    old.update(read_at=F("created_at") + timedelta(hours=3))
