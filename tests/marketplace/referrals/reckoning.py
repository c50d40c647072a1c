"""A small program that reckons clocks by itself: reads cases as JSON, writes answers as JSON.

It shares no code and no data with the product: bank holidays are worked out by rule here (Easter
by Gauss's method, the Mondays, what falls on a weekend moved on), and days are counted in one list
of ordinals, where the product walks from day to day.
"""

import json
import sys
from bisect import bisect_right
from datetime import date
from fractions import Fraction

MOVED = {2020: {date(2020, 5, 4): date(2020, 5, 8)}, 2022: {date(2022, 5, 30): date(2022, 6, 2)}}
MOVED[2012] = {date(2012, 5, 28): date(2012, 6, 4)}
EXTRA = [date(2012, 6, 5), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)]
FIRST, LAST = date(2012, 1, 1), date(2028, 12, 31)


def easter(year: int) -> date:
    """Return Easter Sunday."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def monday(year: int, month: int, *, last: bool = False) -> date:
    """Return the first or the last Monday of a month of 31 days."""
    days = [date(year, month, day) for day in range(1, 32)]
    mondays = [day for day in days if day.isoweekday() == 1]
    return mondays[-1 if last else 0]


def holidays(year: int) -> set[date]:
    """Return the bank holidays of England in a year."""
    sunday = easter(year).toordinal()
    found = {date.fromordinal(sunday - 2), date.fromordinal(sunday + 1)}
    found |= {monday(year, 5), monday(year, 5, last=True), monday(year, 8, last=True)}
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.isoweekday() > 5 or day in found:
            day = date.fromordinal(day.toordinal() + 1)
        found.add(day)
    moved = MOVED.get(year, {})
    return {moved.get(day, day) for day in found} | {day for day in EXTRA if day.year == year}


CLOSED = {day.toordinal() for year in range(2012, 2029) for day in holidays(year)}
OPEN = [
    number
    for number in range(FIRST.toordinal(), LAST.toordinal() + 1)
    if number % 7 not in (6, 0) and number not in CLOSED
]


def answer(case: dict[str, object]) -> dict[str, object]:
    """Return when one promise is due and turns amber, and how it stands on a day."""
    made, day = ordinal(case["made"]), ordinal(case["day"])
    pauses = [(ordinal(start), ordinal(end)) for start, end in list(case["pauses"])]  # type: ignore[call-overload]
    counted = [n for n in OPEN if not any(start <= n < end for start, end in pauses)]
    given = int(str(case["given"]))

    def gone(until: int) -> int:
        return max(bisect_right(counted, until) - bisect_right(counted, made), 0)

    def nth(number: int) -> int:
        stands = any(start <= made < end for start, end in pauses)
        if number == 0 and not stands:
            return made
        return counted[bisect_right(counted, made) + max(number, 1) - 1]

    due = nth(given)
    share = Fraction(gone(day), max(gone(due), 1))
    light = "late" if day > due else "amber" if share >= Fraction(4, 5) else "green"
    return {
        "due": date.fromordinal(due).isoformat(),
        "amber": date.fromordinal(nth(-((-4 * given) // 5))).isoformat(),
        "light": light,
        "left": 0 if day > due else gone(due) - gone(day),
    }


def ordinal(said: object) -> int:
    """Return a day as a number."""
    return date.fromisoformat(str(said)).toordinal()


if __name__ == "__main__":
    if sys.argv[1:] == ["holidays"]:
        sys.stdout.write(json.dumps([date.fromordinal(day).isoformat() for day in sorted(CLOSED)]))
    else:
        sys.stdout.write(json.dumps([answer(case) for case in json.load(sys.stdin)]))
