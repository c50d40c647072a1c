"""How something ends, in whose words, and how it is taken up again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import history
from cms.models import Criterion, Question, QuestionKind
from marketplace.bookings import bookings
from marketplace.people.models import Lead
from marketplace.referrals import endings, parties, reopenings, routes
from marketplace.referrals.models import (
    Application,
    Ending,
    EndReason,
    GoalMet,
    Referral,
    Route,
    Rung,
    WhatNext,
    WhyEnds,
    YesHow,
)
from tests.cast import Cast
from tests.marketplace.referrals import climbing


def told(cast: Cast, **fields: Any) -> endings.Told:
    """Return what Jamie told Amira at the end."""
    said: dict[str, Any] = {
        "by": cast.jamie,
        "how": YesHow.TOLD_ADVOCATE,
        "goal_met": GoalMet.PARTLY,
        "why": WhyEnds.ENOUGH,
        "next": WhatNext.TALK,
        "words": "I go out more.",
        "next_words": "With Kai, about school.",
    }
    return endings.Told(**{**said, **fields})


def finish(cast: Cast, referral: Referral, said: endings.Told | None, who: str) -> Referral:
    """Finish what was booked, as somebody."""
    return bookings.complete(
        referral=referral,
        reason=EndReason.GOAL_MET,
        words="He did well.",
        told=said,
        by=cast.by(cast.users[who]),
        at=cast.later(days=20),
    )


def declined(cast: Cast, referral: Referral | None = None, **said: Any) -> Referral:
    """Return an application that the county's intake said no to, a day later."""
    referral = referral or climbing.climb(cast, to=Rung.APPLIED)
    given: dict[str, Any] = {"reason": EndReason.NO_PLACE, "words": "We are full.", **said}
    return endings.decline(
        referral=referral, by=cast.by(cast.ingrid), at=cast.later(days=1), **given
    )


def withdrawn(cast: Cast) -> Referral:
    """Return an application that the family stopped a day later."""
    referral = climbing.climb(cast, to=Rung.APPLIED)
    return endings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.later(days=1))


def reopen(cast: Cast, referral: Referral, *, who: str = "amira", days: int = 5) -> Referral:
    """Take it up again, as somebody, some days on."""
    return reopenings.reopen(
        referral=referral,
        note="A place is free now.",
        by=cast.by(cast.users[who]),
        at=cast.later(days=days),
    )


# --- what the family says at the end ------------------------------------------------------------


def test_a_provider_says_nothing_of_itself_in_the_familys_name(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.BOOKED)
    with pytest.raises(endings.NotTheirsToEnd):
        finish(cast, referral, told(cast, goal_met=GoalMet.MET), "dev")
    assert climbing.again(referral).rung == Rung.BOOKED
    assert not Ending.objects.exists()


def asked_by_the_school(cast: Cast, *, to: Rung) -> Referral:
    """Return a request that Sam sent in, who is no advocate and no lead of theirs."""
    referral = climbing.climb(cast, to=to)
    Referral.objects.filter(pk=referral.pk).update(
        referrer=cast.sam, referrer_organisation=cast.police
    )
    return climbing.again(referral)


def test_whoever_only_asked_tells_nothing_in_their_name(cast: Cast) -> None:
    referral = asked_by_the_school(cast, to=Rung.BOOKED)
    for said in (told(cast), None):
        with pytest.raises(endings.NotTheirsToEnd):
            finish(cast, referral, said, "sam")
    assert climbing.again(referral).rung == Rung.BOOKED
    finish(cast, referral, None, "dev")
    with pytest.raises(endings.NotTheirsToEnd):
        endings.tell(referral=referral, told=told(cast), by=cast.by(cast.sam), at=cast.at)
    assert not Ending.objects.exists()


def test_whoever_only_asked_does_not_take_it_up_again(cast: Cast) -> None:
    """She asks anew, with the family; nothing stands against that."""
    referral = declined(cast, asked_by_the_school(cast, to=Rung.APPLIED))
    with pytest.raises(reopenings.NotTheirsToReopen):
        reopen(cast, referral, who="sam")
    assert reopen(cast, referral, who="fred_user").is_open


def lead_for_them(cast: Cast) -> None:
    """Let Sam lead for the family."""
    Lead.objects.create(
        family=cast.family, user=cast.sam, organisation=cast.police, starts_on=cast.day
    )


def test_the_lead_tells_what_they_said_but_of_no_secret(cast: Cast) -> None:
    lead_for_them(cast)
    finish(cast, climbing.climb(cast, to=Rung.BOOKED), told(cast), "sam")
    assert Ending.objects.get().told_by == cast.jamie
    secret = Referral.objects.get()
    Ending.objects.all().delete()
    Referral.objects.update(is_confidential=True)
    with pytest.raises(endings.NotTheirsToEnd):
        endings.tell(referral=secret, told=told(cast), by=cast.by(cast.sam), at=cast.later(days=21))


