"""Before buying: which goal it serves, what could stop it and what meets that, instead of what."""

from typing import Any

from django.utils.translation import gettext as _

from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.advocate import ask, questions
from marketplace.referrals import commissions
from marketplace.referrals.models import Referral

MOST_BESIDE = 3


class Before(questions.Why):
    """The three questions, each of which wants an answer; that there is none is one."""

    field_order = ["goal", "barrier", "met_by", "comes", "instead_of"]

    def __init__(self, data: Any = None, *, referral: Referral, goals: Any) -> None:
        self.referral = referral
        super().__init__(data, goals=goals, services=[], initial=_said(referral))
        for name in ("need", "is_private"):
            del self.fields[name]
        if referral.goal_id is not None and not goals.filter(pk=referral.goal_id).exists():
            del self.fields["goal"]  # it serves one that the visitor may not know of, and keeps it
        for name in {"goal", "barrier"} & set(self.fields):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Ask what would help with what could stop it."""
        cleaned = super().clean()
        is_met = cleaned.get("met_by") or self.referral.asked_beside.open().exists()
        if cleaned.get("barrier") and not is_met:
            self.add_error("met_by", _("Say what would help with that, or add a service beside."))
        return cleaned


def form(visit: doors.Visit, referral: Referral, data: Any = None) -> Before:
    """Return the form, with what was said so far and the goals that the visitor may know of."""
    goals = ask.goals_for(visit, referral.family, referral.person)
    if not referral.is_confidential:
        goals = goals.filter(is_confidential=False)
    return Before(data, referral=referral, goals=goals)


def weigh(visit: doors.Visit, referral: Referral, filled: Before) -> Referral:
    """Keep what a valid form says. Raises what `commissions.weigh` raises."""
    said = filled.cleaned_data
    return commissions.weigh(
        referral=referral,
        goal=said["goal"] if "goal" in filled.fields else referral.goal,
        barrier=said["barrier"],
        met_by=said["met_by"] if said["barrier"] else "",
        instead_of=said["instead_of"] if said["comes"] == "instead" else "",
        by=visit.acting_for(referral.person),
        at=visit.at,
    )


def offered_beside(visit: doors.Visit, referral: Referral) -> list[Service]:
    """Return services that meet what could stop this one, and were not asked for already."""
    if referral.barrier_id is None or not referral.is_open:
        return []
    asked = Referral.objects.open().filter(person=referral.person_id)
    known = visit.visible(asked).values("service")
    return list(
        Service.objects.offered(visit.today)
        .filter(terms=referral.barrier_id)
        .exclude(pk__in=known)
        .exclude(pk=referral.service_id)
        .select_related("owner")
        .order_by("name")[:MOST_BESIDE]
    )


def asked_beside(visit: doors.Visit, referral: Referral) -> list[Referral]:
    """Return what was asked for beside, so that this one works, as far as she may know."""
    rows = visit.visible(referral.asked_beside.select_related("service"))
    return list(rows.order_by("asked_at", "pk"))


def _said(referral: Referral) -> dict[str, Any]:
    none = questions.NONE if referral.is_weighed else ""
    return {
        "goal": referral.goal.reference if referral.goal else none,
        "barrier": referral.barrier.slug if referral.barrier else none,
        "met_by": referral.met_by,
        "comes": "instead" if referral.instead_of else "as_well",
        "instead_of": referral.instead_of,
    }
