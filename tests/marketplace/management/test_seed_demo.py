"""The demonstration place: whole, the same for the same day, and ready to be walked through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Min, Sum
from django.utils import timezone

from budgets import history, ledger
from budgets.models import Arm, Event, Family, Goal, Person, Plan, Proof, Transfer
from cms.models import GlossaryPage, Listing, Organisation, Service
from marketplace.authority.models import Agreement
from marketplace.bookings import slots
from marketplace.bookings.models import Booking, Session, SessionState
from marketplace.notices.models import Notice
from marketplace.pages import sign_in
from marketplace.people import appointments, memberships
from marketplace.people.models import Invitation, User
from marketplace.people.roles import AdvocateKind
from marketplace.referrals import commissions, referrals, sittings
from marketplace.referrals.models import Approval, Promise, Referral, Rung, YesHow, YesThrough
from marketplace.sharing import sharing
from marketplace.sharing.models import Look, Safeguard

ON = date(2026, 6, 3)
NOW = timezone.make_aware(datetime.combine(ON, time(9)))


pytestmark = pytest.mark.once


@dataclass(frozen=True)
class Figures:
    """How much there is: what two runs for one day have in common."""

    rows: tuple[int, ...]
    transferred_pence: int
    spent_pence: int
    last_act: datetime


@dataclass(frozen=True)
class Seeded:
    """What a run said, and how much stood after it."""

    said: str
    figures: Figures


def seed() -> Seeded:
    """Build a small demonstration place."""
    said = StringIO()
    call_command("seed_demo", on=ON, families=3, stdout=said)
    return Seeded(said.getvalue(), figures())


def figures() -> Figures:
    """Count and sum what stands."""
    counted = (Family, Person, Plan, Referral, Booking, Session, Promise, Notice, Event, Transfer)
    return Figures(
        rows=tuple(model._default_manager.count() for model in counted),
        transferred_pence=Transfer.objects.aggregate(sum=Sum("amount_pence"))["sum"],
        spent_pence=Transfer.objects.paid().sum_pence(),
        last_act=Event.objects.latest("at").at,
    )


@dataclass(frozen=True)
class Place:
    """The place that stands, and what an earlier run for the same day came to."""

    said: str
    figures: Figures
    earlier: Figures


@pytest.fixture(scope="module", name="seeded")
def _seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """Seed twice from nothing, and keep the second until this file is done."""
    with django_db_blocker.unblock(), transaction.atomic():
        with transaction.atomic():
            earlier = seed()
            transaction.set_rollback(True)
        now = seed()
        yield Place(said=now.said, figures=now.figures, earlier=earlier.figures)
        transaction.set_rollback(True)


@pytest.fixture
def place(seeded: Place, db: None) -> Place:
    """Stand in the place; what a test changes there is undone."""
    return seeded


def user(name: str) -> User:
    """Return one of the cast."""
    return User.objects.get(email=f"{name}@alongside.example")


def by(name: str) -> history.Actor:
    """Return the actor that one of the cast is now."""
    return memberships.actor(user=user(name), at=NOW)


def person(name: str) -> Person:
    """Return somebody of Fred's household."""
    return Person.objects.get(members__family__is_synthetic=False, first_name=name)


def asked(slug: str) -> Referral:
    """Return what Fred's household asked for."""
    return Referral.objects.with_names().get(family__is_synthetic=False, service__slug=slug)


def ask(slug: str, *, name: str, **said: Any) -> Referral:
    """Let Amira ask for a service now, for somebody of Fred's household."""
    plan = Plan.objects.get(family__is_synthetic=False)
    return sittings.ask(
        person=person(name),
        family=plan.family,
        service=Service.objects.get(slug=slug),
        why=sittings.Why(plan=plan, is_weighed=True),
        facts=said,
        answers=said,
        by=by("amira"),
        at=NOW,
    )


def test_the_place_stands_and_its_ledger_is_proved(place: Place) -> None:
    assert "ledger proved" in place.said
    assert ledger.prove().ok
    assert Proof.objects.get().ok
    assert Organisation.objects.count() >= 15
    assert Service.objects.count() >= 40
    assert Listing.objects.exclude(price_from_pence=None).count() == Service.objects.count()
    assert Agreement.objects.count() >= 6
    assert Family.objects.synthetic().count() == 3
    assert all("(made up)" in family.name for family in Family.objects.synthetic())
    assert GlossaryPage.objects.live().exists()
    assert not user("amira").has_usable_password()


def test_two_runs_for_one_day_say_the_same(place: Place) -> None:
    assert place.figures == place.earlier


def test_it_refuses_where_families_are_already(place: Place) -> None:
    before = figures()
    with pytest.raises(CommandError, match="make reset"):
        seed()
    assert figures() == before


def test_nothing_is_said_to_have_happened_after_the_day_began(place: Place) -> None:
    began = timezone.make_aware(datetime.combine(ON, time()))
    assert not Event.objects.filter(at__gte=began).exists()
    assert not Transfer.objects.filter(at__gte=began).exists()
    assert not Look.objects.filter(at__gte=began).exists()
    late = Session.objects.filter(starts_at__gte=began)
    assert not late.exclude(state__in=["planned", "cancelled"]).exists()


