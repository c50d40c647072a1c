"""Why somebody may know, and that it stops the moment its ground is gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from budgets import families
from budgets.models import Envelope, Event, Family, Goal, Member, Person, Plan, Relation
from cms.models import Organisation, OrganisationKind
from marketplace.people import appointments, memberships, users
from marketplace.people.models import Appointment, Lead, Membership, User
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals.models import Referral
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis, Look, Reason, Safeguard, Scope
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db


def sees(cast: Cast, user: User, rows: Any, *, hours: float = 0) -> bool:
    """Tell whether somebody sees any of these rows, now or some hours later."""
    at = cast.later(hours=hours)
    return sharing.visible(rows, user=user, at=at).exists()


def referrals_of(person: Person) -> Any:
    """Return a person's referrals."""
    return Referral.objects.filter(person=person)


def plan_of(cast: Cast) -> Any:
    """Return the family's plan."""
    return Plan.objects.filter(pk=cast.plan.pk)


# Confidential items.


@pytest.mark.parametrize("whose", ["stacey", "jamie"])
def test_fred_and_anne_see_no_confidential_item_of_anothers(whose: str, cast: Cast):
    person = getattr(cast, whose)
    factories.referral(cast, person, service=cast.confidential, is_confidential=True)
    for user in (cast.fred_user, cast.anne_user, cast.ruth, cast.ingrid, cast.sam, cast.nadia):
        assert not sees(cast, user, referrals_of(person))
        assert not sees(cast, user, Goal.objects.filter(person=person, is_confidential=True))
    assert sees(cast, getattr(cast, f"{whose}_user"), referrals_of(person))


def test_the_advocate_sees_what_is_confided_in_her_and_nothing_of_staceys(cast: Cast):
    for person in (cast.jamie, cast.stacey):
        factories.referral(cast, person, is_confidential=True)
    assert sees(cast, cast.amira, referrals_of(cast.jamie))
    assert not sees(cast, cast.amira, referrals_of(cast.stacey))


def test_whoever_was_asked_about_that_very_thing_sees_it(cast: Cast):
    asked = factories.referral(cast, cast.stacey, is_confidential=True)
    factories.referral(cast, cast.stacey, is_confidential=True)
    factories.reason(
        cast,
        cast.stacey,
        organisation=cast.trust,
        role=Role.LEAD_PROFESSIONAL,
        subject=asked.reference,
        is_confidential=True,
    )
    found = sharing.visible(referrals_of(cast.stacey), user=cast.ruth, at=cast.at)
    assert list(found) == [asked]


def test_a_reason_for_the_record_does_not_open_confidential_items(cast: Cast):
    factories.reason(cast, cast.jamie, scope=Scope.RECORD)
    factories.referral(cast, cast.jamie, is_confidential=True)
    factories.referral(cast, cast.jamie)
    (found,) = sharing.visible(referrals_of(cast.jamie), user=cast.sam, at=cast.at)
    assert not found.is_confidential


# What each ground opens.


def test_the_police_see_what_they_were_asked_for_and_not_the_plan(cast: Cast):
    asked = factories.referral(cast, cast.jamie)
    factories.referral(cast, cast.jamie, service=cast.family_support)
    factories.reason(cast, cast.jamie, subject=asked.reference)
    assert list(sharing.visible(Referral.objects.all(), user=cast.sam, at=cast.at)) == [asked]
    assert list(sharing.visible(Person.objects.all(), user=cast.sam, at=cast.at)) == [cast.jamie]
    assert not sees(cast, cast.sam, plan_of(cast))
    assert not sees(cast, cast.sam, Goal.objects.all())
    assert not sees(cast, cast.sam, Look.objects.all())


