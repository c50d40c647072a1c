"""Where one person has two records, her rights are about both: kept, erased and forgotten."""

from datetime import timedelta
from typing import Any

import pytest

from budgets import families, person_merges
from budgets.models import Member, Person, PersonSource, Relation
from budgets.models.family import PersonQuerySet
from marketplace.people import users
from marketplace.people.models import User
from marketplace.rights import blanks, erasure
from marketplace.sharing import facts, grounds, safeguards, sharing
from marketplace.sharing.models import Fact, Look, Source
from tests import factories
from tests.budgets import test_household_imports as importing
from tests.cast import Cast
from tests.marketplace.rights import test_erasure as erasing
from tests.marketplace.rights import test_retention as retaining


def second(cast: Cast, person: Person, **more: Any) -> Person:
    """Add a second record of somebody, merged into the one that stands."""
    given: dict[str, Any] = {"by": factories.CLOCK, "at": cast.at}
    other = families.add_person(first_name="CANARY", last_name="Twice", **more, **given)
    person_merges.merge(kept=person, gone=other, words="The same birthday and home.", **given)
    return other


@pytest.mark.parametrize("is_shielded", [False, True])
def test_both_are_erased_and_neither_signs_in(cast: Cast, is_shielded: bool):
    erasing.no_duty()
    other = second(cast, cast.anne, is_shielded=is_shielded)
    user = users.add(
        email="twice@x.example", name="CANARY", person=other, by=factories.CLOCK, at=cast.at
    )
    erasing.erase(cast, cast.anne, cast.anne_user)
    assert Person.objects.get(pk=other.pk).name == blanks.SOMEBODY
    assert not User.objects.get(pk=user.pk).is_active


def keep(cast: Cast, other: Person, why: str) -> None:
    """Let something about the second record have to be kept."""
    if why == "legal_hold":
        factories.legal_hold(cast, other)
    elif why == "safeguard":
        factories.safeguard(cast, other)
    else:
        factories.referral(cast, other)


@pytest.mark.parametrize("why", ["legal_hold", "safeguard", "open_referral"])
def test_what_keeps_one_keeps_both(cast: Cast, why: str):
    erasing.no_duty()
    keep(cast, second(cast, cast.anne), why)
    assert [one.code for one in erasure.why_not(person=cast.anne, at=cast.at)] == [why]
    with pytest.raises(erasure.CannotErase):
        erasing.erase(cast, cast.anne, cast.anne_user)


def test_that_test_goes_red_where_only_one_is_asked(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The twin."""
    monkeypatch.setattr(
        PersonQuerySet, "every_record_of", lambda rows, persons: rows.filter(pk__in=persons)
    )
    with pytest.raises(AssertionError):
        test_what_keeps_one_keeps_both(cast, "safeguard")


def test_who_lives_here_is_not_forgotten_for_a_record_that_left(cast: Cast):
    other = second(cast, cast.fred)
    stay = families.join(
        family=cast.neighbours, person=other, relation=Relation.OTHER, on=cast.day,
        by=factories.CLOCK, at=cast.at,
    )  # fmt: skip
    long_ago = cast.day - timedelta(days=365 * 30)
    Member.objects.filter(pk=stay.pk).update(
        joined_on=long_ago, left_on=long_ago + timedelta(days=9)
    )
    retaining.night(cast)
    assert Person.objects.get(pk=cast.fred.pk).name == "Fred Garner"
    assert Person.objects.get(pk=other.pk).name == "CANARY Twice"


@pytest.mark.parametrize("by_hold", [True, False])
def test_the_night_keeps_what_a_hold_or_a_concern_on_the_other_needs(cast: Cast, by_hold: bool):
    past = retaining.old(cast, cast.fred)
    keep(cast, second(cast, cast.fred), "legal_hold" if by_hold else "safeguard")
    retaining.night(cast)
    assert retaining.answers(past) == {"what": "CANARY"}


def test_a_feed_does_not_bring_back_who_was_erased(cast: Cast):
    """Who was hidden would come back shown: the feed does not know that she hid."""
    erasing.no_duty()
    importing.take(importing.FILE)
    sky = importing.known("P3")
    erasure.blank(person=sky, by=factories.CLOCK, at=cast.at)
    mark = PersonSource.objects.get(person=sky)
    assert mark.source_id.startswith("erased-")
    assert "P3" not in mark.source_id
    before = Person.objects.count()
    report = importing.take(importing.changed(P3={"hidden": False, "phone": "0116 496 0002"}))
    assert ("P3", "was_erased") in [(line.where, line.code) for line in report.left]
    assert Person.objects.count() == before
    assert not Person.objects.filter(first_name="Sky").exists()


def test_that_test_goes_red_without_the_mark(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The twin."""
    monkeypatch.setattr(erasure, "_marks", lambda model, keys: {})
    with pytest.raises(AssertionError):
        test_a_feed_does_not_bring_back_who_was_erased(cast)


def test_who_decides_alone_under_one_record_does_so_under_each(cast: Cast):
    """A second record that a feed brought makes no child of a competent young person."""
    given: dict[str, Any] = {"by": factories.CLOCK, "at": cast.at}
    other = second(cast, cast.stacey, born_on=cast.stacey.born_on)
    families.set_responsibility(
        holder=cast.fred, person=other, may_decide=True, on=cast.day, **given
    )
    fact = facts.enter(
        person=cast.stacey, key="has_low_income", value=True, came_from=Source.SAID,
        by=cast.by(cast.stacey_user), at=cast.at,
    )  # fmt: skip
    factories.look(cast, other)
    assert other.pk not in set(
        grounds.decided_for(cast.fred_user, cast.day).values_list("person", flat=True)
    )
    for rows in (Fact.objects.filter(pk=fact.pk), Look.objects.filter(person=other)):
        assert not sharing.visible(rows, user=cast.fred_user, at=cast.at).exists()
    assert families.deciders(person=other, on=cast.day) == [other]


def test_a_concern_under_one_record_holds_up_what_is_under_the_other(cast: Cast):
    factories.safeguard(cast, second(cast, cast.fred))
    with pytest.raises(safeguards.StillSafeguarded):
        safeguards.must_be_none([cast.fred])
    safeguards.must_be_none([cast.josh])
