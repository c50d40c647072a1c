"""What nobody has checked for fifteen months is not bought, and is again once somebody does."""

from datetime import date, timedelta

import pytest

from cms import catalogue, freshness
from cms.models import Service, Step
from marketplace.pages.family import words
from marketplace.referrals import acts
from marketplace.referrals.models import Referral, Rung
from tests.cast import Cast
from tests.marketplace.referrals import climbing


def last_read(cast: Cast, on: date | None) -> None:
    """Let the mentor's page have been checked on a day; it came long before the cast."""
    Service.objects.filter(pk=cast.mentor.pk).update(checked_on=on, added_on=date(2020, 1, 1))


def codes(cast: Cast, referral: Referral) -> set[str]:
    """Return what stands against buying it, for the one who would."""
    act = acts.act_for(
        referral=climbing.again(referral), step=Step.COMMISSION, by=cast.by(cast.amira), at=cast.at
    )
    return {reason.code for reason in act.reasons}


@pytest.mark.parametrize(("days", "stands_against"), [(1, set()), (0, {"not_checked"})])
def test_fifteen_months_to_the_day(cast: Cast, days: int, stands_against: set[str]) -> None:
    referral = climbing.ready(cast)
    latest = freshness.last_check(months=freshness.STOP_MONTHS, on=cast.day)
    last_read(cast, latest + timedelta(days=days))
    assert codes(cast, referral) == stands_against


def test_the_refusal_says_who_can_check_it_and_moves_nothing(cast: Cast) -> None:
    referral = climbing.ready(cast)
    last_read(cast, cast.day.replace(year=2024))
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        climbing.set_aside(cast, referral)
    assert climbing.codes(refusal) == {"not_checked"}
    assert "has checked its page for 15 months" in refusal.value.sentence
    for keeper in (cast.mentors, cast.county):
        assert f"{keeper.name} ({keeper.phone})" in refusal.value.sentence
    assert "not_checked" in words.WHY_NOT
    assert climbing.trace(referral) == before


def test_the_moment_it_is_checked_it_is_bought(cast: Cast) -> None:
    referral = climbing.ready(cast)
    last_read(cast, cast.day.replace(year=2024))
    assert codes(cast, referral) == {"not_checked"}
    catalogue.check(service=cast.mentor, on=cast.day)
    assert climbing.set_aside(cast, referral).rung == Rung.COMMISSIONED


def test_one_can_still_be_told_of_it_and_ask_up_to_the_money(cast: Cast) -> None:
    last_read(cast, None)
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    assert referral.rung == Rung.HARD_REFERRED
    assert "not_checked" in codes(cast, referral)


def test_a_legal_right_does_not_wait_for_a_page_to_be_read(cast: Cast) -> None:
    Service.objects.filter(pk=cast.mentor.pk).update(is_statutory=True)
    referral = climbing.ready(cast)
    last_read(cast, cast.day.replace(year=2024))
    assert codes(cast, referral) == set()


@pytest.mark.once
def test_without_the_guard_what_is_old_would_be_bought(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: every other reason leaves it alone, so that the guard alone refuses."""
    referral = climbing.ready(cast)
    last_read(cast, cast.day.replace(year=2024))
    monkeypatch.setattr(freshness.State, "may_be_commissioned", True)
    assert climbing.set_aside(cast, referral).rung == Rung.COMMISSIONED