def test_a_reason_for_the_record_opens_the_plan_and_that_persons_items(cast: Cast):
    factories.reason(cast, cast.jamie, scope=Scope.RECORD)
    for person in (cast.jamie, cast.fred):
        factories.referral(cast, person)
    assert sees(cast, cast.sam, plan_of(cast))
    assert sees(cast, cast.sam, referrals_of(cast.jamie))
    assert not sees(cast, cast.sam, referrals_of(cast.fred))


def test_a_reason_is_for_its_role(cast: Cast):
    asked = factories.referral(cast, cast.jamie)
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        subject=asked.reference,
    )
    assert sees(cast, cast.ingrid, referrals_of(cast.jamie))
    assert not sees(cast, cast.colin, referrals_of(cast.jamie))


def test_a_lead_sees_the_family_but_nothing_confidential(cast: Cast):
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    factories.referral(cast, cast.stacey)
    factories.referral(cast, cast.jamie, is_confidential=True)
    assert sees(cast, cast.ruth, plan_of(cast))
    assert sees(cast, cast.ruth, referrals_of(cast.stacey))
    assert not sees(cast, cast.ruth, referrals_of(cast.jamie))


@pytest.mark.parametrize(
    ("kind", "sees_secrets", "sees_plan"),
    [
        (AdvocateKind.PAID_ADVOCATE, True, True),
        (AdvocateKind.LEAD_PROFESSIONAL, False, True),
        (AdvocateKind.FAMILY_FRIEND, True, False),
        (AdvocateKind.VOLUNTEER, True, False),
    ],
)
def test_each_kind_of_advocate_has_exactly_its_powers(
    kind: AdvocateKind, sees_secrets: bool, sees_plan: bool, cast: Cast
):
    role = Role.LEAD_PROFESSIONAL if kind == AdvocateKind.LEAD_PROFESSIONAL else Role.ADVOCATE
    friend = factories.worker(cast, cast.beacon, role)
    appointments.appoint(
        person=cast.jamie, user=friend, kind=kind, on=cast.day, by=CLOCK, at=cast.at
    )
    factories.referral(cast, cast.jamie, is_confidential=True)
    factories.referral(cast, cast.fred)
    assert sees(cast, friend, referrals_of(cast.jamie)) is sees_secrets
    assert sees(cast, friend, plan_of(cast)) is sees_plan
    assert not sees(cast, friend, referrals_of(cast.fred))


def test_a_visitor_sees_only_what_is_hers(cast: Cast):
    visitor = factories.person(cast, cast.family, relation=Relation.VISITOR)
    user = factories.user(person=visitor)
    factories.referral(cast, visitor)
    factories.referral(cast, cast.fred)
    assert sees(cast, user, referrals_of(visitor))
    assert not sees(cast, user, plan_of(cast))
    assert not sees(cast, user, referrals_of(cast.fred))


def test_what_happened_in_an_earlier_household_stays_there(cast: Cast):
    factories.referral(cast, cast.anne, family=cast.neighbours)
    assert sees(cast, cast.anne_user, referrals_of(cast.anne))
    assert not sees(cast, cast.fred_user, referrals_of(cast.anne))


def test_looks_are_for_the_person_and_who_decides_or_speaks_for_her(cast: Cast):
    for person in (cast.stacey, cast.jamie):
        factories.look(cast, person)
    of_stacey, of_jamie = (Look.objects.filter(person=one) for one in (cast.stacey, cast.jamie))
    assert sees(cast, cast.stacey_user, of_stacey)
    assert not sees(cast, cast.fred_user, of_stacey)
    assert sees(cast, cast.fred_user, of_jamie)
    assert not sees(cast, cast.anne_user, of_jamie)
    assert sees(cast, cast.amira, of_jamie)


def test_once_a_young_person_decides_alone_looks_are_hers(cast: Cast):
    factories.look(cast, cast.jamie)
    families.decide_alone(person=cast.jamie, on=cast.day + timedelta(days=1), by=CLOCK, at=cast.at)
    assert sees(cast, cast.fred_user, Look.objects.all())
    assert not sees(cast, cast.fred_user, Look.objects.all(), hours=24)
    assert sees(cast, cast.jamie_user, Look.objects.all(), hours=24)


