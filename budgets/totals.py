"""The month's totals, kept in step in the transaction of each movement."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F

from budgets.models import Total, Transfer

LONDON = ZoneInfo("Europe/London")


class Line(NamedTuple):
    """What one row of the totals is about."""

    month: date
    fund_id: int
    organisation_id: int
    service_id: int | None
    lane: int


@dataclass
class Change:
    """What one movement adds to one month, in pence and in movements."""

    set_aside_pence: int = 0
    set_aside_count: int = 0
    spent_pence: int = 0
    spent_count: int = 0

    def add(self, other: "Change") -> None:
        """Add another change to this one."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def month_of(at: datetime) -> date:
    """Return the first day of the month a moment lies in, in Europe/London."""
    return at.astimezone(LONDON).date().replace(day=1)


def keep(transfers: Sequence[Transfer]) -> None:
    """Bring the totals in step with transfers just written, their accounts and holds fetched.

    Only what lies between a plan and a provider is in them. Lines are changed in one order.
    """
    found: dict[Line, Change] = defaultdict(Change)
    for transfer in transfers:
        for month, change in changes(transfer).items():
            if line := line_of(transfer, month=month):
                found[line].add(change)
    for line in sorted(found, key=lambda line: (*line[:3], line.service_id or 0, line.lane)):
        _add(line, found[line])


def line_of(transfer: Transfer, *, month: date) -> Line | None:
    """Return the line a transfer belongs to, or None where it is not a plan's and a provider's."""
    envelope = transfer.debit.envelope or transfer.credit.envelope
    organisation_id = transfer.credit.organisation_id or transfer.debit.organisation_id
    if envelope is None or organisation_id is None:
        return None
    return Line(
        month=month,
        fund_id=envelope.fund_id,
        organisation_id=organisation_id,
        service_id=transfer.service_id,
        lane=envelope.pk % Total.LANES,
    )


def changes(transfer: Transfer) -> dict[date, Change]:
    """Return what a transfer changes, by month.

    Set aside counts in the month of the hold, spent in the month of the posting.
    """
    found: dict[date, Change] = defaultdict(Change)
    now = found[month_of(transfer.at)]
    if transfer.is_hold:
        now.set_aside_pence += transfer.amount_pence
        now.set_aside_count += 1
    if transfer.settles is not None:
        then = found[month_of(transfer.settles.at)]
        then.set_aside_pence -= transfer.amount_pence
        then.set_aside_count -= 1
    if transfer.is_posted:
        sign = -1 if transfer.is_repayment else 1
        now.spent_pence += sign * transfer.amount_pence
        now.spent_count += sign
    return {month: change for month, change in found.items() if change != Change()}


def _add(line: Line, change: Change) -> None:
    where, added = line._asdict(), vars(change)
    rows = Total.objects.filter(**where)
    if rows.update(**{name: F(name) + value for name, value in added.items()}):
        return
    try:
        with transaction.atomic():
            Total.objects.create(**where, **added)
    except IntegrityError:  # somebody opened the same line at this moment
        rows.update(**{name: F(name) + value for name, value in added.items()})
