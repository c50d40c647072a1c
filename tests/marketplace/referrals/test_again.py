"""One open request a person and service; after a no, asking again always works."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from budgets.models import Person
from marketplace.people.models import User
from marketplace.referrals import again, endings, referrals, sittings
from marketplace.referrals.models import EndReason, Referral, Rung
from marketplace.sharing import sharing
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing
from tests.marketplace.referrals.test_commission_races import race
from tests.marketplace.rights import test_merged as merging

ONE_OPEN = "referrals_referral_one_open"


def decline(cast: Cast, referral: Referral) -> Referral:
    """Say no to it, as the owner's intake."""
    return endings.decline(
        referral=referral,
        reason=EndReason.NO_PLACE,
        words="We are full.",
        by=cast.by(cast.ingrid),
        at=cast.at,
    )


def withdraw(cast: Cast, referral: Referral) -> Referral:
    """Stop it."""
    return endings.withdraw(referral=referral, by=cast.by(cast.amira), at=cast.at)


def test_asking_for_what_is_open_leads_to_what_there_is_and_changes_nothing(cast: Cast) -> None:
    first = climbing.climb(cast, to=Rung.SOFT_REFERRED)
    before = climbing.trace(first)
    with pytest.raises(again.AlreadyAsked) as refusal:
        climbing.refer(cast)
    assert refusal.value.referral == first
    assert "asked for already for Jamie" in refusal.value.sentence
    assert climbing.trace(first) == before
    assert Referral.objects.count() == 1


@pytest.mark.parametrize("end", [decline, withdraw], ids=["declined", "withdrawn"])
def test_after_it_ended_asking_again_always_works(
    end: Callable[[Cast, Referral], Referral], cast: Cast
) -> None:
    for _time in range(3):
        end(cast, climbing.climb(cast, to=Rung.APPLIED))
    assert Referral.objects.open().count() == 0
    assert climbing.climb(cast, to=Rung.APPLIED).is_open


def test_other_persons_and_other_services_are_asked_for_beside(cast: Cast) -> None:
    climbing.refer(cast)
    climbing.refer(cast, person=cast.josh)
    climbing.refer(cast, service=cast.family_support)
    assert Referral.objects.open().count() == 3


def test_two_records_of_one_person_are_one_person(cast: Cast) -> None:
    climbing.refer(cast)
    Person.objects.filter(pk=merging.second(cast, cast.jamie).pk).update(first_name="Jamie")
    other = Person.objects.get(merged_into=cast.jamie)
    rows = again.standing(
        person=other, service=cast.mentor, is_confidential=False, user=cast.amira, at=cast.at
    )
    assert rows.count() == 1


def test_of_what_is_kept_from_others_a_second_asker_learns_nothing(cast: Cast) -> None:
    secret: dict[str, Any] = {"goal": cast.jamie_secret_goal}
    climbing.refer(cast, user=cast.jamie_user, **secret)
    assert climbing.refer(cast, user=cast.fred_user).is_open  # openly, and not refused
    assert climbing.refer(cast, **secret).is_open  # and another in confidence
    with pytest.raises(again.AlreadyAsked):
        climbing.refer(cast, **secret)
    assert Referral.objects.open().count() == 3


def hide(cast: Cast, monkeypatch: pytest.MonkeyPatch, *users: User) -> None:
    """Let some users know of nothing, as a worker at a door who may know only who it is about."""
    real = sharing.visible

    def visible(queryset: Any, *, user: User, at: Any) -> Any:
        return queryset.none() if user in users else real(queryset, user=user, at=at)

    monkeypatch.setattr(again, "sharing", SimpleNamespace(visible=visible))


