"""What was put right in an application after it was sent, as both sides read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cms.models import Organisation
from marketplace.pages import doors
from marketplace.referrals.models import Amendment, Referral


@dataclass(frozen=True)
class Change:
    """One answer that was changed."""

    asked: str
    before: str
    after: str
    why: str
    who: str
    at: datetime


def of(visit: doors.Visit, referral: Referral) -> list[Change]:
    """Return the changes of a referral's application, the latest first; two queries."""
    rows = list(
        visit.visible(Amendment.objects.filter(application__referral=referral)).order_by(
            "-at", "-pk"
        )
    )
    places = dict(
        Organisation.objects.filter(
            reference__in={row.organisation for row in rows if row.organisation}
        ).values_list("reference", "name")
    )
    return [
        Change(
            asked=row.asked,
            before=_words(row.before),
            after=_words(row.after),
            why=row.why,
            who=places.get(row.organisation, "") if row.organisation else _("The family"),
            at=row.at,
        )
        for row in rows
    ]


def _words(answer: Any) -> str:
    if answer in (None, ""):
        return _("no answer")
    if isinstance(answer, bool) or answer in ("yes", "no"):
        return _("Yes") if answer in (True, "yes") else _("No")
    return str(answer)
