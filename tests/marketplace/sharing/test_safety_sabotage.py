"""Each guarantee of safety has a twin: with the guard switched off, its test goes red."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.db.models import Q

from budgets import history
from budgets.models import Person
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.sharing import (
    calls,
    emergencies,
    grounds,
    held_back,
    looks,
    managers,
    nudges,
    safeguards,
    sharing,
)
from marketplace.sharing.models import Emergency, Reason, ReasonKind
from marketplace.sharing.models.emergency import EmergencyQuerySet
from tests.cast import Cast
from tests.marketplace.sharing import (
    keeping,
    test_emergencies,
    test_held_back,
    test_looks_reasons,
    test_nudges,
    test_safeguards,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]

Test = Callable[[Cast], None]
RED = (
    AssertionError,
    pytest.fail.Exception,
    history.Refused,
    IntegrityError,
    ObjectDoesNotExist,
)


def everybody(model: Any) -> Callable[..., Any]:
    """Return a search that heeds only the day of birth."""
    return lambda details, at: list(Person.objects.filter(born_on=details.born_on))


def heeding_emergencies(user: Any, at: Any) -> Any:
    """Return reasons as they would be if emergencies were any other reason."""
    return (Reason.objects.live(at).filter(user=user, kind=ReasonKind.EMERGENCY),)


def works_somewhere(emergency: Emergency, *, user: User, on: date) -> bool:
    """Say that she works with families, wherever it is."""
    return memberships.current(user=user, on=on, among=emergencies.ROLES) is not None


def may_open_at_all(fields: dict[str, Any], refusal: type[Exception]) -> Callable[[Cast], None]:
    """Return the test of a refusal to open."""
    return lambda cast: test_emergencies.test_it_says_why_and_ends_within_a_day(
        fields, refusal, cast
    )


SABOTAGE: dict[str, tuple[Any, str, Any, Test]] = {
    "anything finds somebody": (
        emergencies,
        "_meant",
        everybody(Person),
        lambda cast: test_emergencies.test_wrong_details_are_answered_as_if_there_were_nobody(
            {"name": "Josh Garnet"}, cast
        ),
    ),
    "who is shielded is found": (
        emergencies,
        "_meant",
        everybody(Person),
        test_emergencies.test_who_is_shielded_or_moved_out_is_never_found,
    ),
    "tries are not limited": (
        emergencies,
        "MOST_TRIES",
        10,
        lambda cast: _five_tries(cast),
    ),
    "a find holds for ever": (
        emergencies,
        "TRY_HOLDS",
        timedelta(days=365),
        test_emergencies.test_nobody_opens_whom_she_has_not_just_found,
    ),
    "an emergency lasts as long as one likes": (
        emergencies,
        "LONGEST",
        timedelta(days=365),
        may_open_at_all({"lasts": timedelta(hours=25)}, emergencies.TooLong),
    ),
    "an emergency never ends": (
        EmergencyQuerySet,
        "running",
        lambda rows, at: rows,
        lambda cast: _is_over(cast),
    ),
    "an emergency is a reason like any other": (
        grounds,
        "reasons",
        heeding_emergencies,
        test_emergencies.test_nothing_else_opens_and_nothing_can_be_done,
    ),
    "any role may open in an emergency": (
        emergencies,
        "ROLES",
        tuple(Role),
        test_emergencies.test_only_who_works_with_families_may_try,
    ),
    "who was suspended there reads on from elsewhere": (
        emergencies,
        "_works_there",
        works_somewhere,
        test_emergencies.test_where_she_was_suspended_it_is_closed_though_she_works_elsewhere,
    ),
    "no look in it is written": (
        looks,
        "record_emergency",
        lambda **opened: None,
        test_emergencies.test_every_look_in_it_is_marked,
    ),
    "one reviews one's own": (
        managers,
        "reviewer",
        lambda **asked: asked["but"],
        test_emergencies.test_nobody_reviews_her_own,
    ),
    "a review may wait a month": (
        emergencies,
        "review_due",
        lambda at: at + timedelta(days=30),
        lambda cast: test_emergencies.test_a_review_is_due_by_the_end_of_the_next_working_day(
            *test_emergencies.DUE[0]
        ),
    ),
    "nothing is late": (
        emergencies,
        "overdue",
        lambda at: Emergency.objects.none(),
        test_emergencies.test_one_that_nobody_reviewed_goes_up_once,
    ),
    "what is held back is shown": (
        grounds,
        "_let_out",
        lambda path, day: Q(),
        test_held_back.test_it_hides_the_concern_who_knows_and_who_looked_and_leaves_no_trace,
    ),
    "new looks are not held back": (
        held_back,
        "kept",
        lambda **asked: None,
        test_held_back.test_it_hides_the_concern_who_knows_and_who_looked_and_leaves_no_trace,
    ),
    "anybody holds back": (
        held_back,
        "_may",
        lambda safeguard, by: True,
        test_held_back.test_only_where_a_social_worker_has_it,
    ),
    "it is held back without a second person": (
        held_back,
        "_shown_on",
        lambda held: held.until,
        test_held_back.test_without_a_second_person_it_comes_out_by_itself,
    ),
    "it stays when the social worker is gone": (
        held_back,
        "release",
        lambda **asked: None,
        lambda cast: test_held_back.test_it_comes_out_once_the_social_worker_is_gone("close", cast),
    ),
    "late reviews are never noticed": (
        nudges,
        "_nudge",
        lambda pk, at: False,
        test_nudges.test_the_owner_is_told_on_the_day_and_managers_two_working_days_later,
    ),
    "managers go on seeing": (
        safeguards,
        "_let_managers_go",
        lambda safeguard, at: None,
        test_nudges.test_managers_see_that_one_concern_until_it_is_looked_at,
    ),
    "any colleague's concern is mine": (
        safeguards,
        "_must_be_owners",
        lambda safeguard, by, at: None,
        test_safeguards.test_a_colleague_may_close_it_and_others_may_not,
    ),
    "anybody may step up": (
        safeguards,
        "_must_know",
        lambda safeguard, by, at: None,
        test_safeguards.test_who_knows_nothing_of_it_cannot_step_it_up,
    ),
    "a call is for everybody on her side": (
        calls,
        "_on_her_side",
        lambda person, at: [],
        test_nudges.test_whom_she_confides_in_is_asked_and_nobody_else_at_home_learns_of_it,
    ),
    "a look names no reason": (
        looks,
        "_asked",
        lambda **asked: {},
        test_looks_reasons.test_a_reason_is_named_by_its_reference,
    ),
}


def _five_tries(cast: Cast) -> None:
    for _try in range(5):
        keeping.find(cast, name="Nobody")
    with pytest.raises(emergencies.TooOften):
        keeping.find(cast)


def _is_over(cast: Cast) -> None:
    emergency = keeping.emergency(cast)
    Reason.objects.update(ends_at=None)  # the other guard
    with pytest.raises(sharing.NotFound):
        emergencies.read(reference=emergency.reference, user=cast.sam, at=cast.later(days=2))


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_guard_that_is_switched_off_is_noticed(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    owner, attribute, instead, test = SABOTAGE[name]
    cast.workplaces[test_held_back.add_manager(cast).pk] = cast.trust
    monkeypatch.setattr(owner, attribute, instead)
    with pytest.raises(RED):
        test(cast)
