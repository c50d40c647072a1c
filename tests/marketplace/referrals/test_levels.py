"""The next level: the lowest limit that is enough, one up after five working days, never lapsed."""

from datetime import date
from typing import Any

import pytest

from marketplace.authority import levels
from marketplace.notices.models import Channel, Notice
from marketplace.people import competences
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import approvals
from marketplace.referrals.models import Approval, ApprovalState, Promise, Rung
from tests.cast import Cast
from tests.marketplace.referrals import climbing
from tests.stage import clock


def asked(cast: Cast, *, by: User | None = None) -> Approval:
    """Return a request for approval of £150, by Amira unless told."""
    referral = climbing.limited(cast, limit_commission_pence=100)
    return approvals.ask(referral=referral, by=cast.by(by or cast.amira), at=cast.at)


def told(kind: str) -> set[User]:
    """Return who was told of something on this site."""
    return {one.user for one in Notice.objects.filter(kind=kind, channel=Channel.IN_APP)}


def again(approval: Approval) -> Approval:
    """Return it as it is now."""
    return Approval.objects.get(pk=approval.pk)


def test_the_lowest_limit_that_is_enough_is_asked(cast: Cast) -> None:
    approval = asked(cast)
    assert (approval.role, approval.limit_pence) == (Role.COMMISSIONER, 100_000)
    assert approval.rule == cast.scheme.rules.get().reference
    assert told("approval_for_you") == {cast.colin, cast.helena}


def test_a_limit_that_is_not_enough_is_passed_over(cast: Cast) -> None:
    cast.scheme.rules.update(limit_commission_pence=climbing.TOTAL - 1)
    assert asked(cast).limit_pence == 1_000_000
    assert told("approval_for_you") == {cast.helena}


def test_a_running_total_that_is_not_enough_is_passed_over_too(cast: Cast) -> None:
    cast.scheme.rules.update(limit_year_pence=climbing.TOTAL - 1)
    assert asked(cast).limit_pence == 1_000_000


def test_a_level_where_nobody_can_answer_is_passed_over(cast: Cast) -> None:
    cast.scheme.rules.update(competence="nobody_holds_this")
    assert asked(cast).limit_pence == 1_000_000
    assert told("approval_for_you") == {cast.helena}


def test_whoever_gains_from_the_provider_is_not_asked(cast: Cast) -> None:
    competences.declare_interest(
        user=cast.helena,
        organisation=cast.mentors,
        on=cast.day,
        by=cast.by(cast.helena),
        at=cast.at,
    )
    asked(cast)
    assert told("approval_for_you") == {cast.colin}


def test_where_the_owner_has_no_scheme_its_intake_is_asked(cast: Cast) -> None:
    cast.scheme.rules.update(valid_to=cast.day)
    cast.senior_scheme.rules.update(valid_to=cast.day)
    approval = asked(cast)
    assert (approval.role, approval.limit_pence) == (Role.INTAKE_WORKER, None)
    assert told("referral_for_you") >= {cast.ingrid}


def test_unanswered_for_five_working_days_it_goes_one_level_up_once(cast: Cast) -> None:
    approval = asked(cast)  # on Wednesday 3 June
    assert approval.due_on.isoformat() == "2026-06-10"
    assert approvals.sweep(at=cast.later(days=7)) == 0
    Notice.objects.all().delete()
    later = cast.later(days=8)
    assert approvals.sweep(at=later) == 1
    assert approvals.sweep(at=later) == 0
    raised = again(approval)
    assert (raised.level, raised.limit_pence, raised.raised_at) == (2, 1_000_000, later)
    assert raised.due_on.isoformat() == "2026-06-18"
    assert told("approval_for_you") == {cast.helena}
    assert climbing.verbs(approval.referral).count("raise_approval") == 1
    assert Promise.objects.open().filter(kind="approve").exists()


