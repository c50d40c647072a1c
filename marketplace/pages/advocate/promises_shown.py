"""Promises as a page shows them: who will do what, by when, and how it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.referrals import promises
from marketplace.referrals.models import Promise, PromiseKind

WHAT: dict[str, object] = {
    PromiseKind.ANSWER: gettext_lazy("give an answer"),
    PromiseKind.DECIDE: gettext_lazy("decide who can have it"),
    PromiseKind.ASSESS: gettext_lazy("work out how much support is needed"),
    PromiseKind.OFFER_TIME: gettext_lazy("offer or agree a time"),
    PromiseKind.APPROVE: gettext_lazy("say yes or no to the cost"),
    PromiseKind.CALL_BACK: gettext_lazy("call back"),
    PromiseKind.WRITE_UP: gettext_lazy("write it up"),
    PromiseKind.ATTEND: gettext_lazy("be there"),
    PromiseKind.SAY_YES: gettext_lazy("say yes or no"),
}


@dataclass(frozen=True)
class Shown:
    """One promise in words, with its clock."""

    promise: Promise
    who: str
    what: str
    due: date
    is_late: bool
    is_soon: bool
    chased: bool
    is_escalated: bool
    paused_until: date | None

    @property
    def is_familys(self) -> bool:
        """Tell whether it is the family's own turn, which nobody chases."""
        return self.promise.organisation_id is None and self.promise.worker_id is None


def fetched(found: QuerySet[Promise]) -> QuerySet[Promise]:
    """Fetch what is shown of promises, in a constant number of queries."""
    return found.select_related(
        "organisation", "worker", "person", "family", "referral__service", "referral__person"
    ).prefetch_related("referral__pauses")


def shown(found: Iterable[Promise], *, day: date) -> list[Shown]:
    """Put promises into words for a day; `fetched` fetches what is asked for."""
    return [_one(promise, day) for promise in found]


def who(promise: Promise) -> str:
    """Return who promised it: a worker and where from, an organisation, or the family."""
    place = promise.organisation.name if promise.organisation else ""
    if promise.worker is None:
        return place or _("The family")
    said: dict[str, Any] = {"name": promise.worker.name, "place": place}
    return _("%(name)s from %(place)s") % said if place else promise.worker.name


def _one(promise: Promise, day: date) -> Shown:
    clock = promises.clock(promise, day=day)
    what = str(WHAT[promise.kind])
    return Shown(
        promise=promise,
        who=who(promise),
        what=f"{what}: {promise.words}" if promise.words else what,
        due=clock.due_on,
        is_late=clock.is_late,
        is_soon=clock.light == "amber",
        chased=promise.chased_at is not None,
        is_escalated=promise.escalated_at is not None,
        paused_until=clock.paused_until,
    )
