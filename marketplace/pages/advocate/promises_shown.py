"""Promises as a page shows them: who will do what, by when, and how it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

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


def shown(found: Iterable[Promise], *, day: date) -> list[Shown]:
    """Put promises into words for a day; select their organisation and referral's person."""
    return [_one(promise, day) for promise in found]


def _one(promise: Promise, day: date) -> Shown:
    clock = promises.clock(promise, day=day)
    return Shown(
        promise=promise,
        who=promise.organisation.name if promise.organisation else _("The family"),
        what=str(WHAT[promise.kind]),
        due=clock.due_on,
        is_late=clock.is_late,
        is_soon=clock.light == "amber",
        chased=promise.chased_at is not None,
    )
