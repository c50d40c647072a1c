"""What every penny bought, read from totals kept in step by the ledger (report §4.3, 5.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from budgets.models import Total, Transfer
from budgets.models.total import TotalQuerySet
from cms.models import Organisation, Service
from marketplace.insight import frames


@dataclass(frozen=True)
class Line:
    """One line of the review, in pence: what was set aside and spent, and for how many sessions."""

    label: str | date
    key: str
    set_aside_pence: int
    spent_pence: int
    sessions: int

    @property
    def unit_pence(self) -> int | None:
        """Return what one delivered session cost on average, rounded half up."""
        if not self.sessions:
            return None
        return (2 * self.spent_pence + self.sessions) // (2 * self.sessions)


@dataclass(frozen=True)
class Review:
    """Spend in a period: by provider, by service, by month, and in all."""

    providers: tuple[Line, ...]
    services: tuple[Line, ...]
    months: tuple[Line, ...]
    table: frames.Pivot
    set_aside_pence: int
    spent_pence: int


def of(organisation: Organisation) -> TotalQuerySet:
    """Return the totals an organisation may review: what it pays for, and what it owns."""
    return Total.objects.filter(Q(fund__organisation=organisation) | Q(service__owner=organisation))


def review(*, totals: TotalQuerySet) -> Review:
    """Review totals that were narrowed from `of()`: a few queries, over totals only."""
    by_month = list(totals.sums("month", "organisation__name"))
    by_service = totals.sums("service__name", "service__slug")
    services = _lines(by_service, "service__name", "service__slug")
    by_provider = totals.sums("organisation__name", "organisation__reference")
    return Review(
        providers=_lines(by_provider, "organisation__name", "organisation__reference"),
        services=services,
        months=_months(by_month),
        table=frames.pivot(by_month, down="month", across="organisation__name", sum_of="spent"),
        set_aside_pence=sum(line.set_aside_pence for line in services),
        spent_pence=sum(line.spent_pence for line in services),
    )


def movements(
    *,
    organisation: Organisation,
    month: date | None = None,
    provider: Organisation | None = None,
    service: Service | None = None,
) -> QuerySet[Transfer]:
    """Return the rows of the ledger behind a figure, newest first; references only."""
    rows = Transfer.objects.filter(
        Q(envelope__fund__organisation=organisation) | Q(service__owner=organisation),
        Q(credit__organisation__isnull=False) | Q(debit__organisation__isnull=False),
        envelope__isnull=False,
    )
    if month is not None:
        rows = rows.filter(at__gte=_start(month), at__lt=_start(_next(month)))
    if provider is not None:
        rows = rows.filter(Q(credit__organisation=provider) | Q(debit__organisation=provider))
    if service is not None:
        rows = rows.filter(service=service)
    return rows.select_related(
        "service", "envelope__fund", "credit__organisation", "debit__organisation"
    ).order_by("-pk")


def _lines(rows: Iterable[Any], label: str, key: str) -> tuple[Line, ...]:
    return tuple(
        Line(
            label=row[label] or "",
            key=str(row[key] or ""),
            set_aside_pence=row["set_aside"],
            spent_pence=row["spent"],
            sessions=row["sessions"],
        )
        for row in rows
    )


def _months(rows: Iterable[Any]) -> tuple[Line, ...]:
    """Return one line a month, from the first to the last, the empty ones too."""
    months: dict[date, list[int]] = {}
    for row in rows:
        sums = months.setdefault(row["month"], [0, 0, 0])
        for position, name in enumerate(("set_aside", "spent", "sessions")):
            sums[position] += row[name]
    month, last = min(months, default=date.max), max(months, default=date.min)
    while month < last:
        months.setdefault(month, [0, 0, 0])
        month = _next(month)
    return tuple(
        Line(
            label=month,
            key=month.isoformat(),
            set_aside_pence=set_aside,
            spent_pence=spent,
            sessions=sessions,
        )
        for month, (set_aside, spent, sessions) in sorted(months.items())
    )


def _next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _start(month: date) -> datetime:
    return timezone.make_aware(datetime.combine(month, time.min))
