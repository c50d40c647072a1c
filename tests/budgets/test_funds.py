"""Money finds its way into plans by the rules of who gave it."""

from datetime import date
from typing import Any

import pytest

from budgets import families, funds, ledger, plans
from budgets.models import Account, Arm, Envelope, Event, Fund, Transfer
from cms.models import Term, TermTaxonomy
from tests.budgets.conftest import ENVELOPE_PENCE, FUND_PENCE, Purse, safe
from tests.cast import NOW


def term(slug: str, parent: Term | None = None) -> Term:
    """Add a need."""
    return Term.objects.create(
        taxonomy=TermTaxonomy.NEED, slug=f"money-{slug}", name=slug, parent=parent
    )


def envelope(purse: Purse, name: str, pence: int, **restrictions: Any) -> Envelope:
    """Put money of another fund into Fred's plan."""
    fund = funds.open(
        organisation=purse.county, name=name, year=2026, by=purse.by, at=NOW, **restrictions
    )
    funds.pay_in(fund=fund, amount_pence=pence, key=f"{name}:in", by=purse.by, at=NOW)
    return allocate(purse, fund=fund, amount_pence=pence, key=f"{name}:plan")


def allocate(purse: Purse, **said: Any) -> Envelope:
    """Put a share of a fund into Fred's plan."""
    figures = {"fund": purse.fund, "plan": purse.plan, "year": 2026, "by": purse.by, "at": NOW}
    return funds.allocate(**{**figures, **said})


def trace() -> tuple[int, int, list[Any]]:
    """Return all that money leaves behind."""
    accounts = list(Account.objects.order_by("pk").values())
    return Transfer.objects.count(), Event.objects.count(), accounts


def test_the_financial_year_begins_in_april() -> None:
    assert funds.year_of(date(2026, 4, 1)) == 2026
    assert funds.year_of(date(2027, 3, 31)) == 2026


def test_paying_in_goes_through_clearing_which_comes_back_to_nothing(purse: Purse) -> None:
    posted = {
        account.kind: ledger.balance(account=account).posted_pence
        for account in Account.objects.filter(organisation=purse.county)
    }
    assert posted == {"outside": -FUND_PENCE, "clearing": 0}
    assert purse.fund_account.left_pence == FUND_PENCE - ENVELOPE_PENCE


def test_paying_in_twice_with_one_key_pays_once(purse: Purse) -> None:
    before = trace()
    paid = funds.pay_in(
        fund=purse.fund, amount_pence=FUND_PENCE, key="purse:fund", by=purse.by, at=NOW
    )
    assert paid.key == "purse:fund"
    assert trace() == before
    with pytest.raises(ledger.KeyReused):
        funds.pay_in(fund=purse.fund, amount_pence=1, key="purse:fund", by=purse.by, at=NOW)
    with pytest.raises(ledger.NothingToMove):
        funds.pay_in(fund=purse.fund, amount_pence=0, key="nothing", by=purse.by, at=NOW)
    assert trace() == before


def test_allocating_twice_with_one_key_allocates_once(purse: Purse) -> None:
    before = trace()
    again = allocate(purse, amount_pence=ENVELOPE_PENCE, key="purse:plan")
    assert again == purse.envelope
    assert trace() == before


def test_more_goes_into_the_same_envelope(purse: Purse) -> None:
    assert allocate(purse, amount_pence=1_000, key="more") == purse.envelope
    assert purse.account.left_pence == ENVELOPE_PENCE + 1_000
    event = Event.objects.filter(verb="allocate").last()
    assert event is not None
    assert event.family == purse.family
    assert event.transfers == [str(Transfer.objects.get(key="more").reference)]


def test_a_fund_cannot_give_what_it_does_not_have(purse: Purse) -> None:
    before = trace()
    with pytest.raises(ledger.NotEnough) as refusal:
        allocate(purse, amount_pence=FUND_PENCE, key="too much")
    assert refusal.value.left_pence == FUND_PENCE - ENVELOPE_PENCE
    assert trace() == before


def test_a_family_of_the_control_group_gets_no_budget(purse: Purse) -> None:
    families.join_arm(
        family=purse.family, arm=Arm.CONTROL, on=NOW.date(), baseline={}, by=purse.by, at=NOW
    )
    before = trace()
    with pytest.raises(funds.NoBudget):
        allocate(purse, amount_pence=1, key="control")
    assert trace() == before


def test_a_fund_for_other_districts_is_not_allocated(purse: Purse) -> None:
    fund = funds.open(
        organisation=purse.county,
        name="Charnwood",
        year=2026,
        districts=["Charnwood"],
        by=purse.by,
        at=NOW,
    )
    before = trace()
    with pytest.raises(funds.OtherPlace, match="Charnwood"):
        allocate(purse, fund=fund, amount_pence=1, key="elsewhere")
    assert trace() == before


