"""The database finds on nobody's list what `turns.of` says of each referral, one by one."""

import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import Responsibility
from cms.models import Step
from marketplace.people.models import Appointment, Membership, User
from marketplace.people.roles import POWERS, Power, Role
from marketplace.referrals import nobodys, turns
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung, StepTaken
from marketplace.referrals.models.referral import CLIMB
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser


def one_by_one(cast: Cast) -> set[int]:
    """Return what nobody is left for, looked at one referral and one person after the other."""
    return {
        referral.pk
        for referral in turns.with_turns(Referral.objects.open())
        if not somebody(cast, referral, turns.of(referral))
    }


def somebody(cast: Cast, referral: Referral, turn: turns.Turn) -> bool:
    """Tell whether anybody can act."""
    at_work = [
        one for one in Membership.objects.on(cast.day).select_related("user") if one.user.is_active
    ]
    if turn.organisation is not None:
        there = [one for one in at_work if one.organisation_id == turn.organisation.pk]
        if turn.worker is not None and any(one.user_id == turn.worker.pk for one in there):
            return True
        return any(one.role in turn.roles for one in there)
    users = [user for user in User.objects.filter(is_active=True) if user.person_id]
    persons = {user.person_id for user in users}
    if referral.person_id in persons:
        return True
    for one in Responsibility.objects.on(cast.day).filter(person=referral.person):
        if one.may_decide and one.holder_id in persons:
            return True
    for held in Appointment.objects.on(cast.day).filter(person=referral.person):
        roles = {one.role for one in at_work if one.user_id == held.user_id}
        employed = {"paid_advocate": Role.ADVOCATE, "lead_professional": Role.LEAD_PROFESSIONAL}
        is_able = held.kind not in employed or employed[held.kind] in roles
        if Power.REPRESENT in POWERS[held.kind] and is_able and held.user.is_active:
            return True
    if referral.referrer_organisation_id is None:
        return referral.referrer_id in {user.pk for user in users}
    return any(
        (one.user_id, one.organisation_id)
        == (referral.referrer_id, referral.referrer_organisation_id)
        for one in at_work
    )


def somehow(cast: Cast, dice: random.Random) -> None:
    """Add a referral in any state, with any promises and steps."""
    users = [cast.amira, cast.fred_user, cast.sam, cast.nadia]
    user, rung = dice.choice(users), dice.choice(CLIMB)
    is_over = rung != Rung.SIGNPOSTED and dice.random() < 0.8
    said: dict[str, Any] = {"handed_over_rung": rung, "handed_over_at": cast.at} if is_over else {}
    referral = factories.referral(
        cast,
        factories.person(cast, cast.family),
        service=dice.choice([cast.mentor, cast.family_support, cast.youth_club]),
        rung=rung,
        referrer=user,
        referrer_organisation=dice.choice([None, cast.beacon, cast.police]),
        yes_at=dice.choice([None, cast.at]),
        **said,
    )
    for step in dice.sample(list(Step), dice.randint(0, 4)):
        StepTaken.objects.create(
            referral=referral, step=step, outcome="done", actor_kind="person", at=cast.at
        )
    for kind in dice.sample(list(PromiseKind), dice.choice([0, 0, 1, 2])):
        place = dice.choice([None, cast.county, cast.mentors, cast.beacon])
        factories.promise(
            cast,
            referral,
            kind=kind,
            organisation=place,
            worker=dice.choice([None, None, cast.amira]) if place == cast.beacon else None,
            due_on=cast.later(days=dice.randint(1, 9)).date(),
        )


@pytest.mark.parametrize("seed", range(6))
def test_the_database_says_what_is_told_of_each(cast: Cast, seed: int) -> None:
    dice = random.Random(seed)
    for _number in range(40):
        somehow(cast, dice)
    for user in dice.sample([cast.amira, cast.ingrid, cast.dev, cast.fred_user, cast.colin], 2):
        Membership.objects.filter(user=user).update(ends_on=cast.day)
        User.objects.filter(pk=user.pk).update(is_active=dice.random() < 0.5)
    found = set(nobodys.rows(on=cast.day).values_list("pk", flat=True))
    assert found == one_by_one(cast)
    assert 0 < len(found) < Referral.objects.count()
    for one in turns.stuck(found=turns.left_over(at=cast.at)):
        assert one.organisation.pk == one.referral.left_to  # type: ignore[attr-defined]


@pytest.mark.once
def test_with_a_promise_forgotten_that_test_goes_red(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = Promise.objects.none
    monkeypatch.setattr(type(Promise.objects.all()), "open", lambda self: none())
    rows = nobodys.rows
    kept = {}

    def forgetting(*, on: Any) -> Any:
        kept["rows"] = rows(on=on)
        monkeypatch.undo()
        return kept["rows"]

    monkeypatch.setattr(nobodys, "rows", forgetting)
    with pytest.raises(AssertionError):
        test_the_database_says_what_is_told_of_each(cast, 0)


@pytest.mark.once
def test_a_page_reads_its_own_rows_and_asks_as_often_however_many_there_are(
    cast_today: Cast,
) -> None:
    cast = cast_today
    assert browser(cast.adam).get(reverse("admin_waiting")).context["stuck"] == []
    User.objects.filter(pk=cast.ingrid.pk).update(is_active=False)
    counts, adam, path = [], browser(cast.adam), reverse("admin_waiting")
    for count in (25, 30):
        for _number in range(count):
            factories.referral(
                cast,
                factories.person(cast, cast.family),
                rung=Rung.APPLIED,
                handed_over_rung=Rung.APPLIED,
                handed_over_at=cast.at,
            )
        with CaptureQueriesContext(connection) as queries:
            answer = adam.get(path)
        counts.append(len(queries))
        assert len(answer.context["stuck"]) == 20
    assert counts[0] == counts[1]
    assert len(adam.get(f"{path}?page=3").context["stuck"]) == 15
