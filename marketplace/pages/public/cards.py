"""A service as a card shows it: the same words wherever one is chosen, found or compared."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cms import criteria, freshness
from cms.models import Listing, Service
from pricing import money

KILOMETRES_A_MILE = 1.609344
UNITS = {
    "session": gettext_lazy("a session"),
    "hour": gettext_lazy("an hour"),
    "day": gettext_lazy("a day"),
    "week": gettext_lazy("a week"),
    "month": gettext_lazy("a month"),
    "place": gettext_lazy("a place"),
    "course": gettext_lazy("a course"),
    "one_off": gettext_lazy("as a one-off"),
}


@dataclass(frozen=True)
class Choice:
    """One service as a card shows it."""

    slug: str
    title: str
    href: str
    summary: str
    price: int | None
    price_words: str
    unit: str
    facts: tuple[str, ...]
    tag: str

    @property
    def price_shown(self) -> str:
        """Return the price in words: a figure with its unit, free, or not known."""
        if self.price is None:
            return _("Not known yet")
        return self.price_words or f"{money.show(self.price)} {self.unit}"


def choice(row: Listing) -> Choice:
    """Return one row of the search as its card; its service and provider must be fetched."""
    found = row.service
    return Choice(
        slug=found.slug,
        title=found.name,
        href=reverse("service", kwargs={"slug": found.slug}),
        summary=found.summary,
        price=row.price_from_pence,
        price_words=_("Free") if row.is_free else "",
        unit=str(UNITS.get(row.price_unit, "")),
        facts=tuple(
            fact
            for fact in (found.provider.name, ages(found), wait(found), distance(row), old(found))
            if fact
        ),
        tag=str(found.get_kind_display()),
    )


def old(found: Service) -> str:
    """Return that nobody checked an entry for a year, in words; nothing before that."""
    is_marked = freshness.state(found, timezone.localdate()).is_marked
    return _("Not checked for a year") if is_marked else ""


def ages(found: Service) -> str:
    """Return whom a service is for, by age, in words."""
    if found.minimum_age is None and found.maximum_age is None:
        return _("Any age")
    if found.maximum_age is None:
        return _("Aged %(low)s or over") % {"low": found.minimum_age}
    if found.minimum_age is None:
        return _("Up to %(high)s years old") % {"high": found.maximum_age}
    return _("Aged %(low)s to %(high)s") % {"low": found.minimum_age, "high": found.maximum_age}


def ages_unsaid(found: Service) -> str:
    """Return whom it is for by age, where no criterion says it already."""
    is_said = any(criterion.fact == criteria.AGE for criterion in found.criteria.all())
    return "" if is_said else ages(found)


def wait(found: Service) -> str:
    """Return the usual wait, in words."""
    if found.wait_days is None:
        return ""
    if found.wait_days == 0:
        return _("No wait")
    if found.wait_days < 14:
        return ngettext("%(count)s day’s wait", "%(count)s days’ wait", found.wait_days) % {
            "count": found.wait_days
        }
    return _("About %(count)s weeks’ wait") % {"count": round(found.wait_days / 7)}


def working_days(days: int) -> str:
    """Return so many working days, in words."""
    return ngettext("%(days)s working day", "%(days)s working days", days) % {"days": days}


def distance(row: Listing) -> str:
    """Return how far away a row of a search near a point is, in words."""
    kilometres = getattr(row, "distance_km", None)
    if kilometres is None:
        return ""
    miles = round(kilometres / KILOMETRES_A_MILE)
    if miles < 1:
        return _("Less than a mile away")
    return ngettext("%(count)s mile away", "%(count)s miles away", miles) % {"count": miles}
