"""Every arrow: from each rung it may start at, from each it may not, and whole or not at all."""

from collections.abc import Callable
from typing import Any

import pytest

from budgets import history, ledger
from cms.models import Process, Step
from marketplace.bookings import bookings
from marketplace.bookings.models import Booking, Session, SessionState
from marketplace.referrals import acts, commissions, endings, ladder, referrals
from marketplace.referrals.models import EndReason, Outcome, Referral, Rung, StepTaken
from marketplace.referrals.models.referral import CLIMB, ENDS
from marketplace.sharing.models import Basis
from tests.cast import MENTOR_PENCE, Cast
from tests.marketplace.referrals import climbing

END_RUNGS = (Rung.COMPLETED, Rung.DECLINED, Rung.WITHDRAWN, Rung.EXPIRED)


def stand(cast: Cast, rung: Rung) -> Referral:
    """Return a referral that came to a rung by the verbs."""
    if rung in CLIMB:
        return climbing.climb(cast, to=rung)
    if rung == Rung.COMPLETED:
        return complete(cast, climbing.climb(cast, to=Rung.BOOKED))
    if rung == Rung.DECLINED:
        return decline(cast, climbing.climb(cast, to=Rung.APPLIED))
    if rung == Rung.WITHDRAWN:
        return withdraw(cast, climbing.climb(cast, to=Rung.APPLIED))
    return expire(cast, climbing.climb(cast, to=Rung.SIGNPOSTED))


def check(cast: Cast, referral: Referral) -> Referral:
    return referrals.check_eligibility(
        referral=referral, answers={}, by=cast.by(cast.amira), at=cast.at
    )


def apply(cast: Cast, referral: Referral) -> Referral:
    return referrals.apply(
        referral=referral,
        answers=climbing.ANSWERS,
        basis=Basis.PUBLIC_TASK,
        by=cast.by(cast.amira),
        at=cast.at,
    )


def decide(cast: Cast, referral: Referral) -> Referral:
    return referrals.decide_eligibility(referral=referral, by=cast.by(cast.amira), at=cast.at)


def commission(cast: Cast, referral: Referral) -> Referral:
    told = {"yes_how": "told_advocate", "yes_through": "phone", "yes_told_on": cast.day}
    Referral.objects.filter(pk=referral.pk).update(yes_by=cast.fred, yes_at=cast.at, **told)
    return commissions.commission(referral=referral, by=cast.by(cast.amira), at=cast.at)


def book(cast: Cast, referral: Referral) -> Referral:
    return referrals.book(referral=referral, by=cast.by(cast.dev), at=cast.at)


def fall_through(cast: Cast, referral: Referral) -> Referral:
    return referrals.fall_through(referral=referral, by=cast.by(cast.dev), at=cast.at)


def cancel(cast: Cast, referral: Referral) -> Referral:
    return commissions.cancel(referral=referral, by=cast.by(cast.amira), at=cast.at)


def complete(cast: Cast, referral: Referral) -> Referral:
    return endings.complete(
        referral=referral,
        reason=EndReason.GOAL_MET,
        words="I go on my own now.",
        by=cast.by(cast.amira),
        at=cast.at,
    )


def decline(cast: Cast, referral: Referral) -> Referral:
    return endings.decline(
        referral=referral,
        reason=EndReason.NO_PLACE,
        words="We are full until autumn.",
        by=cast.by(cast.ingrid),
        at=cast.at,
        alternatives=[cast.youth_club],
    )


def withdraw(cast: Cast, referral: Referral) -> Referral:
    return endings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.at)


def expire(cast: Cast, referral: Referral) -> Referral:
    clock = history.Actor(kind=history.ActorKind.CLOCK, reference="sweep")
    return endings.expire(referral=referral, by=clock, at=cast.at)


Verb = Callable[[Cast, Referral], Referral]

