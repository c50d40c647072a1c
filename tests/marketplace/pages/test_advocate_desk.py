"""An advocate's lists: her families and no others, in a constant number of queries."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import Event, Family, Member, Person, Relation
from cms import catalogue
from marketplace.people.models import Appointment, User
from marketplace.people.roles import AdvocateKind
from marketplace.referrals import commissions, referrals
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung, YesHow
from marketplace.sharing.models import Basis, Look, Safeguard
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def queries(client: Client, path: str) -> int:
    """Return how many queries a page takes."""
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def add_families(cast: Cast, count: int) -> None:
    """Add households whose only person appointed Amira."""
    for number in range(count):
        family = Family.objects.create(name=f"Household {number}", created_at=cast.at)
        person = Person.objects.create(
            first_name=f"Person {number}", born_on=cast.day - timedelta(days=9000)
        )
        Member.objects.create(
            family=family, person=person, relation=Relation.PARENT, joined_on=cast.day
        )
        Appointment.objects.create(
            person=person,
            user=cast.amira,
            kind=AdvocateKind.PAID_ADVOCATE,
            starts_on=cast.day - timedelta(days=1),
        )


def test_my_families_are_those_i_am_appointed_in(cast_today: Cast) -> None:
    html = browser(cast_today.amira).get(reverse("advocate_home")).content.decode()
    assert "Fred’s household" in html
    assert "Olive" not in html
    assert "Stacey" not in html  # she has not appointed her
    assert "£6,000.00" in html
    html = browser(cast_today.nadia).get(reverse("advocate_home")).content.decode()
    assert "Olive’s household" in html
    assert "Fred" not in html


def test_somebody_without_families_is_told_what_to_expect(cast_today: Cast) -> None:
    html = browser(cast_today.ruth).get(reverse("advocate_home")).content.decode()
    assert "Nobody has appointed you yet" in html


def test_the_desk_takes_as_many_queries_for_ten_families_as_for_two(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    climbing.climb(cast, to=Rung.BOOKED)
    add_families(cast, 1)
    few = queries(amira, reverse("advocate_home"))
    add_families(cast, 9)
    assert queries(amira, reverse("advocate_home")) == few


def test_the_family_page_shows_what_she_may_know_and_records_the_look(cast_today: Cast) -> None:
    cast = cast_today
    for person, words in ((cast.jamie, "Jamie is out late."), (cast.stacey, "Stacey is afraid.")):
        Safeguard.objects.create(
            person=person,
            kind="exploitation",
            evidence=words,
            owner=cast.ruth,
            owner_organisation=cast.trust,
            opened_at=cast.at,
            review_on=cast.day,
        )
    climbing.climb(cast, to=Rung.COMMISSIONED)
    path = reverse("advocate_family", args=[cast.family.reference])
    html = browser(cast.amira).get(path).content.decode()
    assert "To talk to somebody about Mum." in html  # Jamie told her
    assert "A place of my own for the baby." not in html
    assert "Jamie is out late." in html
    assert "Stacey is afraid." not in html
    assert "Walk With Me Mentors</strong>" in html or "Walk With Me Mentors will" in html
    assert f"person={cast.jamie.reference}&amp;goal={cast.jamie_goal.reference}" in html
    assert Look.objects.filter(user=cast.amira, person=cast.fred, subject_kind="family").exists()


def test_money_she_may_not_know_of_leaves_no_trace(cast_today: Cast) -> None:
    cast = cast_today
    secret = climbing.refer(cast, person=cast.stacey, user=cast.stacey_user, is_confidential=True)
    by = cast.by(cast.stacey_user)
    referrals.check_eligibility(referral=secret, answers={}, by=by, at=cast.at)
    referrals.apply(
        referral=secret,
        answers=climbing.ANSWERS,
        basis=Basis.CONSENT,
        by=by,
        at=cast.at,
    )
    referrals.decide_eligibility(referral=secret, by=by, at=cast.at)
    referrals.say_yes(
        referral=secret,
        person=cast.stacey,
        how=YesHow.SIGNED_IN,
        by=by,
        at=cast.at,
    )
    before = browser(cast.amira).get(reverse("advocate_home")).content.decode()
    assert "£6,000.00" in before
    commissions.commission(referral=secret, by=by, at=cast.at)
    for path in (
        reverse("advocate_home"),
        reverse("advocate_family", args=[cast.family.reference]),
    ):
        html = browser(cast.amira).get(path).content.decode()
        assert "£6,000.00" in html
        assert "£150.00" not in html
        assert "Kai" not in html


def test_the_family_page_takes_as_many_queries_for_many_referrals_as_for_one(
    cast_today: Cast,
) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    path = reverse("advocate_family", args=[cast.family.reference])
    many_owed(cast, count=1)
    one = queries(amira, path)
    many_owed(cast, count=4)
    assert queries(amira, path) == one


# Finding


def find_path(cast: Cast, **query: Any) -> str:
    """Return the address of a search."""
    path = reverse("advocate_find", args=[cast.family.reference])
    return path + "?" + "&".join(f"{name}={value}" for name, value in query.items())


def test_each_result_says_how_far_she_may_take_it_and_who_can_have_it(cast_today: Cast) -> None:
    cast = cast_today
    html = browser(cast.amira).get(find_path(cast, person=cast.jamie.reference)).content.decode()
    assert "You can take this all the way to money set aside." in html
    assert "You can send the form; Leicestershire County Council decides." in html
    assert "You can tell them about it; NHS Leicestershire takes it from there." in html
    assert "Open to everyone: you can book it at once." in html
    assert "Jamie can have this." in html


def test_a_search_in_words_mends_spelling_and_fits_the_age(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    html = amira.get(find_path(cast, person=cast.jamie.reference, words="mentr")).content.decode()
    assert "Kai: a mentor for young people" in html
    html = amira.get(find_path(cast, person=cast.josh.reference, words="mentor")).content.decode()
    assert "Kai: a mentor for young people" not in html


@pytest.mark.parametrize("query", [{"most": "lots"}, {"person": "nobody"}, {"kind": "magic"}])
def test_a_search_that_makes_no_sense_says_so_and_keeps_what_was_typed(
    cast_today: Cast, query: dict[str, str]
) -> None:
    answer = browser(cast_today.amira).get(find_path(cast_today, **query))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "There is something to put right" in html


def test_a_search_takes_as_many_queries_for_many_results_as_for_few(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    path = find_path(cast, person=cast.jamie.reference)
    few = queries(amira, path)
    for number in range(8):
        catalogue.add_service(
            name=f"Another {number}", owner=cast.county, steps=("check_eligibility", "commission")
        )
    assert queries(amira, path) == few


# Chasing


def late(cast: Cast) -> Referral:
    """Return a referral whose promise is late."""
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    yesterday = cast.day - timedelta(days=1)
    Promise.objects.open().filter(referral=referral).update(
        due_on=yesterday, amber_on=yesterday, made_at=cast.at - timedelta(days=9)
    )
    return referral


def many_owed(cast: Cast, *, count: int) -> None:
    """Add promises that are late, each on a referral of its own."""
    for _number in range(count):
        child = factories.person(cast, cast.family)
        referral = factories.referral(cast, child, plan=cast.plan)
        factories.promise(cast, referral, due_on=cast.day - timedelta(days=1))
        factories.pause(cast, referral)
        factories.promise(
            cast, referral, kind=PromiseKind.CALL_BACK, worker=cast.amira, words="The form"
        )
        Appointment.objects.create(
            person=child,
            user=cast.amira,
            kind=AdvocateKind.PAID_ADVOCATE,
            starts_on=cast.day - timedelta(days=9),
        )


def test_what_is_late_is_chased_in_one_tap_and_once(cast_today: Cast) -> None:
    cast = cast_today
    late(cast)
    amira = browser(cast.amira)
    page = reverse("advocate_chase")
    html = amira.get(page).content.decode()
    assert "Late: it was due by" in html
    promise = Promise.objects.open().get()
    path = reverse("advocate_chase_promise", args=[promise.reference])
    sent = {"form_key": str(uuid.uuid4()), "from": "list"}
    assert [amira.post(path, sent)["Location"] for _tap in range(2)] == [page, page]
    assert Event.objects.filter(verb="chased").count() == 1
    assert "We have chased them." in amira.get(page).content.decode()


def test_the_chase_list_is_narrowed_in_its_address(cast_today: Cast) -> None:
    cast = cast_today
    climbing.climb(cast, to=Rung.COMMISSIONED)
    amira = browser(cast.amira)
    page = reverse("advocate_chase")
    assert "Nothing to chase" in amira.get(page + "?show=late").content.decode()
    assert "Kai" in amira.get(page + "?show=all").content.decode()
    other = f"{page}?show=all&family={cast.neighbours.reference}"
    assert "Olive" not in amira.get(other).content.decode()


def test_the_chase_list_takes_as_many_queries_for_many_as_for_one(cast_today: Cast) -> None:
    cast = cast_today
    many_owed(cast, count=1)
    amira = browser(cast.amira)
    one = queries(amira, reverse("advocate_chase"))
    many_owed(cast, count=3)
    assert queries(amira, reverse("advocate_chase")) == one


# Who may come in


def places(cast: Cast) -> list[str]:
    """Return every page about Fred's household."""
    referral = climbing.climb(cast, to=Rung.BOOKED)
    family = [cast.family.reference]
    booking = referral.bookings.get()
    return [
        reverse("advocate_family", args=family),
        reverse("advocate_find", args=family),
        reverse("advocate_form", args=family),
        reverse("advocate_ask", args=[*family, "mentor-kai"]),
        reverse("advocate_referral", args=[referral.reference]),
        reverse("advocate_booking", args=[booking.reference]),
    ]


