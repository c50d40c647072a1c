"""The household's pages: a worker keeps them right, and the family reads what is on record."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets import families, person_merges, relationships, shields
from budgets.models import (
    Event,
    Family,
    FamilyMerge,
    Kin,
    Member,
    Person,
    PersonMerge,
    Relation,
    Relationship,
    Responsibility,
)
from marketplace.people.models import Appointment, Lead, User
from marketplace.people.roles import AdvocateKind
from marketplace.rights.models import RightsRequest
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser

pytestmark = pytest.mark.once


def page(cast: Cast, name: str = "advocate_household", *args: Any) -> str:
    """Return the address of one of the household's pages."""
    return reverse(name, args=[cast.family.reference, *args])


def send(user: User, path: str, **said: Any) -> Any:
    """Send a form; boxes that are not ticked are not sent."""
    return browser(user).post(path, {name: value for name, value in said.items() if value})


def read(user: User, path: str) -> str:
    """Return a page's HTML."""
    answer = browser(user).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def today(cast: Cast) -> str:
    """Return today as a form has it."""
    return cast.day.isoformat()


def appoint(cast: Cast, person: Person, user: User) -> None:
    """Let a person be advocated for."""
    Appointment.objects.create(
        person=person, user=user, kind=AdvocateKind.PAID_ADVOCATE, starts_on=cast.day
    )


def lead(cast: Cast, family: Family) -> None:
    """Let Ruth lead."""
    Lead.objects.create(family=family, user=cast.ruth, organisation=cast.trust, starts_on=cast.day)


def test_a_worker_adds_somebody_and_says_how_they_are_related(cast_today: Cast) -> None:
    cast = cast_today
    lead(cast, cast.family)
    add = page(cast, "advocate_household_change", "add")
    said = {"first_name": "Bo", "lives": "visits", "on": today(cast), "kind": "other"}
    answer = send(cast.ruth, add, **said)
    assert answer.status_code == 422
    assert b"Choose both" in answer.content
    assert b"Bo" in answer.content
    answer = send(cast.ruth, add, **said, of=str(cast.fred.reference))
    assert (answer.status_code, answer["Location"]) == (302, page(cast))
    bo = Person.objects.get(first_name="Bo")
    assert bo.members.get().is_visit
    assert Relationship.objects.get().relative == bo
    assert "Bo" in read(cast.ruth, page(cast))
    elsewhere = {**said, "first_name": "Nan", "lives": "elsewhere"}
    send(cast.ruth, add, **elsewhere, of=str(cast.fred.reference))
    assert not Person.objects.get(first_name="Nan").members.exists()
    html = read(cast.ruth, page(cast))
    assert "Nan" in html
    assert Event.objects.filter(verb="join", actor_reference=str(cast.ruth.reference)).exists()


def test_somebody_moves_out_and_visits(cast_today: Cast) -> None:
    cast = cast_today
    leave = page(cast, "advocate_household_person", cast.anne.reference, "leave")
    assert send(cast.amira, leave, on=today(cast)).status_code == 302
    assert not Member.objects.on(cast.day).filter(person=cast.anne).exists()
    html = read(cast.amira, page(cast))
    assert "Lived here before" in html
    stay = page(cast, "advocate_household_person", cast.anne.reference, "stay")
    send(cast.amira, stay, relation="visitor", on=today(cast))
    assert Member.objects.on(cast.day).get(person=cast.anne).is_visit
    answer = send(cast.amira, stay, relation="partner", on=today(cast))
    assert answer.status_code == 422  # what began today cannot end today


def test_who_decides_and_that_a_young_person_decides_alone(cast_today: Cast) -> None:
    cast = cast_today
    decides = page(cast, "advocate_household_change", "decides")
    two = {"holder": str(cast.anne.reference), "of": str(cast.jamie.reference)}
    send(cast.amira, decides, **two, may_decide="on", on=today(cast))
    assert set(families.deciders(person=cast.jamie, on=cast.day)) == {cast.fred, cast.anne}
    assert "Anne decides for Jamie" in read(cast.amira, page(cast))
    send(cast.amira, decides, **two, on=today(cast))
    assert families.deciders(person=cast.jamie, on=cast.day) == [cast.fred]
    alone = page(cast, "advocate_household_person", cast.jamie.reference, "alone")
    assert send(cast.amira, alone, on=today(cast)).status_code == 422
    send(cast.amira, alone, on=today(cast), words="The nurse talked to him.")
    jamie = Person.objects.get(pk=cast.jamie.pk)
    assert (jamie.decides_alone, jamie.decides_alone_by) == (True, str(cast.amira.reference))
    back = page(cast, "advocate_household_person", cast.jamie.reference, "with-others")
    send(cast.amira, back, words="He took it back himself.")
    assert not Person.objects.get(pk=cast.jamie.pk).decides_alone


