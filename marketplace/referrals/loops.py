"""Circles: sent from A to B and back to A with nothing to show for it (report §5.4.2).

`circles` is pure: hops in, circles out. A hop leads from a place that did not help to one that was
asked after it, for the same person and the same need.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from budgets.models import Person
from cms.models import Organisation
from marketplace.referrals.models import Referral, Rung

WITHIN = timedelta(days=365)
LONGEST = 6
"""Services in one circle; a longer one holds a shorter, or is a year's long walk."""


@dataclass(frozen=True)
class Hop:
    """Sent from one service, which did not help, to another that was asked at a moment."""

    source: Hashable
    target: Hashable
    left_at: datetime
    asked_at: datetime


@dataclass(frozen=True)
class Loop:
    """A circle: the services in their order, the first again at its end."""

    services: tuple[Any, ...]
    began_at: datetime
    closed_at: datetime

    @property
    def length(self) -> int:
        """Return how many different services somebody was sent round."""
        return len(self.services) - 1


@dataclass(frozen=True)
class Found:
    """A circle somebody was sent round, and whom and what it is about."""

    loop: Loop
    person: Person
    need: str


def circles(hops: Iterable[Hop], *, within: timedelta = WITHIN) -> list[Loop]:
    """Return each circle that hops of one person and need close within a time, the earliest first.

    One for each return: the shortest way round, and of those the latest to begin. Pure.
    """
    ordered = sorted(hops, key=lambda hop: (hop.asked_at, hop.left_at, str(hop.source)))
    best: dict[tuple[Hashable, datetime], Loop] = {}
    for last in ordered:
        for path in _back(last, ordered):
            loop = _loop(path)
            key = (loop.services[0], loop.closed_at)
            kept = best.get(key)
            is_near = loop.closed_at - loop.began_at <= within
            if is_near and (kept is None or _rank(loop) < _rank(kept)):
                best[key] = loop
    return sorted(best.values(), key=lambda loop: (loop.closed_at, str(loop.services)))


def of(referrals: QuerySet[Referral]) -> list[Found]:
    """Return the circles in these referrals, by person and need, the latest first. One query.

    Give it what the reader may know of (`sharing.visible`): what is hidden closes no circle.
    """
    rows = list(referrals.select_related("service", "person", "need").order_by("asked_at", "pk"))
    groups: dict[tuple[int, int | None], list[Referral]] = defaultdict(list)
    for row in rows:
        groups[row.person_id, row.need_id].append(row)
    found = [
        Found(loop, group[0].person, group[0].need.shown if group[0].need else "")
        for group in groups.values()
        for loop in circles(hops(group))
    ]
    return sorted(found, key=lambda one: one.loop.closed_at, reverse=True)


def counted(*, owner: Organisation, since: datetime) -> list[tuple[str, int]]:
    """Return how many circles led back to each of an owner's services since a moment.

    The most first; nobody is named, and whoever else is in a circle neither.
    """
    rows = Referral.objects.filter(asked_at__gte=since - WITHIN)
    back = rows.filter(service__owner=owner).values("person")
    counts: dict[str, int] = defaultdict(int)
    for one in of(rows.filter(person__in=back)):
        service = one.loop.services[0]
        if service.owner_id == owner.pk and one.loop.closed_at >= since:
            counts[service.name] += 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def hops(visits: Sequence[Referral]) -> list[Hop]:
    """Return the hops among one person's referrals for one need, in the order they were asked."""
    return [
        Hop(before.service, after.service, left_at, after.asked_at)
        for place, before in enumerate(visits)
        if (left_at := _left_empty_handed(before)) is not None
        for after in visits[place + 1 :]
        if after.service_id != before.service_id and after.asked_at >= left_at
    ]


def _left_empty_handed(referral: Referral) -> datetime | None:
    """Return when a service had not helped: it said no, or somebody was only told of it."""
    if referral.rung == Rung.DECLINED:
        return referral.ended_at
    was_only_told = referral.handed_over_rung == Rung.SIGNPOSTED and referral.rung in (
        Rung.SIGNPOSTED,
        Rung.EXPIRED,
    )
    return referral.handed_over_at if was_only_told else None


def _back(last: Hop, before: Sequence[Hop]) -> Iterable[list[Hop]]:
    """Return every way, back in time from a last hop, that began where the last one leads."""
    paths = [[last]]
    while paths:
        path = paths.pop()
        first = path[0]
        if first.source == last.target:
            yield path
            continue
        if len(path) == LONGEST:
            continue
        been = {hop.target for hop in path}
        paths += [
            [hop, *path]
            for hop in before
            if hop.target == first.source
            and hop.asked_at <= first.left_at
            and (hop.source not in been or hop.source == last.target)
        ]


def _loop(path: Sequence[Hop]) -> Loop:
    return Loop(
        services=(path[0].source, *(hop.target for hop in path)),
        began_at=path[0].left_at,
        closed_at=path[-1].asked_at,
    )


def _rank(loop: Loop) -> tuple[int, float, str]:
    return loop.length, -loop.began_at.timestamp(), str(loop.services)
