"""How old an entry's last check is, and what follows: pure days and words, no clock of its own."""

import calendar
import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _

if TYPE_CHECKING:  # services ask this module, so only their type is known here
    from cms.models import Service

ASK_MONTHS, CHASE_MONTHS, MARK_MONTHS, STOP_MONTHS = 6, 9, 12, 15
"""Calendar months since the last check (design §9: freshness is a feature with clocks)."""


class Stage(StrEnum):
    """How far an entry has gone without being checked."""

    FRESH = "fresh"
    ASKED = "asked"
    CHASED = "chased"
    MARKED = "marked"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        """Return the stage as the people who keep entries read it."""
        return {
            Stage.FRESH: _("Checked lately"),
            Stage.ASKED: _("Time to check it"),
            Stage.CHASED: _("Late to be checked"),
            Stage.MARKED: _("Marked as old"),
            Stage.STOPPED: _("Cannot be bought"),
        }[self]

    @property
    def message(self) -> str:
        """Return what follows, as a message says it to those who keep the entry."""
        return {
            Stage.FRESH: "",
            Stage.ASKED: _("Nobody has checked it for 6 months."),
            Stage.CHASED: _("Nobody has checked it for 9 months. At 12 it is marked as old."),
            Stage.MARKED: _("It is marked as old now. At 15 months it cannot be bought."),
            Stage.STOPPED: _("It cannot be bought until somebody checks it."),
        }[self]


MONTHS = {
    Stage.ASKED: ASK_MONTHS,
    Stage.CHASED: CHASE_MONTHS,
    Stage.MARKED: MARK_MONTHS,
    Stage.STOPPED: STOP_MONTHS,
}
"""From how many months on an entry is at each stage, in their order."""


class Checked(Protocol):
    """What can be fresh or not: it says when it was last checked, and when it came."""

    @property
    def checked_on(self) -> datetime.date | None:
        """Return the day of its last check; None where there was none."""

    @property
    def added_on(self) -> datetime.date | None:
        """Return the day it came into the catalogue; None before that."""


@dataclass(frozen=True)
class State:
    """How fresh an entry is on a day; `counted_from` is its last check, or the day it came."""

    stage: Stage
    checked_on: datetime.date | None
    counted_from: datetime.date

    @property
    def is_fresh(self) -> bool:
        """Say whether nobody needs to do anything yet."""
        return self.stage == Stage.FRESH

    @property
    def is_due(self) -> bool:
        """Say whether those who keep it have been asked to check it."""
        return not self.is_fresh

    @property
    def is_marked(self) -> bool:
        """Say whether everybody is told that it may be out of date."""
        return self.stage in (Stage.MARKED, Stage.STOPPED)

    @property
    def may_be_commissioned(self) -> bool:
        """Say whether money may still be set aside for it."""
        return self.stage != Stage.STOPPED

    @property
    def sentence(self) -> str:
        """Return when it was last checked, as anybody reads it."""
        if self.checked_on is None:
            return _("Nobody has checked this page yet.")
        return _("This page was last checked on %(day)s.") % {"day": written(self.checked_on)}

    @property
    def mark(self) -> str:
        """Return the warning that stands on public pages from twelve months on, or nothing."""
        if not self.is_marked:
            return ""
        if self.checked_on is None:
            return _("This page may be out of date. Ask before you go.")
        return _(
            "Nobody has checked this page since %(month)s. Some of it may be out of date. "
            "Ask before you go."
        ) % {"month": date_format(self.checked_on, "F Y", use_l10n=False)}

    @property
    def next_on(self) -> datetime.date | None:
        """Return the day on which its next stage begins, if there is one."""
        order = [*Stage]
        if self.stage == order[-1]:
            return None
        following = order[order.index(self.stage) + 1]
        return months_after(self.counted_from, MONTHS[following])


def state(service: Checked, on: datetime.date) -> State:
    """Return how fresh an entry is on a day of Europe/London.

    One that nobody has checked yet counts from the day it came into the catalogue.
    """
    counted_from = service.checked_on or service.added_on or on
    return State(
        stage=stage(counted_from=counted_from, on=on),
        checked_on=service.checked_on,
        counted_from=counted_from,
    )


def keepers(service: "Service") -> str:
    """Return who can check an entry, with how to reach them; its two organisations fetched."""
    bodies = {body.pk: body for body in (service.provider, service.owner)}.values()
    reached = [
        f"{body.name} ({contact})" if (contact := body.phone or body.email) else body.name
        for body in bodies
    ]
    return _(" or ").join(reached)


def stage(*, counted_from: datetime.date, on: datetime.date) -> Stage:
    """Return the stage of what was last checked on one day, on another."""
    reached = [one for one, months in MONTHS.items() if months_after(counted_from, months) <= on]
    return reached[-1] if reached else Stage.FRESH


def months_after(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of a later or earlier month, or that month's last where it has none.

    31 August and six months is the last of February, as in law: the corresponding date rule.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, days_in(year, month + 1)))


def last_check(*, months: int, on: datetime.date) -> datetime.date:
    """Return the latest check that is so many months old on a day: `months_after` turned round."""
    day = months_after(on, -months)
    if on.day == days_in(on.year, on.month):
        return day.replace(day=days_in(day.year, day.month))
    return day


def days_in(year: int, month: int) -> int:
    """Return how many days a month has."""
    return calendar.monthrange(year, month)[1]


def written(day: datetime.date) -> str:
    """Return a day as it is written on every page."""
    return date_format(day, "l j F Y", use_l10n=False)
