"""What templates need and Django does not bring: money, days, rungs and bars."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.core import paginator
from django.template import defaultfilters
from django.utils import formats, html, safestring, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pricing import money

register = template.Library()

AREAS = ("family", "advocate", "provider", "commissioner")
# Whose pages look like those of another door.
ALIKE = {"admin": "commissioner"}
BAR_WIDTH = 1000  # units of the bars' view box, not pixels
CHART_HEIGHT = 200


@register.filter
def pence(amount: int | None) -> str:
    """Show pence as pounds: "£1,250.00". Nothing for None."""
    return "" if amount is None else money.show(amount)


@register.filter
def day(moment: datetime.date | datetime.datetime | None) -> str:
    """Show a day: "Tuesday 3 June", with its year when that is not this one."""
    if moment is None or moment == "":
        return ""
    if isinstance(moment, datetime.datetime):
        moment = _local(moment).date()
    pattern = "l j F" if moment.year == timezone.localdate().year else "l j F Y"
    return formats.date_format(moment, pattern, use_l10n=False)


@register.filter
def clock(moment: datetime.time | datetime.datetime | None) -> str:
    """Show a time of day: "2:30pm", "2pm", "midday"."""
    if moment is None or moment == "":
        return ""
    if isinstance(moment, datetime.datetime):
        moment = _local(moment).time()
    if (moment.hour, moment.minute) == (12, 0):
        return _("midday")
    half = _("am") if moment.hour < 12 else _("pm")
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{half}"


@register.filter
def day_time(moment: datetime.datetime | None) -> str:
    """Show a moment: "Tuesday 3 June, 2:30pm"."""
    return f"{day(moment)}, {clock(moment)}" if moment else ""


@register.filter
def month(moment: datetime.date | None) -> str:
    """Show a month: "June 2026"."""
    return formats.date_format(moment, "F Y", use_l10n=False) if moment else ""


def _local(moment: datetime.datetime) -> datetime.datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and last word of a name."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0].upper() for word in dict.fromkeys([*words[:1], *words[-1:]]))


# Forms


@register.simple_tag(takes_context=True)
def form_key(context: template.Context) -> safestring.SafeString:
    """Write the hidden key that makes sending a form twice safe (see budgets.form_keys)."""
    key = context.get("form_key") or uuid.uuid4()
    return html.format_html('<input type="hidden" name="form_key" value="{}">', key)


# Pictures of numbers


@dataclass(frozen=True)
class Bar:
    """One bar of a picture: where it starts and how long it is, in units of the view box."""

    label: str
    shown: str
    start: int
    length: int
    end: int


@register.simple_tag
def split_bar(*parts: int) -> list[Bar]:
    """Lay amounts end to end along one bar, in the order given; lengths add up to at most 1000."""
    total, start, bars = sum(parts), 0, []
    for part in parts:
        length = BAR_WIDTH * part // total if total else 0
        bars.append(Bar(label="", shown="", start=start, length=length, end=start + length))
        start += length
    return bars


@register.simple_tag
def bars(rows: Iterable[tuple[str, int, str]]) -> list[Bar]:
    """Give each (label, value, shown) a length, the largest being 1000; some is never none."""
    kept = list(rows)
    largest = max((value for _label, value, _shown in kept), default=0)
    drawn = []
    for label, value, shown in kept:
        length = max(BAR_WIDTH * value // largest, 4) if largest and value > 0 else 0
        drawn.append(Bar(label=label, shown=shown, start=0, length=length, end=length))
    return drawn


@dataclass(frozen=True)
class Column:
    """One column of a chart over time, in units of a view box of 1000 by 200."""

    label: str
    shown: str
    left: float
    width: float
    top: int
    height: int


@register.simple_tag
def columns(rows: Iterable[tuple[str, int, str]]) -> list[Column]:
    """Stand each (label, value, shown) beside the one before, the largest being the full height."""
    kept = list(rows)
    largest = max((value for _label, value, _shown in kept), default=0)
    space = BAR_WIDTH / max(len(kept), 1)
    drawn = []
    for place, (label, value, shown) in enumerate(kept):
        height = max(CHART_HEIGHT * value // largest, 2) if largest and value > 0 else 0
        drawn.append(
            Column(
                label=label,
                shown=shown,
                left=round(space * (place + 0.12), 2),
                width=round(space * 0.76, 2),
                top=CHART_HEIGHT - height,
                height=height,
            )
        )
    return drawn


# The ladder


@dataclass(frozen=True)
class RungStep:
    """One of the six rungs, as it is drawn."""

    number: int
    words: str
    is_reached: bool
    is_current: bool


@dataclass(frozen=True)
class Ladder:
    """Where a referral is, in words and as six steps."""

    steps: list[RungStep]
    number: int
    words: str
    is_finished: bool
    is_ended: bool


RUNGS = ("signposted", "soft_referred", "applied", "hard_referred", "commissioned", "booked")
STAFF_WORDS = (
    gettext_lazy("Signposted"),
    gettext_lazy("Soft referral"),
    gettext_lazy("Application"),
    gettext_lazy("Hard referral"),
    gettext_lazy("Commissioned"),
    gettext_lazy("Booked"),
)
FAMILY_WORDS = (
    gettext_lazy("You know about it"),
    gettext_lazy("It looks right for you"),
    gettext_lazy("Asked for"),
    gettext_lazy("They said yes"),
    gettext_lazy("Money set aside"),
    gettext_lazy("Booked"),
)
ENDS = {
    "completed": gettext_lazy("Finished"),
    "declined": gettext_lazy("They said no"),
    "withdrawn": gettext_lazy("Stopped"),
    "expired": gettext_lazy("Ran out of time"),
}


@register.simple_tag
def ladder(rung: str, for_family: bool = False) -> Ladder:
    """Describe a rung's code for drawing. An end shows no step as reached, except completed."""
    code, words = str(rung), FAMILY_WORDS if for_family else STAFF_WORDS
    is_finished = code == "completed"
    number = len(RUNGS) if is_finished else RUNGS.index(code) + 1 if code in RUNGS else 0
    steps = [
        RungStep(
            number=place,
            words=str(word),
            is_reached=place <= number,
            is_current=place == number and not is_finished,
        )
        for place, word in enumerate(words, start=1)
    ]
    said = str(words[number - 1]) if code in RUNGS else str(ENDS.get(code, ""))
    return Ladder(
        steps=steps,
        number=number,
        words=said,
        is_finished=is_finished,
        is_ended=code in ENDS and not is_finished,
    )


