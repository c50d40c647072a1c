"""What waits at the provider's door, as rows of a list: for times, and for an intake's step."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Min, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budgets.models import Person
from cms.models import Organisation
from marketplace.bookings.models import Booking, BookingState, Session
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import acts, promises
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung, Take
from pricing.models import PriceUnit

WAITING_RUNGS = (Rung.SOFT_REFERRED, Rung.APPLIED, Rung.HARD_REFERRED)
# The longest overdue first; what nobody has promised yet stands last, on either database.
OVERDUE_FIRST = (F("due_on").asc(nulls_last=True), "asked_at", "pk")


@dataclass(frozen=True)
class Due:
    """By when something is owed on a referral, and by whom where it is not our own turn."""

    words: str
    on: date | None
    is_late: bool
    is_soon: bool
    is_chased: bool
    paused_until: date | None = None


@dataclass(frozen=True)
class Desk:
    """At which desk a list is: for one role at an organisation, on a day, by whom."""

    organisation: Organisation
    role: Role
    user: User
    today: date


@dataclass(frozen=True)
class Waiting:
    """One row of the inbox; `pick` is the referral, which is taken and put back."""

    reference: UUID
    pick: UUID
    taken_by: str
    is_mine: bool
    href: str
    who: str
    what: str
    asked_of: str
    rung: str
    state: str
    tone: str
    first_at: datetime | None
    count: int
    asked_at: datetime
    due: Due


def for_times(*, desk: Desk, referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """Narrow what is visible to support that is bought and has no agreed time yet."""
    live = Booking.objects.filter(referral=OuterRef("pk"))
    return (
        referrals.filter(service__provider=desk.organisation, rung=Rung.COMMISSIONED)
        .annotate(
            is_asked=Exists(live.filter(state=BookingState.ASKED)),
            is_offered=Exists(live.filter(state=BookingState.OFFERED)),
            due_on=Min("promises__due_on", filter=_open_promise()),
        )
        .select_related("service", "person", "quote")
        .prefetch_related(
            Prefetch(
                "bookings",
                Booking.objects.live().prefetch_related(
                    Prefetch("sessions", Session.objects.planned().order_by("number"))
                ),
            ),
            *_clocks(desk),
        )
        .order_by(*OVERDUE_FIRST)
    )


def for_steps(*, desk: Desk, referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """Narrow what is visible to referrals to the owner that are not bought yet."""
    return (
        referrals.filter(rung__in=WAITING_RUNGS, service__owner=desk.organisation)
        .annotate(due_on=Min("promises__due_on", filter=_open_promise()))
        .select_related("service", "person", "referrer_organisation")
        .prefetch_related("steps", "service__processes", *_clocks(desk))
        .order_by(*OVERDUE_FIRST)
    )


def times_row(referral: Referral, *, desk: Desk) -> Waiting:
    """Return a row of what waits for a time."""
    booking = next(iter(referral.bookings.all()), None)
    sessions = list(booking.sessions.all()) if booking else []
    state, tone, name = _standing(booking)
    subject = booking or referral
    return Waiting(
        reference=subject.reference,
        href=reverse(name, kwargs={"reference": subject.reference}),
        **_taken(referral, desk=desk),
        who=who(referral.person, on=desk.today),
        what=amount(referral),
        asked_of=referral.service.name,
        rung=str(referral.rung),
        state=state,
        tone=tone,
        first_at=sessions[0].starts_at if sessions else None,
        count=len(sessions),
        asked_at=booking.asked_at if booking else referral.asked_at,
        due=_due(referral, today=desk.today),
    )


def step_row(referral: Referral, *, desk: Desk) -> Waiting:
    """Return a row of what waits for a step of the owner's."""
    steps = acts.remaining(referral)
    by = referral.referrer_organisation
    is_theirs = bool(referral.handed_over_rung)
    return Waiting(
        reference=referral.reference,
        href=reverse("provider_referral", kwargs={"reference": referral.reference}),
        **_taken(referral, desk=desk),
        who=who(referral.person, on=desk.today),
        what=capfirst(str(steps[0].label)) if steps else "",
        asked_of=referral.service.name,
        rung=str(referral.rung),
        state=(by.name if by else _("The family")) if is_theirs else _("Still being filled in"),
        tone="" if is_theirs else "plain",
        first_at=None,
        count=0,
        asked_at=referral.asked_at,
        due=_due(referral, today=desk.today),
    )


def _taken(referral: Referral, *, desk: Desk) -> dict[str, Any]:
    held: Take | None = next(iter(referral.held), None)  # type: ignore[attr-defined]
    return {
        "pick": referral.reference,
        "taken_by": held.user.name if held else "",
        "is_mine": held is not None and held.user_id == desk.user.pk,
    }


def who(person: Person, *, on: date) -> str:
    """Return a person's first name and age: what a provider needs to know of who comes."""
    age = person.age_on(on)
    return person.first_name if age is None else f"{person.first_name}, {age}"


def amount(referral: Referral) -> str:
    """Return how much was agreed: "6 sessions"."""
    count = referral.quote.quantity if referral.quote else referral.quantity or 1
    return _counted(count, referral.quote.unit if referral.quote else PriceUnit.SESSION)


def _counted(count: int, unit: str) -> str:
    words = {
        PriceUnit.HOUR: ngettext("%(count)s hour", "%(count)s hours", count),
        PriceUnit.DAY: ngettext("%(count)s day", "%(count)s days", count),
        PriceUnit.WEEK: ngettext("%(count)s week", "%(count)s weeks", count),
        PriceUnit.MONTH: ngettext("%(count)s month", "%(count)s months", count),
        PriceUnit.COURSE: ngettext("%(count)s course", "%(count)s courses", count),
        PriceUnit.PLACE: ngettext("%(count)s place", "%(count)s places", count),
    }
    sessions = ngettext("%(count)s session", "%(count)s sessions", count)
    return words.get(PriceUnit(unit), sessions) % {"count": count}


def _standing(booking: Booking | None) -> tuple[str, str, str]:
    if booking is None:
        return _("Offer a first time"), "wait", "provider_offer"
    if booking.is_waiting:
        return _("Answer the times"), "wait", "provider_booking"
    return _("The family answers"), "plain", "provider_booking"


def _due(referral: Referral, *, today: date) -> Due:
    open_ones: Iterable[Promise] = referral.promises.all()
    promise = min(open_ones, key=lambda each: each.due_on, default=None)
    if promise is None:
        return Due(words="", on=None, is_late=False, is_soon=False, is_chased=False)
    clock = promises.clock(promise, day=today)
    is_ours = promise.organisation_id is not None
    others = {
        PromiseKind.SAY_YES: _("the family says yes or no"),
        PromiseKind.APPROVE: _("a commissioner approves the cost"),
    }
    return Due(
        words=others.get(PromiseKind(promise.kind), ""),
        on=promise.due_on,
        is_late=clock.is_late and is_ours,
        is_soon=clock.light == "amber" and is_ours,
        is_chased=promise.chased_at is not None,
        paused_until=clock.paused_until,
    )


def _open_promise() -> Q:
    return Q(promises__kept_at__isnull=True, promises__ended_at__isnull=True)


def _clocks(desk: Desk) -> list[Any]:
    """Fetch whose a row is, what is promised on it, and what stops its clock."""
    held = Take.objects.standing(desk.today).filter(organisation=desk.organisation, role=desk.role)
    return [
        Prefetch("takes", held.select_related("user"), to_attr="held"),
        Prefetch("promises", Promise.objects.open()),
        "pauses",
    ]