def test_an_advocate_elsewhere_finds_nothing_here(cast_today: Cast) -> None:
    paths = places(cast_today)
    nadia = browser(cast_today.nadia)
    assert {path: nadia.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)


@pytest.mark.parametrize("who", ["fred_user", "dev", "ingrid", "colin", "edie", "femi"])
def test_other_roles_are_shown_out(cast_today: Cast, who: str) -> None:
    paths = [*places(cast_today), reverse("advocate_home"), reverse("advocate_chase")]
    client = browser(cast_today.users[who])
    assert {client.get(path).status_code for path in paths} == {403}


def test_nobody_comes_in_without_signing_in(cast_today: Cast) -> None:
    for path in [*places(cast_today), reverse("advocate_home"), reverse("advocate_chase")]:
        assert Client().get(path).status_code == 302


def test_a_stranger_acts_on_nothing(cast_today: Cast) -> None:
    cast = cast_today
    referral = climbing.climb(cast, to=Rung.COMMISSIONED)
    promise = Promise.objects.open().get()
    before = climbing.trace(referral)
    nadia = browser(cast.nadia)
    names = ("advocate_yes", "advocate_approval", "advocate_hand_over", "advocate_withdraw")
    paths = [reverse(name, args=[referral.reference]) for name in (*names, "advocate_time")]
    paths += [
        reverse("advocate_complete", args=[referral.reference]),
        reverse("advocate_step", args=[referral.reference, "commission"]),
        reverse("advocate_chase_promise", args=[promise.reference]),
    ]
    assert {nadia.post(path).status_code for path in paths} == {404}
    assert climbing.trace(referral) == before


def test_somebody_elses_person_is_not_found_in_this_household(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    for person in (cast.olive, cast.stacey):
        path = reverse("advocate_ask", args=[cast.family.reference, "mentor-kai"])
        assert amira.get(f"{path}?person={person.reference}&safe=yes").status_code == 404


def test_looking_at_pages_changes_nothing_but_the_looks(cast_today: Cast) -> None:
    cast = cast_today
    paths = [*places(cast), reverse("advocate_home"), reverse("advocate_chase")]
    referral = Referral.objects.get()
    before = climbing.trace(referral)
    amira = browser(cast.amira)
    for path in paths:
        assert amira.get(path).status_code in (200, 302)
    assert climbing.trace(referral) == before