@register.filter
def rung_words(rung: str) -> str:
    """Return what staff call a rung."""
    return ladder(rung).words


@register.filter
def rung_family_words(rung: str) -> str:
    """Return what a family reads for a rung."""
    return ladder(rung, for_family=True).words


# Tables and pages


@dataclass(frozen=True)
class Cell:
    """One cell of a table, under its heading."""

    text: object
    href: str
    is_number: bool
    heading: str


@register.simple_tag
def cells(row: Sequence[Any], heads: Sequence[Any]) -> list[Cell]:
    """Pair a row's cells with its headings; a cell is text, or a mapping of text and href."""
    paired = []
    for cell, head in zip(row, heads, strict=True):
        parts = cell if isinstance(cell, dict) else {"text": cell}
        top = head if isinstance(head, dict) else {"text": head}
        paired.append(
            Cell(
                text=parts.get("text", ""),
                href=parts.get("href", ""),
                is_number=bool(top.get("is_number")),
                heading=str(top.get("text", "")),
            )
        )
    return paired


@register.simple_tag
def page_numbers(page: paginator.Page[Any]) -> list[Any]:
    """Return the numbers to link to, with "…" for those left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def ago(days: int) -> str:
    """Say how long ago in days: "today", "yesterday", "3 days ago"."""
    if days <= 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}


@register.filter
def months_long(months: int) -> str:
    """Say how long so many months are: "6 years", "1 month"."""
    years, rest = divmod(months, 12)
    if years and not rest:
        return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
    return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}


# The page's frame


@register.simple_tag(takes_context=True)
def area_of_page(context: template.Context) -> str:
    """Return the front door that a page is behind, or its reader's own (`door`), or "public"."""
    request = context.get("request")
    first = request.path.strip("/").split("/")[0] if request else ""
    doors = (str(door) for door in (first, context.get("door")))
    areas = (ALIKE.get(door, door) for door in doors)
    return next((area for area in areas if area in AREAS), "public")


@register.simple_tag(takes_context=True)
def is_family_page(context: template.Context) -> bool:
    """Say whether a page is behind the family's door, so that it has a way out at once."""
    return area_of_page(context) == "family"


@register.filter
def tone_of_message(level_tag: str) -> str:
    """Return the look of a Django message."""
    return level_tag if level_tag in {"success", "warning", "error"} else "info"


@register.filter
def tel(phone: str) -> str:
    """Return a telephone number as a link wants it."""
    return defaultfilters.cut(str(phone), " ")
