"""Working days in England: not Saturdays, Sundays or bank holidays.

Source: the bank holidays of England and Wales as GOV.UK publishes them under the Open Government
Licence, kept as the data file of `govuk-bank-holidays`, so that no clock waits for a network. They
are published some years ahead; `known_until` is the last day they speak for.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays

Span = tuple[date, date]
"""From a day up to, but without, another."""

DAY = timedelta(days=1)
ENOUGH_DAYS = 366
"""Nothing is promised further ahead than that."""


@cache
def bank_holidays() -> frozenset[date]:
    """Return England's bank holidays, from the library's own file (no network)."""
    calendar = BankHolidays(use_cached_holidays=True)
    return frozenset(
        holiday["date"] for holiday in calendar.get_holidays(BankHolidays.ENGLAND_AND_WALES)
    )


@cache
def known_until() -> date:
    """Return the last day that the list speaks for: whole years are published."""
    return date(max(bank_holidays()).year, 12, 31)


def runs_out(*, day: date) -> bool:
    """Tell whether what is promised within a year could fall after the list's last day."""
    return known_until() < day + ENOUGH_DAYS * DAY


def is_working_day(day: date) -> bool:
    """Tell whether offices are open."""
    return day.weekday() < 5 and day not in bank_holidays()


def after(day: date, count: int, *, without: Sequence[Span] = ()) -> date:
    """Return the day that is `count` working days after `day`, in none of the spans `without`."""
    if stands(day, without):
        count = max(count, 1)  # what was due at once is due when the clock goes on
    while count > 0:
        day += DAY
        count -= _counts(day, without)
    return day


def before(day: date, count: int) -> date:
    """Return the last day that lies `count` working days before `day`."""
    while count > 0:
        count -= is_working_day(day)
        day -= DAY
    return day


def between(start: date, end: date, *, without: Sequence[Span] = ()) -> int:
    """Return how many working days lie after `start`, up to and including `end`."""
    days = (start + n * DAY for n in range(1, (end - start).days + 1))
    return sum(1 for day in days if _counts(day, without))


def stands(day: date, spans: Sequence[Span]) -> bool:
    """Tell whether a day lies in one of the spans."""
    return any(start <= day < end for start, end in spans)


def _counts(day: date, without: Sequence[Span]) -> bool:
    return is_working_day(day) and not stands(day, without)