def test_a_relationship_that_was_wrong_is_ended(cast_today: Cast) -> None:
    cast = cast_today
    kin = page(cast, "advocate_household_change", "kin")
    two = {"relative": str(cast.fred.reference), "of": str(cast.jamie.reference)}
    send(cast.amira, kin, **two, kind="parent", on=today(cast))
    assert "Fred is the parent of Jamie" in read(cast.amira, page(cast))
    again = send(cast.amira, kin, **two, kind="parent", on=today(cast))
    assert b"on record already" in again.content
    row = Relationship.objects.get()
    send(cast.amira, page(cast, "advocate_kin_end", row.reference), sent="yes")
    assert not Relationship.objects.exists()


def test_two_records_of_one_person_are_merged_and_parted(cast_today: Cast) -> None:
    cast = cast_today
    twin = factories.person(cast, cast.family, first_name="Jim")
    appoint(cast, twin, cast.amira)
    same = page(cast, "advocate_household_change", "same-person")
    two = {"kept": str(cast.jamie.reference), "gone": str(twin.reference)}
    assert send(cast.amira, same, **two).status_code == 422  # why is missing
    assert send(cast.amira, same, **two, words="Same school.").status_code == 302
    html = read(cast.amira, page(cast))
    assert "Jamie Garner is on record as Jim too" in html
    assert 'Moves out<span class="govuk-visually-hidden"> (Jim)' not in html
    desk = read(cast.amira, reverse("advocate_family", args=[cast.family.reference]))
    assert "Find support for Jamie" in desk
    assert "Find support for Jim" not in desk
    merge = PersonMerge.objects.get()
    undo = page(cast, "advocate_split", merge.reference)
    assert send(cast.amira, undo, words="Two boys.").status_code == 302
    assert not PersonMerge.objects.live().exists()
    assert browser(cast.amira).get(undo).status_code == 404


def test_what_she_cannot_open_cannot_be_merged_and_looks_absent(cast_today: Cast) -> None:
    cast = cast_today
    same = page(cast, "advocate_household_change", "same-person")
    said = {"kept": str(cast.fred.reference), "words": "Same."}
    for other in (str(cast.olive.reference), "no reference at all"):
        assert send(cast.amira, same, **said, other=other).status_code == 404
    same = page(cast, "advocate_household_change", "same-household")
    said = {"stands": "this", "words": "Same."}
    other = str(cast.neighbours.reference)
    assert send(cast.amira, same, **said, other=other).status_code == 404
    assert not PersonMerge.objects.exists()
    assert not FamilyMerge.objects.exists()


def test_two_records_of_one_household_are_merged_by_their_address(cast_today: Cast) -> None:
    cast = cast_today
    other = Family.objects.create(name="Fred and Anne", created_at=cast.at)
    gran = factories.person(cast, other, first_name="Gran")
    for family in (cast.family, other):
        lead(cast, family)
    same = page(cast, "advocate_household_change", "same-household")
    address = f"http://localhost{reverse('advocate_household', args=[other.reference])}"
    said = {"other": address, "words": "One door."}
    answer = send(cast.ruth, same, **said, stands="other")
    assert b"open plan" in answer.content
    assert send(cast.ruth, same, **said, stands="this").status_code == 302
    assert gran in Person.objects.at_home(family=cast.family, on=cast.day)
    html = read(cast.ruth, page(cast))
    assert "is on record as Fred and Anne too" in html
    home = read(cast.ruth, reverse("advocate_home"))
    assert str(other.reference) not in home
    merge = FamilyMerge.objects.get()
    send(cast.ruth, page(cast, "advocate_split", merge.reference), words="Two doors.")
    assert gran not in Person.objects.at_home(family=cast.family, on=cast.day)


def test_who_only_looks_changes_nothing(cast_today: Cast) -> None:
    cast = cast_today
    factories.reason(
        cast,
        cast.fred,
        organisation=cast.beacon,
        role="advocate",
        scope="record",
        basis="public_task",
    )
    lucy = factories.worker(cast, cast.beacon, "advocate")  # type: ignore[arg-type]
    html = read(lucy, page(cast))
    assert "Moves out" not in html
    for act in ("add", "decides"):
        answer = browser(lucy).get(page(cast, "advocate_household_change", act))
        assert answer.status_code == 403


