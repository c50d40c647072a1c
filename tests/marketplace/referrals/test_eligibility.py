"""Who can have a service: facts in; met, not met or not known out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.referrals import eligibility, facts, referrals
from marketplace.referrals.eligibility import Criterion
from marketplace.referrals.models import Rung
from tests.cast import Cast
from tests.marketplace.referrals import climbing

OPERATORS = ("between", "at_least", "at_most", "is", "one_of")


def rule(operator: str, value: Any, fact: str = "age") -> Criterion:
    """Return a rule about one fact."""
    return Criterion(fact=fact, operator=operator, value=value, sentence=f"{fact} {operator}")


def met(operator: str, value: Any, fact: Any) -> bool | None:
    """Return what one rule says of one fact."""
    return eligibility.evaluate([rule(operator, value)], {"age": fact}).met


@pytest.mark.parametrize(
    ("operator", "value", "fact", "expected"),
    [
        ("between", [10, 18], 10, True),
        ("between", [10, 18], 18, True),
        ("between", [10, 18], 9, False),
        ("between", [10, 18], 19, False),
        ("at_least", 16, 16, True),
        ("at_least", 16, 15.9, False),
        ("at_most", 90, "90", True),
        ("at_most", 90, "91", False),
        ("is", True, "yes", True),
        ("is", True, "No", False),
        ("is", False, False, True),
        ("is", "Blaby", " blaby ", True),
        ("one_of", ["Blaby", "Melton"], "MELTON", True),
        ("one_of", ["Blaby", "Melton"], "Rutland", False),
        ("at_least", 16, "sixteen", None),
        ("at_least", 16, "", None),
        ("is", True, None, None),
    ],
)
def test_an_operator_compares_as_people_would(
    operator: str, value: Any, fact: Any, expected: bool | None
) -> None:
    assert met(operator, value, fact) is expected


def rules() -> st.SearchStrategy[Criterion]:
    """Return rules about three facts, of every operator."""
    names = st.sampled_from(["age", "district", "is_carer"])
    number = st.integers(0, 130)
    pair = st.tuples(number, number).map(sorted)
    return st.one_of(
        st.builds(rule, st.just("between"), pair, names),
        st.builds(rule, st.sampled_from(["at_least", "at_most"]), number, names),
        st.builds(rule, st.just("is"), st.booleans() | st.text(max_size=5), names),
        st.builds(rule, st.just("one_of"), st.lists(st.text(max_size=5), min_size=1), names),
    )


KNOWN = st.dictionaries(
    st.sampled_from(["age", "district", "is_carer"]),
    st.one_of(st.none(), st.integers(0, 130), st.booleans(), st.text(max_size=5)),
)


@given(st.lists(rules(), max_size=6), KNOWN)
def test_one_rule_that_fails_fails_all_and_nothing_is_met_while_something_is_missing(
    given_rules: list[Criterion], known: dict[str, Any]
) -> None:
    result = eligibility.evaluate(given_rules, known)
    each = [eligibility.evaluate([one], known).met for one in given_rules]
    if False in each:
        assert result.met is False
    elif None in each:
        assert result.met is None
    else:
        assert result.met is True
    assert len(result.failed) == each.count(False)


@given(st.lists(rules(), max_size=6), KNOWN)
def test_only_facts_that_are_missing_are_asked_and_each_once(
    given_rules: list[Criterion], known: dict[str, Any]
) -> None:
    missing = eligibility.evaluate(given_rules, known).missing
    assert len(missing) == len(set(missing))
    for fact in missing:
        assert any(one.fact == fact for one in given_rules)
    everything = {one.fact: "7" for one in given_rules}
    assert eligibility.evaluate(given_rules, everything).missing == ()


@given(st.lists(rules(), max_size=6), KNOWN)
def test_the_order_of_rules_does_not_change_what_they_say(
    given_rules: list[Criterion], known: dict[str, Any]
) -> None:
    forwards = eligibility.evaluate(given_rules, known)
    backwards = eligibility.evaluate(reversed(given_rules), known)
    assert forwards.met is backwards.met


# Facts


def test_age_and_district_follow_from_the_record_and_no_answer_says_otherwise(cast: Cast) -> None:
    known = facts.known(person=cast.josh, family=cast.family, day=cast.day)
    assert known == {"age": 6, "district": "Hinckley and Bosworth"}
    referral = climbing.refer(cast, person=cast.josh)
    with pytest.raises(referrals.NotEligible):
        referrals.check_eligibility(
            referral=referral, answers={"age": 12}, by=cast.by(cast.amira), at=cast.at
        )
    assert climbing.again(referral).rung == Rung.SIGNPOSTED


def test_what_was_answered_once_is_known_next_time(cast: Cast) -> None:
    climbing.climb(cast, to=Rung.APPLIED)
    known = facts.known(person=cast.jamie, family=cast.family, day=cast.day)
    assert known["likes"] == climbing.ANSWERS["likes"]
    assert "likes" not in facts.known(person=cast.josh, family=cast.family, day=cast.day)


def test_what_was_answered_for_something_confidential_stays_there(cast: Cast) -> None:
    climbing.climb(cast, to=Rung.APPLIED, referral=climbing.refer(cast, is_confidential=True))
    assert "likes" not in facts.known(person=cast.jamie, family=cast.family, day=cast.day)


def test_a_services_ages_are_rules_where_it_has_no_other(cast: Cast) -> None:
    (rule_of_age,) = facts.criteria(cast.youth_club)
    assert rule_of_age.sentence == "For people aged 11 to 18."
    assert len(facts.criteria(cast.mentor)) == 1  # its own rule about the age stands alone
    cast.youth_club.maximum_age = None
    assert facts.criteria(cast.youth_club)[0].sentence == "For people aged 11 or over."
    cast.youth_club.minimum_age, cast.youth_club.maximum_age = None, 5
    assert facts.criteria(cast.youth_club)[0].sentence == "For people aged up to 5."


def test_a_missing_answer_is_named(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.SOFT_REFERRED)
    before = climbing.trace(referral)
    with pytest.raises(referrals.AnswersMissing) as refusal:
        referrals.apply(
            referral=referral,
            answers={"likes": ""},
            basis="public_task",  # type: ignore[arg-type]
            by=cast.by(cast.amira),
            at=cast.at,
        )
    assert refusal.value.missing == ("likes",)
    assert climbing.trace(referral) == before
