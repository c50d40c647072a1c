"""Whom criteria turn away is counted; nobody says no by a rule that is not published."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from cms.models import Criterion, CriterionOperator
from marketplace.insight import turned_away as insight
from marketplace.people.models import User
from marketplace.referrals import endings, facts, referrals, turned_away
from marketplace.referrals.models import (
    AgeBand,
    EndReason,
    Referral,
    Rung,
    TurnedAway,
    TurningPoint,
)
from marketplace.sharing.models import Basis
from tests.cast import Cast
from tests.marketplace.referrals import climbing

TENANT = "For people who rent their home."
RENTS = "is_tenant"


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def for_tenants(cast: Cast) -> None:
    """Let the family support be for tenants only."""
    Criterion.objects.create(
        service=cast.family_support,
        fact=RENTS,
        operator=CriterionOperator.IS,
        value=True,
        sentence=TENANT,
    )


def applied(cast: Cast, **facts: Any) -> Referral:
    """Return the family support for Fred, applied for and handed over; then it is for tenants."""
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    by = cast.by(cast.amira)
    referrals.check_eligibility(referral=referral, answers=facts, by=by, at=cast.at)
    referrals.apply(
        referral=referral, answers=climbing.ANSWERS, basis=Basis.PUBLIC_TASK, by=by, at=cast.at
    )
    referrals.hand_over(referral=referral, by=by, at=cast.at)
    for_tenants(cast)
    return climbing.again(referral)


def decline(cast: Cast, referral: Referral, **given: Any) -> Referral:
    """Say no as Ingrid: it is for somebody else."""
    return endings.decline(
        referral=referral,
        reason=EndReason.NOT_ELIGIBLE,
        words="It is for people who rent.",
        by=cast.by(cast.ingrid),
        at=cast.at,
        **given,
    )


def post(cast: Cast, referral: Referral, step: str, key: uuid.UUID, **fields: Any) -> int:
    """Send the form of a step as Ingrid."""
    path = reverse("provider_step", args=[referral.reference, step])
    return browser(cast.ingrid).post(path, {"form_key": str(key), **fields}).status_code


def test_a_refused_decision_leaves_nothing_but_its_count_once_a_form(cast_today: Cast) -> None:
    cast = cast_today
    referral = applied(cast)
    before = climbing.trace(referral)
    key = uuid.uuid4()
    for _again in range(2):
        assert post(cast, referral, "decide_eligibility", key, fact_is_tenant="no") == 422
    assert climbing.trace(referral) == before
    counted = TurnedAway.objects.get()
    assert (counted.service, counted.person, counted.family) == (
        cast.family_support,
        cast.fred,
        cast.family,
    )
    assert (counted.sentence, counted.point) == (TENANT, TurningPoint.DECIDE)
    assert (counted.age_band, counted.district) == (AgeBand.TO_64, cast.family.district)
    assert (counted.referral, counted.organisation) == (referral.reference, cast.county.reference)
    assert post(cast, referral, "decide_eligibility", uuid.uuid4(), fact_is_tenant="no") == 422
    assert TurnedAway.objects.count() == 2  # another form: turned away again


def test_the_count_is_the_doors_and_goes_red_without_it(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: with the counting off, the refused act leaves nothing at all."""
    monkeypatch.setattr(turned_away, "count", lambda **_known: None)
    referral = applied(cast_today)
    key = uuid.uuid4()
    assert post(cast_today, referral, "decide_eligibility", key, fact_is_tenant="no") == 422
    assert not TurnedAway.objects.exists()


def test_a_sitting_that_is_refused_is_counted_though_no_referral_stays(cast_today: Cast) -> None:
    cast = cast_today
    for_tenants(cast)
    path = reverse("advocate_ask", args=[cast.family.reference, cast.family_support.slug])
    sent = {
        "form_key": str(uuid.uuid4()),
        "comes": "as_well",
        "fact_is_tenant": "no",
        "answer_what_to_change": "Fewer rows.",
        "answer_likes": "Bikes.",
    }
    query = f"?person={cast.fred.reference}&safe=yes"
    assert browser(cast.amira).post(path + query, sent).status_code == 422
    assert not Referral.objects.exists()
    counted = TurnedAway.objects.get()
    assert (counted.referral, counted.point) == (None, TurningPoint.CHECK)


@pytest.mark.parametrize(
    ("unmet", "answers"),
    [
        ("", {}),
        ("We are full of this sort of family.", {}),  # made up
        (TENANT, {}),  # published, but nobody knows that it is not met
        (TENANT, {RENTS: True}),  # published, and met
    ],
)
def test_nobody_makes_up_a_rule_to_say_no_by(
    cast: Cast, unmet: str, answers: dict[str, Any]
) -> None:
    referral = applied(cast)
    before = climbing.trace(referral)
    with pytest.raises(turned_away.NotPublished):
        decline(cast, referral, unmet=unmet, answers=answers)
    assert climbing.trace(referral) == before
    assert not TurnedAway.objects.exists()