@pytest.mark.once
@pytest.mark.parametrize(
    "test",
    [
        test_whoever_only_asked_tells_nothing_in_their_name,
        test_whoever_only_asked_does_not_take_it_up_again,
    ],
)
def test_where_asking_is_enough_to_tell_those_tests_go_red(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, test: Callable[[Cast], None]
) -> None:
    monkeypatch.setattr(parties, "tells_for", parties.is_for_family)
    with pytest.raises((AssertionError, pytest.fail.Exception, history.Refused)):
        test(cast)


@pytest.mark.once
def test_without_that_it_praises_itself(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin."""
    monkeypatch.setattr(endings, "_must_speak_for_them", lambda *, referral, by, at: None)
    with pytest.raises(pytest.fail.Exception):
        test_a_provider_says_nothing_of_itself_in_the_familys_name(cast)


def test_the_familys_word_is_kept_beside_the_services(cast: Cast) -> None:
    referral = finish(cast, climbing.climb(cast, to=Rung.BOOKED), told(cast), "amira")
    ending = Ending.objects.get(referral=referral)
    assert (referral.rung, referral.end_reason) == (Rung.COMPLETED, EndReason.GOAL_MET)
    assert (ending.goal_met, ending.words) == (GoalMet.PARTLY, "I go out more.")
    assert ending.is_early
    assert ending.wants_more
    assert (ending.told_by, ending.how) == (cast.jamie, YesHow.TOLD_ADVOCATE)


def test_where_the_provider_finishes_it_the_family_is_asked_afterwards(cast: Cast) -> None:
    referral = finish(cast, climbing.climb(cast, to=Rung.BOOKED), None, "dev")
    assert not Ending.objects.exists()
    by, at = cast.by(cast.fred_user), cast.later(days=21)
    said = told(cast, by=cast.fred, how=YesHow.SIGNED_IN, goal_met=GoalMet.NOT_MET)
    endings.tell(referral=referral, told=said, by=by, at=at)
    assert climbing.again(referral).end_reason == EndReason.GOAL_MET  # as the provider sees it
    assert Ending.objects.get().goal_met == GoalMet.NOT_MET
    assert climbing.verbs(referral)[-1] == "tell_ending"
    with pytest.raises(endings.NothingToTell):
        endings.tell(referral=referral, told=said, by=by, at=at)


@pytest.mark.parametrize(
    ("who", "by", "how"),
    [
        ("dev", "jamie", YesHow.TOLD_ADVOCATE),
        ("nadia", "jamie", YesHow.TOLD_ADVOCATE),
        ("amira", "jamie", YesHow.SIGNED_IN),
        ("amira", "anne", YesHow.TOLD_ADVOCATE),
        ("fred_user", "jamie", YesHow.SIGNED_IN),
        ("fred_user", "fred", YesHow.TOLD_ADVOCATE),
    ],
)
def test_nobody_puts_words_in_their_mouth(cast: Cast, who: str, by: str, how: YesHow) -> None:
    referral = finish(cast, climbing.climb(cast, to=Rung.BOOKED), None, "dev")
    before = climbing.trace(referral)
    said = told(cast, by=cast.persons[by], how=how)
    with pytest.raises((endings.NotTheirWord, endings.NotTheirsToEnd)):
        endings.tell(referral=referral, told=said, by=cast.by(cast.users[who]), at=cast.at)
    assert not Ending.objects.exists()
    assert climbing.trace(referral) == before


def test_the_words_go_with_the_act_or_not_at_all(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.BOOKED)
    before = climbing.trace(referral)
    with pytest.raises(endings.NotTheirWord):
        finish(cast, referral, told(cast, by=cast.olive), "amira")
    assert climbing.trace(referral) == before


# --- a no never stands in the way ---------------------------------------------------------------


def test_a_decline_never_blocks_asking_again(cast: Cast) -> None:
    for number in range(3):
        referral = declined(cast)
        assert referral.rung == Rung.DECLINED, number
    assert climbing.climb(cast, to=Rung.APPLIED).rung == Rung.APPLIED


def test_a_no_has_up_to_three_alternatives_and_its_words(cast: Cast) -> None:
    services = [cast.family_support, cast.youth_club, cast.confidential, cast.mentor]
    referral = declined(cast, alternatives=services)
    assert set(referral.alternatives.all()) == set(services[:3])
    assert referral.end_words == "We are full."
    with pytest.raises(endings.SaysNoReason):
        declined(cast, words="  ")


# --- taking it up again -------------------------------------------------------------------------


@pytest.mark.parametrize("end", [declined, withdrawn])
def test_it_is_taken_up_again_with_what_was_answered(cast: Cast, end: Any) -> None:
    before = end(cast)
    again = reopen(cast, before)
    assert (again.pk != before.pk, again.reopened_from) == (True, before)
    assert again.rung == Rung.APPLIED
    assert again.reopen_note == "A place is free now."
    assert again.route == Route.ADVOCATE
    answers = Application.objects.get(referral=before).answers
    assert Application.objects.get(referral=again).answers == answers
    assert climbing.again(before).rung == before.rung  # history stands
    assert climbing.verbs(again)[:2] == ["signpost", "reopen"]
    line = history.of(again.reference).get(verb="reopen")
    assert (line.reason, line.text.text) == (before.end_reason, "A place is free now.")


def test_what_ran_out_is_taken_up_again(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    clock = history.Actor(kind=history.ActorKind.CLOCK, reference="expiry")
    endings.expire(referral=referral, by=clock, at=cast.later(days=1))
    assert reopen(cast, referral).reopened_from == referral


def test_it_is_taken_up_again_once(cast: Cast) -> None:
    before = declined(cast)
    again = reopen(cast, before)
    with pytest.raises(reopenings.IsReopened) as refusal:
        reopen(cast, before)
    assert refusal.value.referral == again
    declined(cast, again)
    assert reopen(cast, again).reopened_from == again


def test_the_database_has_the_last_word_on_once(cast: Cast) -> None:
    before = declined(cast)
    reopen(cast, before)
    other = climbing.refer(cast, service=cast.family_support)
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=other.pk).update(reopened_from=before)


def test_after_ninety_days_it_is_asked_for_anew(cast: Cast) -> None:
    before = declined(cast)
    with pytest.raises(reopenings.TooLate):
        reopen(cast, before, days=92)
    assert reopen(cast, before, days=91).reopened_from == before


def test_without_the_limit_it_would_be_taken_up_for_ever(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the ninety days."""
    before = declined(cast)
    monkeypatch.setattr(reopenings, "last_moment", lambda referral: cast.later(days=4000))
    assert reopen(cast, before, days=200).reopened_from == before


@pytest.mark.parametrize("who", ["nadia", "dev", "ingrid", "olive_user", "anne_user"])
def test_nobody_elses_is_taken_up_again(cast: Cast, who: str) -> None:
    before = declined(cast)
    trace = climbing.trace(before)
    with pytest.raises(reopenings.NotTheirsToReopen):
        reopen(cast, before, who=who)
    assert climbing.trace(before) == trace
    assert Referral.objects.count() == 1


def test_what_is_open_or_finished_is_not_taken_up_again(cast: Cast) -> None:
    referral = climbing.climb(cast, to=Rung.BOOKED)
    with pytest.raises(reopenings.NothingToReopen):
        reopen(cast, referral)
    finish(cast, referral, told(cast), "amira")
    with pytest.raises(reopenings.NothingToReopen):
        reopen(cast, referral, days=25)
    with pytest.raises(reopenings.SaysNotWhy):
        reopenings.reopen(
            referral=declined(cast), note=" ", by=cast.by(cast.amira), at=cast.later(days=2)
        )


def test_a_new_question_is_asked_before_the_form_is_sent_again(cast: Cast) -> None:
    before = declined(cast)
    Question.objects.create(
        service=cast.mentor, key="when", text="When?", kind=QuestionKind.TEXT, is_required=True
    )
    assert reopen(cast, before).rung == Rung.SOFT_REFERRED


def test_a_rule_that_is_not_met_now_stops_it_where_it_began(cast: Cast) -> None:
    before = declined(cast)
    Criterion.objects.create(
        service=cast.mentor, fact="age", operator="at_least", value=18, sentence="For adults."
    )
    assert reopen(cast, before).rung == Rung.SIGNPOSTED


# --- by which way it came -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "person", "route"),
    [
        ("amira", "jamie", Route.ADVOCATE),
        ("fred_user", "jamie", Route.FAMILY),
        ("fred_user", "fred", Route.FAMILY),
    ],
)
def test_every_request_says_by_which_way_it_came(
    cast: Cast, who: str, person: str, route: Route
) -> None:
    referral = climbing.refer(cast, person=cast.persons[person], user=cast.users[who])
    assert referral.route == route


def test_a_lead_workers_request_is_a_leads(cast: Cast) -> None:
    from_ruth = routes.of(user=cast.ruth, by=cast.by(cast.ruth), at=cast.at)
    assert from_ruth == Route.LEAD
    assert routes.of(user=cast.dev, by=cast.by(cast.dev), at=cast.at) == (Route.OTHER_SERVICE)


def test_ninety_days_are_ninety_days(cast: Cast) -> None:
    before = declined(cast)
    assert before.ended_at is not None
    assert reopenings.last_moment(before) == before.ended_at + timedelta(days=90)
