"""The month's totals, kept in step in the transaction of each movement."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F

from budgets.models import Total, Transfer

LONDON = ZoneInfo("Europe/London")


@dataclass
class Change:
    """What one movement adds to one month, in pence and in movements."""

    set_aside_pence: int = 0
    set_aside_count: int = 0
    spent_pence: int = 0
    spent_count: int = 0


def month_of(at: datetime) -> date:
    """Return the first day of the month a moment lies in, in Europe/London."""
    return at.astimezone(LONDON).date().replace(day=1)


def keep(transfer: Transfer) -> None:
    """Bring the totals in step with a transfer just written, its accounts and hold fetched.

    Only what lies between a plan and a provider is in them.
    """
    envelope = transfer.debit.envelope or transfer.credit.envelope
    organisation_id = transfer.credit.organisation_id or transfer.debit.organisation_id
    if envelope is None or organisation_id is None:
        return
    for month, change in sorted(changes(transfer).items()):
        line: dict[str, date | int | None] = {
            "month": month,
            "fund_id": envelope.fund_id,
            "organisation_id": organisation_id,
            "service_id": transfer.service_id,
            "lane": envelope.pk % Total.LANES,
        }
        _add(line, change)


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


def _add(line: dict[str, date | int | None], change: Change) -> None:
    added = vars(change)
    rows = Total.objects.filter(**line)
    if rows.update(**{name: F(name) + value for name, value in added.items()}):
        return
    try:
        with transaction.atomic():
            Total.objects.create(**line, **added)
    except IntegrityError:  # somebody opened the same line at this moment
        rows.update(**{name: F(name) + value for name, value in added.items()})
