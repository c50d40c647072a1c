"""Promises kept and broken, by who made them: throughput, without a league table of people."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q

from cms.models import Organisation
from marketplace.referrals.models import Promise


@dataclass(frozen=True)
class Record:
    """One organisation's promises on an owner's services: counts."""

    organisation: str
    made: int
    kept_in_time: int
    kept_late: int
    waiting: int
    late_now: int

    @property
    def percent_in_time(self) -> int | None:
        """Return how many of a hundred answered promises were kept in time."""
        answered = self.kept_in_time + self.kept_late + self.late_now
        return round(100 * self.kept_in_time / answered) if answered else None


def records(*, owner: Organisation, day: date) -> list[Record]:
    """Return the promises made on an owner's services, by organisation; nobody is named."""
    kept = Q(kept_at__isnull=False)
    is_open = Q(kept_at__isnull=True, ended_at__isnull=True)
    rows = (
        Promise.objects.filter(referral__service__owner=owner, organisation__isnull=False)
        .values("organisation__name")
        .annotate(
            made=Count("pk"),
            in_time=Count("pk", filter=kept & Q(kept_at__date__lte=F("due_on"))),
            late=Count("pk", filter=kept & Q(kept_at__date__gt=F("due_on"))),
            waiting=Count("pk", filter=is_open & Q(due_on__gte=day)),
            late_now=Count("pk", filter=is_open & Q(due_on__lt=day)),
        )
        .order_by("organisation__name")
    )
    return [
        Record(
            organisation=row["organisation__name"],
            made=row["made"],
            kept_in_time=row["in_time"],
            kept_late=row["late"],
            waiting=row["waiting"],
            late_now=row["late_now"],
        )
        for row in rows
    ]
