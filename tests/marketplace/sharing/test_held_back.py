"""What is held back: by whom, how long, reviewed by another, let out by itself, without a trace."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import history
from budgets.models import Event
from marketplace.notices.models import Notice
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.sharing import emergencies, held_back, safeguards, sharing
from marketplace.sharing.models import (
    Emergency,
    HeldBack,
    Look,
    Reason,
    Safeguard,
    SafeguardEnd,
)
from tests import factories
from tests.cast import Cast
from tests.marketplace.sharing import keeping

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(cast: Cast) -> Cast:
    """The cast, with a manager at the trust who looks at what Ruth does."""
    cast.workplaces[add_manager(cast).pk] = cast.trust
    return cast


def add_manager(cast: Cast) -> User:
    """Add a manager at the trust."""
    return factories.worker(cast, cast.trust, Role.ADMINISTRATOR, name="Mo Manager")


def manager() -> User:
    """Return the trust's manager."""
    return User.objects.get(name="Mo Manager")


def with_social_worker(cast: Cast, **fields: Any) -> Safeguard:
    """Open a concern for Stacey that a social worker has; Stacey would read of it."""
    return keeping.concern(
        cast, person=cast.stacey, is_with_social_worker=True, is_agreed=True, **fields
    )


def reads(cast: Cast, user: User, **later: float) -> dict[str, int]:
    """Return how many rows of each kind somebody sees."""
    at = cast.later(**later)
    models = (Safeguard, Reason, Look, Emergency)
    return {
        model.__name__: sharing.visible(model._default_manager.all(), user=user, at=at).count()
        for model in models
    }


NOTHING = {"Safeguard": 0, "Reason": 0, "Look": 0, "Emergency": 0}


def look(cast: Cast, safeguard: Safeguard, **later: float) -> None:
    """Let Ruth open the concern."""
    sharing.open_record(
        Safeguard.objects.all(),
        reference=safeguard.reference,
        user=cast.ruth,
        at=cast.later(**later),
        kind="safeguard",
    )


def review(cast: Cast, held: HeldBack, user: User, *, is_upheld: bool, **later: float) -> HeldBack:
    """Say whether it stays held back."""
    return held_back.review(
        held=held,
        is_upheld=is_upheld,
        words="I rang the social worker.",
        by=cast.by(user),
        at=cast.later(**(later or {"hours": 1})),
    )


def test_it_hides_the_concern_who_knows_and_who_looked_and_leaves_no_trace(kept: Cast):
    cast = kept
    before = reads(cast, cast.stacey_user)
    safeguard = with_social_worker(cast)
    look(cast, safeguard)
    assert reads(cast, cast.stacey_user) == {**NOTHING, "Safeguard": 1, "Reason": 1, "Look": 1}
    keeping.hold_back(cast, safeguard)
    look(cast, safeguard, minutes=5)
    assert reads(cast, cast.stacey_user, minutes=5) == before == NOTHING
    assert not sharing.visible(HeldBack.objects.all(), user=cast.stacey_user, at=cast.at).exists()
    history_of_it = Event.objects.filter(subject_kind="held_back")
    assert not sharing.visible(history_of_it, user=cast.stacey_user, at=cast.at).exists()


def test_its_owner_goes_on_seeing_it(kept: Cast):
    safeguard = with_social_worker(kept)
    keeping.hold_back(kept, safeguard)
    rows = Safeguard.objects.filter(pk=safeguard.pk)
    assert sharing.visible(rows, user=kept.ruth, at=kept.at).exists()


def test_an_advocate_who_would_tell_her_does_not_see_it_either(kept: Cast):
    safeguard = keeping.concern(kept, person=kept.jamie, is_with_social_worker=True)
    rows = Safeguard.objects.filter(pk=safeguard.pk)
    assert sharing.visible(rows, user=kept.amira, at=kept.at).exists()
    keeping.hold_back(kept, safeguard)
    assert not sharing.visible(rows, user=kept.amira, at=kept.at).exists()


def test_without_a_second_person_it_comes_out_by_itself(kept: Cast):
    cast = kept
    safeguard = with_social_worker(cast)
    held = keeping.hold_back(cast, safeguard)
    assert {notice.user for notice in Notice.objects.filter(kind="held_back_for_you")} == {
        manager()
    }
    assert reads(cast, cast.stacey_user, days=1) == NOTHING
    assert reads(cast, cast.stacey_user, days=2)["Safeguard"] == 1
    assert [held_back.nightly(at=cast.later(days=days)) for days in (1, 2, 3)] == [0, 1, 0]
    held = HeldBack.objects.get(pk=held.pk)
    assert held.released_at is not None
    assert [event.verb for event in history.of(held.reference)] == ["held_back", "released"]


def test_a_second_person_upholds_it_until_its_day(kept: Cast):
    cast = kept
    safeguard = with_social_worker(cast)
    held = keeping.hold_back(cast, safeguard)
    review(cast, held, manager(), is_upheld=True)
    look(cast, safeguard, days=3)
    assert reads(cast, cast.stacey_user, days=27) == NOTHING
    assert reads(cast, cast.stacey_user, days=28) == {**NOTHING} | {
        "Safeguard": 1,
        "Reason": 1,
        "Look": 1,
    }
    assert held_back.nightly(at=cast.later(days=28)) == 1


def test_a_second_person_lets_it_out_at_once(kept: Cast):
    cast = kept
    held = keeping.hold_back(cast, with_social_worker(cast))
    review(cast, held, manager(), is_upheld=False)
    assert reads(cast, cast.stacey_user, hours=1)["Safeguard"] == 1