def test_at_the_top_the_administrators_are_told_and_it_never_lapses(cast: Cast) -> None:
    approval = asked(cast)
    for days in (8, 20, 60, 400):
        approvals.sweep(at=cast.later(days=days))
    at_last = again(approval)
    assert at_last.state == ApprovalState.WAITING
    assert at_last.overdue_at == cast.later(days=20)
    assert told("approval_overdue") == {cast.adam}
    assert climbing.verbs(approval.referral).count("approval_overdue") == 1


@pytest.mark.parametrize("who", ["colin", "helena"])
def test_whoever_has_enough_limit_still_answers_after_it_went_up(cast: Cast, who: str) -> None:
    approval = asked(cast)
    approvals.sweep(at=cast.later(days=8))
    approvals.approve(approval=approval, by=cast.by(cast.users[who]), at=cast.later(days=8))
    assert climbing.again(approval.referral).rung == Rung.COMMISSIONED


def test_whoever_could_not_say_yes_does_not_say_no(cast: Cast) -> None:
    cast.scheme.rules.update(limit_commission_pence=climbing.TOTAL - 1)
    approval = asked(cast)
    with pytest.raises(approvals.NotYours):
        approvals.refuse(approval=approval, words="No.", by=cast.by(cast.colin), at=cast.at)
    approvals.refuse(approval=approval, words="No.", by=cast.by(cast.helena), at=cast.at)
    assert again(approval).state == ApprovalState.REFUSED


def test_what_is_answered_goes_nowhere(cast: Cast) -> None:
    approval = asked(cast)
    approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at)
    assert approvals.sweep(at=cast.later(days=30)) == 0
    with pytest.raises(approvals.NotWaiting):
        approvals.escalate(approval=approval, by=clock(), at=cast.later(days=30))


def test_levels_are_in_the_order_of_their_limits_and_no_limit_is_the_highest(cast: Cast) -> None:
    cast.scheme.rules.update(limit_commission_pence=None)
    found = [one.limit_pence for one in levels.of(service=cast.mentor, on=cast.day)]
    assert found == [1_000_000, None]


def test_nobody_refuses_who_could_not_say_yes(cast: Cast) -> None:
    """A named commissioner whose limit is not enough is no level that was asked."""
    approval = asked(cast)
    cast.scheme.rules.update(limit_commission_pence=climbing.TOTAL - 1)
    with pytest.raises(approvals.NotYours):
        approvals.refuse(approval=approval, words="Too dear.", by=cast.by(cast.colin), at=cast.at)
    assert again(approval).is_waiting
    cast.scheme.rules.update(limit_commission_pence=climbing.TOTAL)
    approvals.refuse(approval=approval, words="Too dear.", by=cast.by(cast.colin), at=cast.at)
    assert again(approval).state == ApprovalState.REFUSED


def test_who_asked_answers_nothing_though_her_limit_is_enough(cast: Cast) -> None:
    approval = asked(cast)
    Approval.objects.update(asked_by=str(cast.colin.reference))
    for answer in (
        lambda: approvals.approve(approval=approval, by=cast.by(cast.colin), at=cast.at),
        lambda: approvals.refuse(
            approval=approval, words="No.", by=cast.by(cast.colin), at=cast.at
        ),
    ):
        with pytest.raises(approvals.NotYours):
            answer()
    assert again(approval).is_waiting


def _anybody_refuses(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(approvals, "_must_have_enough", lambda **_said: None)


def _never_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(approvals, "_due_on", lambda referral, at: date(9999, 1, 1))


def _the_highest_first(patch: pytest.MonkeyPatch) -> None:
    real = levels.of
    patch.setattr(levels, "of", lambda **case: tuple(reversed(real(**case))))


@pytest.mark.once
@pytest.mark.parametrize(
    ("off", "test"),
    [
        (_never_late, test_unanswered_for_five_working_days_it_goes_one_level_up_once),
        (_never_late, test_at_the_top_the_administrators_are_told_and_it_never_lapses),
        (_the_highest_first, test_the_lowest_limit_that_is_enough_is_asked),
        (_anybody_refuses, test_nobody_refuses_who_could_not_say_yes),
    ],
)
def test_with_it_off_it_goes_wrong(
    off: Any, test: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    off(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast)
