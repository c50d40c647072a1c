"""Each look says by which reason or power, or as what, a record was opened."""

from typing import Any

import pytest

from marketplace.people import appointments
from marketplace.people.models import User
from marketplace.people.roles import AdvocateKind, Power, Role
from marketplace.sharing import sharing
from marketplace.sharing.models import Look, ReasonKind
from tests import factories
from tests.cast import Cast
from tests.marketplace.sharing import keeping

pytestmark = pytest.mark.django_db


def look(cast: Cast, user: User, row: Any) -> Look:
    """Let somebody open a record, and return the look."""
    sharing.open_record(
        type(row)._default_manager.all(),
        reference=row.reference,
        user=user,
        at=cast.at,
        kind=row._meta.model_name,
    )
    return Look.objects.latest("pk")


def test_a_reason_is_named_by_its_reference(cast: Cast):
    referral = factories.referral(cast, cast.jamie)
    reason = factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        subject=referral.reference,
    )
    found = look(cast, cast.ingrid, referral)
    assert (found.ground, found.reason, found.power) == (
        ReasonKind.REFERRAL,
        reason.reference,
        "",
    )


def test_a_concern_is_opened_by_the_reason_of_its_owner(cast: Cast):
    found = look(cast, cast.ruth, keeping.concern(cast))
    assert found.ground == ReasonKind.SAFEGUARD
    assert found.reason is not None


def test_an_appointment_is_named_by_the_power_that_was_used(cast: Cast):
    plain = look(cast, cast.amira, factories.referral(cast, cast.jamie))
    secret = look(cast, cast.amira, factories.referral(cast, cast.jamie, is_confidential=True))
    assert (plain.power, secret.power) == (Power.REPRESENT, Power.CONFIDE)
    assert plain.reason is secret.reason is None


def test_a_friend_looks_by_a_power_that_she_has(cast: Cast):
    cast.jamie.appointments.create(
        user=cast.nadia, kind=AdvocateKind.FAMILY_FRIEND, starts_on=cast.day
    )
    assert look(cast, cast.nadia, cast.jamie).power == Power.CONFIDE


def test_who_leads_or_lives_there_needs_neither(cast: Cast):
    cast.family.leads.create(user=cast.ruth, organisation=cast.trust, starts_on=cast.day)
    led = look(cast, cast.ruth, cast.jamie)
    at_home = look(cast, cast.fred_user, factories.referral(cast, cast.jamie))
    assert (led.ground, at_home.ground) == ("lead", "household")
    assert appointments.leads_of(user=cast.ruth, on=cast.day).exists()