def test_who_may_not_know_of_the_open_one_asks_as_if_there_were_none(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = climbing.refer(cast)
    hide(cast, monkeypatch, cast.fred_user)
    second = climbing.refer(cast, user=cast.fred_user)
    assert (first.is_apart, second.is_apart) == (False, True)
    with pytest.raises(again.AlreadyAsked) as refusal:  # of her own she knows
        climbing.refer(cast, user=cast.fred_user)
    assert refusal.value.referral == second
    with pytest.raises(again.AlreadyAsked):  # and who knows of both is led to the first
        climbing.refer(cast)


class Late:
    """Rows that are committed only after they were first looked for."""

    def __init__(self, rows: QuerySet[Referral]) -> None:
        self.rows, self.looks = rows, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rows, name)

    def filter(self, *args: Any, **said: Any) -> Any:
        return Late(self.rows.filter(*args, **said))

    def exclude(self, *args: Any, **said: Any) -> Any:
        return self.rows.none()


def test_two_at_once_who_may_not_know_of_each_other_read_nothing_of_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look before the other's is there; the constraint refuses one, which goes through again.

    The first look finds nothing, as if the other were not committed yet.
    """
    first = climbing.refer(cast)
    hide(cast, monkeypatch, cast.fred_user)
    real, looks = again._open, iter([False, False])  # what stands against it, and what is open
    monkeypatch.setattr(
        again,
        "_open",
        lambda person: real(person) if next(looks, True) else Late(real(person)),
    )
    with pytest.raises(again.Meanwhile) as refusal:
        climbing.refer(cast, user=cast.fred_user)
    assert cast.mentor.name not in refusal.value.sentence
    assert Referral.objects.get() == first
    assert climbing.refer(cast, user=cast.fred_user).is_apart


def ask(cast: Cast, **why: Any) -> Referral:
    """Ask the mentor for Jamie in one sitting, as Amira."""
    return sittings.ask(
        person=cast.jamie,
        family=cast.family,
        service=cast.mentor,
        why=sittings.Why(plan=cast.plan, **why),
        facts={},
        answers=climbing.ANSWERS,
        by=cast.by(cast.amira),
        at=cast.at,
    )


def test_what_he_was_only_told_of_is_taken_up_where_it_stands(cast: Cast) -> None:
    told = referrals.hand_over(referral=climbing.refer(cast), by=cast.by(cast.amira), at=cast.at)
    asked = ask(cast, goal=cast.jamie_goal, instead_of="A club")
    assert (asked.pk, asked.rung) == (told.pk, Rung.APPLIED)
    assert asked.handed_over_rung == Rung.SIGNPOSTED  # written once
    assert (asked.goal, asked.instead_of) == (cast.jamie_goal, "A club")
    assert climbing.verbs(asked)[:3] == ["signpost", "hand_over", "take_up"]
    with pytest.raises(again.AlreadyAsked):
        ask(cast)
    with pytest.raises(again.NotOnlyTold):
        again.take_up(referral=asked, by=cast.by(cast.amira), at=cast.at)


def test_the_database_has_the_last_word(cast: Cast) -> None:
    factories.referral(cast, cast.jamie)
    with pytest.raises(IntegrityError, match=r"UNIQUE|one_open"), transaction.atomic():
        factories.referral(cast, cast.jamie, rung=Rung.BOOKED)
    factories.referral(cast, cast.jamie, rung=Rung.DECLINED)


def test_where_it_is_asked_at_the_same_moment_the_constraint_refuses_by_name(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look finds nothing, as if the other were not committed yet."""
    real, looks = again._must_be_none, iter([False])
    climbing.refer(cast)
    monkeypatch.setattr(
        again, "_must_be_none", lambda rows: real(rows) if next(looks, True) else None
    )
    with pytest.raises(again.AlreadyAsked):
        climbing.refer(cast)
    assert Referral.objects.count() == 1


@pytest.mark.once
def test_with_check_and_constraint_off_it_would_be_asked_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "_must_be_none", lambda rows: None)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX "{ONE_OPEN}"')
    climbing.refer(cast)
    climbing.refer(cast)
    assert Referral.objects.open().count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_five_who_ask_at_once_one_asks(transactional_db: None, cast: Cast) -> None:
    ended = race(*[lambda: climbing.refer(cast)] * 5)
    assert ended == ["AlreadyAsked"] * 4 + ["done"]
    assert Referral.objects.count() == 1