def test_who_is_hidden_leaves_no_trace_at_home_or_for_the_lead(cast_today: Cast) -> None:
    cast = cast_today
    lead(cast, cast.family)
    said: dict[str, Any] = {"by": cast.by(cast.amira), "at": cast.at}
    relationships.relate(
        person=cast.fred, relative=cast.anne, kind=Kin.PARTNER, on=cast.day, **said
    )
    families.set_responsibility(
        holder=cast.anne, person=cast.josh, may_decide=True, on=cast.day, **said
    )
    readers = ((cast.fred_user, reverse("family_at_home")), (cast.ruth, page(cast)))
    for user, path in readers:
        assert "Anne" in read(user, path)
    hide = page(cast, "advocate_household_person", cast.anne.reference, "hide")
    assert send(cast.amira, hide, words="He is looking for her.").status_code == 302
    for user, path in readers:
        assert "Anne" not in read(user, path)
    assert browser(cast.ruth).get(hide).status_code == 404
    assert "Hidden" in read(cast.amira, page(cast))
    show = page(cast, "advocate_household_person", cast.anne.reference, "show")
    assert send(cast.amira, show).status_code == 422
    assert send(cast.amira, show, words="He moved away.").status_code == 302
    for user, path in readers:
        assert "Anne" in read(user, path)


def test_a_hidden_child_is_seen_at_home_by_whoever_decides_for_him(cast_today: Cast) -> None:
    cast = cast_today
    shields.shield(person=cast.josh, words="Asked.", by=cast.by(cast.amira), at=cast.at)
    assert "Josh" in read(cast.fred_user, reverse("family_at_home"))
    assert "Josh" not in read(cast.anne_user, reverse("family_at_home"))
    Responsibility.objects.filter(person=cast.josh).delete()
    assert "Josh" not in read(cast.fred_user, reverse("family_at_home"))


def test_a_confidential_relative_is_for_her_and_whom_she_confides_in(cast_today: Cast) -> None:
    cast = cast_today
    appoint(cast, cast.stacey, cast.amira)
    kit = factories.person(cast, first_name="Kit")
    relationships.relate(
        person=cast.stacey,
        relative=kit,
        kind=Kin.PARTNER,
        is_confidential=True,
        on=cast.day,
        by=cast.by(cast.amira),
        at=cast.at,
    )
    assert "Kit" in read(cast.amira, page(cast))
    assert "Kit" in read(cast.stacey_user, reverse("family_at_home"))
    assert "Kit" not in read(cast.fred_user, reverse("family_at_home"))


def test_a_second_record_reads_the_first_and_never_what_is_confidential(cast_today: Cast) -> None:
    cast = cast_today
    twin = factories.person(cast, first_name="Fred")
    user = factories.user(person=twin)
    open_goal = factories.referral(cast, cast.fred)
    secret = factories.referral(cast, cast.fred, is_confidential=True)

    def answer(reference: Any) -> int:
        return browser(user).get(reverse("family_referral", args=[reference])).status_code

    assert answer(open_goal.reference) == 404
    person_merges.merge(
        kept=cast.fred, gone=twin, words="Same.", by=cast.by(cast.amira), at=cast.at
    )
    assert answer(open_goal.reference) == 200
    assert answer(secret.reference) == 404


def test_the_family_says_that_something_is_wrong(cast_today: Cast) -> None:
    cast = cast_today
    html = read(cast.fred_user, reverse("family_at_home"))
    for name in ("You", "Anne", "Stacey", "Jamie", "Josh", "Amira Shah"):
        assert name in html
    assert "Who says yes for Jamie: you" in html
    browser_of_fred: Client = browser(cast.fred_user)
    path = reverse("family_at_home")
    assert browser_of_fred.post(path, {"words": ""}).status_code == 422
    answer = browser_of_fred.post(path, {"words": "Josh has a new name."})
    assert answer.status_code == 302
    assert b"passed it on" in browser_of_fred.get(answer["Location"]).content
    asked = RightsRequest.objects.get()
    assert (asked.person, asked.wanted) == (cast.fred, "Josh has a new name.")
    assert Member.objects.get(person=cast.josh).relation == Relation.CHILD
