"""A quote holds fourteen days: then it is made again, and a new figure needs a new yes."""

from datetime import timedelta
from typing import Any

import pytest

from budgets.models import Transfer
from cms.models import Service, Step
from marketplace.notices.models import Notice
from marketplace.referrals import acts, approvals, commissions, referrals, requotes
from marketplace.referrals.models import Approval, Promise, PromiseKind, Referral, Rung
from pricing import prices, quotes
from pricing.models import Confidence, Funding, PriceUnit, Quote
from tests.cast import MENTOR_PENCE, Cast
from tests.marketplace.referrals import climbing


def reprice(cast: Cast, amount_pence: int, service: Service | None = None) -> None:
    """Let the mentor cost something else from today on."""
    prices.set_price(
        service=service or cast.mentor,
        amount_pence=amount_pence,
        unit=PriceUnit.SESSION,
        funding=Funding.SPOT_PURCHASE,
        confidence=Confidence.AGREED,
        price_year="2026/27",
        source="The next contract",
        valid_from=cast.day,
        by=str(cast.colin.reference),
        at=cast.at,
    )


def quoted(referral: Referral) -> Quote:
    """Return the quote that stands."""
    quote = climbing.again(referral).quote
    assert quote is not None
    return quote


def buy(cast: Cast, referral: Referral, **later: int) -> Referral:
    """Set the money aside, so much later."""
    return commissions.commission(referral=referral, by=cast.by(cast.amira), at=cast.later(**later))


def test_until_its_last_moment_a_quote_is_bought_at_whatever_the_price_is_by_now(
    cast: Cast,
) -> None:
    referral = climbing.ready(cast)
    reprice(cast, 9_900)
    at = quoted(referral).expires_at - timedelta(seconds=1)
    commissions.commission(referral=referral, by=cast.by(cast.amira), at=at)
    assert {hold.amount_pence for hold in Transfer.objects.holds()} == {MENTOR_PENCE}


def test_what_ran_out_and_costs_the_same_is_quoted_again_and_bought(cast: Cast) -> None:
    referral = climbing.ready(cast)
    old = quoted(referral)
    buy(cast, referral, days=14)
    new = quoted(referral)
    assert climbing.again(referral).rung == Rung.COMMISSIONED
    assert (new.total_pence, new.quoted_at) == (old.total_pence, cast.later(days=14))
    assert Quote.objects.get(pk=old.pk).expires_at == cast.later(days=14)


def test_what_ran_out_and_costs_something_else_is_not_bought_on_the_old_yes(cast: Cast) -> None:
    referral = climbing.ready(cast)
    reprice(cast, 3_000)
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        buy(cast, referral, days=14)
    assert climbing.codes(refusal) == {"quote_expired"}
    assert climbing.trace(referral) == before


def test_with_the_guard_off_the_old_yes_would_buy_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = climbing.ready(cast)
    reprice(cast, 3_000)
    monkeypatch.setattr(quotes, "still_holds", lambda **_given: True)
    buy(cast, referral, days=14)
    assert {hold.amount_pence for hold in Transfer.objects.holds()} == {3_000}


def test_the_sweep_asks_the_family_again_and_their_new_yes_buys_it(cast: Cast) -> None:
    referral = climbing.ready(cast)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    reprice(cast, 3_000)
    at = cast.later(days=14)
    assert requotes.sweep(at=at - timedelta(seconds=1)) == 0
    assert requotes.sweep(at=at) == 1
    now = climbing.again(referral)
    assert (now.has_yes, quoted(referral).total_pence) == (False, 18_000)
    assert climbing.verbs(referral)[-1] == "requote"
    asked = Promise.objects.open().get(referral=referral)
    assert asked.kind == PromiseKind.SAY_YES
    told = Notice.objects.filter(kind="price_changed").values_list("user__email", flat=True)
    assert {cast.fred_user.email, cast.amira.email} <= set(told)
    assert requotes.sweep(at=at) == 0
    climbing.say_yes(cast, referral, at=at)
    buy(cast, referral, days=14)
    assert {hold.amount_pence for hold in Transfer.objects.holds()} == {3_000}


def test_the_sweep_leaves_a_yes_to_the_same_figure_alone(cast: Cast) -> None:
    referral = climbing.ready(cast)
    old = quoted(referral)
    assert requotes.sweep(at=cast.later(days=15)) == 1
    assert climbing.again(referral).has_yes
    assert quoted(referral) != old
    assert "requote" not in climbing.verbs(referral)


def test_what_is_bought_is_never_quoted_again(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    old = quoted(referral)
    reprice(cast, 3_000)
    assert requotes.sweep(at=cast.later(days=100)) == 0
    assert quoted(referral) == old


def test_whoever_was_asked_to_approve_is_not_asked_any_more(cast: Cast) -> None:
    referral = climbing.limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    reprice(cast, 3_000)
    late = cast.later(days=14)
    with pytest.raises(acts.NotAllowed):
        approvals.approve(approval=approval, by=cast.by(cast.colin), at=late)
    assert requotes.sweep(at=late) == 1
    assert not Approval.objects.waiting().exists()
    assert not Transfer.objects.holds().exists()


def test_a_service_that_lost_its_price_is_quoted_once_it_has_one_again(cast: Cast) -> None:
    referral = climbing.ready(cast)
    said: dict[str, Any] = {"by": "colin", "at": cast.at}
    day = cast.later(days=1).date()
    prices.end(service=cast.mentor, unit=PriceUnit.SESSION, on=day, **said)
    late = cast.later(days=14)
    assert requotes.sweep(at=late) == 1
    now = climbing.again(referral)
    assert (now.quote, now.has_yes) == (None, False)
    assert requotes.sweep(at=late) == 0
    prices.set_price(
        service=cast.mentor,
        amount_pence=2_600,
        unit=PriceUnit.SESSION,
        funding=Funding.SPOT_PURCHASE,
        confidence=Confidence.AGREED,
        price_year="2026/27",
        source="The next contract",
        valid_from=day,
        by="colin",
        at=late,
    )
    assert requotes.sweep(at=late) == 1
    assert quoted(referral).total_pence == 6 * 2_600


def test_a_legal_right_does_not_wait_for_its_price(cast: Cast) -> None:
    Service.objects.filter(pk=cast.mentor.pk).update(is_statutory=True)
    referral = climbing.ready(cast)
    reprice(cast, 3_000)
    act = acts.act_for(
        referral=climbing.again(referral),
        step=Step.COMMISSION,
        by=cast.by(cast.amira),
        at=cast.later(days=14),
    )
    assert act.allowed, act.reasons
