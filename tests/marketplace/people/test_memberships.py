"""Roles, appointments, leads, competences and interests, each between its days."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.people import appointments, competences, memberships
from marketplace.people.models import Appointment, Lead, Membership
from marketplace.people.roles import POWERS, AdvocateKind, Power, Role
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
