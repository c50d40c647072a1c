"""Every look is written down, with why, and the person can read the list."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import models

from budgets.models import Family, Goal, Person, Plan
from marketplace.bookings.models import Booking
from marketplace.people import appointments
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral
from marketplace.sharing import sharing
from marketplace.sharing.models import Look, ReasonKind, Scope
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db


def open_record(cast: Cast, user: User, row: Any) -> Any:
    """Open a record, as a page does."""
    return sharing.open_record(
        type(row)._default_manager.all(),
        reference=row.reference,
        user=user,
        at=cast.at,
        kind=row._meta.model_name,
    )


def looked_at(cast: Cast) -> set[str]:
    """Return whose list has a look in it."""
    return {look.person.first_name for look in Look.objects.select_related("person")}


def test_a_look_says_who_for_whom_at_what_and_why(cast: Cast):
    referral = factories.referral(cast, cast.jamie)
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        subject=referral.reference,
    )
    assert open_record(cast, cast.ingrid, referral) == referral
    look = Look.objects.get()
    assert (look.person, look.user, look.organisation) == (cast.jamie, cast.ingrid, cast.county)
    assert (look.role, look.ground) == (Role.INTAKE_WORKER, ReasonKind.REFERRAL)
    assert (look.subject, look.subject_kind) == (referral.reference, "referral")
    assert look.at == cast.at
    assert not look.is_confidential


def test_every_opening_counts(cast: Cast):
    for _time in range(3):
        open_record(cast, cast.amira, cast.jamie)
    assert Look.objects.count() == 3


def test_looking_at_the_plan_is_a_look_at_everybody_at_home(cast: Cast):
    open_record(cast, cast.amira, cast.plan)
    assert looked_at(cast) == {"Fred", "Anne", "Stacey", "Jamie", "Josh"}


def test_ones_own_looks_are_not_written_down(cast: Cast):
    referral = factories.referral(cast, cast.fred)
    open_record(cast, cast.fred_user, referral)
    open_record(cast, cast.fred_user, cast.fred)
    open_record(cast, cast.fred_user, cast.plan)
    assert not Look.objects.exists()


def test_a_look_at_somebody_else_at_home_is_written_down(cast: Cast):
    open_record(cast, cast.fred_user, factories.referral(cast, cast.stacey))
    look = Look.objects.get()
    assert (look.person, look.role, look.ground) == (cast.stacey, Role.FAMILY, "household")
    assert look.organisation is None


def test_the_ground_is_the_plainest_that_holds(cast: Cast):
    open_record(cast, cast.amira, cast.jamie)
    assert Look.objects.get().ground == "appointment"
    assert Look.objects.get().organisation == cast.beacon
    appointments.lead(
        family=cast.family,
        user=cast.ruth,
        organisation=cast.trust,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    open_record(cast, cast.ruth, cast.stacey)
    look = Look.objects.get(user=cast.ruth)
    assert (look.ground, look.organisation, look.role) == (
        "lead",
        cast.trust,
        Role.LEAD_PROFESSIONAL,
    )


def test_who_works_at_two_places_looks_for_the_one_that_was_asked(cast: Cast):
    both = factories.worker(cast, cast.beacon, Role.ADVOCATE)
    from_police = factories.reason(cast, cast.jamie, user=both, organisation=cast.police, role="")
    both.memberships.create(
        organisation=cast.police, role=Role.LEAD_PROFESSIONAL, starts_on=cast.day
    )
    referral = factories.referral(cast, cast.jamie, reference=from_police.subject)
    open_record(cast, both, referral)
    assert Look.objects.get().organisation == cast.police


def test_a_look_at_a_confidential_item_is_confidential(cast: Cast):
    open_record(cast, cast.amira, factories.referral(cast, cast.jamie, is_confidential=True))
    assert Look.objects.get().is_confidential
    assert not sharing.visible(Look.objects.all(), user=cast.fred_user, at=cast.at).exists()
    assert sharing.visible(Look.objects.all(), user=cast.jamie_user, at=cast.at).exists()


def test_a_look_that_only_a_confidential_reason_allows_is_confidential(cast: Cast):
    """Or "a worker of the clinic looked at Jamie" would tell Fred of the clinic."""
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.trust,
        role=Role.LEAD_PROFESSIONAL,
        is_confidential=True,
    )
    open_record(cast, cast.ruth, cast.jamie)
    assert Look.objects.get().is_confidential


def test_a_look_that_another_reason_allows_too_is_shown(cast: Cast):
    for is_confidential in (True, False):
        factories.reason(
            cast,
            cast.jamie,
            organisation=cast.trust,
            role=Role.LEAD_PROFESSIONAL,
            is_confidential=is_confidential,
        )
    open_record(cast, cast.ruth, cast.jamie)
    assert not Look.objects.get().is_confidential


# Unknown is 404; known to one's own organisation, without the right, is 403.


def test_what_one_may_not_know_of_is_not_there(cast: Cast):
    referral = factories.referral(cast, cast.jamie)
    for user in (cast.nadia, cast.sam, cast.dev, cast.ingrid, cast.olive_user, cast.edie):
        for row in (referral, cast.plan, cast.jamie, cast.family, cast.goal):
            with pytest.raises(sharing.NotFound):
                open_record(cast, user, row)
    assert not Look.objects.exists()


def test_absent_and_forbidden_read_alike(cast: Cast):
    with pytest.raises(sharing.NotFound) as forbidden:
        open_record(cast, cast.nadia, cast.plan)
    with pytest.raises(sharing.NotFound) as absent:
        sharing.open_record(
            Plan.objects.all(), reference=uuid4(), user=cast.nadia, at=cast.at, kind="plan"
        )
    assert forbidden.value.sentence == absent.value.sentence


def test_anothers_confidential_item_is_not_there_for_the_household(cast: Cast):
    referral = factories.referral(cast, cast.stacey, is_confidential=True)
    for user in (cast.fred_user, cast.anne_user, cast.amira):
        with pytest.raises(sharing.NotFound):
            open_record(cast, user, referral)


@pytest.mark.parametrize(
    "of",
    [
        lambda cast, referral: referral,
        lambda cast, referral: factories.booking(cast, referral),
        lambda cast, referral: cast.jamie,
    ],
    ids=["referral", "booking", "person"],
)
def test_ones_own_organisations_record_without_the_right_is_forbidden(
    of: Callable[[Cast, Referral], models.Model], cast: Cast
):
    referral = factories.referral(cast, cast.jamie)
    row = of(cast, referral)
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        subject=referral.reference,
    )
    for user in (cast.colin, cast.edie, cast.adam):
        with pytest.raises(sharing.Forbidden):
            open_record(cast, user, row)
    with pytest.raises(sharing.NotFound):
        open_record(cast, cast.dev, row)
    assert not Look.objects.exists()


def test_a_record_that_ones_organisation_may_read_whole_is_forbidden_to_other_roles(cast: Cast):
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        scope=Scope.RECORD,
    )
    with pytest.raises(sharing.Forbidden):
        open_record(cast, cast.edie, cast.plan)


def test_somebody_let_go_is_told_nothing(cast: Cast):
    factories.reason(cast, cast.jamie, organisation=cast.county, role=Role.INTAKE_WORKER)
    cast.colin.is_active = False
    with pytest.raises(sharing.NotFound):
        open_record(cast, cast.colin, cast.jamie)


# Constant queries.


@pytest.mark.parametrize("model", [Family, Person, Plan, Goal, Referral, Booking])
def test_narrowing_adds_no_query(model: Any, cast: Cast, django_assert_num_queries: Any):
    with django_assert_num_queries(1):
        list(sharing.visible(model.objects.all(), user=cast.amira, at=cast.at))


def test_a_look_takes_as_many_queries_for_five_as_for_fifty(
    cast: Cast, django_assert_max_num_queries: Any
):
    for _number in range(45):
        factories.person(cast, cast.family)
    with django_assert_max_num_queries(9):
        sharing.record_look(
            row=cast.plan, reference=cast.plan.reference, user=cast.amira, at=cast.at, kind="plan"
        )
    assert Look.objects.count() == 50
