"""Who has a part in a referral, and for how long."""

import pytest

from marketplace.people import memberships
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals import endings, parties
from marketplace.referrals.models import Referral, Rung
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.django_db


def speaks(cast: Cast, referral: Referral) -> bool:
    """Tell whether Ruth speaks for the person, for the trust."""
    return parties.is_for_family(referral=referral, by=cast.by(cast.ruth), at=cast.at)


@pytest.fixture
def asked_by_ruth(cast: Cast) -> Referral:
    """Jamie's mentor, asked for by Ruth, whom nobody appointed."""
    Referral.objects.filter(pk=climbing.climb(cast, to=Rung.COMMISSIONED).pk).update(
        referrer=cast.ruth, referrer_organisation=cast.trust
    )
    return Referral.objects.get()


def test_who_asked_has_a_part_while_she_works_where_she_asked_from(
    cast: Cast, asked_by_ruth: Referral
) -> None:
    assert speaks(cast, asked_by_ruth)
    memberships.leave(
        membership=Membership.objects.get(user=cast.ruth), on=cast.day, by=CLOCK, at=cast.at
    )
    before = climbing.trace(asked_by_ruth)
    assert not speaks(cast, asked_by_ruth)
    with pytest.raises(endings.NotTheirsToEnd):
        endings.withdraw(referral=asked_by_ruth, by=cast.by(cast.ruth), at=cast.at)
    assert climbing.trace(asked_by_ruth) == before


def test_what_she_asked_for_does_not_go_with_her_to_another_place(
    cast: Cast, asked_by_ruth: Referral
) -> None:
    memberships.leave(
        membership=Membership.objects.get(user=cast.ruth), on=cast.day, by=CLOCK, at=cast.at
    )
    memberships.join(
        user=cast.ruth,
        organisation=cast.police,
        role=Role.LEAD_PROFESSIONAL,
        on=cast.day,
        by=CLOCK,
        at=cast.at,
    )
    elsewhere = memberships.actor(user=cast.ruth, at=cast.at)
    assert elsewhere.organisation == cast.police.reference
    assert not parties.is_for_family(referral=asked_by_ruth, by=elsewhere, at=cast.at)


def test_a_family_member_who_asked_needs_no_place_of_work(cast: Cast) -> None:
    referral = climbing.refer(cast, person=cast.jamie, user=cast.fred_user)
    assert parties.is_for_family(referral=referral, by=cast.by(cast.fred_user), at=cast.at)
