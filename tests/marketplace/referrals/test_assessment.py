"""How much somebody gets: by published bands, from what is known, and nothing of money."""

from typing import Any

import pytest

from cms.models import Band, CriterionOperator, Service, Step
from marketplace.referrals import assessment, assessments, eligibility, referrals
from marketplace.referrals.models import Assessment, Referral
from marketplace.sharing.models import Basis, Fact
from tests.cast import Cast
from tests.marketplace.referrals import climbing


def band(fact: str, operator: str, value: Any, units: int) -> assessment.Band:
    """Return a band whose sentence is its units."""
    return assessment.Band(eligibility.Criterion(fact, operator, value, f"{units}"), units)


BANDS = [
    band("housing_at_risk", "is", True, 20),
    band("children", "at_least", 4, 12),
    band("children", "between", [2, 3], 8),
]


@pytest.mark.parametrize(
    ("facts", "units", "missing"),
    [
        ({}, None, ("housing_at_risk", "children")),
        ({"housing_at_risk": True}, 20, ()),  # the first that is met: nothing more is asked
        ({"housing_at_risk": False}, None, ("children",)),
        ({"housing_at_risk": False, "children": 5}, 12, ()),
        ({"housing_at_risk": False, "children": 2}, 8, ()),
        ({"housing_at_risk": False, "children": 1}, 6, ()),  # none: the standard offer
        ({"children": 5}, None, ("housing_at_risk",)),  # it could still be the first
    ],
)
@pytest.mark.once
def test_the_first_band_that_is_met_counts(
    facts: dict[str, Any], units: int | None, missing: tuple[str, ...]
) -> None:
    result = assessment.assess(BANDS, facts, standard=6)
    assert (result.units, result.missing) == (units, missing)
    assert result.amounts == (20, 12, 8, 6)


@pytest.mark.once
def test_without_bands_everybody_gets_the_standard_offer() -> None:
    result = assessment.assess([], {}, standard=6)
    assert (result.units, result.missing, result.band) == (6, (), None)


def by_need(cast: Cast) -> Service:
    """Give the family support two bands, and return it."""
    Band.objects.bulk_create(
        [
            Band(
                service=cast.family_support,
                fact="housing_at_risk",
                operator=CriterionOperator.IS,
                value=True,
                units=20,
                sentence="Twenty where the home could be lost.",
                position=0,
            ),
            Band(
                service=cast.family_support,
                fact="age",
                operator=CriterionOperator.AT_LEAST,
                value=40,
                units=16,
                sentence="Sixteen from forty years on.",
                position=1,
            ),
        ]
    )
    return cast.family_support


def decided(cast: Cast) -> Referral:
    """Return the family support for Fred, agreed; how much is open."""
    referral = climbing.refer(cast, service=by_need(cast), person=cast.fred)
    by = cast.by(cast.amira)
    referrals.check_eligibility(referral=referral, answers={}, by=by, at=cast.at)
    referrals.apply(
        referral=referral, answers=climbing.ANSWERS, basis=Basis.PUBLIC_TASK, by=by, at=cast.at
    )
    ingrid = cast.by(cast.ingrid)
    return referrals.decide_eligibility(referral=referral, by=ingrid, at=cast.at)


def assess(cast: Cast, referral: Referral, **given: Any) -> Referral:
    """Assess as Ingrid."""
    return referrals.assess(referral=referral, by=cast.by(cast.ingrid), at=cast.at, **given)


def test_what_the_facts_give_is_given_and_the_bands_shown_are_kept(cast: Cast) -> None:
    referral = decided(cast)
    assessed = assess(cast, referral, answers={"housing_at_risk": False})
    assert assessed.quantity == 16
    kept = Assessment.objects.get(referral=referral)
    assert (kept.units, kept.units_by_facts, kept.sentence) == (
        16,
        16,
        "Sixteen from forty years on.",
    )
    assert [shown["met"] for shown in kept.bands] == [False, True]
    assert Fact.objects.get(person=cast.fred, key="housing_at_risk").value is False


def test_only_what_is_missing_is_asked_and_nothing_is_kept_without_it(cast: Cast) -> None:
    referral = decided(cast)
    before = climbing.trace(referral)
    with pytest.raises(referrals.AnswersMissing) as refusal:
        assess(cast, referral)
    assert refusal.value.missing == ("housing_at_risk",)  # the age is on record
    assert climbing.trace(referral) == before
    assert not Assessment.objects.exists()


def test_another_of_the_published_amounts_needs_a_reason(cast: Cast) -> None:
    referral = decided(cast)
    known = {"housing_at_risk": False}
    before = climbing.trace(referral)
    with pytest.raises(assessments.NeedsReason):
        assess(cast, referral, answers=known, quantity=20)
    with pytest.raises(assessments.NotABand):
        assess(cast, referral, answers=known, quantity=17, reason="Halfway.")
    assert climbing.trace(referral) == before
    assessed = assess(cast, referral, answers=known, quantity=20, reason="A letter came today.")
    kept = Assessment.objects.get(referral=referral)
    assert assessed.quantity == 20
    assert (kept.is_another, kept.reason) == (True, "A letter came today.")
    assert Step.ASSESS in {row.step for row in assessed.steps.all()}
