"""Calendar months: the same day, or that month's last."""

import calendar
from datetime import date


def after(day: date, months: int) -> date:
    """Return the day some months later (negative: earlier)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
