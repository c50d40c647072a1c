"""Opening a record in an emergency: exact details, timed, read-only, on record, reviewed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from budgets import families, history, person_merges
from budgets.models import Goal, Person, Plan, Relation
from marketplace.notices.models import Notice
from marketplace.people import users
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals import referrals
from marketplace.sharing import emergencies, sharing
from marketplace.sharing.models import (
    Attempt,
    Basis,
    Emergency,
    Finding,
    Look,
    Reason,
    ReasonKind,
    Safeguard,
)
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.sharing import keeping

pytestmark = pytest.mark.django_db


def seen(cast: Cast, emergency: Emergency, queryset: Any, **later: float) -> bool:
    """Tell whether Sam reads some of these rows under an emergency."""
    at = cast.later(**later)
    return emergencies.visible(queryset, emergency=emergency, user=cast.sam, at=at).exists()


def test_it_opens_the_record_for_reading_until_it_ends(cast: Cast):
    emergency = keeping.emergency(cast, lasts=timedelta(hours=4))
    assert seen(cast, emergency, Person.objects.filter(pk=cast.josh.pk))
    assert seen(cast, emergency, Plan.objects.all())
    assert not seen(cast, emergency, Person.objects.filter(pk=cast.stacey.pk))
    assert not seen(cast, emergency, Plan.objects.filter(pk=cast.neighbours_plan.pk))
    assert not seen(cast, emergency, Goal.objects.filter(is_confidential=True))
    assert seen(cast, emergency, Plan.objects.all(), hours=3.9)
    assert not seen(cast, emergency, Plan.objects.all(), hours=4)


def test_its_reason_rests_on_a_life_in_danger_and_has_an_end(cast: Cast):
    emergency = keeping.emergency(cast)
    reason = Reason.objects.get()
    assert (reason.kind, reason.basis) == (ReasonKind.EMERGENCY, Basis.VITAL_INTERESTS)
    assert (reason.user, reason.organisation) == (cast.sam, cast.police)
    assert reason.subject == emergency.reference
    assert reason.ends_at == emergency.ends_at == cast.later(hours=24)


def test_nothing_else_opens_and_nothing_can_be_done(cast: Cast):
    """The gate of all other pages and verbs does not heed it: it is for reading only."""
    keeping.emergency(cast)
    for queryset in (Person.objects.filter(pk=cast.josh.pk), Plan.objects.all()):
        assert not sharing.visible(queryset, user=cast.sam, at=cast.at).exists()
    with pytest.raises(referrals.NotVisible):
        referrals.refer(
            person=cast.josh,
            family=cast.family,
            service=cast.youth_club,
            by=cast.by(cast.sam),
            at=cast.at,
        )


def test_only_who_opened_it_reads_it_and_only_while_she_works_there(cast: Cast):
    emergency = keeping.emergency(cast)
    rows = Plan.objects.all()
    for user in (cast.ruth, cast.adam, cast.nadia):
        assert not emergencies.visible(rows, emergency=emergency, user=user, at=cast.at).exists()
        with pytest.raises(sharing.NotFound):
            emergencies.read(reference=emergency.reference, user=user, at=cast.at)
    Membership.objects.filter(user=cast.sam).update(ends_on=cast.day)
    assert not seen(cast, emergency, rows)


def test_somebody_let_go_reads_nothing(cast: Cast):
    emergency = keeping.emergency(cast)
    users.deactivate(user=cast.sam, by=CLOCK, at=cast.at)
    assert not seen(cast, emergency, Plan.objects.all())


# Whom she means.

WRONG: list[dict[str, Any]] = [
    {"name": "Josh"},
    {"name": "Josh Garnet"},
    {"born_on": datetime(2001, 1, 1, tzinfo=UTC).date()},
    {"postcode": "LE1 1AA"},
    {"postcode": ""},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_wrong_details_are_answered_as_if_there_were_nobody(wrong: dict[str, Any], cast: Cast):
    assert keeping.find(cast, **wrong) is None
    attempt = Attempt.objects.get()
    assert (attempt.user, attempt.has_found) == (cast.sam, False)
    assert not Emergency.objects.exists()


def test_case_and_spaces_are_no_mistake(cast: Cast):
    postcode = cast.family.postcode.replace(" ", "").lower()
    assert keeping.find(cast, name="  josh   GARNER ", postcode=postcode) is not None


def test_who_is_shielded_or_moved_out_is_never_found(cast: Cast):
    Person.objects.filter(pk=cast.josh.pk).update(is_shielded=True)
    assert keeping.find(cast) is None
    cast.anne.members.update(left_on=cast.day)
    assert keeping.find(cast, person=cast.anne) is None


def test_two_who_fit_are_nobody(cast: Cast):
    factories.person(
        cast, cast.family, first_name="Josh", last_name="Garner", born_on=cast.josh.born_on
    )
    assert keeping.find(cast) is None


def test_tries_are_counted_and_limited_in_a_day(cast: Cast):
    for _try in range(emergencies.MOST_TRIES):
        keeping.find(cast, name="Nobody")
    with pytest.raises(emergencies.TooOften):
        keeping.find(cast)
    assert Attempt.objects.count() == emergencies.MOST_TRIES
    assert emergencies.tries_left(user=cast.sam, at=cast.at) == 0
    assert keeping.find(cast, user=cast.ruth) is not None
    assert keeping.find(cast, at=cast.later(days=1)) is not None


def test_only_who_works_with_families_may_try(cast: Cast):
    for user in (cast.dev, cast.colin, cast.adam, cast.edie, cast.fred_user):
        with pytest.raises(emergencies.NotInThisRole):
            keeping.find(cast, user=user)
    assert not Attempt.objects.exists()


def test_nobody_opens_whom_she_has_not_just_found(cast: Cast):
    found = keeping.find(cast)
    assert found is not None
    for user, at in ((cast.ruth, cast.at), (cast.sam, cast.later(hours=1))):
        with pytest.raises(emergencies.NotFound):
            emergencies.open(found=found, why="Now.", by=cast.by(user), at=at)
    assert not Emergency.objects.exists()


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"why": "  "}, emergencies.SaysNotWhy),
        ({"lasts": timedelta(hours=25)}, emergencies.TooLong),
        ({"lasts": timedelta(0)}, emergencies.TooLong),
    ],
)
def test_it_says_why_and_ends_within_a_day(
    fields: dict[str, Any], refusal: type[history.Refused], cast: Cast
):
    with pytest.raises(refusal):
        keeping.emergency(cast, **fields)
    assert not Emergency.objects.exists()
    assert not Reason.objects.exists()
    assert not Notice.objects.exists()


def test_once_it_runs_it_is_the_same_one(cast: Cast):
    assert keeping.emergency(cast) == keeping.emergency(cast)
    assert Emergency.objects.count() == 1


# Every look in it is marked, and the person reads of it.


def test_every_look_in_it_is_marked(cast: Cast):
    emergency = keeping.emergency(cast)
    for _time in range(2):
        emergencies.read(reference=emergency.reference, user=cast.sam, at=cast.at)
    look = Look.objects.earliest("pk")
    assert Look.objects.count() == 2
    assert (look.person, look.ground, look.organisation) == (
        cast.josh,
        ReasonKind.EMERGENCY,
        cast.police,
    )
    assert look.reason == Reason.objects.get().reference
    assert sharing.visible(Look.objects.all(), user=cast.fred_user, at=cast.at).count() == 2
    assert sharing.visible(Emergency.objects.all(), user=cast.fred_user, at=cast.at).exists()
    assert not sharing.visible(Emergency.objects.all(), user=cast.anne_user, at=cast.at).exists()


# Another person says whether it was right.


def judge(cast: Cast, emergency: Emergency, user: Any, **fields: Any) -> Emergency:
    """Say that it was right."""
    return emergencies.review(
        **{
            "emergency": emergency,
            "finding": Finding.PROPER,
            "words": "She rang me first.",
            "by": cast.by(user),
            "at": cast.later(hours=2),
            **fields,
        }
    )


def told(kind: str) -> set[Any]:
    """Return who was told of something."""
    return {notice.user for notice in Notice.objects.filter(kind=kind)}


def test_a_manager_is_asked_and_says_so(cast: Cast):
    emergency = keeping.emergency(cast, user=cast.ingrid)
    assert told("emergency_for_you") == {cast.colin, cast.helena, cast.adam}
    emergency = judge(cast, emergency, cast.colin)
    assert (emergency.finding, emergency.reviewed_by) == (Finding.PROPER, cast.colin)
    assert [event.verb for event in history.of(emergency.reference)] == ["opened", "reviewed"]
    with pytest.raises(emergencies.IsReviewed):
        judge(cast, emergency, cast.helena)


def test_where_nobody_is_a_manager_the_county_looks(cast: Cast):
    emergency = keeping.emergency(cast)
    assert told("emergency_for_you") == {cast.adam}
    with pytest.raises(emergencies.NotTheirsToReview):
        judge(cast, emergency, cast.colin)
    assert judge(cast, emergency, cast.adam).is_reviewed


def test_nobody_reviews_her_own(cast: Cast):
    Membership.objects.create(
        user=cast.ingrid, organisation=cast.county, role=Role.COMMISSIONER, starts_on=cast.day
    )
    emergency = keeping.emergency(cast, user=cast.ingrid)
    with pytest.raises(emergencies.NotTheirsToReview):
        judge(cast, emergency, cast.ingrid)
    with pytest.raises(IntegrityError), transaction.atomic():
        Emergency.objects.filter(pk=emergency.pk).update(
            reviewed_by=cast.ingrid, reviewed_at=cast.at, finding="proper", words="Fine."
        )
    assert emergency not in emergencies.to_review(user=cast.ingrid, at=cast.at)


def test_one_that_was_wrong_closes_at_once(cast: Cast):
    emergency = keeping.emergency(cast, user=cast.ingrid)
    judge(cast, emergency, cast.adam, finding=Finding.IMPROPER)
    with pytest.raises(sharing.NotFound):
        emergencies.read(
            reference=emergency.reference, user=cast.ingrid, at=cast.later(hours=2, minutes=1)
        )


def test_a_review_has_words(cast: Cast):
    emergency = keeping.emergency(cast)
    with pytest.raises(emergencies.SaysNotWhy):
        judge(cast, emergency, cast.adam, words=" ")


DUE: list[tuple[datetime, str]] = [
    (datetime(2026, 6, 3, 9, tzinfo=UTC), "2026-06-05 00:00"),  # Wednesday: Thursday's end
    (datetime(2026, 6, 5, 23, tzinfo=UTC), "2026-06-09 00:00"),  # Saturday here: Monday's end
    (datetime(2026, 4, 2, 12, tzinfo=UTC), "2026-04-08 00:00"),  # before Easter: Tuesday's end
]


@pytest.mark.parametrize(("opened", "due"), DUE)
def test_a_review_is_due_by_the_end_of_the_next_working_day(opened: datetime, due: str):
    local = emergencies.review_due(opened).astimezone(ZoneInfo("Europe/London"))
    assert f"{local:%Y-%m-%d %H:%M}" == due


def test_one_that_nobody_reviewed_goes_up_once(cast: Cast):
    emergency = keeping.emergency(cast, user=cast.ingrid)
    assert emergencies.nightly(at=emergency.review_due_at - timedelta(minutes=1)) == 0
    assert not emergencies.overdue(emergency.review_due_at - timedelta(minutes=1)).exists()
    for count in (1, 0):
        assert emergencies.nightly(at=emergency.review_due_at) == count
    assert told("emergency_late") == {cast.colin, cast.helena, cast.adam}
    assert history.of(emergency.reference).filter(verb="escalated").count() == 1
    judge(cast, emergency, cast.colin)
    assert not emergencies.overdue(emergency.review_due_at).exists()


def test_a_concern_in_confidence_stays_closed_in_an_emergency(cast: Cast):
    factories.safeguard(cast, cast.josh)
    factories.safeguard(cast, cast.josh, is_confidential=False)
    emergency = keeping.emergency(cast)
    rows = emergencies.visible(
        Safeguard.objects.all(), emergency=emergency, user=cast.sam, at=cast.at
    )
    assert [row.is_confidential for row in rows] == [False]


BROKEN: list[Callable[[Cast], dict[str, Any]]] = [
    lambda cast: {"why": ""},
    lambda cast: {"ends_at": cast.at},
    lambda cast: {"finding": "proper"},
    lambda cast: {"held_back_until": cast.day},
]


@pytest.mark.parametrize("changes", BROKEN)
def test_the_database_refuses_what_cannot_be(changes: Callable[[Cast], dict[str, Any]], cast: Cast):
    emergency = factories.emergency(cast, cast.josh)
    with pytest.raises(IntegrityError), transaction.atomic():
        Emergency.objects.filter(pk=emergency.pk).update(**changes(cast))


def test_where_she_was_suspended_it_is_closed_though_she_works_elsewhere(cast: Cast):
    emergency = keeping.emergency(cast)
    Membership.objects.create(
        user=cast.sam, organisation=cast.beacon, role=Role.ADVOCATE, starts_on=cast.day
    )
    Membership.objects.filter(user=cast.sam, organisation=cast.police).update(suspended_at=cast.at)
    assert not seen(cast, emergency, Plan.objects.all())
    with pytest.raises(sharing.NotFound):
        emergencies.read(reference=emergency.reference, user=cast.sam, at=cast.at)


def test_who_is_on_record_twice_is_found_once(cast: Cast):
    assert cast.josh.born_on is not None
    twin = families.add_person(
        first_name=cast.josh.first_name, last_name=cast.josh.last_name, born_on=cast.josh.born_on,
        by=CLOCK, at=cast.at,
    )  # fmt: skip
    families.join(
        family=cast.family, person=twin, relation=Relation.CHILD, on=cast.day, by=CLOCK, at=cast.at
    )
    assert keeping.find(cast) is None  # two people of one name: she says which, by telephone
    person_merges.merge(kept=cast.josh, gone=twin, words="One boy.", by=CLOCK, at=cast.at)
    found = keeping.find(cast)
    assert found is not None
    assert found.person == cast.josh
