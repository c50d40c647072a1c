"""What only happens now and then, so that every page has something to show when it is looked at.

    DATABASE_URL=sqlite:////tmp/place.sqlite3 python -m tests.journeys.shown

Two records are open in an emergency, a concern is held back and waits for its review, two records
of Josh are joined, Fred asks for a copy of his, Amira sends somebody in whom Ingrid takes up,
nobody answers for a month whether Jamie may have Grace, and somebody is invited. All of it goes
through the verbs; what is printed is where the invitation leads.
"""

import os
import sys
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from django.db import transaction  # noqa: E402 - after the set-up above
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from budgets import families, person_merges  # noqa: E402
from budgets.models import Family, Person, Relation  # noqa: E402
from cms.models import Organisation  # noqa: E402
from marketplace.people import appointments, invitations  # noqa: E402
from marketplace.people.models import User  # noqa: E402
from marketplace.people.roles import AdvocateKind, Role  # noqa: E402
from marketplace.referrals import (  # noqa: E402
    approvals,
    enquiries,
    enquiries_linked,
    routes,
)
from marketplace.referrals.models import Worry  # noqa: E402
from marketplace.rights import requests  # noqa: E402
from marketplace.rights.models import RequestKind  # noqa: E402
from marketplace.sharing import emergencies, held_back, safeguards  # noqa: E402
from marketplace.sharing.models import HeldBackReason, SafeguardKind  # noqa: E402
from tests.journeys.earlier import actor, agree, begin, member  # noqa: E402

DAYS_ASLEEP = 35


def user(name: str) -> User:
    """Return one of the cast's sign-in."""
    return User.objects.get(email=f"{name}@alongside.example")


def place_of(name: str) -> Organisation:
    """Return where one of the cast works."""
    return Organisation.objects.filter(memberships__user=user(name)).earliest("pk")


def open_in_an_emergency(person: Person, *, by: str, at: datetime) -> None:
    """Open somebody's record for a day."""
    assert person.born_on is not None
    home = Family.objects.get(members__person=person, members__left_on=None)
    details = emergencies.Details(name=person.name, born_on=person.born_on, postcode=home.postcode)
    found = emergencies.find(details=details, by=actor(by), at=at)
    assert found is not None, f"{person.name} is not found"
    emergencies.open(found=found, why="She rang, and hung up.", by=actor(by), at=at)


def hold_back(*, at: datetime) -> None:
    """Open a concern with a social worker, and hold it back."""
    by, today = actor("ingrid"), timezone.localdate(at)
    concern = safeguards.open(
        person=member("Jamie"),
        kind=SafeguardKind.OTHER,
        evidence="His school rang: he was followed home.",
        owner=user("ingrid"),
        organisation=place_of("ingrid"),
        review_on=today + timedelta(days=14),
        is_with_social_worker=True,
        by=by,
        at=at,
    )
    held_back.hold_back(
        safeguard=concern,
        reason=HeldBackReason.HARM,
        words="Whoever followed him could learn that he told.",
        until=today + timedelta(days=14),
        by=by,
        at=at,
    )


def join_two_records(*, at: datetime) -> None:
    """Find two records of Josh, and say that they are of one boy."""
    josh, today, by = member("Josh"), timezone.localdate(at), actor("amira")
    home = Family.objects.get(members__person=josh, members__left_on=None)
    twin = families.add_person(
        first_name="Joshua", last_name=josh.last_name, born_on=josh.born_on, by=by, at=at
    )
    families.join(family=home, person=twin, relation=Relation.CHILD, on=today, by=by, at=at)
    families.set_responsibility(
        holder=member("Fred"), person=twin, may_decide=True, on=today, by=by, at=at
    )
    appointments.appoint(
        person=twin,
        user=user("amira"),
        kind=AdvocateKind.PAID_ADVOCATE,
        on=today,
        by=actor("fred"),
        at=at,
    )
    person_merges.merge(kept=josh, gone=twin, words="The same boy.", by=by, at=at)


def send_somebody_in(*, at: datetime) -> None:
    """Send somebody in from nowhere near; the county's intake knows whom it is about."""
    amira, ingrid = actor("amira"), actor("ingrid")
    enquiry = enquiries.ask(
        route=routes.of_place(place_of("amira")),
        asked=enquiries.Asked(
            first_name="Wanda",
            last_name="Okoro",
            phone="0116 496 0175",
            words="She cannot pay what came for the gas.",
            worries={"money-and-debt": Worry.BIG, "low-mood": Worry.SOME},
            is_for_self=False,
            consent_how="here",
        ),
        user=user("amira"),
        from_organisation=place_of("amira"),
        by=amira,
        at=at,
    )
    enquiry = enquiries.take(enquiry=enquiry, by=ingrid, at=at)
    enquiries_linked.link(enquiry=enquiry, by=ingrid, at=at)


def let_an_approval_sleep(*, now: datetime) -> None:
    """Ask for more than Amira may set aside, and let every level above her time pass."""
    at, amira = now - timedelta(days=DAYS_ASLEEP), actor("amira")
    referral = agree(begin("role-model-grace", at=at), at=at, by=amira)
    approval = approvals.ask(referral=referral, by=amira, at=at)
    while at < now and approval.overdue_at is None:
        at += timedelta(days=1)
        approvals.sweep(at=at)
        approval.refresh_from_db()


def main() -> None:
    """Let it have happened; print what no database tells: the link that an invitation sends."""
    now = timezone.now()
    with transaction.atomic():
        stranger = Person.objects.filter(
            members__family__is_synthetic=True, born_on__isnull=False, is_shielded=False
        ).earliest("born_on", "pk")
        open_in_an_emergency(stranger, by="amira", at=now)
        open_in_an_emergency(member("Anne"), by="ingrid", at=now)
        hold_back(at=now)
        join_two_records(at=now)
        send_somebody_in(at=now - timedelta(days=1))
        let_an_approval_sleep(now=now)
        requests.ask(
            person=member("Fred"),
            kind=RequestKind.ACCESS,
            user=user("fred"),
            by=actor("fred"),
            at=now,
        )
        invitation = invitations.invite(
            email="new@alongside.example",
            organisation=place_of("adam"),
            role=Role.INTAKE_WORKER,
            by=actor("adam"),
            at=now,
        )
    sys.stdout.write(reverse("invitation", args=[invitations.token(invitation)]))


if __name__ == "__main__":
    main()
