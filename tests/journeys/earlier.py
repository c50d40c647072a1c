"""What happened before the journeys begin, so that every front door has something to show.

    DATABASE_URL=sqlite:////tmp/place.sqlite3 python -m tests.journeys.earlier

Shanice first met Jamie a week ago: a session can be recorded only once it has begun, and no journey
waits for that. Ade was asked for times and has not answered; Tomasz was not asked for any yet. All
of it goes through the verbs: Fred's own agreement lets him set aside two of them this year, and
Ingrid does it for the third.
"""

import os
from datetime import datetime, time, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from django.db import transaction  # noqa: E402 - after the set-up above
from django.utils import timezone  # noqa: E402

from budgets import history  # noqa: E402
from budgets.models import Family, Person, Plan  # noqa: E402
from cms.models import Service  # noqa: E402
from marketplace.bookings import bookings, slots  # noqa: E402
from marketplace.bookings.models import Slot  # noqa: E402
from marketplace.people.models import User  # noqa: E402
from marketplace.referrals import commissions, referrals  # noqa: E402
from marketplace.referrals.models import Referral, YesHow  # noqa: E402
from marketplace.sharing.models import Basis  # noqa: E402

WEEKS_AGO = 3
FIRST_DAYS_AGO = 8


def actor(name: str) -> history.Actor:
    """Return one of the cast, for the organisation where she works if she does."""
    user = User.objects.get(email=f"{name}@alongside.example")
    membership = user.memberships.first()
    return history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(user.reference),
        organisation=membership.organisation.reference if membership else None,
    )


def member(name: str) -> Person:
    """Return somebody of Fred's household."""
    return Person.objects.get(first_name=name, members__family__is_synthetic=False)


def begin(slug: str, *, at: datetime) -> Referral:
    """Put Jamie on the first rung for a service."""
    person = member("Jamie")
    family = Family.objects.get(members__person=person, members__left_on=None)
    return referrals.refer(
        person=person,
        family=family,
        service=Service.objects.get(slug=slug),
        plan=Plan.objects.get(family=family, closed_on=None),
        is_weighed=True,
        by=actor("fred"),
        at=at,
    )


def climb(referral: Referral, *, at: datetime, last: str = "fred") -> Referral:
    """Take it to where the money is set aside: as Fred, the last step as whom one names."""
    agreed = agree(referral, at=at, by=actor("fred"))
    return commissions.commission(referral=agreed, by=actor(last), at=at)


def agree(referral: Referral, *, at: datetime, by: history.Actor) -> Referral:
    """Take it to where the family has said yes."""
    answers = {
        question.key: question.choices[0] if question.choices else "Bikes."
        for question in referral.service.questions.all()
    }
    referrals.check_eligibility(referral=referral, answers={}, by=by, at=at)
    referrals.apply(referral=referral, answers=answers, basis=Basis.PUBLIC_TASK, by=by, at=at)
    referrals.decide_eligibility(referral=referral, by=by, at=at)
    return referrals.say_yes(
        referral=referral, person=member("Fred"), how=YesHow.SIGNED_IN, by=actor("fred"), at=at
    )


def meet(referral: Referral, *, at: datetime, now: datetime) -> None:
    """Agree on weekly times of which the first was eight days ago."""
    first = timezone.localdate(now - timedelta(days=FIRST_DAYS_AGO))
    slots.open_weekly(
        service=referral.service,
        weekday=first.weekday(),
        starts=time(17, 15),
        minutes=60,
        places=1,
        first=first,
        last=first + timedelta(weeks=20),
    )
    slot = Slot.objects.filter(service=referral.service, starts_at__date=first).latest("pk")
    booking = bookings.ask(referral=referral, first=slot, by=actor("fred"), at=at)
    bookings.accept(booking=booking, by=actor("dev"), at=at + timedelta(hours=3))


def ask_for_times(referral: Referral, *, at: datetime) -> None:
    """Ask for the first weekly times there are, and leave it at that."""
    count = referral.service.standard_quantity
    (soonest, *_) = slots.open_series(service=referral.service, count=count, at=at)
    bookings.ask(referral=referral, first=soonest.first, by=actor("fred"), at=at)


@transaction.atomic
def main() -> None:
    """Let it have happened."""
    now = timezone.now()
    at = now - timedelta(weeks=WEEKS_AGO)
    meet(climb(begin("mentor-shanice", at=at), at=at), at=at, now=now)
    yesterday = now - timedelta(days=1)
    ask_for_times(climb(begin("role-model-ade", at=yesterday), at=yesterday), at=now)
    climb(begin("mentor-tomasz", at=yesterday), at=yesterday, last="ingrid")


if __name__ == "__main__":
    main()
