"""Concerns: opened with evidence, owned, reviewed, stepped up and down, handed over, closed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import history
from budgets.models import Event
from marketplace.people import users
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.sharing import safeguards, sharing
from marketplace.sharing.models import (
    Basis,
    Reason,
    Safeguard,
    SafeguardEnd,
    SafeguardKind,
)
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db


def open_one(cast: Cast, **fields: Any) -> Safeguard:
    """Open a concern for Josh that Ruth answers for."""
    return safeguards.open(
        **{
            "person": cast.josh,
            "kind": SafeguardKind.DRUGS_IN_THE_HOME,
            "evidence": "His grandmother found a needle.",
            "owner": cast.ruth,
            "organisation": cast.trust,
            "review_on": cast.day + timedelta(days=28),
            "by": cast.by(cast.ruth),
            "at": cast.at,
            **fields,
        }
    )


def sees(cast: Cast, user: User, safeguard: Safeguard, *, hours: float = 0) -> bool:
    """Tell whether somebody sees a concern."""
    rows = Safeguard.objects.filter(pk=safeguard.pk)
    return sharing.visible(rows, user=user, at=cast.later(hours=hours)).exists()


def verbs(safeguard: Safeguard) -> list[str]:
    """Return what was done with a concern, oldest first."""
    return [event.verb for event in history.of(safeguard.reference)]


def test_it_is_seen_by_its_owner_and_by_whom_she_confides_in(cast: Cast):
    safeguard = open_one(cast)
    assert sees(cast, cast.ruth, safeguard)
    assert sees(cast, cast.amira, safeguard)
    for user in (cast.fred_user, cast.anne_user, cast.nadia, cast.sam, cast.ingrid):
        assert not sees(cast, user, safeguard)
    reason = Reason.objects.get()
    assert (reason.user, reason.organisation, reason.subject) == (
        cast.ruth,
        cast.trust,
        safeguard.reference,
    )
    assert reason.is_confidential
    assert not reason.can_be_stopped


def test_one_that_is_not_confidential_is_seen_at_home(cast: Cast):
    safeguard = open_one(cast, is_confidential=False)
    assert sees(cast, cast.fred_user, safeguard)


def test_a_charity_keeps_somebody_safe_on_another_basis(cast: Cast):
    open_one(cast, owner=cast.lena, organisation=cast.lantern)
    assert Reason.objects.get().basis == Basis.VITAL_INTERESTS


def test_its_history_is_as_confidential_as_it_is_and_its_words_can_be_erased(cast: Cast):
    safeguard = open_one(cast)
    (event,) = history.of(safeguard.reference)
    assert (event.verb, event.to_state, event.is_confidential) == ("opened", "open", True)
    assert (event.family, event.person) == (cast.family, cast.josh)
    assert event.text.text == "His grandmother found a needle."
    assert not sharing.visible(
        Event.objects.of(safeguard.reference), user=cast.fred_user, at=cast.at
    )
    assert sharing.visible(Event.objects.of(safeguard.reference), user=cast.ruth, at=cast.at)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        (lambda cast: {"evidence": "  "}, safeguards.NoEvidence),
        (lambda cast: {"review_on": cast.day}, safeguards.WrongReviewDay),
        (
            lambda cast: {"review_on": cast.day + timedelta(days=184)},
            safeguards.WrongReviewDay,
        ),
        (lambda cast: {"owner": cast.sam}, safeguards.NotAtWork),
        (lambda cast: {"organisation": cast.police}, safeguards.NotAtWork),
    ],
)
def test_a_refusal_leaves_no_trace(
    fields: Callable[[Cast], dict[str, Any]], refusal: type[history.Refused], cast: Cast
):
    events = Event.objects.count()
    with pytest.raises(refusal):
        open_one(cast, **fields(cast))
    assert not Safeguard.objects.exists()
    assert not Reason.objects.exists()
    assert Event.objects.count() == events


def test_somebody_let_go_answers_for_nothing(cast: Cast):
    users.deactivate(user=cast.ruth, by=CLOCK, at=cast.at)
    with pytest.raises(safeguards.NotAtWork):
        open_one(cast)


def test_a_review_says_what_was_found_and_when_it_is_looked_at_next(cast: Cast):
    safeguard = open_one(cast)
    assert not Safeguard.objects.to_review(cast.day).exists()
    assert Safeguard.objects.to_review(safeguard.review_on).exists()
    later = cast.later(days=28)
    safeguard = safeguards.review(
        safeguard=safeguard,
        words="The visitor has not been back.",
        review_on=cast.day + timedelta(days=90),
        by=cast.by(cast.ruth),
        at=later,
    )
    assert safeguard.review_on == cast.day + timedelta(days=90)
    assert verbs(safeguard) == ["opened", "reviewed"]


def test_it_is_stepped_up_to_a_social_worker_and_down_again(cast: Cast):
    safeguard = open_one(cast)
    stepped: dict[str, Any] = {
        "safeguard": safeguard,
        "words": "A bruise.",
        "at": cast.later(hours=1),
    }
    up = safeguards.step_up(**stepped, by=cast.by(cast.amira))
    assert up.is_with_social_worker
    with pytest.raises(safeguards.NothingToMove):
        safeguards.step_up(**stepped, by=cast.by(cast.ruth))
    with pytest.raises(safeguards.NotTheirs):
        safeguards.step_down(**stepped, by=cast.by(cast.amira))
    down = safeguards.step_down(**stepped, by=cast.by(cast.ruth))
    assert not down.is_with_social_worker
    states = [(event.from_state, event.to_state) for event in history.of(safeguard.reference)]
    assert states == [("", "open"), ("open", "with_social_worker"), ("with_social_worker", "open")]


def test_who_knows_nothing_of_it_cannot_step_it_up(cast: Cast):
    safeguard = open_one(cast)
    for user in (cast.nadia, cast.fred_user, cast.sam):
        with pytest.raises(safeguards.NotTheirs):
            safeguards.step_up(safeguard=safeguard, words="A bruise.", by=cast.by(user), at=cast.at)
    safeguard.refresh_from_db()
    assert not safeguard.is_with_social_worker


def test_it_is_handed_over_and_the_owner_before_knows_no_more(cast: Cast):
    safeguard = open_one(cast)
    safeguards.hand_over(
        safeguard=safeguard,
        owner=cast.ingrid,
        organisation=cast.county,
        words="The council’s team has her now.",
        by=cast.by(cast.ruth),
        at=cast.later(hours=1),
    )
    assert sees(cast, cast.ingrid, safeguard, hours=1)
    assert not sees(cast, cast.ruth, safeguard, hours=1)
    with pytest.raises(safeguards.NotTheirs):
        close(cast, safeguard, cast.ruth)


def close(cast: Cast, safeguard: Safeguard, user: User) -> Safeguard:
    """Close a concern two hours later."""
    return safeguards.close(
        safeguard=safeguard,
        reason=SafeguardEnd.SAFE_NOW,
        words="He is with his aunt.",
        by=cast.by(user),
        at=cast.later(hours=2),
    )


def test_closing_says_why_and_whoever_knew_because_of_it_knows_no_more(cast: Cast):
    safeguard = close(cast, open_one(cast), cast.ruth)
    assert not safeguard.is_open
    assert safeguard.closed_for == SafeguardEnd.SAFE_NOW
    assert not sees(cast, cast.ruth, safeguard, hours=2)
    assert verbs(safeguard) == ["opened", "closed"]
    assert not Safeguard.objects.open().exists()


def test_a_colleague_may_close_it_and_others_may_not(cast: Cast):
    safeguard = open_one(cast)
    for user in (cast.amira, cast.colin, cast.fred_user):
        with pytest.raises(safeguards.NotTheirs):
            close(cast, safeguard, user)
    colleague = factories.worker(cast, cast.trust, Role.LEAD_PROFESSIONAL)
    cast.workplaces[colleague.pk] = cast.trust
    assert not close(cast, safeguard, colleague).is_open


def test_the_clock_closes_nothing(cast: Cast):
    with pytest.raises(safeguards.NotTheirs):
        safeguards.close(
            safeguard=open_one(cast),
            reason=SafeguardEnd.UNFOUNDED,
            words="Time went by.",
            by=CLOCK,
            at=cast.at,
        )


def test_what_is_closed_stays_closed(cast: Cast):
    safeguard = close(cast, open_one(cast), cast.ruth)
    told: dict[str, Any] = {
        "safeguard": safeguard,
        "words": "Again.",
        "by": cast.by(cast.ruth),
        "at": cast.at,
    }
    with pytest.raises(safeguards.IsClosed):
        safeguards.step_up(**told)
    with pytest.raises(safeguards.IsClosed):
        safeguards.step_down(**told)
    with pytest.raises(safeguards.IsClosed):
        safeguards.review(**told, review_on=cast.day + timedelta(days=1))
    with pytest.raises(safeguards.IsClosed):
        close(cast, safeguard, cast.ruth)


@pytest.mark.parametrize("changes", [{"evidence": ""}, {"closed_at": "2026-07-01T00:00Z"}])
def test_the_database_refuses_what_cannot_be(changes: dict[str, Any], cast: Cast):
    safeguard = open_one(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Safeguard.objects.filter(pk=safeguard.pk).update(**changes)