# The whole graph: each verb, where it may start, and where it leads.
ARROWS: dict[str, tuple[Verb, tuple[Rung, ...], Rung]] = {
    "soft_refer": (check, (Rung.SIGNPOSTED,), Rung.SOFT_REFERRED),
    "apply": (apply, (Rung.SOFT_REFERRED,), Rung.APPLIED),
    "hard_refer": (decide, (Rung.APPLIED,), Rung.HARD_REFERRED),
    "commission": (commission, (Rung.HARD_REFERRED,), Rung.COMMISSIONED),
    "book": (book, (Rung.COMMISSIONED,), Rung.BOOKED),
    "fall_through": (fall_through, (Rung.BOOKED,), Rung.COMMISSIONED),
    "cancel": (cancel, (Rung.COMMISSIONED,), Rung.HARD_REFERRED),
    "complete": (complete, (Rung.BOOKED,), Rung.COMPLETED),
    "decline": (
        decline,
        (Rung.SOFT_REFERRED, Rung.APPLIED, Rung.HARD_REFERRED, Rung.COMMISSIONED),
        Rung.DECLINED,
    ),
    "withdraw": (withdraw, CLIMB, Rung.WITHDRAWN),
    "expire": (expire, (Rung.SIGNPOSTED, Rung.HARD_REFERRED), Rung.EXPIRED),
}
ALLOWED = [(arrow, rung) for arrow, (_verb, rungs, _to) in ARROWS.items() for rung in rungs]
DISALLOWED = [
    (arrow, rung)
    for arrow, (_verb, rungs, _to) in ARROWS.items()
    for rung in (*CLIMB, *END_RUNGS)
    if rung not in rungs
]


@pytest.mark.parametrize(("arrow", "rung"), ALLOWED)
def test_an_arrow_leads_from_each_rung_it_may_start_at(cast: Cast, arrow: str, rung: Rung) -> None:
    verb, _rungs, target = ARROWS[arrow]
    referral = stand(cast, rung)
    before = history.of(referral.reference).count()
    verb(cast, referral)
    event = history.of(referral.reference).last()
    assert climbing.again(referral).rung == target
    assert event is not None
    assert (event.from_state, event.to_state) == (rung, target)
    assert event.actor_reference
    assert history.of(referral.reference).count() > before


@pytest.mark.parametrize(("arrow", "rung"), DISALLOWED)
def test_an_arrow_from_any_other_rung_is_refused_by_name_and_leaves_no_trace(
    cast: Cast, arrow: str, rung: Rung
) -> None:
    verb, _rungs, _target = ARROWS[arrow]
    referral = stand(cast, rung)
    if arrow == "commission":  # its own helper writes the yes first
        Referral.objects.filter(pk=referral.pk).update(
            yes_by=cast.fred,
            yes_at=cast.at,
            yes_how="told_advocate",
            yes_through="phone",
            yes_told_on=cast.day,
        )
    before = climbing.trace(referral)
    with pytest.raises(history.Refused) as refusal:
        verb(cast, referral)
    assert refusal.value.sentence
    assert climbing.trace(referral) == before


