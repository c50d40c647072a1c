"""Takes a referral to a rung by the verbs, as the people who may."""

from datetime import datetime, time
from typing import Any

from budgets import history, ledger
from budgets.models import Event, Person, Responsibility, Transfer
from cms.models import Service, Step
from marketplace.authority.models import Use
from marketplace.bookings import bookings, slots
from marketplace.bookings.models import Slot
from marketplace.people.models import Appointment, User
from marketplace.people.roles import AdvocateKind
from marketplace.referrals import commissions, referrals
from marketplace.referrals.models import (
    Application,
    Promise,
    Referral,
    Rung,
    StepTaken,
    YesHow,
    YesThrough,
)
from marketplace.sharing.models import Basis, Reason
from tests import factories
from tests.cast import MENTOR_PENCE, Cast

TOTAL = 6 * MENTOR_PENCE
ANSWERS = {"likes": "Bikes, and cooking noodles.", "what_to_change": "Fewer rows."}


def refer(
    cast: Cast,
    *,
    service: Service | None = None,
    person: Person | None = None,
    user: User | None = None,
    at: datetime | None = None,
    **why: Any,
) -> Referral:
    """Put somebody on the first rung: Jamie for the mentor, by Amira, unless told."""
    return referrals.refer(
        person=person or cast.jamie,
        family=cast.family,
        service=service or cast.mentor,
        plan=cast.plan,
        by=cast.by(user or cast.amira),
        at=at or cast.at,
        **{"is_weighed": True, **why},
    )


def climb(cast: Cast, *, to: Rung, referral: Referral | None = None) -> Referral:
    """Take the mentor's referral up to a rung, each step by who may take it."""
    referral = referral or refer(cast)
    by, at = cast.by(cast.amira), cast.at
    steps = {
        Rung.SOFT_REFERRED: lambda: referrals.check_eligibility(
            referral=referral, answers={}, by=by, at=at
        ),
        Rung.APPLIED: lambda: referrals.apply(
            referral=referral, answers=ANSWERS, basis=Basis.PUBLIC_TASK, by=by, at=at
        ),
        Rung.HARD_REFERRED: lambda: referrals.decide_eligibility(referral=referral, by=by, at=at),
        Rung.COMMISSIONED: lambda: commission(cast, referral),
        Rung.BOOKED: lambda: book(cast, referral),
    }
    for rung, step in steps.items():
        if Referral.objects.get(pk=referral.pk).rung == to:
            break
        step()
        assert Referral.objects.get(pk=referral.pk).rung == rung
    return Referral.objects.get(pk=referral.pk)


def say_yes(cast: Cast, referral: Referral, *, at: datetime | None = None) -> Referral:
    """Record Fred's yes, as he told Amira."""
    return referrals.say_yes(
        referral=referral,
        person=cast.fred,
        how=YesHow.TOLD_ADVOCATE,
        through=YesThrough.FACE_TO_FACE,
        by=cast.by(cast.amira),
        at=at or cast.at,
    )


def commission(cast: Cast, referral: Referral) -> Referral:
    """Say yes and set the money aside, as Amira."""
    say_yes(cast, referral)
    return commissions.commission(referral=referral, by=cast.by(cast.amira), at=cast.at)


def offer_times(cast: Cast, service: Service, *, count: int = 20) -> Slot:
    """Offer a weekly time for half a year, and return the first."""
    first = cast.later(days=2).date()
    slots.open_weekly(
        service=service,
        weekday=first.weekday(),
        starts=time(16, 30),
        minutes=60,
        places=1,
        first=first,
        last=cast.later(days=7 * count).date(),
    )
    slot = Slot.objects.filter(service=service).order_by("starts_at").first()
    assert slot is not None
    return slot


def book(cast: Cast, referral: Referral) -> Referral:
    """Ask for the first time there is, and accept it as Dev."""
    first = Slot.objects.filter(service=referral.service).order_by("starts_at").first()
    booking = bookings.ask(
        referral=referral,
        first=first or offer_times(cast, referral.service),
        by=cast.by(cast.amira),
        at=cast.at,
    )
    bookings.accept(booking=booking, by=cast.by(cast.dev), at=cast.at)
    return Referral.objects.get(pk=referral.pk)


def again(referral: Referral) -> Referral:
    """Return a referral as it is now."""
    return Referral.objects.get(pk=referral.pk)


def trace(referral: Referral) -> dict[str, object]:
    """Return everything that an act on a referral writes, to see that nothing changed."""
    row = Referral.objects.filter(pk=referral.pk).values().get()
    return {
        "row": row,
        "events": list(Event.objects.order_by("pk").values_list("pk", flat=True)),
        "steps": list(StepTaken.objects.order_by("pk").values_list("pk", "step")),
        "transfers": list(Transfer.objects.order_by("pk").values_list("pk", flat=True)),
        "promises": list(Promise.objects.order_by("pk").values()),
        "uses": list(Use.objects.order_by("pk").values_list("pk", "amount_pence")),
        "reasons": list(Reason.objects.order_by("pk").values_list("pk", "closed_at")),
        "applications": list(Application.objects.values_list("pk", flat=True)),
    }


def verbs(referral: Referral) -> list[str]:
    """Return what was done, in order."""
    return [event.verb for event in history.of(referral.reference)]


def ready(cast: Cast, *, person: Person | None = None) -> Referral:
    """Return the mentor's referral, agreed and with Fred's yes: Jamie's, unless told."""
    referral = refer(cast, person=person)
    return say_yes(cast, climb(cast, to=Rung.HARD_REFERRED, referral=referral))


def sibling(cast: Cast) -> Person:
    """Return Kim, as old as Jamie: Fred decides for her, and Amira is her advocate too."""
    kim = factories.person(cast, cast.family, first_name="Kim", born_on=cast.jamie.born_on)
    start = cast.later(days=-30).date()
    Responsibility.objects.create(
        holder=cast.fred,
        person=kim,
        has_parental_responsibility=True,
        may_decide=True,
        starts_on=start,
    )
    Appointment.objects.create(
        person=kim, user=cast.amira, kind=AdvocateKind.PAID_ADVOCATE, starts_on=start
    )
    return kim


def set_aside(cast: Cast, referral: Referral, who: str = "amira") -> Referral:
    """Set the money aside, where the yes was said."""
    return commissions.commission(referral=referral, by=cast.by(cast.users[who]), at=cast.at)


def codes(refusal: Any) -> set[str]:
    """Return why an act was refused."""
    return {reason.code for reason in refusal.value.act.reasons}


def money(cast: Cast) -> tuple[int, int, int]:
    """Return what is left, set aside and spent."""
    found = ledger.plan_balance(plan=cast.plan)
    return found.left_pence, found.set_aside_pence, found.spent_pence


def limited(cast: Cast, **limits: int) -> Referral:
    """Return a referral ready for money, under a rule with these limits."""
    cast.agreement.rules.filter(service=cast.mentor, step=Step.COMMISSION).update(**limits)
    return ready(cast)
