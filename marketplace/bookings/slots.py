"""Times that a provider offers: weekly patterns, what is free, and places held under lock."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Place, Service
from marketplace.bookings.models import Slot

WEEK = timedelta(days=7)


class Taken(history.Refused):
    """Somebody else was quicker: the time has no place left."""


class NotEnoughTimes(history.Refused):
    """The provider does not offer as many times as the support needs."""


def open_weekly(
    *,
    service: Service,
    weekday: int,
    starts: time,
    minutes: int,
    places: int,
    first: date,
    last: date,
    place: Place | None = None,
) -> int:
    """Offer a weekly time from `first` to `last`, local time; what is offered already stands.

    Returns how many times were asked for.
    """
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    slots = []
    while day <= last:
        start = timezone.make_aware(datetime.combine(day, starts))
        slots.append(
            Slot(
                service=service,
                place=place,
                starts_at=start,
                ends_at=start + timedelta(minutes=minutes),
                places=places,
            )
        )
        day += WEEK
    Slot.objects.bulk_create(slots, ignore_conflicts=True, batch_size=500)
    return len(slots)


def series(*, first: Slot, count: int) -> list[Slot]:
    """Return `count` free times from `first` on, the same day and hour each week, soonest first.

    A full or missing week is passed over. Raises NotEnoughTimes.
    """
    local = timezone.localtime(first.starts_at)
    later = Slot.objects.free(first.starts_at - timedelta(seconds=1)).filter(service=first.service)
    found = [
        slot
        for slot in later.order_by("starts_at")
        if _same_time(timezone.localtime(slot.starts_at), local)
    ][:count]
    if len(found) < count:
        raise NotEnoughTimes(
            _("There are only %(found)s free times like this. Choose another day or hour.")
            % {"found": len(found)}
        )
    return found


@transaction.atomic
def take(*, slots: Iterable[Slot]) -> list[Slot]:
    """Take one place in each time, locked in order, all or none. Raises Taken."""
    wanted = sorted({slot.pk for slot in slots})
    locked = list(Slot.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    for slot in locked:
        if slot.is_full:
            raise Taken(_("That time was just taken. Choose another one."))
        slot.taken += 1
    Slot.objects.bulk_update(locked, ["taken"])
    return locked


@transaction.atomic
def release(*, slots: Iterable[Slot]) -> None:
    """Give one place in each time back."""
    wanted = sorted({slot.pk for slot in slots})
    locked = list(Slot.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    for slot in locked:
        slot.taken = max(slot.taken - 1, 0)
    Slot.objects.bulk_update(locked, ["taken"])


def _same_time(one: datetime, other: datetime) -> bool:
    return (one.weekday(), one.time()) == (other.weekday(), other.time())