@pytest.mark.parametrize(("arrow", "rung"), ALLOWED)
def test_an_arrow_whose_event_fails_leaves_no_trace(
    cast: Cast, arrow: str, rung: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb, _rungs, _target = ARROWS[arrow]
    referral = stand(cast, rung)
    if arrow == "commission":
        Referral.objects.filter(pk=referral.pk).update(
            yes_by=cast.fred,
            yes_at=cast.at,
            yes_how="told_advocate",
            yes_through="phone",
            yes_told_on=cast.day,
        )
    before = climbing.trace(referral)

    def full(**_fields: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("budgets.models.Event.objects.create", full)
        with pytest.raises(OSError, match="full"):
            verb(cast, referral)
    assert climbing.trace(referral) == before


def test_the_graph_of_the_model_is_the_graph_of_this_table() -> None:
    field: Any = Referral._meta.get_field("rung")
    drawn = {
        (transition.name, Rung(transition.source), Rung(transition.target))
        for transition in field.get_all_transitions(Referral)
    }
    told = {(arrow, rung, ARROWS[arrow][2]) for arrow, rung in ALLOWED}
    assert drawn == told
    assert {rung for rung in Rung if rung not in CLIMB} == set(ENDS)


def test_a_rung_is_written_by_arrows_only(cast: Cast) -> None:
    referral = climbing.refer(cast)
    with pytest.raises(AttributeError):
        referral.rung = Rung.BOOKED


# Steps


def test_steps_come_in_the_services_own_order(cast: Cast) -> None:
    referral = climbing.refer(cast)
    before = climbing.trace(referral)
    with pytest.raises(acts.NotAllowed) as refusal:
        apply(cast, referral)
    assert [reason.code for reason in refusal.value.act.reasons] == ["too_early"]
    assert "check eligibility" in refusal.value.sentence
    assert climbing.trace(referral) == before


def test_a_step_that_is_done_is_not_done_again(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    with pytest.raises(acts.NotAllowed) as refusal:
        apply(cast, referral)
    assert [reason.code for reason in refusal.value.act.reasons] == ["done"]


def test_a_step_the_service_does_not_need_is_passed_with_that_as_its_reason(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    taken = dict(StepTaken.objects.filter(referral=referral).values_list("step", "outcome"))
    assert taken[Step.ASSESS] == Outcome.PASSED
    assert taken[Step.CHECK_ELIGIBILITY] == Outcome.DONE
    assert Step.DIAGNOSE not in taken


def test_assessing_before_deciding_earns_the_rung_only_when_both_are_there(cast: Cast) -> None:
    rows = Process.objects.filter(service=cast.family_support)
    rows.filter(step=Step.ASSESS).update(position=0)
    for position, step in enumerate(rows.exclude(step=Step.ASSESS).values_list("pk", flat=True), 1):
        rows.filter(pk=step).update(position=position)
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    ingrid = cast.by(cast.ingrid)
    referrals.assess(referral=referral, by=ingrid, at=cast.at, quantity=4)
    assert climbing.again(referral).rung == Rung.SIGNPOSTED
    referrals.check_eligibility(referral=referral, answers={}, by=ingrid, at=cast.at)
    assert climbing.again(referral).rung == Rung.SOFT_REFERRED
    assert [act.step for act in acts.available(referral=referral, by=ingrid, at=cast.at)] == [
        Step.TAKE_APPLICATION,
        Step.DECIDE_ELIGIBILITY,
        Step.COMMISSION,
        Step.BOOK,
    ]


def test_a_service_open_to_everyone_is_booked_in_one_click(cast: Cast) -> None:
    first = climbing.offer_times(cast, cast.youth_club)
    referral = climbing.refer(cast, service=cast.youth_club)
    bookings.ask(referral=referral, first=first, count=2, by=cast.by(cast.amira), at=cast.at)
    assert climbing.again(referral).rung == Rung.BOOKED
    rungs = [event.to_state for event in history.of(referral.reference)]
    assert rungs == list(CLIMB)
    outcomes = StepTaken.objects.filter(referral=referral).values_list("step", "outcome")
    assert {step for step, outcome in outcomes if outcome == Outcome.DONE} == {Step.BOOK}
    assert ledger.plan_balance(plan=cast.plan).set_aside_pence == 0


# What the referrer handed over


def test_what_was_handed_over_stays_however_far_the_service_takes_it(cast: Cast) -> None:
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    check(cast, referral)
    apply(cast, referral)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    ingrid = cast.by(cast.ingrid)
    referrals.decide_eligibility(referral=referral, by=ingrid, at=cast.later(days=1))
    referrals.assess(referral=referral, by=ingrid, at=cast.later(days=1), quantity=4)
    climbing.say_yes(cast, referral, at=cast.later(days=2))
    commissions.commission(referral=referral, by=ingrid, at=cast.later(days=2))
    now = climbing.again(referral)
    assert (now.rung, now.handed_over_rung) == (Rung.COMMISSIONED, Rung.APPLIED)
    assert now.handed_over_at == cast.at


def test_whoever_takes_it_over_ends_the_referrers_sitting_first(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    referrals.decide_eligibility(referral=referral, by=cast.by(cast.ingrid), at=cast.at)
    assert climbing.again(referral).handed_over_rung == Rung.APPLIED


def test_only_the_referrers_side_hands_over(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    with pytest.raises(referrals.NotYourSitting):
        referrals.hand_over(referral=referral, by=cast.by(cast.ingrid), at=cast.at)
    assert climbing.again(referral).handed_over_rung == ""


def test_handing_over_twice_changes_nothing(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.at)
    before = climbing.trace(referral)
    referrals.hand_over(referral=referral, by=cast.by(cast.amira), at=cast.later(days=1))
    assert climbing.trace(referral) == before


# Ends


def test_a_decline_says_why_and_offers_at_most_three_others(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    others = [cast.family_support, cast.youth_club, cast.confidential, cast.mentor]
    with pytest.raises(endings.SaysNoReason):
        endings.decline(
            referral=referral,
            reason=EndReason.NO_PLACE,
            words=" ",
            by=cast.by(cast.ingrid),
            at=cast.at,
        )
    endings.decline(
        referral=referral,
        reason=EndReason.NO_PLACE,
        words="We are full.",
        by=cast.by(cast.ingrid),
        at=cast.at,
        alternatives=others,
    )
    now = climbing.again(referral)
    assert now.alternatives.count() == 3
    assert (now.end_reason, now.end_words) == (EndReason.NO_PLACE, "We are full.")


def test_asking_again_after_a_decline_is_always_allowed(cast: Cast) -> None:
    decline(cast, climbing.climb(cast, to=Rung.APPLIED))
    assert climbing.climb(cast, to=Rung.APPLIED).is_open


@pytest.mark.parametrize("who", ["nadia", "olive_user", "dev", "sam", "colin"])
def test_a_stranger_ends_nothing(cast: Cast, who: str) -> None:
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    before = climbing.trace(referral)
    by = cast.by(cast.users[who])
    with pytest.raises(endings.NotTheirsToEnd):
        endings.withdraw(referral=referral, by=by, at=cast.at)
    if who != "dev":
        with pytest.raises(commissions.NotTheirsToCancel):
            commissions.cancel(referral=referral, by=by, at=cast.at)
        with pytest.raises(endings.NotTheirsToEnd):
            endings.decline(
                referral=referral, reason=EndReason.NO_PLACE, words="No.", by=by, at=cast.at
            )
    assert climbing.trace(referral) == before


def test_a_services_silence_never_ends_anything(cast: Cast) -> None:
    referral = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    check(cast, referral)
    apply(cast, referral)
    referrals.decide_eligibility(referral=referral, by=cast.by(cast.ingrid), at=cast.at)
    assert climbing.again(referral).rung == Rung.HARD_REFERRED  # the county has to assess
    with pytest.raises(endings.NotTheirTurn):
        expire(cast, referral)


def test_a_choice_that_was_answered_with_yes_does_not_run_out(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    climbing.say_yes(cast, referral)
    with pytest.raises(endings.NotTheirTurn):
        expire(cast, referral)


def test_completing_gives_back_what_was_not_used(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.BOOKED)
    bookings.complete(
        referral=referral,
        reason=EndReason.GOAL_MET,
        words="He goes by himself.",
        by=cast.by(cast.amira),
        at=cast.at,
    )
    money = ledger.plan_balance(plan=cast.plan)
    assert (money.set_aside_pence, money.left_pence) == (0, 600_000)
    assert not Session.objects.filter(state=SessionState.PLANNED).exists()
    assert not Booking.objects.live().exists()


def test_a_booking_that_falls_through_keeps_the_money_set_aside(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.BOOKED)
    fall_through(cast, referral)
    assert ledger.plan_balance(plan=cast.plan).set_aside_pence == 6 * MENTOR_PENCE
    assert Step.BOOK in acts.remaining(climbing.again(referral))


def test_a_wrong_rung_says_where_it_stands(cast: Cast) -> None:
    with pytest.raises(ladder.WrongRung) as refusal:
        complete(cast, climbing.climb(cast, to=Rung.APPLIED))
    assert "Form sent" in refusal.value.sentence