def test_the_arm_is_on_record_before_the_first_commission(place: Place) -> None:
    control = Family.objects.get(arm=Arm.CONTROL)
    assert control.baseline
    assert not Plan.objects.filter(family=control).exists()
    assert Referral.objects.filter(family=control).exists()
    for family in Family.objects.exclude(arm=Arm.NONE):
        events = Event.objects.filter(family=family)
        joined = events.get(verb="join_arm").at
        bought = events.filter(to_state=Rung.COMMISSIONED).aggregate(first=Min("at"))["first"]
        assert family.arm_joined_on == timezone.localdate(joined)
        assert bought is None or joined < bought


def test_the_household_has_its_plan_its_money_and_its_worries(place: Place) -> None:
    plan = Plan.objects.get(family__is_synthetic=False)
    money = ledger.plan_balance(plan=plan)
    assert money.total_pence == 600_000
    assert min(money.left_pence, money.set_aside_pence, money.spent_pence) > 0
    assert plan.goals.count() == 13
    for safeguard in Safeguard.objects.all():
        assert safeguard.evidence
        assert safeguard.review_on > ON
    assert {person(name).age_on(ON) for name in ("Fred", "Anne", "Stacey", "Jamie", "Josh")} == {
        45, 38, 17, 13, 6,
    }  # fmt: skip


def test_every_front_door_has_something_today(place: Place) -> None:
    grace = Approval.objects.waiting().get(referral=asked("role-model-grace"))
    assert sharing.visible(Approval.objects.all(), user=user("colin"), at=NOW).contains(grace)
    assert asked("school-attendance-support").rung == Rung.APPLIED
    late = Promise.objects.late(ON).get(referral=asked("adult-counselling"))
    assert late.chased_at is not None
    assert asked("neighbour-mediation").promises.open().get().kind == "say_yes"
    assert Session.objects.upcoming(NOW).filter(booking__referral=asked("debt-advice")).exists()
    club = Session.objects.filter(booking__referral=asked("holiday-activities"))
    assert club.filter(state=SessionState.DELIVERED).count() == 1
    looks = Look.objects.filter(person__members__family__is_synthetic=False)
    assert len({look.role for look in looks}) >= 4


def test_only_stacey_and_her_advocate_know_of_priya(place: Place) -> None:
    rows = Referral.objects.filter(pk=asked("mentor-priya").pk)
    knows = {
        name
        for name in ("fred", "anne", "stacey", "amira", "ruth", "nadia", "colin")
        if sharing.visible(rows, user=user(name), at=NOW).exists()
    }
    assert knows == {"stacey", "amira"}


def test_a_friend_and_a_volunteer_were_chosen_and_somebody_is_invited(place: Place) -> None:
    for name, whom, kind in (
        ("marion", "Anne", AdvocateKind.FAMILY_FRIEND),
        ("wilf", "Fred", AdvocateKind.VOLUNTEER),
    ):
        (chosen,) = appointments.of(user=user(name), on=ON)
        assert (chosen.person, chosen.kind) == (person(whom), kind)
        seen = sharing.visible(Goal.objects.open(), user=user(name), at=NOW)
        assert {goal.person for goal in seen} == {person(whom)}
    assert Invitation.objects.open().get().expires_at > NOW


def test_everybody_with_a_button_signs_in(place: Place) -> None:
    emails = {one.email for one in sign_in.cast()}
    assert len(emails) == User.objects.filter(email__in=emails, is_active=True).count()
    assert emails >= {user("bola").email, user("harriet").email}


def test_no_message_of_the_past_goes_out_now(place: Place) -> None:
    assert not Notice.objects.due(NOW).exists()
    unread = Notice.objects.unread()
    assert unread.exists()
    assert not unread.filter(created_at__lt=NOW - timedelta(days=8)).exists()


def test_the_walk_through_is_still_to_be_walked(place: Place) -> None:
    said: dict[str, Any] = {
        "likes": "Bikes",
        "best_time": "After school",
        "how_to_reach": "Ring me",
    }
    mentor = ask("mentor-kai", name="Jamie", **said)
    for verb in (referrals.decide_eligibility, _fred_says_yes, commissions.commission):
        mentor = verb(referral=mentor, by=by("amira"), at=NOW)
    assert mentor.rung == Rung.COMMISSIONED
    assert slots.open_series(service=mentor.service, count=12, at=NOW)
    said |= {"what_to_change": "Less shouting", "people_at_home": 5, "children_ages": "6, 13, 17"}
    said |= {"has_child_at_home": True, "is_parent": True}
    support = ask("family-support-at-home", name="Fred", **said)
    assert support.handed_over_rung == Rung.APPLIED
    assert sharing.visible(Referral.objects.all(), user=user("ingrid"), at=NOW).contains(support)


def _fred_says_yes(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    return referrals.say_yes(
        referral=referral,
        person=person("Fred"),
        how=YesHow.TOLD_ADVOCATE,
        through=YesThrough.PHONE,
        by=by,
        at=at,
    )


@pytest.mark.soak
def test_a_place_of_the_usual_size_stands_and_its_ledger_is_proved(db: None) -> None:
    said = StringIO()
    call_command("seed_demo", on=ON, stdout=said)
    assert "ledger proved" in said.getvalue()
    assert Family.objects.synthetic().count() == 60
    assert ledger.prove().ok
