"""Working days in England: not Saturdays, Sundays or bank holidays."""

from datetime import date, timedelta
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays


@cache
def bank_holidays() -> frozenset[date]:
    """Return England's bank holidays, from the library's own file (no network)."""
    calendar = BankHolidays(use_cached_holidays=True)
    return frozenset(
        holiday["date"] for holiday in calendar.get_holidays(BankHolidays.ENGLAND_AND_WALES)
    )


def is_working_day(day: date) -> bool:
    """Tell whether offices are open."""
    return day.weekday() < 5 and day not in bank_holidays()


def after(day: date, count: int) -> date:
    """Return the day that is `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def between(start: date, end: date) -> int:
    """Return how many working days lie after `start`, up to and including `end`."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(1 for day in days if is_working_day(day))