def test_a_look_that_is_held_back_is_shown_on_its_day(cast: Cast):
    factories.look(
        cast,
        cast.fred,
        held_back_until=cast.day + timedelta(days=1),
        held_back_for="police_investigation",
    )
    assert not sees(cast, cast.fred_user, Look.objects.all())
    assert sees(cast, cast.fred_user, Look.objects.all(), hours=24)


# The moment the ground is gone.


def _end_appointments(cast: Cast) -> None:
    for appointment in Appointment.objects.filter(user=cast.amira):
        appointments.end(appointment=appointment, on=cast.day, by=CLOCK, at=cast.at)


def _leave_beacon(cast: Cast) -> None:
    memberships.leave(
        membership=Membership.objects.get(user=cast.amira), on=cast.day, by=CLOCK, at=cast.at
    )


def _deactivate(cast: Cast) -> None:
    users.deactivate(user=cast.amira, by=CLOCK, at=cast.at)


@pytest.mark.parametrize("revoke", [_end_appointments, _leave_beacon, _deactivate])
def test_an_advocate_sees_nothing_any_more_at_once(revoke: Callable[[Cast], None], cast: Cast):
    queryset = sharing.visible(plan_of(cast), user=cast.amira, at=cast.at)
    assert queryset.exists()
    revoke(cast)
    assert not queryset.exists(), "a queryset that was built before asks again"
    assert not sees(cast, cast.amira, plan_of(cast))


def test_a_family_friend_needs_no_employer(cast: Cast):
    Appointment.objects.filter(user=cast.amira).update(kind=AdvocateKind.FAMILY_FRIEND)
    _leave_beacon(cast)
    factories.referral(cast, cast.jamie)
    assert sees(cast, cast.amira, referrals_of(cast.jamie))


def test_who_moved_out_sees_the_household_no_more_nor_it_her(cast: Cast):
    factories.referral(cast, cast.anne)
    families.leave(family=cast.family, person=cast.anne, on=cast.day, by=CLOCK, at=cast.at)
    assert not sees(cast, cast.anne_user, plan_of(cast))
    assert sees(cast, cast.anne_user, referrals_of(cast.anne))
    assert not sees(cast, cast.fred_user, referrals_of(cast.anne))


def test_who_moves_in_tomorrow_sees_nothing_today(cast: Cast):
    Member.objects.filter(person=cast.anne).update(joined_on=cast.day + timedelta(days=1))
    assert not sees(cast, cast.anne_user, plan_of(cast))
    assert sees(cast, cast.anne_user, plan_of(cast), hours=24)


def test_a_worker_who_left_sees_nothing_by_her_former_role(cast: Cast):
    factories.reason(cast, cast.jamie, scope=Scope.RECORD)
    assert sees(cast, cast.sam, plan_of(cast))
    memberships.leave(
        membership=Membership.objects.get(user=cast.sam), on=cast.day, by=CLOCK, at=cast.at
    )
    assert not sees(cast, cast.sam, plan_of(cast))


def test_a_reason_of_her_own_holds_while_she_works_there(cast: Cast):
    factories.reason(cast, cast.jamie, user=cast.ruth, organisation=cast.trust, scope=Scope.RECORD)
    assert sees(cast, cast.ruth, plan_of(cast))
    memberships.leave(
        membership=Membership.objects.get(user=cast.ruth), on=cast.day, by=CLOCK, at=cast.at
    )
    assert not sees(cast, cast.ruth, plan_of(cast))


def test_a_lead_who_left_her_organisation_leads_no_more(cast: Cast):
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    memberships.leave(
        membership=Membership.objects.get(user=cast.ruth), on=cast.day, by=CLOCK, at=cast.at
    )
    assert not sees(cast, cast.ruth, plan_of(cast))


