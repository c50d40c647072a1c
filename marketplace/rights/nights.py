"""Once a local day: who claims the night does its work, and a row remembers that it was done."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from marketplace.rights.models import Night

LEASE = timedelta(hours=2)


def claim(*, at: datetime, again: bool = False) -> Night | None:
    """Claim the local day's work; None where it is done, or somebody else is at it.

    Of two at once the database lets one in. A claim whose worker died is free after its lease.
    """
    day = timezone.localdate(at)
    nights = Night.objects.filter(day=day)
    if not again and nights.filter(ended_at__isnull=False).exists():
        return None
    with transaction.atomic():
        night, is_new = Night.objects.get_or_create(
            day=day, defaults={"began_at": at, "claimed_until": at + LEASE}
        )
        if is_new:
            return night
        free = nights if again else nights.filter(ended_at__isnull=True, claimed_until__lte=at)
        taken = free.update(began_at=at, claimed_until=at + LEASE, ended_at=None)
    return nights.get() if taken else None


def end(*, night: Night, at: datetime) -> None:
    """Remember that the day's work is done."""
    Night.objects.filter(pk=night.pk).update(ended_at=at)
