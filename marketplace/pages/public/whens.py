"""Where a service is and when it is on, in words."""

from django.utils.translation import gettext as _

from cms.models import Place, Schedule
from marketplace.pages.templatetags import alongside


def place(found: Place) -> str:
    """Return where it is: its name and address, and whether there are steps."""
    parts = (found.name, found.address, found.postcode)
    words = ", ".join(dict.fromkeys(part for part in parts if part))
    if found.step_free is None:
        return words
    steps = _("No steps to get in") if found.step_free else _("There are steps")
    return f"{words}. {steps}."


def schedule(row: Schedule) -> str:
    """Return when it is on: the day, the hours, and what else is said."""
    day = str(row.get_weekday_display()) if row.weekday is not None else ""
    hours = ""
    if row.opens_at and row.closes_at:
        hours = f"{alongside.clock(row.opens_at)}–{alongside.clock(row.closes_at)}"
    elif row.opens_at:
        hours = _("from %(time)s") % {"time": alongside.clock(row.opens_at)}
    return " ".join(part for part in (day, hours, row.description) if part)
