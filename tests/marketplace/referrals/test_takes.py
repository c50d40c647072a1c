"""Taking on, putting back, and that any colleague can act all the same."""

import pytest

from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.referrals import referrals, takes
from marketplace.referrals.models import Referral, Rung, Take
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing


@pytest.fixture
def waiting(cast: Cast) -> Referral:
    """Return a referral that waits for the county's intake."""
    referral = climbing.climb(cast, to=Rung.APPLIED)
    return referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)


def colleague(cast: Cast) -> User:
    """Return another intake worker of the county, who may be an actor."""
    user = factories.worker(cast, cast.county, Role.INTAKE_WORKER)
    cast.workplaces[user.pk] = cast.county
    return user


def take(cast: Cast, referral: Referral, user: User, *, verb: str = "take") -> Take:
    """Take a referral on, or put it back, at the county's intake."""
    done: Take = getattr(takes, verb)(
        referral=referral,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        by=cast.by(user),
        at=cast.at,
    )
    return done


def test_what_is_taken_is_hers_and_a_colleague_can_still_act(cast: Cast, waiting: Referral) -> None:
    take(cast, waiting, cast.ingrid)
    assert take(cast, waiting, cast.ingrid) == Take.objects.get()  # twice changes nothing
    other = colleague(cast)
    referrals.decide_eligibility(referral=waiting, by=cast.by(other), at=cast.at)
    assert climbing.again(waiting).rung == Rung.HARD_REFERRED


def test_one_has_it_at_a_time(cast: Cast, waiting: Referral) -> None:
    take(cast, waiting, cast.ingrid)
    other = colleague(cast)
    with pytest.raises(takes.IsTaken, match="Ingrid Holt"):
        take(cast, waiting, other)
    take(cast, waiting, other, verb="put_back")  # a colleague's too: she may be ill
    assert take(cast, waiting, other).user == other
    assert climbing.verbs(waiting)[-3:] == ["take", "put_back", "take"]
    take(cast, waiting, other, verb="put_back")
    with pytest.raises(takes.IsNotTaken):
        take(cast, waiting, other, verb="put_back")


def test_what_somebody_had_who_left_can_be_taken(cast: Cast, waiting: Referral) -> None:
    take(cast, waiting, cast.ingrid)
    other = colleague(cast)
    Membership.objects.filter(user=cast.ingrid).update(ends_on=cast.day)
    assert not Take.objects.standing(cast.day).exists()
    assert take(cast, waiting, other).user == other


@pytest.mark.parametrize("who", ["amira", "colin", "dev", "lena", "fred_user", "sam"])
def test_who_does_not_do_that_work_there_takes_nothing(
    cast: Cast, waiting: Referral, who: str
) -> None:
    with pytest.raises(takes.NotYours):
        take(cast, waiting, cast.users[who])
    assert not Take.objects.exists()


def test_what_she_may_not_know_of_she_does_not_take(cast: Cast) -> None:
    secret = factories.referral(cast, cast.stacey, rung=Rung.APPLIED)
    with pytest.raises(takes.NotYours):
        take(cast, secret, cast.ingrid)
