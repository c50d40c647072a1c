"""The times that providers offer: weekly patterns, opened where somebody books and ahead of today.

Two patterns are kept free, so that whoever walks through the demonstration finds times for the
mentor and the family support.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from marketplace.bookings import slots
from marketplace.bookings.models import Slot
from marketplace.management.demonstration.stage import Stage, moment

WEEKS_AHEAD = 12
WEEKS_TO_SPARE = 8
KEPT_FREE = ("mentor-kai", "family-support-at-home")


@dataclass(frozen=True)
class Pattern:
    """A weekly time: local day and hour, how long, and for how many."""

    weekday: int
    starts: time
    minutes: int
    places: int

    def on_or_after(self, day: date) -> datetime:
        """Return its first time from a day on."""
        then = day + timedelta(days=(self.weekday - day.weekday()) % 7)
        return moment(then, self.starts.hour, self.starts.minute)


def patterns(stage: Stage, slug: str) -> list[Pattern]:
    """Return a service's weekly times."""
    return [
        Pattern(row["weekday"], time.fromisoformat(row["time"]), row["minutes"], row["places"])
        for row in stage.data[slug]["slots"]
    ]


def bookable(stage: Stage, slug: str) -> list[Pattern]:
    """Return the weekly times that a made-up family may take."""
    found = patterns(stage, slug)
    return found[1:] if slug in KEPT_FREE else found


def open_weeks(stage: Stage, slug: str, pattern: Pattern, *, first: date, weeks: int) -> None:
    """Offer a weekly time for some weeks from a day on; what is offered already stands."""
    service = stage.services[slug]
    slots.open_weekly(
        service=service,
        place=next(iter(service.places.all()), None),
        weekday=pattern.weekday,
        starts=pattern.starts,
        minutes=pattern.minutes,
        places=pattern.places,
        first=first,
        last=first + timedelta(weeks=weeks),
    )


def has_room(first: Slot, *, count: int) -> bool:
    """Tell whether enough weeks are free from a first time on."""
    try:
        return len(slots.series(first=first, count=count)) == count
    except slots.NotEnoughTimes:
        return False


def free(stage: Stage, slug: str, pattern: Pattern, *, first: date, count: int) -> Slot | None:
    """Return the first free time of a pattern from a day on, enough weeks of it being offered."""
    open_weeks(stage, slug, pattern, first=first, weeks=count + WEEKS_TO_SPARE)
    weekly = [pattern.on_or_after(first + timedelta(weeks=week)) for week in range(WEEKS_TO_SPARE)]
    free = Slot.objects.free(weekly[0] - timedelta(seconds=1))
    offered = free.filter(service=stage.services[slug], starts_at__in=weekly)
    return offered.order_by("starts_at").first()
