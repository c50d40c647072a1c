"""Who is related, comes and goes, and decides; records merged and split; households imported."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.db import models

from budgets import (
    families,
    family_merges,
    history,
    person_merges,
    plans,
    relationships,
    shields,
)
from budgets.models import (
    Event,
    EventText,
    Family,
    FamilyMerge,
    FamilySource,
    Kin,
    Member,
    Person,
    PersonMerge,
    PersonSource,
    Relation,
    Relationship,
    Responsibility,
)
from tests.budgets.conftest import Purse
from tests.cast import NOW

TODAY = NOW.date()
LATER = NOW + timedelta(hours=1)
LAST_WEEK = TODAY - timedelta(days=7)
NEXT_WEEK = TODAY + timedelta(days=7)
IMPORT = history.Actor(kind=history.ActorKind.IMPORT, reference="import:county")


def someone(purse: Purse, name: str, **fields: Any) -> Person:
    """Add a person who lives nowhere yet."""
    return families.add_person(first_name=name, by=purse.by, at=NOW, **fields)


def household(purse: Purse, *people: Person, name: str = "Another") -> Family:
    """Add a household in which these people live."""
    family = families.add_family(name=name, by=purse.by, at=NOW)
    for person in people:
        join(purse, family, person)
    return family


def join(purse: Purse, family: Family, person: Person, **said: Any) -> Member:
    """Let somebody in."""
    given = {"relation": Relation.OTHER, "on": LAST_WEEK, **said}
    return families.join(family=family, person=person, by=purse.by, at=NOW, **given)


def at_home(family: Family, on: Any = TODAY) -> set[str]:
    """Return who is at home, by first name."""
    return {person.first_name for person in Person.objects.at_home(family=family, on=on)}


def snapshot() -> str:
    """Return everything that is known of households, but not its history."""
    kept: tuple[type[models.Model], ...] = (
        *(Family, Person, Member, Responsibility, Relationship),
        *(FamilySource, PersonSource, FamilyMerge, PersonMerge),
    )
    return "".join(serializers.serialize("json", model._base_manager.all()) for model in kept)


# --- people who come and go ---


def test_a_visit_with_an_end_is_over_on_its_day(purse: Purse) -> None:
    aunt = someone(purse, "Aunt")
    stay = join(purse, purse.family, aunt, relation=Relation.VISITOR, until=NEXT_WEEK)
    assert stay.is_visit
    assert "Aunt" in at_home(purse.family)
    assert "Aunt" not in at_home(purse.family, NEXT_WEEK)
    with pytest.raises(families.AlreadyAtHome):
        join(purse, purse.family, aunt, on=TODAY)
    join(purse, purse.family, aunt, on=NEXT_WEEK)
    assert "Aunt" in at_home(purse.family, NEXT_WEEK)


def test_a_visit_that_ends_early_and_one_who_stays(purse: Purse) -> None:
    aunt = someone(purse, "Aunt")
    join(purse, purse.family, aunt, relation=Relation.VISITOR, until=NEXT_WEEK)
    families.leave(family=purse.family, person=aunt, on=TODAY, by=purse.by, at=NOW)
    assert "Aunt" not in at_home(purse.family)
    join(purse, purse.family, aunt, relation=Relation.VISITOR, on=TODAY)
    tomorrow = TODAY + timedelta(days=1)
    families.stay_as(
        family=purse.family,
        person=aunt,
        relation=Relation.OTHER,
        on=tomorrow,
        by=purse.by,
        at=LATER,
    )
    stays = Member.objects.filter(person=aunt).values_list("relation", "joined_on", "left_on")
    assert list(stays) == [
        ("visitor", LAST_WEEK, TODAY),
        ("visitor", TODAY, tomorrow),
        ("other", tomorrow, None),
    ]


def test_moving_out_and_back_is_one_act_each(purse: Purse) -> None:
    other = household(purse)
    said: dict[str, Any] = {
        "person": purse.stacey,
        "relation": Relation.CHILD,
        "by": purse.by,
        "at": NOW,
    }
    families.move(out_of=purse.family, into=other, on=TODAY, **said)
    assert (at_home(purse.family), at_home(other)) == ({"Fred"}, {"Stacey"})
    families.move(out_of=other, into=purse.family, on=NEXT_WEEK, **said)
    assert at_home(purse.family, NEXT_WEEK) == {"Fred", "Stacey"}
    before = snapshot()
    with pytest.raises(families.NotAtHome):
        families.move(out_of=other, into=purse.family, on=NEXT_WEEK, **said)
    assert snapshot() == before


def test_home_is_where_one_lives_and_not_where_one_visits(purse: Purse) -> None:
    other = household(purse)
    join(purse, other, purse.stacey, relation=Relation.VISITOR, on=TODAY - timedelta(days=900))
    assert families.home(person=purse.stacey, on=TODAY) == purse.family
    families.leave(family=purse.family, person=purse.stacey, on=TODAY, by=purse.by, at=NOW)
    assert families.home(person=purse.stacey, on=TODAY) is None


# --- who is related, and who decides ---


def test_what_relatives_are_is_said_once_and_one_way_round(purse: Purse) -> None:
    said: dict[str, Any] = {"on": TODAY, "by": purse.by, "at": NOW}
    nan, fred = someone(purse, "Nan"), purse.fred
    parent = relationships.relate(person=fred, relative=nan, kind=Kin.PARENT, **said)
    relationships.relate(person=fred, relative=purse.stacey, kind=Kin.SIBLING, **said)
    for refused, person, relative, kind in (
        (relationships.RelatedAlready, fred, nan, Kin.PARENT),
        (relationships.OtherWayRound, nan, fred, Kin.PARENT),
        (relationships.RelatedAlready, purse.stacey, fred, Kin.SIBLING),
        (relationships.OneAndTheSame, fred, fred, Kin.OTHER),
    ):
        with pytest.raises(refused):
            relationships.relate(person=person, relative=relative, kind=kind, **said)
    assert relationships.end(relationship=parent, **said) is None
    later = relationships.relate(person=fred, relative=nan, kind=Kin.PARENT, **said)
    ended = relationships.end(relationship=later, on=NEXT_WEEK, by=purse.by, at=NOW)
    assert ended is not None
    assert list(Relationship.objects.on(TODAY).filter(kind=Kin.PARENT)) == [ended]
    with pytest.raises(relationships.HasEnded):
        relationships.end(relationship=later, on=NEXT_WEEK, by=purse.by, at=NOW)


def test_a_confidential_relative_leaves_a_confidential_line(purse: Purse) -> None:
    relationships.relate(
        person=purse.stacey,
        relative=someone(purse, "Kit"),
        kind=Kin.PARTNER,
        is_confidential=True,
        on=TODAY,
        by=purse.by,
        at=NOW,
    )
    line = Event.objects.get(verb="relate")
    assert line.is_confidential
    assert line.person == purse.stacey


def test_that_somebody_decides_alone_is_taken_back_with_why(purse: Purse) -> None:
    stacey = purse.stacey
    said: dict[str, Any] = {"on": TODAY, "by": purse.by, "at": NOW}
    families.set_responsibility(holder=purse.fred, person=stacey, may_decide=True, **said)
    stacey = families.decide_alone(person=stacey, words="The nurse talked to her.", **said)
    assert families.deciders(person=stacey, on=TODAY) == [stacey]
    with pytest.raises(families.NoWords):
        families.decide_with_others(person=stacey, words=" ", **said)
    stacey = families.decide_with_others(person=stacey, words="She was ill.", **said)
    assert families.deciders(person=stacey, on=TODAY) == [purse.fred]
    lines = EventText.objects.filter(event__person=stacey, event__verb__startswith="decide")
    assert [line.text for line in lines] == ["The nurse talked to her.", "She was ill."]
    for nobody in (stacey, purse.fred):
        with pytest.raises(families.DoesNotDecide):
            families.decide_with_others(person=nobody, words="Again.", **said)


# --- shields ---


def test_a_shield_is_lifted_by_somebody_with_why_or_not_at_all(purse: Purse) -> None:
    said: dict[str, Any] = {"person": purse.stacey, "at": LATER}
    with pytest.raises(families.NoWords):
        shields.shield(words="", by=purse.by, **said)
    assert shields.shield(words="He looks for her.", by=IMPORT, **said).is_shielded
    with pytest.raises(shields.IsHidden):
        shields.shield(words="Again.", by=purse.by, **said)
    with pytest.raises(shields.NotByItself):
        shields.unshield(words="The feed says so.", by=IMPORT, **said)
    with pytest.raises(families.NoWords):
        shields.unshield(words="", by=purse.by, **said)
    for _again in range(2):
        assert not shields.unshield(words="He moved away.", by=purse.by, **said).is_shielded
        shields.shield(words="He is back.", by=purse.by, **said)
    assert all(Event.objects.filter(verb__endswith="shield").values_list("is_confidential"))


# --- merge and split of persons ---


def test_merged_persons_are_one_and_a_split_leaves_what_was(purse: Purse) -> None:
    twin, third = someone(purse, "Stace"), someone(purse, "S.")
    before = snapshot()
    said: dict[str, Any] = {"words": "Same school, same mum.", "by": purse.by, "at": NOW}
    first = person_merges.merge(kept=twin, gone=third, **said)
    second = person_merges.merge(kept=purse.stacey, gone=third, **said)
    assert second.gone == twin
    roots = set(Person.objects.filter(pk__in=[twin.pk, third.pk]).values_list("merged_into"))
    assert roots == {(purse.stacey.pk,)}
    people = Person.objects.filter(pk__in=[purse.stacey.pk, twin.pk, third.pk])
    assert families.shown_once(people) == [purse.stacey]
    for keys in ([purse.stacey.pk], [twin.pk], [third.pk]):
        assert Person.objects.same_as(keys).exclude(pk__in=keys).count() == 2
    with pytest.raises(person_merges.SameAlready):
        person_merges.merge(kept=third, gone=purse.stacey, **said)
    person_merges.split(merge=second, **said)
    third.refresh_from_db()
    assert third.merged_into == twin
    person_merges.split(merge=first, **said)
    with pytest.raises(person_merges.IsSplit):
        person_merges.split(merge=first, **said)
    PersonMerge.objects.all().delete()
    assert snapshot() == before


def test_records_that_contradict_each_other_are_not_merged(purse: Purse) -> None:
    said: dict[str, Any] = {"words": "Same name.", "by": purse.by, "at": NOW}
    before = snapshot()
    with pytest.raises(person_merges.NotTheSame, match="birthdays"):
        person_merges.merge(kept=purse.stacey, gone=purse.fred, **said)
    with pytest.raises(families.NoWords):
        person_merges.merge(kept=purse.stacey, gone=purse.fred, words="", by=purse.by, at=NOW)
    assert snapshot() == before
    twin = someone(purse, "Stace")
    families.set_responsibility(
        holder=purse.stacey, person=twin, may_decide=True, on=TODAY, by=purse.by, at=NOW
    )
    with pytest.raises(person_merges.NotTheSame, match="responsible"):
        person_merges.merge(kept=purse.stacey, gone=twin, **said)


def test_whoever_decides_for_one_record_decides_for_the_other(purse: Purse) -> None:
    twin = someone(purse, "Stace")
    families.set_responsibility(
        holder=purse.fred, person=purse.stacey, may_decide=True, on=TODAY, by=purse.by, at=NOW
    )
    assert families.deciders(person=twin, on=TODAY) == [twin]
    person_merges.merge(kept=purse.stacey, gone=twin, words="Same.", by=purse.by, at=NOW)
    twin.refresh_from_db()
    assert families.deciders(person=twin, on=TODAY) == [purse.fred]
    families.decide_alone(person=purse.stacey, on=TODAY, by=purse.by, at=NOW)
    assert families.deciders(person=twin, on=TODAY) == [twin]


def test_where_one_record_is_hidden_both_are_and_stay_so(purse: Purse) -> None:
    twin = someone(purse, "Stace", is_shielded=True)
    said: dict[str, Any] = {"words": "Same.", "by": purse.by, "at": NOW}
    merge = person_merges.merge(kept=purse.stacey, gone=twin, **said)
    assert Person.objects.get(pk=purse.stacey.pk).is_shielded
    assert not Person.objects.same_as([purse.stacey.pk]).exists()
    person_merges.split(merge=merge, **said)
    assert Person.objects.shielded().count() == 2


# --- merge and split of households ---


def test_merged_households_share_their_people_and_a_split_parts_them(purse: Purse) -> None:
    gran, aunt = someone(purse, "Gran"), someone(purse, "Aunt")
    other = household(purse, gran, purse.stacey)
    join(purse, other, aunt, relation=Relation.VISITOR, until=NEXT_WEEK)
    uncle = someone(purse, "Uncle")
    before = snapshot()
    said: dict[str, Any] = {"words": "One door.", "by": purse.by, "at": NOW}
    merge = family_merges.merge(kept=purse.family, gone=other, **said)
    other.refresh_from_db()
    assert other.merged_into == purse.family
    assert at_home(purse.family) == {"Fred", "Stacey", "Gran", "Aunt"}
    assert at_home(other) == {"Gran", "Stacey", "Aunt"}
    assert "Aunt" not in at_home(purse.family, NEXT_WEEK)
    assert families.home(person=gran, on=TODAY) == purse.family
    with pytest.raises(families.IsMerged):
        join(purse, other, uncle)
    with pytest.raises(families.IsMerged):
        plans.open(family=other, starts_on=TODAY, ends_on=NEXT_WEEK, vision="", by=purse.by, at=NOW)
    with pytest.raises(family_merges.SameAlready):
        family_merges.merge(kept=other, gone=purse.family, **said)
    family_merges.split(merge=merge, **said)
    with pytest.raises(family_merges.IsSplit):
        family_merges.split(merge=merge, **said)
    FamilyMerge.objects.all().delete()
    assert snapshot() == before


def test_days_later_a_split_ends_what_the_merge_began_and_nothing_else(purse: Purse) -> None:
    gran = someone(purse, "Gran")
    other = household(purse, gran)
    said: dict[str, Any] = {"words": "One door.", "by": purse.by}
    merge = family_merges.merge(kept=purse.family, gone=other, at=NOW, **said)
    uncle = someone(purse, "Uncle")
    join(purse, purse.family, uncle)
    family_merges.split(merge=merge, at=NOW + timedelta(days=7), **said)
    assert at_home(purse.family, TODAY) >= {"Gran", "Uncle"}
    assert at_home(purse.family, NEXT_WEEK) == {"Fred", "Stacey", "Uncle"}
    assert at_home(other, NEXT_WEEK) == {"Gran"}


def test_who_leaves_a_merged_household_leaves_all_of_its_records(purse: Purse) -> None:
    gran = someone(purse, "Gran")
    other = household(purse, gran)
    family_merges.merge(kept=purse.family, gone=other, words="One.", by=purse.by, at=NOW)
    tomorrow = TODAY + timedelta(days=1)
    families.leave(family=purse.family, person=gran, on=tomorrow, by=purse.by, at=NOW)
    assert "Gran" not in at_home(purse.family, tomorrow) | at_home(other, tomorrow)


def test_the_plan_of_the_household_that_goes_is_closed_first(purse: Purse) -> None:
    other = household(purse)
    said: dict[str, Any] = {"words": "One door.", "by": purse.by, "at": NOW}
    before = snapshot()
    with pytest.raises(family_merges.PlanIsOpen, match="keep that household"):
        family_merges.merge(kept=other, gone=purse.family, **said)
    span: dict[str, Any] = {"starts_on": TODAY, "ends_on": NEXT_WEEK, "vision": ""}
    plan = plans.open(family=other, by=purse.by, at=NOW, **span)
    with pytest.raises(family_merges.PlanIsOpen, match="Both households"):
        family_merges.merge(kept=other, gone=purse.family, **said)
    assert snapshot() == before
    plans.close(plan=plan, on=TODAY, must_be_safe=lambda family, at: None, by=purse.by, at=NOW)
    family_merges.merge(kept=purse.family, gone=other, **said)


def test_a_home_that_hides_somebody_is_not_merged(purse: Purse) -> None:
    other = household(purse, someone(purse, "Mara", is_shielded=True))
    for kept, gone in ((purse.family, other), (other, purse.family)):
        with pytest.raises(family_merges.KeptApart):
            family_merges.merge(kept=kept, gone=gone, words="One.", by=purse.by, at=NOW)


def test_what_was_merged_last_is_undone_first(purse: Purse) -> None:
    first, last = household(purse, someone(purse, "Gran")), household(purse)
    said: dict[str, Any] = {"words": "One door.", "by": purse.by, "at": NOW}
    one = family_merges.merge(kept=last, gone=first, **said)
    two = family_merges.merge(kept=purse.family, gone=last, **said)
    first.refresh_from_db()
    assert first.merged_into == purse.family
    with pytest.raises(family_merges.MergedOn):
        family_merges.split(merge=one, **said)
    family_merges.split(merge=two, **said)
    first.refresh_from_db()
    assert first.merged_into == last
    family_merges.split(merge=one, **said)
    assert not Family.objects.filter(merged_into__isnull=False).exists()
