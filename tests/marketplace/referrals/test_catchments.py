"""Who answers for which district: handed on by who has it, and taken by nobody."""

import pytest

from budgets import history
from marketplace.people import memberships
from marketplace.people.roles import Role
from marketplace.referrals import catchments
from marketplace.referrals.models import (
    Catchment,
)
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals.test_enquiries import CLOCK, ask


def test_a_district_is_handed_on_by_who_has_it(cast: Cast) -> None:
    colin, helena = cast.by(cast.colin), cast.by(cast.helena)
    catchments.answer_for(district="", organisation=cast.county, by=colin, at=cast.at)
    factories.worker(cast, cast.district, Role.INTAKE_WORKER)
    boss = factories.worker(cast, cast.district, Role.COMMISSIONER)
    theirs = history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(boss.reference),
        organisation=cast.district.reference,
    )
    with pytest.raises(catchments.NotTheirDistrict):
        catchments.answer_for(district="", organisation=cast.district, by=theirs, at=cast.at)
    with pytest.raises(catchments.NobodyThere):
        catchments.answer_for(district="", organisation=cast.mentors, by=colin, at=cast.at)
    catchments.answer_for(district="", organisation=cast.district, by=helena, at=cast.at)
    assert Catchment.objects.get().organisation == cast.district


def test_nobody_takes_up_a_district_that_somebody_answers_for_without_being_set(
    cast: Cast,
) -> None:
    mentors = factories.worker(cast, cast.mentors, Role.COMMISSIONER)
    factories.worker(cast, cast.mentors, Role.INTAKE_WORKER)
    assert ask(cast).organisation == cast.county  # by itself: the council that has intake
    theirs = history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(mentors.reference),
        organisation=cast.mentors.reference,
    )
    for district in ("Hinckley and Bosworth", ""):
        with pytest.raises(catchments.NotTheirDistrict):
            catchments.answer_for(
                district=district, organisation=cast.mentors, by=theirs, at=cast.at
            )
    assert not Catchment.objects.exists()
    colin = cast.by(cast.colin)
    catchments.answer_for(district="Charnwood", organisation=cast.mentors, by=colin, at=cast.at)
    memberships.leave(membership=cast.ingrid.memberships.get(), on=cast.day, by=CLOCK, at=cast.at)
    catchments.answer_for(district="", organisation=cast.mentors, by=theirs, at=cast.at)


@pytest.mark.once
def test_without_that_a_district_is_taken_from_whoever_answers_for_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: what is not set was anybody's."""
    monkeypatch.setattr(catchments, "_by_default", lambda district, otherwise, *, at: otherwise)
    with pytest.raises(pytest.fail.Exception):
        test_nobody_takes_up_a_district_that_somebody_answers_for_without_being_set(cast)
