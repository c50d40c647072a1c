"""Who lives where, who decides for whom, and the pilot group."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import families, ledger
from budgets.models import Arm, Event, Family, Member, Person, Relation, Responsibility
from tests.budgets.conftest import Purse
from tests.cast import NOW

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


def child(purse: Purse, *, years: int, **fields: Any) -> Person:
    """Add a child of an age to Fred's household."""
    person = families.add_person(
        first_name="Jamie",
        born_on=TODAY - timedelta(days=years * 366),
        by=purse.by,
        at=NOW,
        **fields,
    )
    families.join(
        family=purse.family, person=person, relation=Relation.CHILD, on=TODAY, by=purse.by, at=NOW
    )
    return person


def test_who_is_at_home_depends_on_the_day(purse: Purse) -> None:
    families.leave(family=purse.family, person=purse.stacey, on=TODAY, by=purse.by, at=NOW)
    at_home = Person.objects.at_home
    assert set(at_home(family=purse.family, on=YESTERDAY)) == {purse.fred, purse.stacey}
    assert set(at_home(family=purse.family, on=TODAY)) == {purse.fred}
    families.join(
        family=purse.family,
        person=purse.stacey,
        relation=Relation.STEP_CHILD,
        on=TODAY,
        by=purse.by,
        at=NOW,
    )
    assert purse.stacey in at_home(family=purse.family, on=TODAY)
    event = Event.objects.filter(subject=purse.stacey.reference).last()
    assert event is not None
    assert (event.verb, event.family, event.person) == ("join", purse.family, purse.stacey)


def test_nobody_joins_twice_or_leaves_without_having_joined(purse: Purse) -> None:
    before = list(Member.objects.values()), Event.objects.count()
    with pytest.raises(families.AlreadyAtHome, match="Fred"):
        families.join(
            family=purse.family,
            person=purse.fred,
            relation=Relation.PARENT,
            on=TODAY,
            by=purse.by,
            at=NOW,
        )
    far = TODAY - timedelta(days=4000)
    with pytest.raises(families.NotAtHome):
        families.leave(family=purse.family, person=purse.fred, on=far, by=purse.by, at=NOW)
    assert (list(Member.objects.values()), Event.objects.count()) == before


def test_an_adult_decides_for_himself(purse: Purse) -> None:
    assert families.deciders(person=purse.fred, on=TODAY) == [purse.fred]


def test_for_a_child_those_decide_who_are_recorded_on_that_day(purse: Purse) -> None:
    jamie = child(purse, years=13)
    assert families.deciders(person=jamie, on=TODAY) == []
    families.set_responsibility(
        holder=purse.fred,
        person=jamie,
        on=TODAY,
        has_parental_responsibility=True,
        may_decide=True,
        by=purse.by,
        at=NOW,
    )
    assert families.deciders(person=jamie, on=TODAY) == [purse.fred]
    assert families.deciders(person=jamie, on=YESTERDAY) == []
    later = TODAY + timedelta(days=30)
    families.set_responsibility(holder=purse.fred, person=jamie, on=later, by=purse.by, at=NOW)
    assert families.deciders(person=jamie, on=later) == []
    assert families.deciders(person=jamie, on=TODAY) == [purse.fred]


def test_parental_responsibility_alone_does_not_decide(purse: Purse) -> None:
    jamie = child(purse, years=13)
    families.set_responsibility(
        holder=purse.fred,
        person=jamie,
        on=TODAY,
        has_parental_responsibility=True,
        by=purse.by,
        at=NOW,
    )
    assert families.deciders(person=jamie, on=TODAY) == []


def test_what_was_said_by_a_slip_is_corrected_on_the_same_day(purse: Purse) -> None:
    jamie = child(purse, years=13)
    for may_decide in (True, False):
        families.set_responsibility(
            holder=purse.fred,
            person=jamie,
            on=TODAY,
            has_parental_responsibility=True,
            may_decide=may_decide,
            by=purse.by,
            at=NOW,
        )
    assert Responsibility.objects.get().may_decide is False


def test_nobody_is_responsible_for_himself(purse: Purse) -> None:
    with pytest.raises(families.OwnResponsibility):
        families.set_responsibility(
            holder=purse.fred, person=purse.fred, on=TODAY, may_decide=True, by=purse.by, at=NOW
        )
    assert not Responsibility.objects.exists()


def test_a_competent_young_person_decides_for_herself(purse: Purse) -> None:
    assert families.deciders(person=purse.stacey, on=TODAY) == []
    stacey = families.decide_alone(person=purse.stacey, on=TODAY, by=purse.by, at=NOW)
    assert families.deciders(person=stacey, on=TODAY) == [stacey]
    assert families.deciders(person=stacey, on=YESTERDAY) == []
    assert stacey.decides_alone_by == "colin"
    event = Event.objects.filter(verb="decide_alone").get()
    assert (event.family, event.person) == (purse.family, stacey)
    with pytest.raises(families.DecidesAlready):
        families.decide_alone(person=stacey, on=TODAY, by=purse.by, at=NOW)


def test_where_the_birthday_is_not_known_and_nobody_is_recorded_she_decides(purse: Purse) -> None:
    olive = families.add_person(first_name="Olive", by=purse.by, at=NOW)
    assert families.deciders(person=olive, on=TODAY) == [olive]
    families.set_responsibility(
        holder=purse.fred, person=olive, on=TODAY, may_decide=True, by=purse.by, at=NOW
    )
    assert families.deciders(person=olive, on=TODAY) == [purse.fred]


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2026, 11, 1), 17), (date(2026, 11, 2), 18), (date(2027, 11, 1), 18)],
)
def test_a_birthday_is_reached_on_its_day(purse: Purse, day: date, age: int) -> None:
    assert purse.stacey.age_on(day) == age
    assert purse.stacey.is_adult_on(day) is (age >= 18)


def test_the_pilot_group_is_recorded_once_with_its_day_and_baseline(purse: Purse) -> None:
    family = families.join_arm(
        family=purse.family,
        arm=Arm.PILOT,
        on=TODAY,
        baseline={"school_attendance_percent": 71},
        by=purse.by,
        at=NOW,
    )
    family = Family.objects.get(pk=family.pk)
    assert (family.arm, family.arm_joined_on) == (Arm.PILOT, TODAY)
    assert family.baseline == {"school_attendance_percent": 71}
    with pytest.raises(families.ArmIsSet):
        families.join_arm(
            family=family, arm=Arm.CONTROL, on=TODAY, baseline={}, by=purse.by, at=NOW
        )


def test_nobody_joins_a_group_after_money_was_set_aside(purse: Purse) -> None:
    ledger.hold(
        envelope=purse.envelope,
        organisation=purse.mentors,
        amount_pence=1,
        key="hold",
        service=purse.service,
        subject=None,
        by=purse.by,
        at=NOW,
    )
    with pytest.raises(families.TooLateForArm):
        families.join_arm(
            family=purse.family, arm=Arm.PILOT, on=TODAY, baseline={}, by=purse.by, at=NOW
        )
    assert Family.objects.get(pk=purse.family.pk).arm == Arm.NONE


@pytest.mark.parametrize(
    "wrong", [{"arm": "pilot"}, {"arm_joined_on": TODAY}, {"arm": "third", "arm_joined_on": TODAY}]
)
def test_the_database_refuses_a_group_without_its_day(purse: Purse, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Family.objects.filter(pk=purse.family.pk).update(**wrong)