def test_the_guard_on_a_no_goes_red_when_it_is_off(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: without it a made-up rule turns somebody away."""
    rule = facts.criteria(cast.mentor)[0]
    monkeypatch.setattr(turned_away, "must_be_published", lambda **_known: rule)
    declined = decline(cast, applied(cast), unmet="Not our sort.")
    assert declined.rung == Rung.DECLINED


def test_a_no_by_a_published_rule_is_counted_and_never_blocks_asking_again(cast: Cast) -> None:
    referral = applied(cast)
    declined = decline(cast, referral, unmet=TENANT, answers={RENTS: False})
    assert declined.rung == Rung.DECLINED
    counted = TurnedAway.objects.get()
    assert (counted.point, counted.fact) == (TurningPoint.DECLINE, RENTS)
    again = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    assert again.pk != referral.pk


def test_any_other_reason_needs_no_rule(cast: Cast) -> None:
    referral = applied(cast)
    endings.decline(
        referral=referral,
        reason=EndReason.NO_PLACE,
        words="We are full.",
        by=cast.by(cast.ingrid),
        at=cast.at,
    )
    assert not TurnedAway.objects.exists()


def test_the_form_of_a_no_offers_only_published_rules_that_stand_against_it(
    cast_today: Cast,
) -> None:
    cast = cast_today
    referral = applied(cast)
    ingrid = browser(cast.ingrid)
    html = ingrid.get(reverse("provider_referral", args=[referral.reference])).content.decode()
    assert "Which published rule is not met?" in html
    assert "not known yet: answer below" in html
    path = reverse("provider_decline_referral", args=[referral.reference])
    sent = {"reason": "not_eligible", "words": "It is for people who rent."}
    assert ingrid.post(path, sent).status_code == 422  # no rule named
    told = {**sent, "unmet": TENANT, "fact_is_tenant": "no", "form_key": str(uuid.uuid4())}
    assert ingrid.post(path, told).status_code == 302
    assert climbing.again(referral).rung == Rung.DECLINED
    assert TurnedAway.objects.get().point == TurningPoint.DECLINE


def test_a_no_cannot_say_not_eligible_where_every_rule_is_met(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    html = (
        browser(cast.ingrid)
        .get(reverse("provider_referral", args=[referral.reference]))
        .content.decode()
    )
    assert "Every published rule is met" in html
    assert 'value="not_eligible"' not in html


def test_small_numbers_and_secrets_are_counted_and_not_broken_down(cast: Cast) -> None:
    referral = applied(cast)
    for _number in range(4):
        failed = [facts.criteria(cast.family_support)[-1]]
        turned = turned_away.Turned.of(referral, criteria=failed, point=TurningPoint.DECIDE)
        turned_away.count(turned=turned, key=uuid.uuid4(), by=cast.by(cast.ingrid), at=cast.at)
    (rule,) = insight.of(services=[cast.family_support], at=cast.at)[cast.family_support.pk].rules
    assert (rule.number, rule.ages, rule.districts) == (4, (), ())
    turned_away.count(turned=turned, key=uuid.uuid4(), by=cast.by(cast.ingrid), at=cast.at)
    (rule,) = insight.of(services=[cast.family_support], at=cast.at)[cast.family_support.pk].rules
    assert [cell.number for cell in rule.ages] == [5]
    cast.family_support.is_confidential = True
    (rule,) = insight.of(services=[cast.family_support], at=cast.at)[cast.family_support.pk].rules
    assert (rule.number, rule.ages, rule.districts) == (5, (), ())


CELLS = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 40), min_size=1)


def unsaid_alone(numbers: dict[str, int]) -> None:
    """Reckon as a reader might: what is left of the whole belongs to several, and is not small."""
    shown = insight._cells(numbers)
    if not shown:
        assert sum(numbers.values()) < insight.SMALL
        return
    assert [cell.label for cell in shown] == sorted(numbers)
    said = {cell.label: cell.number for cell in shown if cell.number is not None}
    assert all(number >= insight.SMALL for number in said.values())
    left = len(numbers) - len(said)
    if left:
        assert left > 1
        assert sum(numbers.values()) - sum(said.values()) >= insight.SMALL


@pytest.mark.once
@given(CELLS)
@example({"a": 1, "b": 40})
@example({"a": 1, "b": 2, "c": 9, "d": 40})
def test_no_small_number_is_reckoned_from_the_others(numbers: dict[str, int]) -> None:
    unsaid_alone(numbers)


@pytest.mark.once
def test_without_that_a_small_number_is_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: only the small one is not said, and the whole gives it away."""
    monkeypatch.setattr(
        insight,
        "_unsaid",
        lambda numbers: {name for name, number in numbers.items() if number < insight.SMALL},
    )
    with pytest.raises(AssertionError):
        unsaid_alone({"a": 1, "b": 40})


def test_a_family_that_is_told_before_asking_is_counted_once_a_day(cast_today: Cast) -> None:
    """Fred is too old for the mentor, and his record says so: no form ever asks."""
    cast = cast_today
    fred = browser(cast.fred_user)
    path = reverse("family_ask", args=[cast.mentor.slug])
    for _look in range(2):
        html = fred.get(path, {"safe": "yes", "for": str(cast.fred.reference)}).content.decode()
        assert "For people aged 10 to 18." in html
    counted = TurnedAway.objects.get()
    assert (counted.point, counted.person, counted.organisation) == (
        TurningPoint.TOLD,
        cast.fred,
        None,
    )
    assert counted.is_confidential  # nobody at home reads what he only looked at
