"""Each guarantee has a twin: with the check switched off, its test goes red."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from budgets.models import Goal, Member, Plan
from budgets.models.family import MemberQuerySet
from cms.models import OrganisationKind
from marketplace.people import appointments
from marketplace.people.models import Appointment, Lead, Membership
from marketplace.people.models.membership import DatedQuerySet
from marketplace.referrals.models import Draft, Referral
from marketplace.sharing import grounds, looks, sharing
from marketplace.sharing.models import Look, Reason
from marketplace.sharing.models.reason import ReasonQuerySet
from marketplace.sharing.paths import Paths, paths
from tests.cast import Cast
from tests.marketplace.sharing import test_grounds, test_looks, test_visible

pytestmark = pytest.mark.once

Test = Callable[[Cast], None]
RED = (AssertionError, pytest.fail.Exception, sharing.Forbidden, ObjectDoesNotExist)


def without(**changes: Any) -> Callable[[Any], Paths]:
    """Return paths that have forgotten something."""
    return lambda model: replace(paths(model), **changes)


def for_everybody(model: Any) -> Test:
    """Return the test that compares what everybody sees of a model with what they may."""
    return lambda whole: test_visible.test_everybody_sees_what_they_may_and_nothing_else(
        model, whole
    )


real_about = grounds._about

SABOTAGE: dict[str, tuple[Any, str, Any, Test]] = {
    "confidential items are shown": (
        sharing,
        "paths",
        without(confidential=None),
        for_everybody(Referral),
    ),
    "confidential goals are shown": (
        sharing,
        "paths",
        without(confidential=None),
        lambda cast: test_grounds.test_fred_and_anne_see_no_confidential_item_of_anothers(
            "stacey", cast
        ),
    ),
    "looks are shown to everybody at home": (
        sharing,
        "paths",
        without(is_private=False),
        for_everybody(Look),
    ),
    "appointments are shown to everybody at home": (
        sharing,
        "paths",
        without(is_private=False),
        for_everybody(Appointment),
    ),
    "forms that are not sent are shown to whoever may know the person": (
        sharing,
        "paths",
        without(author=None),
        for_everybody(Draft),
    ),
    "what is held back is shown": (
        sharing,
        "paths",
        without(held_back=None),
        test_grounds.test_a_look_that_is_held_back_is_shown_on_its_day,
    ),
    "every household is one's own": (
        grounds,
        "households",
        lambda persons, day: Member.objects.on(day).values("family"),
        for_everybody(Plan),
    ),
    "visitors see the household": (
        grounds,
        "households",
        lambda persons, day: Member.objects.on(day).filter(person__in=persons).values("family"),
        test_grounds.test_a_visitor_sees_only_what_is_hers,
    ),
    "moving out is not heard of": (
        MemberQuerySet,
        "on",
        lambda stays, on: stays,
        test_grounds.test_who_moved_out_sees_the_household_no_more_nor_it_her,
    ),
    "moving in holds before its day": (
        MemberQuerySet,
        "on",
        lambda stays, on: stays,
        test_grounds.test_who_moves_in_tomorrow_sees_nothing_today,
    ),
    "an earlier household is seen": (
        grounds,
        "household",
        lambda user, day: grounds.Ground(
            grounds.at_home(grounds.households([user.person_id], day), day),
            grounds.households([user.person_id], day),
        ),
        test_grounds.test_what_happened_in_an_earlier_household_stays_there,
    ),
    "any advocate is everybody's": (
        appointments,
        "of",
        lambda user, on, power=None: Appointment.objects.on(on),
        for_everybody(Goal),
    ),
    "an appointment holds for ever": (
        DatedQuerySet,
        "on",
        lambda rows, day: rows,
        lambda cast: test_grounds.test_an_advocate_sees_nothing_any_more_at_once(
            test_grounds._end_appointments, cast
        ),
    ),
    "a paid advocate needs no employer": (
        appointments,
        "EMPLOYED",
        {},
        lambda cast: test_grounds.test_an_advocate_sees_nothing_any_more_at_once(
            test_grounds._leave_beacon, cast
        ),
    ),
    "any friend may confide and represent": (
        appointments,
        "of",
        lambda user, on, power=None: Appointment.objects.on(on).filter(user=user),
        lambda cast: test_grounds.test_each_kind_of_advocate_has_exactly_its_powers(
            "family_friend", True, False, cast
        ),
    ),
    "whoever led once leads": (
        appointments,
        "leads_of",
        lambda user, on: Lead.objects.filter(user=user),
        test_grounds.test_a_lead_who_was_followed_leads_no_more,
    ),
    "a lead needs no employer": (
        appointments,
        "leads_of",
        lambda user, on: Lead.objects.on(on).filter(user=user),
        test_grounds.test_a_lead_who_left_her_organisation_leads_no_more,
    ),
    "the police see the plan of whom they lead": (
        appointments,
        "SEES_HER_PART",
        frozenset(),
        lambda cast: test_grounds.test_a_school_a_landlord_and_the_police_lead_and_see_their_part(
            OrganisationKind.POLICE, cast
        ),
    ),
    "a reason never closes": (
        ReasonQuerySet,
        "live",
        lambda reasons, at: reasons,
        test_grounds.test_a_closed_reason_opens_nothing_and_one_to_come_not_yet,
    ),
    "a reason is everybody's": (
        grounds,
        "reasons",
        lambda user, at: (Reason.objects.live(at),),
        test_grounds.test_a_reason_is_for_its_role,
    ),
    "leaving a role is not heard of": (
        DatedQuerySet,
        "on",
        lambda rows, day: rows,
        test_grounds.test_a_worker_who_left_sees_nothing_by_her_former_role,
    ),
    "any reason opens the whole record": (
        grounds,
        "Scope",
        type("Scope", (), {"RECORD": "subject"}),
        test_grounds.test_the_police_see_what_they_were_asked_for_and_not_the_plan,
    ),
    "the object is believed and the row not asked": (
        sharing,
        "Exists",
        lambda queryset: Q(),
        test_grounds.test_a_deactivated_user_sees_nothing_whatever_object_is_held,
    ),
    "a child that decides alone is decided for": (
        grounds,
        "decided_for",
        lambda user, day: user.person.responsibilities.values("person"),
        test_grounds.test_once_a_young_person_decides_alone_looks_are_hers,
    ),
    "no look is written down": (
        looks,
        "record",
        lambda **opened: None,
        test_looks.test_a_look_says_who_for_whom_at_what_and_why,
    ),
    "the clinic's look is shown": (
        looks,
        "_asked",
        lambda **asked: {},
        test_looks.test_a_look_that_only_a_confidential_reason_allows_is_confidential,
    ),
    "everything is there, and only forbidden": (
        sharing,
        "_refusal",
        lambda rows, **asked: sharing.Forbidden(""),
        test_looks.test_what_one_may_not_know_of_is_not_there,
    ),
    "a record is opened without being asked for": (
        sharing,
        "visible",
        lambda queryset, **asked: queryset,
        test_looks.test_anothers_confidential_item_is_not_there_for_the_household,
    ),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_check_that_is_switched_off_is_noticed(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    owner, attribute, instead, test = SABOTAGE[name]
    # What everybody may see is compared on the whole record.
    cast = request.getfixturevalue("whole" if "for_everybody" in test.__qualname__ else "cast")
    monkeypatch.setattr(owner, attribute, instead)
    with pytest.raises(RED):
        test(cast)


def test_the_checks_are_on(whole: Cast):
    for_everybody(Referral)(whole)
    assert Membership.objects.exists()
