"""The rung that moves money: whole or not at all, within limits, or by somebody else's yes."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, close_old_connections, connection

from budgets import history, ledger, plans
from budgets.models import Event, Transfer
from cms.models import Step
from marketplace.authority import uses
from marketplace.authority.models import Rule, Use
from marketplace.referrals import (
    acts,
    approvals,
    commissions,
    endings,
    offers,
    reach,
    referrals,
    sittings,
)
from marketplace.referrals.models import (
    Approval,
    ApprovalState,
    Promise,
    Referral,
    Rung,
    StepTaken,
    YesHow,
)
from marketplace.sharing.models import Reason
from tests.cast import MENTOR_PENCE, PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing

TOTAL = 6 * MENTOR_PENCE


def ready(cast: Cast) -> Referral:
    """Return the mentor's referral, agreed and with Fred's yes."""
    return climbing.say_yes(cast, climbing.climb(cast, to=Rung.HARD_REFERRED))


def commission(cast: Cast, referral: Referral, who: str = "amira") -> Referral:
    """Set the money aside."""
    return commissions.commission(referral=referral, by=cast.by(cast.users[who]), at=cast.at)


def codes(refusal: Any) -> set[str]:
    """Return why an act was refused."""
    return {reason.code for reason in refusal.value.act.reasons}


def money(cast: Cast) -> tuple[int, int, int]:
    """Return what is left, set aside and spent."""
    found = ledger.plan_balance(plan=cast.plan)
    return found.left_pence, found.set_aside_pence, found.spent_pence


def test_money_moves_from_left_to_set_aside_with_the_rung(cast: Cast) -> None:
    referral = ready(cast)
    assert money(cast) == (PLAN_PENCE, 0, 0)
    commission(cast, referral)
    assert money(cast) == (PLAN_PENCE - TOTAL, TOTAL, 0)
    now = climbing.again(referral)
    assert (now.rung, now.is_charged_to_plan, now.quantity) == (Rung.COMMISSIONED, True, 6)
    event = history.of(referral.reference).filter(verb="commission").get()
    holds = Transfer.objects.filter(subject=referral.reference).order_by("pk")
    assert event.transfers == [str(hold.reference) for hold in holds]
    assert event.rule is not None
    assert {hold.amount_pence for hold in holds} == {MENTOR_PENCE}
    assert len(holds) == 6
    assert ledger.prove().ok


def test_without_the_persons_yes_nothing_moves(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        commission(cast, referral)
    assert codes(refusal) == {"no_yes"}
    assert climbing.trace(referral) == before


def test_not_enough_money_is_refused_with_nothing_changed(cast: Cast) -> None:
    cast.agreement.rules.filter(step=Step.COMMISSION).update(
        limit_commission_pence=None, limit_family_year_pence=None, limit_year_pence=None
    )
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    offers.freeze(referral=climbing.again(referral), quantity=200, at=cast.at)
    climbing.say_yes(cast, referral)
    commission(cast, referral)  # £5,000.00 of £6,000.00
    second = climbing.climb(cast, to=Rung.HARD_REFERRED)
    offers.freeze(referral=climbing.again(second), quantity=41, at=cast.at)
    climbing.say_yes(cast, second)
    before = climbing.trace(second)
    with pytest.raises(acts.NotAllowed) as refusal:
        commission(cast, second)
    assert codes(refusal) == {"no_money"}
    assert "It costs £1,025.00 and £1,000.00 is left." in refusal.value.sentence
    assert climbing.trace(second) == before


def test_a_legal_right_costs_the_plan_nothing_and_is_never_refused_for_money(cast: Cast) -> None:
    cast.mentor.is_statutory = True
    cast.mentor.save()
    plans.close(plan=cast.plan, on=cast.day, by=cast.by(cast.fred_user), at=cast.at)
    referral = commission(cast, ready(cast))
    assert referral.rung == Rung.COMMISSIONED
    assert referral.is_charged_to_plan is False
    assert Transfer.objects.filter(subject=referral.reference).count() == 0


def test_a_plan_that_is_not_active_pays_for_nothing(cast: Cast) -> None:
    referral = ready(cast)
    plans.close(plan=cast.plan, on=cast.day, by=cast.by(cast.fred_user), at=cast.at)
    with pytest.raises(acts.NotAllowed) as refusal:
        commission(cast, referral)
    assert codes(refusal) == {"no_plan"}


def test_a_mentor_whose_check_ran_out_is_not_commissioned(cast: Cast) -> None:
    referral = ready(cast)
    cast.mentor.check_valid_until = cast.day.replace(year=2025)
    cast.mentor.save()
    with pytest.raises(acts.NotAllowed) as refusal:
        commission(cast, referral)
    assert codes(refusal) == {"not_offered"}


def test_an_amount_that_changes_takes_the_yes_back(cast: Cast) -> None:
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    ingrid = cast.by(cast.ingrid)
    referrals.check_eligibility(referral=referral, answers={}, by=ingrid, at=cast.at)
    referrals.apply(
        referral=referral,
        answers=climbing.ANSWERS,
        basis="public_task",  # type: ignore[arg-type]
        by=ingrid,
        at=cast.at,
    )
    referrals.decide_eligibility(referral=referral, by=ingrid, at=cast.at)
    climbing.say_yes(cast, referral)
    referrals.assess(referral=referral, quantity=3, by=ingrid, at=cast.at)
    assert climbing.again(referral).yes_at is None


def test_a_yes_stands_once_money_is_set_aside_on_it(cast: Cast) -> None:
    referral = commission(cast, ready(cast))
    with pytest.raises(referrals.AlreadySettled):
        climbing.say_yes(cast, referral)


@pytest.mark.parametrize("who", ["anne", "stacey", "jamie", "olive"])
def test_only_who_decides_says_yes(cast: Cast, who: str) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    with pytest.raises(referrals.NotTheirs):
        referrals.say_yes(
            referral=referral,
            person=cast.persons[who],
            how=YesHow.TOLD_ADVOCATE,
            by=cast.by(cast.amira),
            at=cast.at,
        )


def test_what_a_child_keeps_to_himself_he_says_yes_to_himself(cast: Cast) -> None:
    referral = climbing.refer(cast, goal=cast.jamie_secret_goal)
    assert referral.is_confidential
    climbing.climb(cast, to=Rung.HARD_REFERRED, referral=referral)
    with pytest.raises(referrals.NotTheirs):
        climbing.say_yes(cast, referral)
    by = cast.by(cast.amira)
    referrals.say_yes(
        referral=referral, person=cast.jamie, how=YesHow.TOLD_ADVOCATE, by=by, at=cast.at
    )
    assert commission(cast, referral).rung == Rung.COMMISSIONED


# Limits, and somebody else's yes


def limited(cast: Cast, **limits: int) -> Referral:
    """Return a referral ready for money, under a rule with these limits."""
    cast.agreement.rules.filter(service=cast.mentor, step=Step.COMMISSION).update(**limits)
    return ready(cast)


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("limit_commission_pence", "over_limit"),
        ("limit_family_year_pence", "over_family_limit"),
        ("limit_year_pence", "over_year_limit"),
    ],
)
def test_a_penny_over_any_limit_waits_for_approval(cast: Cast, limit: str, code: str) -> None:
    referral = limited(cast, **{limit: TOTAL - 1})
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        commission(cast, referral)
    assert codes(refusal) == {code}
    assert refusal.value.act.needs_approval
    assert climbing.trace(referral) == before


def test_exactly_the_limit_goes_through_and_splitting_does_not_get_round_it(cast: Cast) -> None:
    commission(cast, limited(cast, limit_family_year_pence=TOTAL))
    with pytest.raises(acts.NotAllowed) as refusal:
        commission(cast, ready(cast))
    assert codes(refusal) == {"over_family_limit"}


def test_over_her_limit_another_person_approves_under_her_own_authority(cast: Cast) -> None:
    referral = limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert approval.organisation == cast.county
    assert approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at) == approval
    assert climbing.verbs(referral).count("ask_approval") == 1
    approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    assert climbing.again(referral).rung == Rung.COMMISSIONED
    step = StepTaken.objects.get(referral=referral, step=Step.COMMISSION)
    rule = Rule.objects.get(reference=step.rule)
    assert rule.agreement == cast.scheme
    assert money(cast)[1] == TOTAL
    assert not Reason.objects.filter(kind="approval", closed_at=None).exists()
    assert not Promise.objects.open().filter(kind="approve").exists()


@pytest.mark.parametrize("who", ["amira", "dev", "ingrid", "femi", "nadia", "fred_user"])
def test_neither_the_asker_nor_anybody_who_was_not_asked_answers(cast: Cast, who: str) -> None:
    referral = limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    by = cast.by(cast.users[who])
    with pytest.raises(approvals.NotYours):
        approvals.approve(approval=approval, by=by, at=cast.at)
    with pytest.raises(approvals.NotYours):
        approvals.refuse(approval=approval, words="No.", by=by, at=cast.at)
    assert Approval.objects.get().state == ApprovalState.WAITING
    assert money(cast) == (PLAN_PENCE, 0, 0)


def test_an_approver_needs_enough_limit_herself(cast: Cast) -> None:
    cast.scheme.rules.update(limit_commission_pence=100)
    approval = approvals.ask(
        referral=limited(cast, limit_commission_pence=100), by=cast.by(cast.amira), at=cast.at
    )
    with pytest.raises(approvals.NotYours):
        approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    approvals.approve(approval=approval, by=cast.by(cast.helena), at=cast.at)
    assert money(cast)[1] == TOTAL


def test_a_refused_cost_leaves_the_referral_where_it_is(cast: Cast) -> None:
    referral = limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    approvals.refuse(approval=approval, words="Six is a lot.", by=cast.by(cast.colin), at=cast.at)
    assert climbing.again(referral).rung == Rung.HARD_REFERRED
    with pytest.raises(approvals.NotWaiting):
        approvals.approve(approval=approval, by=cast.by(cast.helena), at=cast.at)


def test_what_was_stopped_meanwhile_needs_no_approval_any_more(cast: Cast) -> None:
    referral = limited(cast, limit_commission_pence=100)
    approval = approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)
    endings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert Approval.objects.get().state == ApprovalState.CLOSED
    with pytest.raises(approvals.NotWaiting):
        approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    assert money(cast) == (PLAN_PENCE, 0, 0)


# What comes back


@pytest.mark.parametrize("how", ["cancel", "withdraw"])
def test_what_is_stopped_gives_back_the_money_and_the_use_of_the_rule(cast: Cast, how: str) -> None:
    referral = commission(cast, ready(cast))
    assert set(Use.objects.values_list("amount_pence", flat=True)) == {TOTAL}
    by = cast.by(cast.amira)
    if how == "cancel":
        commissions.cancel(referral=referral, by=by, at=cast.at)
    else:
        endings.withdraw(referral=referral, by=by, at=cast.at)
    assert money(cast) == (PLAN_PENCE, 0, 0)
    assert set(Use.objects.values_list("amount_pence", flat=True)) == {0}
    assert ledger.prove().ok


def test_a_cancelled_commission_needs_a_new_yes_and_can_be_made_again(cast: Cast) -> None:
    referral = commission(cast, ready(cast))
    commissions.cancel(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert climbing.again(referral).yes_at is None
    climbing.say_yes(cast, referral)
    commission(cast, referral)
    assert money(cast) == (PLAN_PENCE - TOTAL, TOTAL, 0)
    assert (
        not Reason.objects.filter(
            kind="booking", subject=referral.reference, closed_at=None
        ).count()
        > 1
    )


# A sitting, and how far it may go


def test_a_sitting_ends_by_itself_where_nothing_more_is_hers(cast: Cast) -> None:
    by = cast.by(cast.amira)
    given: dict[str, Any] = {
        "family": cast.family,
        "why": sittings.Why(plan=cast.plan),
        "facts": {},
        "answers": climbing.ANSWERS,
        "by": by,
        "at": cast.at,
    }
    mentor = sittings.ask(person=cast.jamie, service=cast.mentor, **given)
    support = sittings.ask(person=cast.fred, service=cast.family_support, **given)
    told = sittings.ask(person=cast.jamie, service=cast.confidential, **given)
    assert (mentor.rung, mentor.handed_over_rung) == (Rung.APPLIED, "")
    assert (support.rung, support.handed_over_rung) == (Rung.APPLIED, Rung.APPLIED)
    assert (told.rung, told.handed_over_rung) == (Rung.SIGNPOSTED, Rung.SIGNPOSTED)


def test_one_form_is_sent_to_all_or_to_none(cast: Cast) -> None:
    with pytest.raises(referrals.NotEligible):
        sittings.ask_many(
            person=cast.josh,
            family=cast.family,
            services=[cast.family_support, cast.mentor],
            why=sittings.Why(),
            facts={},
            answers=climbing.ANSWERS,
            by=cast.by(cast.amira),
            at=cast.at,
        )
    assert Referral.objects.count() == 0
    assert Event.objects.filter(subject_kind="referral").count() == 0


@pytest.mark.parametrize("who", ["amira", "nadia", "ingrid", "colin", "dev"])
def test_the_reach_in_a_list_is_what_the_rules_allow_step_by_step(cast: Cast, who: str) -> None:
    by = cast.by(cast.users[who])
    services = [cast.mentor, cast.family_support, cast.confidential]
    told = reach.of(services=services, by=by, at=cast.at, amounts_pence={cast.mentor.pk: TOTAL})
    for service in services:
        allowed = [
            acts.authority.decide(
                by=by,
                step=step,
                service=service,
                family=cast.family,
                amount_pence=TOTAL if service == cast.mentor else 0,
                at=cast.at,
            ).allowed
            for step in acts.needed(service)
        ]
        first_no = allowed.index(False) if False in allowed else None
        stopped = None if first_no is None else acts.needed(service)[first_no]
        assert told[service.pk].stopped_at == stopped, service


def test_the_reach_of_many_services_takes_as_many_queries_as_of_one(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    services = [cast.mentor, cast.family_support, cast.confidential, cast.youth_club]
    for number in (1, 4):
        few = type(cast.mentor).objects.filter(pk__in=[one.pk for one in services[:number]])
        rows = list(few.select_related("owner").prefetch_related("processes", "terms"))
        with django_assert_num_queries(3):
            reach.of(services=rows, by=cast.by(cast.amira), at=cast.at)


# Races


def race(*acts_at_once: Any) -> list[str]:
    """Run acts at once, each in a thread with a connection of its own; return how each ended."""
    start, ended = threading.Barrier(len(acts_at_once)), []

    def run(act: Any) -> None:
        try:
            start.wait()
            for _try in range(50):
                try:
                    act()
                    break
                except OperationalError as error:
                    if "locked" not in str(error):
                        raise
            ended.append("done")
        except history.Refused as refusal:
            ended.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts_at_once]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    return sorted(ended)


@pytest.mark.django_db(transaction=True)
def test_two_commissions_of_one_referral_at_once_set_money_aside_once(
    transactional_db: None, cast: Cast
) -> None:
    referral = ready(cast)
    ended = race(*[lambda: commission(cast, referral)] * 4)
    assert ended.count("done") == 1
    assert set(ended) <= {"done", "NotAllowed"}
    assert money(cast) == (PLAN_PENCE - TOTAL, TOTAL, 0)
    assert ledger.prove().ok


@pytest.mark.django_db(transaction=True)
def test_of_two_commissions_at_once_on_a_limit_for_one_only_one_goes_through(
    transactional_db: None, cast: Cast
) -> None:
    one = limited(cast, limit_family_year_pence=TOTAL)
    other = ready(cast)
    ended = race(lambda: commission(cast, one), lambda: commission(cast, other))
    assert ended.count("done") == 1
    assert money(cast)[1] == TOTAL
    year = uses.year_of(cast.day)
    rule = Rule.objects.get(agreement=cast.agreement, service=cast.mentor, step=Step.COMMISSION)
    assert uses.totals(rule=rule, family=cast.family, year=year).family_pence == TOTAL


@pytest.mark.django_db(transaction=True)
def test_a_commission_and_a_no_at_once_leave_money_set_aside_only_if_it_stands(
    transactional_db: None, cast: Cast
) -> None:
    referral = ready(cast)
    by = cast.by(cast.amira)
    race(
        lambda: commission(cast, referral),
        lambda: endings.withdraw(referral=referral, by=by, at=cast.at),
    )
    assert climbing.again(referral).rung == Rung.WITHDRAWN
    assert money(cast) == (PLAN_PENCE, 0, 0)
    assert ledger.prove().ok
