"""Roles, appointments, leads, competences and interests, each between its days."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import history
from budgets.models import Event
from marketplace.people import appointments, competences, memberships, users
from marketplace.people.models import Appointment, Competence, Lead, Membership, User
from marketplace.people.models.membership import MembershipQuerySet
from marketplace.people.roles import POWERS, AdvocateKind, Power, Role
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db


def roles(cast: Cast, on: date) -> frozenset[str]:
    """Return Amira's roles at Beacon on a day."""
    return memberships.roles(
        user_reference=str(cast.amira.reference), organisation=cast.beacon.reference, on=on
    )


def test_joining_twice_gives_one_role(cast: Cast):
    before = Membership.objects.count()
    memberships.join(
        user=cast.amira,
        organisation=cast.beacon,
        role=Role.ADVOCATE,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert Membership.objects.count() == before


def test_a_role_is_gone_on_the_day_it_ends(cast: Cast):
    held = Membership.objects.get(user=cast.amira)
    memberships.leave(membership=held, on=cast.day + timedelta(days=1), by=CLOCK, at=cast.at)
    assert roles(cast, cast.day) == {Role.ADVOCATE}
    assert roles(cast, cast.day + timedelta(days=1)) == frozenset()


def test_a_role_that_ends_before_it_begins_never_holds(cast: Cast):
    to_come = memberships.join(
        user=cast.sam,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        on=cast.day + timedelta(days=9),
        by=CLOCK,
        at=cast.at,
    )
    left = memberships.leave(membership=to_come, on=cast.day, by=CLOCK, at=cast.at)
    assert left.ends_on == left.starts_on


def test_nobody_has_a_role_at_no_organisation(cast: Cast):
    reference = str(cast.amira.reference)
    assert not memberships.roles(user_reference=reference, organisation=None, on=cast.day)


def test_the_actor_is_for_the_organisation_of_the_role_she_acts_in(cast: Cast):
    memberships.join(
        user=cast.amira,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert memberships.actor(user=cast.amira, at=cast.at).organisation == cast.beacon.reference
    intake = memberships.actor(user=cast.amira, at=cast.at, among=[Role.INTAKE_WORKER])
    assert intake.organisation == cast.county.reference
    assert memberships.actor(user=cast.fred_user, at=cast.at).organisation is None
    assert memberships.roles_at(by=intake, at=cast.at) == {Role.INTAKE_WORKER}


def test_holders_are_the_active_ones_of_that_day(cast: Cast):
    def found() -> list[str]:
        held = memberships.holders(organisation=cast.county, role=Role.COMMISSIONER, on=cast.day)
        return [user.name for user in held]

    assert found() == ["Colin Marsh", "Helena Brook"]
    cast.colin.is_active = False
    cast.colin.save()
    memberships.leave(
        membership=Membership.objects.get(user=cast.helena), on=cast.day, by=CLOCK, at=cast.at
    )
    assert found() == []


def test_a_new_kind_of_appointment_replaces_the_old_one(cast: Cast):
    held = Appointment.objects.get(user=cast.amira, person=cast.fred)
    same = appointments.appoint(
        person=cast.fred,
        user=cast.amira,
        kind=AdvocateKind.PAID_ADVOCATE,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert same == held
    new = appointments.appoint(
        person=cast.fred,
        user=cast.amira,
        kind=AdvocateKind.VOLUNTEER,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    held.refresh_from_db()
    assert held.ends_on == new.starts_on == cast.day
    assert new.has(Power.CHASE)
    assert not new.has(Power.REPRESENT)


def test_a_family_friend_is_confidante_and_adviser_only():
    """Report §4.2."""
    assert POWERS[AdvocateKind.FAMILY_FRIEND] == {Power.CONFIDE, Power.SIGNPOST}


def test_she_represents_who_appointed_her_for_it(cast: Cast):
    def represents(name: str) -> bool:
        person = cast.persons[name]
        return appointments.represents(user=cast.amira, person=person, on=cast.day)

    assert represents("fred")
    assert not represents("stacey")
    Appointment.objects.update(kind=AdvocateKind.FAMILY_FRIEND)
    assert not represents("fred")


def test_a_family_has_one_lead(cast: Cast):
    for user, organisation in ((cast.ruth, cast.trust), (cast.sam, cast.police)):
        appointments.lead(
            family=cast.family,
            user=user,
            organisation=organisation,
            on=cast.day,
            by=CLOCK,
            at=cast.at,
        )
    (lead,) = Lead.objects.on(cast.day)
    assert lead.user == cast.sam
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.create(
            family=cast.family, user=cast.ruth, organisation=cast.trust, starts_on=cast.day
        )


def test_competences_and_interests_hold_between_their_days(cast: Cast):
    tomorrow = cast.day + timedelta(days=1)
    reference = str(cast.amira.reference)
    competences.record(
        user=cast.amira,
        code="clinician",
        checked_by="test",
        starts_on=cast.day,
        ends_on=tomorrow,
        by=CLOCK,
        at=cast.at,
    )
    competences.declare_interest(
        user=cast.amira, organisation=cast.mentors, on=tomorrow, by=CLOCK, at=cast.at
    )
    assert competences.codes(user_reference=reference, on=cast.day) == {"clinician"}
    assert not competences.holds(user_reference=reference, code="clinician", on=tomorrow)
    for on, has in ((cast.day, False), (tomorrow, True)):
        found = competences.has_interest(user_reference=reference, organisation=cast.mentors, on=on)
        assert found is has


# Who says who works where.


def refused(act: Callable[[], object], refusal: type[history.Refused]) -> None:
    """Check that an act is refused in plain words, and leaves no trace."""
    before = (*Membership.objects.order_by("pk").values_list(),)
    events = Event.objects.count()
    with pytest.raises(refusal) as raised:
        act()
    assert raised.value.sentence.endswith(".")
    assert before == (*Membership.objects.order_by("pk").values_list(),)
    assert events == Event.objects.count()


def act_on(cast: Cast, by: User) -> dict[str, Callable[[], object]]:
    """Return everything an administrator does to Ingrid, as somebody."""
    said: dict[str, Any] = {"by": cast.by(by), "at": cast.at}
    here: dict[str, Any] = {"user": cast.ingrid, "organisation": cast.county, **said}
    held = Membership.objects.get(user=cast.ingrid)
    return {
        "join": lambda: memberships.join(role=Role.FINANCE, on=cast.day, **here),
        "leave": lambda: memberships.leave(membership=held, on=cast.day, **said),
        "change": lambda: memberships.change(
            membership=held, role=Role.FINANCE, on=cast.day, **said
        ),
        "suspend": lambda: memberships.suspend(**here),
        "resume": lambda: memberships.resume(**here),
    }


@pytest.mark.parametrize("act", ["join", "leave", "change", "suspend", "resume"])
def test_only_that_places_own_administrators_say_who_works_there(act: str, cast: Cast):
    elsewhere = factories.worker(cast, cast.beacon, Role.ADMINISTRATOR)
    for other in (cast.ingrid, cast.colin, cast.fred_user, elsewhere):
        refused(act_on(cast, other)[act], memberships.NotYours)
    act_on(cast, cast.adam)[act]()


def test_nobody_gives_or_gives_back_herself_anything(cast: Cast):
    said: dict[str, Any] = {
        "user": cast.adam,
        "organisation": cast.county,
        "by": cast.by(cast.adam),
        "at": cast.at,
    }
    refused(
        lambda: memberships.join(role=Role.COMMISSIONER, on=cast.day, **said),
        memberships.NotYourself,
    )
    refused(lambda: memberships.suspend(**said), memberships.NotYourself)
    refused(lambda: memberships.resume(**said), memberships.NotYourself)


def test_a_familys_sign_in_is_given_no_work_and_nobody_a_familys_role(cast: Cast):
    said: dict[str, Any] = {"organisation": cast.county, "on": cast.day, "by": CLOCK, "at": cast.at}
    for user, role in ((cast.stacey_user, Role.EDITOR), (cast.ingrid, Role.FAMILY)):
        refused(
            partial(memberships.join, user=user, role=role, **said),
            memberships.NotForWork,
        )


def test_a_place_keeps_its_last_administrator(cast: Cast):
    held = Membership.objects.get(user=cast.adam)
    other = factories.worker(cast, cast.county, Role.ADMINISTRATOR)
    cast.workplaces[other.pk] = cast.county
    said: dict[str, Any] = {"by": cast.by(other), "at": cast.at}
    memberships.suspend(user=cast.adam, organisation=cast.county, **said)
    last = Membership.objects.get(user=other)
    refused(
        lambda: memberships.leave(membership=last, on=cast.day, **said),
        memberships.LastAdministrator,
    )
    memberships.resume(user=cast.adam, organisation=cast.county, **said)
    memberships.leave(membership=last, on=cast.day, **said)
    by = cast.by(cast.adam)
    refused(
        lambda: memberships.leave(membership=held, on=cast.day, by=by, at=cast.at),
        memberships.LastAdministrator,
    )


def test_who_is_suspended_holds_nothing_there_until_it_is_taken_back(cast: Cast):
    by = cast.by(cast.adam)
    here: dict[str, Any] = {"user": cast.ingrid, "organisation": cast.county}
    before = cast.ingrid.get_session_auth_hash()

    def holds() -> bool:
        return bool(memberships.roles_at(by=cast.by(cast.ingrid), at=cast.at))

    assert memberships.suspend(**here, by=by, at=cast.at) == 1
    assert memberships.suspend(**here, by=by, at=cast.at) == 0
    assert not holds()
    assert User.objects.get(pk=cast.ingrid.pk).get_session_auth_hash() != before
    assert memberships.resume(**here, by=by, at=cast.at) == 1
    assert holds()
    held = Membership.objects.get(user=cast.ingrid)
    assert [event.verb for event in history.of(held.reference)] == ["suspended", "resumed"]


@pytest.mark.parametrize(
    ("by", "may"), [("adam", True), ("ingrid", False), ("helena", False), ("fred_user", False)]
)
def test_a_qualification_is_checked_by_another_who_answers_for_her(by: str, may: bool, cast: Cast):
    said: dict[str, Any] = {"user": cast.ingrid, "code": "clinician", "checked_by": "Register"}
    said |= {"starts_on": cast.day, "by": cast.by(cast.users[by]), "at": cast.at}
    if may:
        held = competences.record(**said)
        assert held.checker == cast.users[by]
        return
    with pytest.raises((competences.NotYours, competences.CheckedByHerself)):
        competences.record(**said)
    assert not Competence.objects.filter(user=cast.ingrid).exists()


def test_the_database_knows_that_nobody_checks_herself(cast: Cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Competence.objects.create(
            user=cast.ingrid, checker=cast.ingrid, code="clinician", starts_on=cast.day
        )


def test_only_she_says_where_she_gains(cast: Cast):
    said: dict[str, Any] = {
        "user": cast.ingrid,
        "organisation": cast.mentors,
        "on": cast.day,
        "at": cast.at,
    }
    with pytest.raises(competences.NotHers):
        competences.declare_interest(**said, by=cast.by(cast.adam))
    interest = competences.declare_interest(**said, by=cast.by(cast.ingrid))
    with pytest.raises(competences.NotHers):
        competences.end_interest(interest=interest, on=cast.day, by=cast.by(cast.adam), at=cast.at)


TWINS: dict[str, tuple[object, str, object, Callable[[Cast], None]]] = {
    "everybody runs every place": (
        memberships,
        "runs",
        lambda **asked: True,
        lambda cast: test_only_that_places_own_administrators_say_who_works_there("leave", cast),
    ),
    "the last administrator goes": (
        memberships,
        "_must_leave_one",
        lambda user, **asked: None,
        test_a_place_keeps_its_last_administrator,
    ),
    "suspended is only a word": (
        MembershipQuerySet,
        "on",
        MembershipQuerySet.standing,
        test_who_is_suspended_holds_nothing_there_until_it_is_taken_back,
    ),
    "sessions outlive a suspension": (
        users,
        "sign_out",
        lambda user: None,
        test_who_is_suspended_holds_nothing_there_until_it_is_taken_back,
    ),
    "anybody declares for her": (
        competences,
        "_must_be_hers",
        lambda **asked: None,
        test_only_she_says_where_she_gains,
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_check_that_is_switched_off_is_noticed(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    owner, attribute, instead, test = TWINS[name]
    monkeypatch.setattr(owner, attribute, instead)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast)
