"""Criteria are set by the owner's commissioner, dated and with a reason; the old can be read."""

from typing import Any

import pytest

from budgets.models import Event
from cms import catalogue, criteria_versions, proposals
from cms.models import CriteriaVersion, Service
from marketplace.referrals import assessment, criteria, eligibility, facts, referrals
from marketplace.referrals.models import Rung
from tests.cast import Cast
from tests.marketplace.referrals import climbing

TEENS = eligibility.Criterion("age", "between", [11, 17], "For people aged 11 to 17.")
SCHOOL = eligibility.Criterion("attends_school", "is", False, "For people out of school.")
MORE = assessment.Band(SCHOOL, 12)


def change(cast: Cast, who: str = "colin", **given: Any) -> CriteriaVersion:
    """Set the mentor's criteria as somebody, a month from now."""
    said: dict[str, Any] = {
        "service": cast.mentor,
        "criteria": [TEENS, SCHOOL],
        "bands": [MORE],
        "standard_quantity": 4,
        "reason": "Fewer places, more asking.",
        "was": 1,
        "at": cast.later(days=30),
        **given,
    }
    return criteria.change(by=cast.by(cast.users[who]), **said)


def sentences(cast: Cast, days: int) -> list[str]:
    """Return who could have the mentor, some days from now."""
    day = cast.later(days=days).date()
    return [rule.sentence for rule in facts.criteria_on(service=cast.mentor, day=day)]


def test_what_was_in_force_on_a_past_day_can_be_read(cast: Cast) -> None:
    before = sentences(cast, 0)
    version = change(cast)
    assert (version.number, version.reason) == (2, "Fewer places, more asking.")
    assert sentences(cast, 29) == before == ["For people aged 10 to 18."]
    assert sentences(cast, 30) == [TEENS.sentence, SCHOOL.sentence]
    then = criteria_versions.on(service=cast.mentor, day=cast.later(days=29).date())
    assert then.content["standard_quantity"] == 6
    service = Service.objects.get(pk=cast.mentor.pk)
    assert (service.minimum_age, service.maximum_age, service.standard_quantity) == (11, 17, 4)
    assert service.listing.minimum_age == 11
    assert facts.bands(service) == [MORE]
    event = Event.objects.get(verb="set_criteria")
    assert (event.subject, event.to_state) == (service.reference, "2")


@pytest.mark.parametrize("who", ["ingrid", "dev", "edie", "femi", "amira", "fred_user"])
def test_nobody_but_the_owners_commissioner_sets_them(cast: Cast, who: str) -> None:
    with pytest.raises(criteria.NotTheirs):
        change(cast, who)
    assert not CriteriaVersion.objects.exists()
    assert facts.criteria(cast.mentor) == facts.criteria(Service.objects.get(pk=cast.mentor.pk))


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"reason": " "}, criteria.SaysNoReason),
        ({"was": 2}, criteria.ChangedMeanwhile),
        ({"standard_quantity": 0}, catalogue.Unfit),
        (
            {"criteria": [eligibility.Criterion("age", "between", [17, 11], "Wrong.")]},
            catalogue.Unfit,
        ),
    ],
)
def test_a_change_that_makes_no_sense_leaves_no_trace(
    cast: Cast, given: dict[str, Any], refusal: type[Exception]
) -> None:
    before = facts.criteria(cast.mentor)
    with pytest.raises(refusal):
        change(cast, **given)
    assert facts.criteria(Service.objects.get(pk=cast.mentor.pk)) == before
    assert not CriteriaVersion.objects.exists()
    assert not Event.objects.filter(verb="set_criteria").exists()


def test_an_older_draft_brings_no_older_criteria_back(cast: Cast) -> None:
    proposals.propose(service=cast.mentor, changes={"summary": "New."}, by_user=cast.edie)
    change(cast)
    published = catalogue.publish(service=cast.mentor, by_user=cast.edie)
    assert published.summary == "New."
    assert [rule.sentence for rule in facts.criteria(published)] == [
        TEENS.sentence,
        SCHOOL.sentence,
    ]
    assert published.standard_quantity == 4


def test_what_is_not_decided_yet_goes_by_the_new_rules_and_what_is_stands(cast: Cast) -> None:
    waits = climbing.climb(cast, to=Rung.APPLIED)
    change(cast, criteria=[eligibility.Criterion("age", "at_least", 16, "From 16.")], bands=[])
    by, at = cast.by(cast.amira), cast.later(days=31)
    with pytest.raises(referrals.NotEligible):
        referrals.decide_eligibility(referral=waits, by=by, at=at)
    change(cast, criteria=[], bands=[], was=2, at=at)
    decided = referrals.decide_eligibility(referral=waits, by=by, at=at)
    change(cast, criteria=[TEENS], bands=[], was=3, at=cast.later(days=40))
    assert climbing.again(decided).rung == Rung.HARD_REFERRED
