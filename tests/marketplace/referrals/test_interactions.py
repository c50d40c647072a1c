"""Several steps in one interaction: one form, one key, all or nothing."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cms import catalogue, criteria
from cms.models import Criterion, CriterionOperator, Process, Step
from marketplace.referrals import acts, interactions, referrals
from marketplace.referrals.models import Assessment, Referral, Rung, StepTaken, TurnedAway
from marketplace.sharing.models import Basis
from tests.cast import Cast
from tests.marketplace.referrals import climbing

TOGETHER = (Step.DECIDE_ELIGIBILITY, Step.ASSESS)


def together(cast: Cast, *steps: Step) -> None:
    """Let the family support do these steps in one interaction."""
    criteria.do_together(service=cast.family_support, steps=steps or TOGETHER)


def applied(cast: Cast) -> Referral:
    """Return the family support for Fred, applied for."""
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    by = cast.by(cast.amira)
    referrals.check_eligibility(referral=referral, answers={}, by=by, at=cast.at)
    referrals.apply(
        referral=referral, answers=climbing.ANSWERS, basis=Basis.PUBLIC_TASK, by=by, at=cast.at
    )
    return climbing.again(referral)


def take(cast: Cast, referral: Referral, quantity: int | None = 3) -> Referral:
    """Decide and assess in one go, as Ingrid."""
    return interactions.take(
        referral=referral,
        together=TOGETHER,
        given=interactions.Given(quantity=quantity),
        by=cast.by(cast.ingrid),
        at=cast.at,
    )


def test_steps_of_one_interaction_are_taken_in_one_go(cast: Cast) -> None:
    together(cast)
    referral = applied(cast)
    assert interactions.steps(referral) == TOGETHER
    by = cast.by(cast.ingrid)
    assert interactions.allowed(referral=referral, by=by, at=cast.at) == TOGETHER
    taken = take(cast, referral)
    assert (taken.rung, taken.quantity) == (Rung.HARD_REFERRED, 3)
    assert acts.remaining(taken)[0] == Step.COMMISSION


def test_one_that_is_refused_takes_the_others_back(cast: Cast) -> None:
    together(cast)
    referral = applied(cast)
    before = climbing.trace(referral)
    with pytest.raises(Exception, match="whole number"):
        take(cast, referral, quantity=999)
    assert climbing.trace(referral) == before
    assert not Assessment.objects.exists()


def test_all_or_nothing_goes_red_without_its_transaction(cast: Cast) -> None:
    """The twin: the same steps outside of the one transaction leave half of them."""
    together(cast)
    referral = applied(cast)
    with pytest.raises(Exception, match="whole number"):
        interactions.take.__wrapped__(  # type: ignore[attr-defined]
            referral=referral,
            together=TOGETHER,
            given=interactions.Given(quantity=999),
            by=cast.by(cast.ingrid),
            at=cast.at,
        )
    assert StepTaken.objects.filter(referral=referral, step=Step.DECIDE_ELIGIBILITY).exists()


def test_a_step_that_stands_alone_is_taken_alone(cast: Cast) -> None:
    referral = applied(cast)
    assert interactions.steps(referral) == (Step.DECIDE_ELIGIBILITY,)
    with pytest.raises(interactions.NotTogether):
        take(cast, referral)


def test_who_lacks_one_of_the_steps_takes_none_of_them_in_one_go(cast: Cast) -> None:
    together(cast, Step.CHECK_ELIGIBILITY, Step.TAKE_APPLICATION, Step.DECIDE_ELIGIBILITY)
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    by = cast.by(cast.amira)
    assert len(interactions.steps(referral)) == 3
    assert interactions.allowed(referral=referral, by=by, at=cast.at) == ()


def test_money_and_times_are_never_done_together_with_others(cast: Cast) -> None:
    with pytest.raises(catalogue.Unfit):
        together(cast, Step.ASSESS, Step.COMMISSION)
    rows = Process.objects.filter(service=cast.family_support)
    assert not rows.exclude(interaction=None).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.filter(step=Step.COMMISSION).update(interaction=1)


@pytest.mark.once
def test_intakes_page_asks_everything_once_and_acts_once(cast_today: Cast) -> None:
    cast = cast_today
    together(cast)
    Criterion.objects.create(
        service=cast.family_support,
        fact="is_tenant",
        operator=CriterionOperator.IS,
        value=True,
        sentence="For people who rent their home.",
    )
    by = cast.by(cast.amira)
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    referrals.check_eligibility(referral=referral, answers={"is_tenant": True}, by=by, at=cast.at)
    referrals.apply(
        referral=referral, answers=climbing.ANSWERS, basis=Basis.PUBLIC_TASK, by=by, at=cast.at
    )
    ingrid = Client()
    ingrid.force_login(cast.ingrid)
    page = reverse("provider_referral", args=[referral.reference])
    html = ingrid.get(page).content.decode()
    assert "Decide who can have it" in html
    assert "Work out how much" in html
    assert html.count("For people who rent their home.") >= 1
    path = reverse("provider_together", args=[referral.reference])
    wrong = ingrid.post(path, {"quantity": "many", "form_key": str(uuid.uuid4())})
    assert wrong.status_code == 422
    assert climbing.again(referral).rung == Rung.APPLIED
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert ingrid.post(path, {"quantity": "3", "form_key": key}).status_code == 302
    now = climbing.again(referral)
    assert (now.rung, now.quantity) == (Rung.HARD_REFERRED, 3)
    assert "How much was given" in ingrid.get(page).content.decode()
    assert not TurnedAway.objects.exists()
