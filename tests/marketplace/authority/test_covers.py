"""Cover: it stops new commissions the day it lapses, flags live ones, and is warned of in time."""

from datetime import timedelta
from typing import Any

import pytest

from budgets.models import Transfer
from cms.models import Step
from marketplace.authority import agreements, authority, covers, nightly
from marketplace.authority.models import Cover, CoverWarning, PathwayState
from marketplace.notices.models import Channel, Notice
from marketplace.referrals import acts, approvals, reach, uncovered
from marketplace.referrals.models import Rung
from tests import factories
from tests.cast import Cast
from tests.marketplace.authority.asking import codes, decide
from tests.marketplace.authority.dealing import agree, signatory
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.django_db

MORE: dict[str, Any] = {"insurer": "Fenwick Mutual (invented)", "amount_pence": 500_000_000}


def ends_in(cast: Cast, days: int) -> None:
    """Let the cover of the agreement with Beacon end some days from now."""
    Cover.objects.filter(pk=cast.cover.pk).update(valid_to=cast.day + timedelta(days=days))


def told(cast: Cast, kind: str) -> list[str]:
    """Return who was told on this site, by name."""
    found = Notice.objects.filter(channel=Channel.IN_APP, kind=kind)
    return sorted(notice.user.name for notice in found)


def test_lapsed_cover_stops_everything_new_that_day_and_names_nobody(cast: Cast):
    ends_in(cast, 0)
    assert codes(decide(cast, cast.amira, Step.COMMISSION)) == ["no_cover"]
    assert decide(cast, cast.amira, Step.COMMISSION, at=cast.later(days=-1)).allowed
    who = authority.who_can(step=Step.COMMISSION, service=cast.mentor, at=cast.at)
    assert cast.beacon.name not in {each.organisation for each in who}


def test_both_are_warned_thirty_fourteen_and_seven_days_ahead_once_each(cast: Cast):
    signatory(cast, cast.beacon)
    ends_in(cast, 30)
    warned = []
    for day in range(-1, 33):
        for _twice in range(2):
            if covers.warn(at=cast.later(days=day)):
                warned.append(day)
    assert warned == [0, 16, 23, 30]
    assert len(told(cast, "cover_ends")) == 3 * 4  # Colin, Helena, Adam and Beacon's, thrice
    assert len(told(cast, "cover_ended")) == 4
    assert "Adam Novak" in told(cast, "cover_ended")
    assert Notice.objects.filter(kind="cover_ends", subject=cast.agreement.reference).exists()


def test_a_night_that_was_missed_is_made_up_for_in_one_warning(cast: Cast):
    ends_in(cast, 10)
    assert covers.warn(at=cast.at) == 1
    assert set(CoverWarning.objects.values_list("days", flat=True)) == {30, 14}
    assert len(told(cast, "cover_ends")) == 3
    assert covers.warn(at=cast.later(days=1)) == 0


def test_nobody_is_warned_of_what_rests_on_nothing(cast: Cast):
    ends_in(cast, 10)
    agreements.end(agreement=cast.agreement, by=factories.CLOCK, at=cast.at)
    assert covers.warn(at=cast.at) == 0
    assert not Notice.objects.filter(kind__startswith="cover").exists()


def test_what_lapses_and_what_has_lapsed_is_listed_for_either_party(cast: Cast):
    ends_in(cast, 20)
    for party, seen in ((cast.county, True), (cast.beacon, True), (cast.nhs, False)):
        found = covers.lapsing(on=cast.day, within=30, organisation=party)
        assert found.filter(pk=cast.cover.pk).exists() is seen
    assert not covers.lapsing(on=cast.day, within=19).exists()
    ends_in(cast, 0)
    assert covers.lapsed(on=cast.day).get() == cast.cover
    assert not covers.lapsing(on=cast.day, within=30).exists()
    assert covers.lapsed_rules(on=cast.day, owner=cast.county).count() == 6
    assert not covers.lapsed_rules(on=cast.later(days=-1).date(), owner=cast.county).exists()


def test_a_live_commission_is_flagged_the_day_its_cover_lapses_and_stands(cast: Cast):
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    assert not uncovered.of(owner=cast.county, on=cast.day).exists()
    ends_in(cast, 5)
    on = cast.later(days=5).date()
    assert [each.pk for each in uncovered.of(owner=cast.county, on=on)] == [referral.pk]
    assert not uncovered.of(owner=cast.nhs, on=on).exists()
    assert not uncovered.of(owner=cast.county, on=on - timedelta(days=1)).exists()
    renew(cast, valid_from=on, at=cast.later(days=5))
    assert not uncovered.of(owner=cast.county, on=on).exists()


def test_lapsed_cover_is_nothing_that_an_approval_could_mend(cast: Cast):
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    ends_in(cast, 0)
    refused = decide(cast, cast.amira, Step.COMMISSION, amount_pence=60_000)
    assert codes(refused) == ["no_cover", "over_limit"]
    assert not refused.needs_approval
    with pytest.raises(acts.NotAllowed):
        approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    found = reach.of(services=[cast.mentor], by=cast.by(cast.amira), at=cast.at)
    assert found[cast.mentor.pk].stopped_at == Step.CHECK_ELIGIBILITY


def test_who_approves_needs_cover_herself(cast: Cast):
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    Cover.objects.filter(agreement=cast.scheme).update(valid_to=cast.day)
    with pytest.raises(approvals.NotYours):
        approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    assert not Transfer.objects.filter(subject=referral.reference).exists()


def renew(cast: Cast, **fields: Any) -> Cover:
    """Renew the cover with Beacon, for a year and as much as before unless told."""
    return covers.renew(
        **{
            **MORE,
            "cover": cast.cover,
            "valid_from": cast.day,
            "valid_to": cast.day + timedelta(days=365),
            "by": signatory(cast, cast.beacon),
            "at": cast.at,
            **fields,
        }
    )


def test_a_renewal_lets_the_rules_go_on_and_leaves_the_days_between_uncovered(cast: Cast):
    ends_in(cast, 5)
    renew(cast, valid_from=cast.day + timedelta(days=8))
    days = [
        codes(decide(cast, cast.amira, Step.COMMISSION, at=cast.later(days=day)))
        for day in (0, 4, 5, 7, 8, 300)
    ]
    assert days == [[], [], ["no_cover"], ["no_cover"], [], []]


def test_a_renewal_is_no_way_to_change_what_both_signed(cast: Cast):
    for worse in (
        {"amount_pence": 499_999_999},
        {"amount_pence": None},
        {"valid_to": cast.day},
        {"valid_from": cast.day + timedelta(days=400)},
    ):
        with pytest.raises(covers.TooLittle):
            renew(cast, **worse)
    for by in (cast.by(cast.colin), cast.by(cast.amira), signatory(cast, cast.police)):
        with pytest.raises(agreements.NotAParty):
            renew(cast, by=by)
    renew(cast)
    with pytest.raises(agreements.NotNow):
        renew(cast)
    assert Cover.objects.filter(renews__isnull=False).count() == 1


def test_the_night_does_its_work_once(cast: Cast):
    ends_in(cast, 6)
    pathway = agree(cast, starts_on=cast.day + timedelta(days=1))
    assert nightly.nightly(at=cast.at) == 1
    assert nightly.nightly(at=cast.later(days=1)) == 1
    pathway.refresh_from_db()
    assert pathway.state == PathwayState.LIVE
    assert nightly.nightly(at=cast.later(days=1)) == 0