def test_the_most_restricted_money_that_fits_goes_first(purse: Purse) -> None:
    drugs, school = term("drugs"), term("school")
    narrow = envelope(purse, "Drugs, here", 500, needs=[drugs], districts=[purse.family.district])
    wide = envelope(purse, "Drugs or school", 800, needs=[drugs, school])

    def choose(amount_pence: int, *terms: Term) -> Envelope:
        return funds.choose(
            plan=purse.plan, service_terms=terms, year=2026, amount_pence=amount_pence
        )

    assert choose(400, drugs) == narrow
    assert choose(600, drugs) == wide
    assert choose(900, drugs) == purse.envelope
    assert choose(400, school) == wide
    assert choose(400, term("housing")) == purse.envelope
    assert choose(400, term("heroin", parent=drugs)) == narrow
    with pytest.raises(ledger.NotEnough) as refusal:
        choose(20_000, drugs)
    assert (refusal.value.left_pence, refusal.value.asked_pence) == (10_000, 20_000)
    assert "£100.00 left" in refusal.value.sentence


def test_another_years_money_is_not_chosen(purse: Purse) -> None:
    with pytest.raises(ledger.NotEnough) as refusal:
        funds.choose(plan=purse.plan, service_terms=[], year=2027, amount_pence=1)
    assert refusal.value.left_pence == 0


def test_several_amounts_are_spread_over_envelopes(purse: Purse) -> None:
    drugs = term("drugs")
    narrow = envelope(purse, "Drugs", 500, needs=[drugs])
    chosen = funds.spread(
        plan=purse.plan, service_terms=[drugs], year=2026, amounts_pence=[300, 300, 200]
    )
    assert chosen == [narrow, purse.envelope, narrow]
    with pytest.raises(ledger.NotEnough) as refusal:
        funds.spread(
            plan=purse.plan, service_terms=[drugs], year=2026, amounts_pence=[300, 10_000, 300]
        )
    assert (refusal.value.left_pence, refusal.value.asked_pence) == (10_500, 10_600)


def test_choosing_asks_a_constant_number_of_queries(
    purse: Purse, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        envelope(purse, f"Fund {number}", 100, needs=[term(f"need-{number}")])
    with django_assert_num_queries(2):
        funds.choose(plan=purse.plan, service_terms=[], year=2026, amount_pence=1)


def test_release_returns_what_is_left_and_only_that(purse: Purse) -> None:
    hold = ledger.hold(
        envelope=purse.envelope,
        organisation=purse.mentors,
        amount_pence=2_500,
        key="hold",
        service=purse.service,
        subject=None,
        by=purse.by,
        at=NOW,
    )
    released = funds.release(
        envelope=purse.envelope, key="year end", must_be_safe=safe, by=purse.by, at=NOW
    )
    assert released is not None
    assert released.amount_pence == 7_500
    assert (
        funds.release(
            envelope=purse.envelope, key="year end", must_be_safe=safe, by=purse.by, at=NOW
        )
        == released
    )
    assert (
        funds.release(envelope=purse.envelope, key="again", must_be_safe=safe, by=purse.by, at=NOW)
        is None
    )
    ledger.void(hold=hold, key="void", by=purse.by, at=NOW)
    funds.release(envelope=purse.envelope, key="the rest", must_be_safe=safe, by=purse.by, at=NOW)
    assert purse.fund_account.left_pence == FUND_PENCE
    other = Fund.objects.create(organisation=purse.county, name="Other", year=2026, created_at=NOW)
    Account.objects.create(kind="fund", fund=other)
    second = Envelope.objects.create(plan=purse.plan, fund=other, year=2026)
    Account.objects.create(kind="envelope", envelope=second)
    with pytest.raises(ledger.KeyReused):
        funds.release(envelope=second, key="year end", must_be_safe=safe, by=purse.by, at=NOW)
    assert ledger.prove().ok


def test_a_second_plan_of_the_family_has_its_own_money(purse: Purse) -> None:
    plans.close(plan=purse.plan, on=NOW.date(), must_be_safe=safe, by=purse.by, at=NOW)
    plan = plans.open(
        family=purse.family,
        starts_on=NOW.date(),
        ends_on=date(2030, 1, 1),
        vision="",
        by=purse.by,
        at=NOW,
    )
    allocate(purse, plan=plan, amount_pence=300, key="second")
    assert ledger.plan_balance(plan=plan).left_pence == 300
    assert ledger.plan_balance(plan=purse.plan).total_pence == 0
