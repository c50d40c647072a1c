"""What somebody may not know she does not learn through another's right either."""

from typing import Any

import pytest

from budgets import families, person_merges
from budgets.models import Member, Relation, Responsibility
from cms.models import OrganisationKind
from marketplace.people import appointments
from marketplace.people.models import Lead, Membership
from marketplace.people.roles import AdvocateKind, Role
from marketplace.rights import corrections, requests
from marketplace.rights.models import RightsRequest
from marketplace.sharing import sharing
from marketplace.sharing.models import Fact, Source
from tests import factories
from tests.cast import Cast
from tests.marketplace.rights import test_corrections as correcting
from tests.marketplace.rights import test_record as copying


def secret(cast: Cast) -> str:
    """Write down a secret of Jamie's, and return its code."""
    fact = Fact.objects.create(
        person=cast.jamie,
        key="takes_medicine",
        value="CANARY",
        came_from=Source.SAID,
        entered_by=cast.amira,
        entered_role=Role.ADVOCATE,
        entered_at=cast.at,
        is_confidential=True,
    )
    return f"fact.{fact.reference}"


def let_ruth_lead(cast: Cast) -> None:
    """Let Ruth lead for the family."""
    Lead.objects.create(
        family=cast.family, user=cast.ruth, organisation=cast.trust, starts_on=cast.day
    )


def test_a_secret_that_her_advocate_puts_right_is_told_to_nobody_at_home(cast: Cast):
    let_ruth_lead(cast)
    code = secret(cast)
    asked = correcting.ask(cast, code, "Nothing.", person=cast.jamie, user=cast.amira)
    rows = RightsRequest.objects.filter(pk=asked.pk)
    assert asked.is_confidential
    for user in (cast.jamie_user, cast.amira):
        assert sharing.visible(rows, user=user, at=cast.at).exists()
    for user in (cast.fred_user, cast.anne_user):
        assert not sharing.visible(rows, user=user, at=cast.at).exists()
    assert not requests.answers(user=cast.ruth, at=cast.at).exists()
    assert requests.answers(user=cast.adam, at=cast.at).exists()


def test_that_test_goes_red_where_a_secret_is_asked_as_none(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    """The twin."""
    ask = requests.ask
    monkeypatch.setattr(requests, "ask", lambda is_secret, **given: ask(**given))
    with pytest.raises(AssertionError):
        test_a_secret_that_her_advocate_puts_right_is_told_to_nobody_at_home(cast)


@pytest.mark.parametrize(
    "kind", [OrganisationKind.SCHOOL, OrganisationKind.HOUSING, OrganisationKind.POLICE]
)
def test_who_sees_her_part_only_answers_for_nobodys_record(kind: str, cast: Cast):
    let_ruth_lead(cast)
    mo = factories.worker(cast, cast.trust, Role.ADMINISTRATOR)
    cast.workplaces[mo.pk] = cast.trust
    assert requests.answering(person=cast.fred, on=cast.day) == cast.trust
    cast.trust.kind = kind
    cast.trust.save()
    asked = copying.ask(cast, cast.fred, cast.fred_user)
    assert asked.organisation == cast.county
    assert not requests.answers(user=mo, at=cast.at).exists()
    correcting.ask(cast, "person.phone", "07700 900001")
    assert not requests.answers(user=cast.ruth, at=cast.at).exists()


def test_who_decides_and_lives_elsewhere_is_not_told_where_the_child_lives(cast: Cast):
    """A father who was left, and still has parental responsibility."""
    Member.objects.filter(person=cast.fred).update(left_on=cast.day)
    families.join(
        family=cast.neighbours, person=cast.fred, relation=Relation.OTHER, on=cast.day,
        by=factories.CLOCK, at=cast.at,
    )  # fmt: skip
    postcode, name = cast.family.postcode, cast.family.name
    assert postcode
    told = copying.copy_of(cast, cast.jamie, cast.fred_user)
    assert "Jamie" in told
    assert postcode not in told
    assert name not in told
    asked: dict[str, Any] = {"person": cast.jamie, "knows_secrets": False, "at": cast.at}
    here = corrections.lines(**asked, decided_by=cast.fred.pk)
    assert not [line for line in here if line.code.startswith("family.")]
    with pytest.raises(corrections.NothingToChange):
        correcting.ask(cast, "family.postcode", "LE1 1AA", person=cast.jamie)
    assert postcode in copying.copy_of(cast, cast.jamie, cast.amira)


def test_who_decides_and_lives_here_is_told_as_before(cast: Cast):
    assert Responsibility.objects.filter(holder=cast.fred, person=cast.jamie).exists()
    assert cast.family.postcode in copying.copy_of(cast, cast.jamie, cast.fred_user)


def test_a_parent_plants_no_friend_beside_a_child(cast: Cast):
    """Whom a child tells her secrets would tell them to whoever planted her."""
    said: dict[str, Any] = {"person": cast.jamie, "on": cast.day, "at": cast.at}
    for kind in (AdvocateKind.FAMILY_FRIEND, AdvocateKind.VOLUNTEER):
        with pytest.raises(appointments.HersToTrust):
            appointments.bring(
                email="second@x.example", name="F", kind=kind, by=cast.by(cast.fred_user), **said
            )
        with pytest.raises(appointments.HersToTrust):
            appointments.appoint(
                user=cast.olive_user, kind=kind, by=cast.by(cast.fred_user), **said
            )
    families.decide_alone(person=cast.jamie, on=cast.day, by=factories.CLOCK, at=cast.at)
    made = appointments.appoint(
        user=cast.olive_user,
        kind=AdvocateKind.FAMILY_FRIEND,
        by=cast.by(cast.jamie_user),
        **said,
    )
    assert made.person == cast.jamie
    assert not Membership.objects.filter(user=cast.olive_user).exists()


def test_a_merge_tells_an_advocate_no_secret_of_the_other_record(cast: Cast):
    given: dict[str, Any] = {"by": factories.CLOCK, "at": cast.at}
    other = families.add_person(first_name="Jamie", born_on=cast.jamie.born_on, **given)
    person_merges.merge(kept=cast.jamie, gone=other, words="One boy.", **given)
    secret(cast)
    Fact.objects.filter(person=cast.jamie).update(person=other)
    assert "CANARY" not in copying.copy_of(cast, cast.jamie, cast.amira)
    assert "CANARY" in copying.copy_of(cast, cast.jamie, cast.jamie_user)
