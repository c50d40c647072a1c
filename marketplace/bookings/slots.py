"""Times that a provider offers: weekly patterns, what is free, and places held under lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms import listings
from cms.models import Listing, Place, Service
from marketplace.bookings.models import Slot

WEEK = timedelta(days=7)
LONGEST = timedelta(days=2 * 366)


class Taken(history.Refused):
    """Somebody else was quicker: the time has no place left."""


class NotEnoughTimes(history.Refused):
    """The provider does not offer as many times as the support needs."""


class NotATime(history.Refused):
    """A weekly time that could never take place."""


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

    Returns how many times were asked for. Raises NotATime.
    """
    _must_be_a_time(minutes=minutes, places=places, first=first, last=last)
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
    if not slots:
        raise NotATime(_("There is no such day of the week between these two days."))
    Slot.objects.bulk_create(slots, ignore_conflicts=True, batch_size=500)
    return len(slots)


@transaction.atomic
def close(*, service: Service, first: date, last: date, at: datetime) -> int:
    """Stop offering the free places from `first` to `last`, both included, local days.

    What somebody booked stands. Returns at how many times places were taken away. Raises NotATime.
    """
    if last < first:
        raise NotATime(_("The last day has to be on or after the first."))
    closing = list(
        Slot.objects.select_for_update(no_key=True)
        .free(at)
        .filter(
            service=service,
            starts_at__gte=timezone.make_aware(datetime.combine(first, time())),
            starts_at__lt=timezone.make_aware(datetime.combine(last + timedelta(days=1), time())),
        )
        .order_by("pk")
    )
    numbers = [slot.pk for slot in closing]
    # A time that nobody ever asked for goes, so that it can be offered again later.
    kept = set(
        Slot.objects.filter(pk__in=numbers, sessions__isnull=False).values_list("pk", flat=True)
    )
    Slot.objects.filter(pk__in=set(numbers) - kept).delete()
    Slot.objects.filter(pk__in=kept).update(places=F("taken"))
    return len(numbers)


@dataclass(frozen=True)
class Series:
    """A weekly series that could be booked now: its first time, and when the last one begins."""

    first: Slot
    last_at: datetime


def open_series(*, service: Service, count: int, at: datetime, most: int = 12) -> list[Series]:
    """Return the first times from which `count` free weekly times are left, soonest first."""
    weekly: dict[tuple[int, time], list[Slot]] = {}
    free = Slot.objects.free(at).filter(service=service).select_related("place")
    for slot in free.order_by("starts_at"):
        local = timezone.localtime(slot.starts_at)
        weekly.setdefault((local.weekday(), local.time()), []).append(slot)
    found = [
        Series(first=slot, last_at=times[place + count - 1].starts_at)
        for times in weekly.values()
        for place, slot in enumerate(times[: len(times) - count + 1])
    ]
    return sorted(found, key=lambda each: each.first.starts_at)[:most]


def next_free(*, service: Service, at: datetime) -> datetime | None:
    """Return the soonest time of a service with a place left, or None."""
    soonest = Slot.objects.free(at).filter(service=service).order_by("starts_at").first()
    return soonest.starts_at if soonest else None


def series(*, first: Slot, count: int) -> list[Slot]:
    """Return `count` free times from `first` on, the same day and hour each week, soonest first.

    A full or missing week is passed over. Raises Taken where the first is full, NotEnoughTimes.
    """
    local = timezone.localtime(first.starts_at)
    later = Slot.objects.free(first.starts_at - timedelta(seconds=1)).filter(service=first.service)
    found = [
        slot
        for slot in later.order_by("starts_at")
        if _same_time(timezone.localtime(slot.starts_at), local)
    ][:count]
    if not found or found[0].pk != first.pk:
        raise Taken(_just_taken())
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
    if len(locked) < len(wanted) or any(slot.is_full for slot in locked):
        raise Taken(_just_taken())
    for slot in locked:
        slot.taken += 1
    Slot.objects.bulk_update(locked, ["taken"])
    _pass_over([slot for slot in locked if slot.is_full])
    return locked


@transaction.atomic
def release(*, slots: Iterable[Slot]) -> None:
    """Give one place in each time back."""
    wanted = sorted({slot.pk for slot in slots})
    locked = list(Slot.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    for slot in locked:
        slot.taken = max(slot.taken - 1, 0)
    Slot.objects.bulk_update(locked, ["taken"])
    latest_first = sorted(locked, key=lambda slot: slot.starts_at, reverse=True)
    for service_id, soonest in {slot.service_id: slot.starts_at for slot in latest_first}.items():
        # Free again, and sooner than what the search knew of.
        later = Q(next_free_at__isnull=True) | Q(next_free_at__gt=soonest)
        Listing.objects.filter(later, service=service_id).update(next_free_at=soonest)


def nightly(*, at: datetime) -> int:
    """Let the search show when each service is next free, now that a day has passed; how many."""
    free = Slot.objects.free(at).filter(service=OuterRef("service")).order_by("starts_at")
    soonest = Subquery(free.values("starts_at")[:1])
    return Listing.objects.filter(next_free_at__lte=at).update(next_free_at=soonest)


def _pass_over(full: list[Slot]) -> None:
    """Let the search show the next free time where the one it showed is full now."""
    gone = {slot.service_id for slot in full}
    # Locked before it is read what is free: two who take the last two places wait for each other.
    shown = Listing.objects.select_for_update(no_key=True).filter(service__in=gone).order_by("pk")
    for listing in shown if gone else ():
        if listing.next_free_at in {slot.starts_at for slot in full}:
            later = next_free(service=listing.service, at=listing.next_free_at)
            listings.set_next_free(service_id=listing.service_id, at=later)


def _just_taken() -> str:
    return _("That time was just taken. Choose another one.")


def _must_be_a_time(*, minutes: int, places: int, first: date, last: date) -> None:
    if last < first:
        raise NotATime(_("The last day has to be on or after the first."))
    if last > first + LONGEST:
        raise NotATime(_("Offer times for two years at most."))
    if minutes < 1 or places < 1:
        raise NotATime(_("A time lasts at least a minute, and has at least one place."))


def _same_time(one: datetime, other: datetime) -> bool:
    return (one.weekday(), one.time()) == (other.weekday(), other.time())