def test_a_lead_who_was_followed_leads_no_more(cast: Cast):
    colleague = factories.worker(cast, cast.trust, Role.LEAD_PROFESSIONAL)
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    appointments.lead(
        family=cast.family,
        user=colleague,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert not sees(cast, cast.ruth, plan_of(cast))
    assert sees(cast, colleague, plan_of(cast))


@pytest.mark.parametrize(
    "kind", [OrganisationKind.SCHOOL, OrganisationKind.HOUSING, OrganisationKind.POLICE]
)
def test_a_school_a_landlord_and_the_police_lead_and_see_their_part(kind: str, cast: Cast):
    """Design §5: they answer for the family, and see what concerns their own referral."""
    Organisation.objects.filter(pk=cast.trust.pk).update(kind=kind)
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    own, other = factories.referral(cast, cast.jamie), factories.referral(cast, cast.stacey)
    factories.reason(
        cast, cast.jamie, user=cast.ruth, organisation=cast.trust, subject=own.reference
    )
    assert sees(cast, cast.ruth, Family.objects.filter(pk=cast.family.pk))
    assert sees(cast, cast.ruth, Person.objects.filter(pk=cast.jamie.pk))
    assert sees(cast, cast.ruth, Lead.objects.all())
    assert sees(cast, cast.ruth, Referral.objects.filter(pk=own.pk))
    assert not sees(cast, cast.ruth, Referral.objects.filter(pk=other.pk))
    for hidden in (plan_of(cast), Goal.objects.all(), Envelope.objects.all(), Event.objects.all()):
        assert not sees(cast, cast.ruth, hidden), hidden.model


def test_a_closed_reason_opens_nothing_and_one_to_come_not_yet(cast: Cast):
    reason = factories.reason(cast, cast.jamie, scope=Scope.RECORD, opened_at=cast.later(hours=1))
    assert not sees(cast, cast.sam, plan_of(cast))
    assert sees(cast, cast.sam, plan_of(cast), hours=1)
    sharing.close_reasons(subject=reason.subject, at=cast.later(hours=2))
    assert not sees(cast, cast.sam, plan_of(cast), hours=2)


def test_stopping_what_rests_on_a_yes_stops_it_at_once(cast: Cast):
    reason = factories.reason(cast, cast.jamie, scope=Scope.RECORD, basis=Basis.CONSENT)
    sharing.stop(reason=reason, by=cast.by(cast.fred_user), at=cast.at)
    assert not sees(cast, cast.sam, plan_of(cast))


def test_a_deactivated_user_sees_nothing_whatever_object_is_held(cast: Cast):
    held = cast.fred_user
    users.deactivate(user=cast.fred_user, by=CLOCK, at=cast.at)
    assert held.is_active, "the object of a socket that was opened before"
    for rows in (Person.objects.all(), Plan.objects.all(), Goal.objects.all()):
        assert not sees(cast, held, rows)
    users.reactivate(user=cast.fred_user, by=CLOCK, at=cast.at)
    assert sees(cast, held, plan_of(cast))


def test_a_visible_set_can_be_narrowed_ordered_and_cut(cast: Cast):
    for person in (cast.fred, cast.jamie):
        factories.referral(cast, person)
    found = sharing.visible(Referral.objects.all(), user=cast.fred_user, at=cast.at)
    assert found.filter(person=cast.jamie).count() == 1
    assert len(found.order_by("-pk")[:1]) == 1
    assert found.select_related("person").first() is not None


def test_nothing_about_others_in_what_was_opened_for_a_safeguard(cast: Cast):
    one = factories.safeguard(cast, cast.josh)
    factories.safeguard(cast, cast.jamie)
    factories.reason(
        cast, cast.josh, user=cast.ruth, organisation=cast.trust, subject=one.reference
    )
    assert list(sharing.visible(Safeguard.objects.all(), user=cast.ruth, at=cast.at)) == [one]
    assert Reason.objects.count() == 1
