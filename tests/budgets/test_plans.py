"""A plan goes from draft to closed, and what is left goes back to who gave it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from budgets import funds, history, ledger, plans
from budgets.models import Event, Goal, Plan, PlanStatus, Transfer
from tests.budgets.conftest import ENVELOPE_PENCE, FUND_PENCE, Purse, safe
from tests.cast import NOW

TODAY = NOW.date()
ARROWS: dict[str, tuple[Callable[..., Plan], set[str], str]] = {
    "agree": (plans.agree, {"draft"}, "agreed"),
    "activate": (plans.activate, {"agreed"}, "active"),
    "review": (plans.review, {"active"}, "in_review"),
    "resume": (plans.resume, {"in_review"}, "active"),
}


@pytest.mark.parametrize("status", PlanStatus.values)
@pytest.mark.parametrize("verb", ARROWS)
def test_each_arrow_starts_where_it_may_and_nowhere_else(
    purse: Purse, verb: str, status: str
) -> None:
    act, starts, end = ARROWS[verb]
    closed_on = TODAY if status == "closed" else None
    Plan.objects.filter(pk=purse.plan.pk).update(status=status, closed_on=closed_on)
    before = Event.objects.count()
    if status in starts:
        assert act(plan=purse.plan, by=purse.by, at=NOW).status == end
        event = Event.objects.filter(subject=purse.plan.reference).last()
        assert event is not None
        assert (event.verb, event.from_state, event.to_state) == (verb, status, end)
    else:
        with pytest.raises(plans.NotNow) as refusal:
            act(plan=purse.plan, by=purse.by, at=NOW)
        assert refusal.value.sentence
        assert Event.objects.count() == before
        assert Plan.objects.get(pk=purse.plan.pk).status == status


def test_a_family_has_one_plan_at_a_time(purse: Purse) -> None:
    dates: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=1000)}
    with pytest.raises(plans.HasPlan):
        plans.open(family=purse.family, vision="", by=purse.by, at=NOW, **dates)
    plans.close(plan=purse.plan, on=TODAY, must_be_safe=safe, by=purse.by, at=NOW)
    plans.open(family=purse.family, vision="", by=purse.by, at=NOW, **dates)
    assert Plan.objects.current().count() == 1


def test_a_plan_ends_after_it_starts(purse: Purse) -> None:
    plans.close(plan=purse.plan, on=TODAY, must_be_safe=safe, by=purse.by, at=NOW)
    with pytest.raises(plans.WrongDates):
        plans.open(
            family=purse.family, starts_on=TODAY, ends_on=TODAY, vision="", by=purse.by, at=NOW
        )
    assert not Plan.objects.current().exists()


def test_goals_keep_their_order_and_their_score(purse: Purse) -> None:
    first = plans.add_goal(
        plan=purse.plan, words=" Fewer rows. ", score_at_start=3, by=purse.by, at=NOW
    )
    plans.add_goal(plan=purse.plan, words="Back at school.", by=purse.by, at=NOW)
    assert [goal.words for goal in purse.plan.goals.all()] == ["Fewer rows.", "Back at school."]
    goal = plans.score(goal=first, score=7, by=purse.by, at=NOW)
    assert (goal.score_at_start, goal.score_now) == (3, 7)
    goal = plans.reach(goal=goal, on=TODAY, by=purse.by, at=NOW)
    assert goal.is_reached
    events = Event.objects.count()
    plans.reach(goal=goal, on=TODAY, by=purse.by, at=NOW)
    assert Event.objects.count() == events
    assert [goal.words for goal in Goal.objects.open()] == ["Back at school."]


def test_history_of_a_confidential_goal_is_confidential_too(purse: Purse) -> None:
    goal = plans.add_goal(
        plan=purse.plan,
        words="A place of my own.",
        person=purse.stacey,
        is_confidential=True,
        by=purse.by,
        at=NOW,
    )
    event = history.of(goal.reference).get()
    assert (event.is_confidential, event.person) == (True, purse.stacey)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"words": "  "}, plans.NoWords),
        ({"words": "Calm.", "score_at_start": 11}, plans.WrongScore),
        ({"words": "Calm.", "score_at_start": 0}, plans.WrongScore),
    ],
)
def test_a_goal_without_words_or_with_a_wrong_score_is_refused(
    purse: Purse, wrong: dict[str, Any], refusal: type[history.Refused]
) -> None:
    with pytest.raises(refusal):
        plans.add_goal(plan=purse.plan, by=purse.by, at=NOW, **wrong)
    assert not Goal.objects.exists()


def test_closing_returns_what_is_left_to_its_fund(purse: Purse) -> None:
    plan = plans.close(plan=purse.plan, on=TODAY, must_be_safe=safe, by=purse.by, at=NOW)
    assert (plan.status, plan.closed_on) == (PlanStatus.CLOSED, TODAY)
    assert purse.account.left_pence == 0
    assert purse.fund_account.left_pence == FUND_PENCE
    assert ledger.prove().ok
    with pytest.raises(plans.NotNow):
        plans.close(plan=plan, on=TODAY, must_be_safe=safe, by=purse.by, at=NOW)
    with pytest.raises(plans.NotNow):
        plans.add_goal(plan=plan, words="Too late.", by=purse.by, at=NOW)
    with pytest.raises(funds.PlanClosed):
        funds.allocate(
            fund=purse.fund,
            plan=plan,
            year=2026,
            amount_pence=1,
            key="too late",
            by=purse.by,
            at=NOW,
        )


def test_a_plan_with_money_set_aside_stays_open(purse: Purse) -> None:
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
    before = Transfer.objects.count(), Event.objects.count()
    with pytest.raises(plans.StillSetAside, match=r"£25\.00") as refusal:
        plans.close(plan=purse.plan, on=TODAY, must_be_safe=safe, by=purse.by, at=NOW)
    assert refusal.value.set_aside_pence == 2_500
    assert (Transfer.objects.count(), Event.objects.count()) == before
    assert Plan.objects.get(pk=purse.plan.pk).is_active
    ledger.post(hold=hold, key="post", by=purse.by, at=NOW)
    plans.close(plan=purse.plan, on=TODAY, must_be_safe=safe, by=purse.by, at=NOW)
    assert purse.fund_account.left_pence == FUND_PENCE - 2_500
    money = ledger.plan_balance(plan=purse.plan)
    assert (money.left_pence, money.spent_pence, money.total_pence) == (0, 2_500, 2_500)
    assert ENVELOPE_PENCE == 10_000
