"""An application is put right after it was sent: told, kept and shown, until it was decided by."""

from typing import Any

import pytest

from budgets import history
from marketplace.notices.models import Notice
from marketplace.referrals import amendments, endings, referrals
from marketplace.referrals.models import Amendment, Application, Referral, Rung, StepTaken
from tests.cast import Cast
from tests.marketplace.referrals import climbing


def amend(cast: Cast, referral: Referral, who: str = "amira", **more: Any) -> list[Amendment]:
    """Put what Jamie likes right."""
    said: dict[str, Any] = {"answers": {"likes": "Drums."}, "why": "He changed his mind.", **more}
    return amendments.amend(referral=referral, by=cast.by(cast.users[who]), at=cast.at, **said)


def sent(referral: Referral) -> dict[str, Any]:
    """Return what the service holds now."""
    found: dict[str, Any] = Application.objects.get(referral=referral).answers
    return found


@pytest.mark.parametrize("who", ["amira", "jamie_user", "fred_user"])
def test_each_change_is_kept_with_what_was_there_before(who: str, cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    (made,) = amend(cast, referral, who)
    assert (made.question, made.before, made.after) == (
        "likes",
        climbing.ANSWERS["likes"],
        "Drums.",
    )
    assert (made.asked, made.why) == ("What do you like doing?", "He changed his mind.")
    assert made.actor_reference == str(cast.users[who].reference)
    assert sent(referral) == {"likes": "Drums."}
    assert climbing.again(referral).rung == Rung.APPLIED
    assert climbing.verbs(referral)[-1] == "amend"


def test_the_service_is_told_and_gets_only_what_it_asks(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    amend(cast, referral, answers={"likes": "Drums.", "what_to_change": "All of it."})
    assert sent(referral) == {"likes": "Drums."}
    told = Notice.objects.filter(kind="answers_changed", subject=referral.reference)
    assert set(told.values_list("user", flat=True)) == {cast.ingrid.pk}


def refused(referral: Referral, refusal: type[history.Refused], cast: Cast, **more: Any) -> None:
    """Be refused, and leave no trace."""
    before = climbing.trace(referral), sent(referral), Notice.objects.count()
    with pytest.raises(refusal):
        amend(cast, referral, **more)
    assert (climbing.trace(referral), sent(referral), Notice.objects.count()) == before
    assert Amendment.objects.count() == 0


@pytest.mark.parametrize("who", ["nadia", "ingrid", "dev", "olive_user", "colin"])
def test_nobody_else_says_what_he_meant(who: str, cast: Cast) -> None:
    refused(climbing.climb(cast, to=Rung.APPLIED), amendments.NotTheirsToAmend, cast, who=who)


def test_what_was_decided_by_stands(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    refused(referral, amendments.TooLateToAmend, cast)
    assert not amendments.can_amend(referral=referral, by=cast.by(cast.amira), at=cast.at)


def test_what_ended_stands(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    endings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.at)
    refused(referral, referrals.Ended, cast)


def test_no_change_and_an_answer_that_must_be_there_are_refused(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.APPLIED)
    refused(referral, amendments.NothingChanged, cast, answers={"likes": climbing.ANSWERS["likes"]})
    cast.mentor.questions.update(is_required=True)
    refused(referral, referrals.AnswersMissing, cast, answers={"likes": ""})


def test_before_a_form_was_sent_there_is_nothing_to_put_right(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.SOFT_REFERRED)
    with pytest.raises(amendments.NothingSent):
        amend(cast, referral)


@pytest.mark.once
def test_with_the_guard_off_what_was_decided_by_would_change(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    monkeypatch.setattr(amendments, "DECIDING", ())
    assert amend(cast, referral)
    assert StepTaken.objects.filter(referral=referral, step="decide_eligibility").exists()
