"""Each right has a twin: with the guard of what is another's switched off, its test goes red."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Q

from budgets.models import Member, Person
from cms.models import OrganisationKind
from marketplace.people import appointments
from marketplace.rights import corrections, erasure, holds, record, standing
from marketplace.rights.models import LegalHold
from tests.cast import Cast
from tests.marketplace.rights import test_merged, test_others

pytestmark = [pytest.mark.once, pytest.mark.django_db]

Test = Callable[[Cast], None]


def held_as_named(*, person: Person) -> Any:
    """Return the holds on this very record, and on where it is said to live."""
    homes = Member.objects.filter(person=person).values("family")
    return LegalHold.objects.standing().filter(Q(person=person) | Q(family__in=homes))


def named_in_holds() -> Any:
    """Return the very records that holds name."""
    return LegalHold.objects.standing().filter(person__isnull=False).values("person")


def standing_without(**forgotten: Any) -> Callable[..., Any]:
    """Return a standing that has forgotten what its holder may not be told."""
    real = standing.of
    return lambda **asked: (held := real(**asked)) and replace(held, **forgotten)


def answers_at(kind: OrganisationKind) -> Test:
    """Return the test of who answers for whom a landlord, the police or a school leads."""
    return lambda cast: test_others.test_who_sees_her_part_only_answers_for_nobodys_record(
        kind, cast
    )


# What is switched off, by what instead, whose test goes red, and what it then says.
SABOTAGE: dict[str, tuple[Any, str, Any, Test, str]] = {
    "only the record asked about is erased": (
        erasure,
        "_records",
        lambda person: (person.pk,),
        lambda cast: test_merged.test_both_are_erased_and_neither_signs_in(cast, False),
        "CANARY Twice",
    ),
    "a hidden record is left behind": (
        erasure,
        "_records",
        record.records,
        lambda cast: test_merged.test_both_are_erased_and_neither_signs_in(cast, True),
        "CANARY Twice",
    ),
    "a hold on the other record stops no erasure": (
        holds,
        "on_person",
        held_as_named,
        lambda cast: test_merged.test_what_keeps_one_keeps_both(cast, "legal_hold"),
        r"assert \[\] == \['legal_hold'\]",
    ),
    "a hold on the other record stops no night": (
        holds,
        "held_persons",
        named_in_holds,
        lambda cast: test_merged.test_the_night_keeps_what_a_hold_or_a_concern_on_the_other_needs(
            cast, True
        ),
        r"== {'what': 'CANARY'}",
    ),
    "a landlord's administrator answers": (
        appointments,
        "SEES_HER_PART",
        frozenset(),
        answers_at(OrganisationKind.HOUSING),
        "Trust",
    ),
    "who leads for the police puts right": (
        appointments,
        "leads_whole",
        appointments.leads_of,
        answers_at(OrganisationKind.POLICE),
        "assert not True",
    ),
    "who decides is told where the child lives": (
        standing,
        "of",
        standing_without(decided_by=None),
        test_others.test_who_decides_and_lives_elsewhere_is_not_told_where_the_child_lives,
        "not in",
    ),
    "who decides may put right where the child lives": (
        corrections,
        "_is_told_where",
        lambda *asked: True,
        test_others.test_who_decides_and_lives_elsewhere_is_not_told_where_the_child_lives,
        "family.postcode",
    ),
    "whoever decides plants a friend": (
        appointments,
        "_trusts_herself",
        lambda person, *, by, on: True,
        test_others.test_a_parent_plants_no_friend_beside_a_child,
        "DID NOT RAISE",
    ),
    "a merge tells the secrets of the other record": (
        standing,
        "of",
        standing_without(secrets_under=None),
        test_others.test_a_merge_tells_an_advocate_no_secret_of_the_other_record,
        "'CANARY' not in",
    ),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_check_that_is_switched_off_is_noticed(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    owner, attribute, instead, test, said = SABOTAGE[name]
    monkeypatch.setattr(owner, attribute, instead)
    with pytest.raises((AssertionError, pytest.fail.Exception), match=said):
        test(cast)