def test_who_asked_does_not_review_it_nor_a_stranger(kept: Cast):
    cast = kept
    Membership.objects.create(
        user=cast.ruth, organisation=cast.trust, role=Role.COMMISSIONER, starts_on=cast.day
    )
    held = keeping.hold_back(cast, with_social_worker(cast))
    for user in (cast.ruth, cast.adam, cast.colin, cast.sam):
        with pytest.raises(held_back.NotTheirsToReview):
            review(cast, held, user, is_upheld=True)
    assert held_back.to_review(user=manager(), at=cast.at) == [held]
    assert held_back.to_review(user=cast.ruth, at=cast.at) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldBack.objects.filter(pk=held.pk).update(
            reviewed_by=cast.ruth, reviewed_at=cast.at, is_upheld=True
        )


def test_it_is_reviewed_once(kept: Cast):
    held = keeping.hold_back(kept, with_social_worker(kept))
    review(kept, held, manager(), is_upheld=True)
    with pytest.raises(held_back.IsHeldBack):
        review(kept, held, manager(), is_upheld=False)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        (lambda cast: {"by": cast.by(cast.amira)}, held_back.NotTheirsToHoldBack),
        (lambda cast: {"by": cast.by(cast.colin)}, held_back.NotTheirsToHoldBack),
        (lambda cast: {"by": factories.CLOCK}, held_back.NotTheirsToHoldBack),
        (lambda cast: {"words": " "}, held_back.SaysNotWhy),
        (lambda cast: {"until": cast.day}, held_back.WrongDay),
        (lambda cast: {"until": cast.day + timedelta(days=91)}, held_back.WrongDay),
    ],
)
def test_a_refusal_leaves_no_trace(
    fields: Callable[[Cast], dict[str, Any]], refusal: type[history.Refused], kept: Cast
):
    safeguard = with_social_worker(kept)
    with pytest.raises(refusal):
        keeping.hold_back(kept, safeguard, **fields(kept))
    assert not HeldBack.objects.exists()
    assert reads(kept, kept.stacey_user)["Safeguard"] == 1


def test_only_where_a_social_worker_has_it(kept: Cast):
    safeguard = keeping.concern(kept, person=kept.stacey)
    with pytest.raises(held_back.NotTheirsToHoldBack):
        keeping.hold_back(kept, safeguard)


def test_it_is_held_back_once(kept: Cast):
    safeguard = with_social_worker(kept)
    keeping.hold_back(kept, safeguard)
    with pytest.raises(held_back.IsHeldBack):
        keeping.hold_back(kept, safeguard)


@pytest.mark.parametrize("how", ["step_down", "close"])
def test_it_comes_out_once_the_social_worker_is_gone(how: str, kept: Cast):
    cast = kept
    safeguard = with_social_worker(cast)
    keeping.hold_back(cast, safeguard)
    said: dict[str, Any] = {
        "safeguard": safeguard,
        "words": "She is safe.",
        "by": cast.by(cast.ruth),
        "at": cast.later(hours=1),
    }
    if how == "close":
        safeguards.close(**said, reason=SafeguardEnd.SAFE_NOW)
    else:
        safeguards.step_down(**said)
    assert reads(cast, cast.stacey_user, hours=1)["Safeguard"] == 1
    assert not HeldBack.objects.open().exists()


def test_it_goes_on_for_a_new_owner_elsewhere(kept: Cast):
    cast = kept
    safeguard = with_social_worker(cast)
    keeping.hold_back(cast, safeguard)
    safeguards.hand_over(
        safeguard=safeguard,
        owner=cast.ingrid,
        organisation=cast.county,
        words="She lives there now.",
        by=cast.by(cast.ruth),
        at=cast.later(hours=1),
    )
    assert reads(cast, cast.stacey_user, hours=1) == NOTHING


def test_an_emergency_of_the_same_organisation_is_held_back_with_it(kept: Cast):
    cast = kept
    safeguard = with_social_worker(cast)
    earlier = keeping.emergency(cast, user=cast.ruth, person=cast.stacey)
    emergencies.read(reference=earlier.reference, user=cast.ruth, at=cast.at)
    assert reads(cast, cast.stacey_user)["Emergency"] == 1
    keeping.hold_back(cast, safeguard)
    emergencies.read(reference=earlier.reference, user=cast.ruth, at=cast.at)
    assert reads(cast, cast.stacey_user) == NOTHING
    keeping.emergency(cast, person=cast.stacey)  # the police's is not the trust's to hide
    assert reads(cast, cast.stacey_user)["Emergency"] == 1


def test_whoever_looked_at_the_concern_is_held_back_with_it(kept: Cast):
    """A lead looks as the lead, an advocate as appointed: both would tell of the concern."""
    cast = kept
    cast.family.leads.create(user=cast.ruth, organisation=cast.trust, starts_on=cast.day)
    safeguard = with_social_worker(cast)
    look(cast, safeguard)
    assert {each.ground for each in Look.objects.all()} == {"lead"}
    keeping.hold_back(cast, safeguard)
    look(cast, safeguard, minutes=5)
    assert Look.objects.count() == 2
    assert reads(cast, cast.stacey_user, minutes=5) == NOTHING


def test_what_another_concern_holds_back_stays_so(kept: Cast):
    cast = kept
    first, second = with_social_worker(cast), with_social_worker(cast)
    look(cast, first)
    keeping.hold_back(cast, first)
    keeping.hold_back(cast, second)
    held_back.release(safeguard=first, by=factories.CLOCK, at=cast.later(hours=1))
    found = reads(cast, cast.stacey_user, hours=1)
    assert (found["Safeguard"], found["Look"]) == (1, 0)
