"""Who acts: qualified, without an interest, appointed, of the family."""

from datetime import timedelta

import pytest

from budgets import families, plans
from budgets.models import Member, Plan, Relation
from cms.models import Service, Step
from marketplace.authority import agreements, authority
from marketplace.authority.models import Cover, CoverKind
from marketplace.people import appointments, competences
from marketplace.people.models import Appointment, Competence
from marketplace.people.roles import AdvocateKind, Role
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.authority.asking import add_rule, codes, decide

pytestmark = pytest.mark.django_db


# Competence.


@pytest.mark.parametrize(("field", "days", "held"), [("ends_on", 1, True), ("ends_on", 0, False)])
def test_a_competence_is_held_between_its_days(field: str, days: int, held: bool, cast: Cast):
    Competence.objects.update(**{field: cast.day + timedelta(days=days)})
    decision = decide(cast, cast.helena, Step.COMMISSION, amount_pence=200_000)
    assert decision.allowed is held


def test_a_step_that_asks_for_a_competence_is_refused_without_it(cast: Cast):
    add_rule(cast, step=Step.ASSESS, competence="social_worker")
    refused = decide(cast, cast.amira, Step.ASSESS)
    assert codes(refused) == ["no_competence"]
    assert not refused.needs_approval
    competences.record(
        user=cast.amira,
        code="social_worker",
        checked_by="test",
        starts_on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert decide(cast, cast.amira, Step.ASSESS).allowed


# Interest.


def test_who_gains_from_the_provider_needs_somebody_elses_yes(cast: Cast):
    for user in (cast.amira, cast.ingrid, cast.colin):
        assert decide(cast, user, Step.COMMISSION).allowed
        competences.declare_interest(
            user=user, organisation=cast.mentors, on=cast.day, by=CLOCK, at=cast.at
        )
        decision = decide(cast, user, Step.COMMISSION)
        assert codes(decision) == ["interest"]
        assert decision.needs_approval


def test_an_interest_stands_against_commissioning_only(cast: Cast):
    competences.declare_interest(
        user=cast.amira, organisation=cast.mentors, on=cast.day, by=CLOCK, at=cast.at
    )
    assert decide(cast, cast.amira, Step.CHECK_ELIGIBILITY).allowed


def test_booking_ones_own_employer_needs_somebody_elses_yes(cast: Cast):
    agreement = agreements.propose(
        owner=cast.county,
        holder=cast.mentors,
        valid_from=cast.day,
        valid_to=None,
        by=CLOCK,
        at=cast.at,
    )
    cover = agreements.add_cover(agreement=agreement, kind=CoverKind.OWNER, valid_from=cast.day)
    add_rule(cast, agreement, role=Role.PROVIDER_WORKER, service=cast.mentor, cover=cover)
    for party in (cast.county, cast.mentors):
        agreements.sign(agreement=agreement, party=party, by=CLOCK, at=cast.at)
    assert codes(decide(cast, cast.dev, Step.COMMISSION)) == ["interest"]


def test_an_owner_that_is_its_own_provider_commissions_itself(cast: Cast):
    Service.objects.filter(pk=cast.mentor.pk).update(provider=cast.county)
    cast.mentor.refresh_from_db()
    assert decide(cast, cast.ingrid, Step.COMMISSION).allowed


# The owner's and the provider's own people.


def test_diagnosis_stays_with_the_providers_specialists(cast: Cast):
    assert not decide(cast, cast.ingrid, Step.DIAGNOSE).allowed
    assert decide(cast, cast.dev, Step.DIAGNOSE).allowed
    add_rule(cast, step=Step.DIAGNOSE, competence="clinician")
    competences.record(
        user=cast.amira,
        code="clinician",
        checked_by="test",
        starts_on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    assert decide(cast, cast.amira, Step.DIAGNOSE).allowed, "an agreement names a qualified role"


def test_intake_is_judged_by_the_owners_own_scheme_where_there_is_one(cast: Cast):
    assert decide(cast, cast.ingrid, Step.COMMISSION, amount_pence=10**8).allowed
    add_rule(
        cast,
        cast.scheme,
        role=Role.INTAKE_WORKER,
        limit_commission_pence=5_000,
        cover=Cover.objects.get(agreement=cast.scheme),
    )
    assert decide(cast, cast.ingrid, Step.COMMISSION, amount_pence=5_000).allowed
    over = decide(cast, cast.ingrid, Step.COMMISSION, amount_pence=5_001)
    assert codes(over) == ["over_limit"]
    assert over.needs_approval


# Advocates.


def test_an_advocate_acts_only_for_a_family_that_asked_her(cast: Cast):
    refused = decide(cast, cast.amira, family=cast.neighbours)
    assert codes(refused) == ["not_appointed"]
    assert not refused.needs_approval


def test_an_advocate_whose_appointment_ended_acts_no_more(cast: Cast):
    for appointment in Appointment.objects.filter(user=cast.amira):
        appointments.end(appointment=appointment, on=cast.day, by=CLOCK, at=cast.at)
    assert codes(decide(cast, cast.amira)) == ["not_appointed"]


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (AdvocateKind.PAID_ADVOCATE, True),
        (AdvocateKind.VOLUNTEER, False),
        (AdvocateKind.FAMILY_FRIEND, False),
    ],
)
def test_only_who_may_represent_acts(kind: AdvocateKind, allowed: bool, cast: Cast):
    Appointment.objects.filter(user=cast.amira).update(kind=kind)
    assert decide(cast, cast.amira).allowed is allowed


# Families.


@pytest.mark.parametrize(("amount_pence", "allowed"), [(20_000, True), (20_001, False)])
def test_a_family_commissions_mentors_up_to_two_hundred_pounds(
    amount_pence: int, allowed: bool, cast: Cast
):
    decision = decide(cast, cast.fred_user, Step.COMMISSION, amount_pence=amount_pence)
    assert decision.allowed is allowed


def test_only_with_an_active_plan(cast: Cast):
    Plan.objects.filter(pk=cast.plan.pk).update(status="agreed")
    assert codes(decide(cast, cast.fred_user)) == ["no_role"]
    Plan.objects.filter(pk=cast.plan.pk).update(status="active")
    plans.review(plan=cast.plan, by=CLOCK, at=cast.at)
    assert decide(cast, cast.fred_user).allowed, "support is bought from a plan in review, too"


def test_only_in_ones_own_family(cast: Cast):
    assert codes(decide(cast, cast.olive_user)) == ["no_role"]
    assert decide(cast, cast.olive_user, family=cast.neighbours).allowed


def test_who_moved_out_acts_no_more(cast: Cast):
    families.leave(family=cast.family, person=cast.anne, on=cast.day, by=CLOCK, at=cast.at)
    assert codes(decide(cast, cast.anne_user)) == ["no_role"]


def test_a_child_who_is_decided_for_commissions_nothing(cast: Cast):
    assert codes(decide(cast, cast.jamie_user)) == ["no_role"]
    assert decide(cast, cast.stacey_user).allowed, "she decides for herself"


def test_a_visitor_commissions_nothing(cast: Cast):
    Member.objects.filter(person=cast.anne).update(relation=Relation.VISITOR)
    assert codes(decide(cast, cast.anne_user)) == ["no_role"]


def test_without_a_family_there_is_no_family_role(cast: Cast):
    decision = authority.decide(
        by=cast.by(cast.fred_user),
        step=Step.CHECK_ELIGIBILITY,
        service=cast.mentor,
        family=None,
        at=cast.at,
    )
    assert codes(decision) == ["no_role"]
