"""`/admin/`: each administrator's own people, by the verbs, on record and at once; no family."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets import history
from budgets.models import Event
from cms.models import Organisation, OrganisationKind
from marketplace.people import competences, memberships
from marketplace.people.models import Competence, Interest, Invitation, Membership, User
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


@pytest.fixture
def adam(cast_today: Cast) -> Client:
    """The browser of the county's administrator."""
    return browser(cast_today.adam)


@pytest.fixture
def root(cast_today: Cast) -> Client:
    """The browser of who looks after the whole site, and works nowhere."""
    return browser(factories.user(is_superuser=True))


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, page: str, /, *args: Any, **sent: str) -> Any:
    """Send a form of the administrators' door."""
    return client.post(reverse(page, args=args), sent)


def roles(user: User) -> set[str]:
    """Return the roles somebody holds now."""
    return set(Membership.objects.filter(user=user, ends_on=None).values_list("role", flat=True))


def read(client: Client, name: str, *args: Any, **query: str) -> str:
    """Read a page of the administrators' door."""
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_she_reads_of_her_own_people_and_no_family(cast_today: Cast, adam: Client, root: Client):
    cast = cast_today
    text = read(adam, "admin_people")
    assert "Ingrid Holt" in text
    assert "user " + str(cast.ingrid.reference) not in text
    for other in (cast.amira, cast.ruth, cast.stacey_user, cast.fred_user):
        assert other.name not in text
    everybody = read(root, "admin_people") + read(root, "admin_people", page="2")
    assert cast.amira.name in everybody
    for relative in (cast.stacey_user, cast.fred_user):
        assert relative.email not in everybody
        for client in (adam, root):
            answer = client.get(reverse("admin_person", args=[relative.reference]))
            assert answer.status_code == 404


def test_what_somebody_does_elsewhere_is_not_hers_to_know(cast_today: Cast, adam: Client):
    cast = cast_today
    Membership.objects.create(
        user=cast.ingrid, organisation=cast.beacon, role=Role.ADVOCATE, starts_on=cast.day
    )
    assert cast.beacon.name not in read(adam, "admin_person", cast.ingrid.reference)
    assert cast.beacon.name not in read(adam, "admin_people")


def test_the_list_narrows_and_asks_as_often_however_long_it_is(cast_today: Cast, adam: Client):
    cast = cast_today
    assert "Ingrid Holt" not in read(adam, "admin_people", role=Role.COMMISSIONER)
    assert "Colin Marsh" in read(adam, "admin_people", words="marsh")

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            read(adam, "admin_people")
        return len(counted)

    few = queries()
    for _each in range(8):
        factories.worker(cast, cast.county, Role.FINANCE)
    assert queries() == few


def test_she_gives_changes_and_ends_roles_and_all_is_on_record(cast_today: Cast, adam: Client):
    cast = cast_today
    given: dict[str, Any] = {"organisation": str(cast.county.reference), "role": Role.FINANCE}
    assert post(adam, "admin_give", cast.ingrid.reference, **given).status_code == 302
    assert roles(cast.ingrid) == {Role.INTAKE_WORKER, Role.FINANCE}
    held = Membership.objects.get(user=cast.ingrid, role=Role.FINANCE)
    post(adam, "admin_change", held.reference, role=Role.EDITOR)
    assert roles(cast.ingrid) == {Role.INTAKE_WORKER, Role.EDITOR}
    new = Membership.objects.get(user=cast.ingrid, role=Role.EDITOR)
    post(adam, "admin_end", new.reference)
    assert roles(cast.ingrid) == {Role.INTAKE_WORKER}
    for event in (*history.of(held.reference), *history.of(new.reference)):
        assert event.actor_reference == str(cast.adam.reference)
    assert [event.verb for event in history.of(new.reference)] == ["joined", "left"]


def test_a_role_that_ends_has_ended_at_the_next_request(cast_today: Cast, adam: Client):
    ingrid = browser(cast_today.ingrid)
    inbox = reverse("provider_inbox")
    assert ingrid.get(inbox).status_code == 200
    post(adam, "admin_end", cast_today.ingrid.memberships.get().reference)
    assert ingrid.get(inbox).status_code == 403


def test_who_is_suspended_is_signed_out_at_the_next_request_and_comes_back(
    cast_today: Cast, adam: Client
):
    cast = cast_today
    ingrid, inbox = browser(cast.ingrid), reverse("provider_inbox")
    both = cast.ingrid.reference, cast.county.reference
    assert ingrid.get(inbox).status_code == 200
    post(adam, "admin_suspend", *both)
    assert ingrid.get(inbox).status_code == 302, "her session is gone"
    assert browser(User.objects.get(pk=cast.ingrid.pk)).get(inbox).status_code == 403
    assert "suspended" in read(adam, "admin_people", state="suspended")
    post(adam, "admin_resume", *both)
    assert ingrid.get(inbox).status_code == 302, "an old session stays gone"
    assert browser(User.objects.get(pk=cast.ingrid.pk)).get(inbox).status_code == 200


def test_who_cannot_sign_in_any_more_is_out_at_once(cast_today: Cast, adam: Client):
    cast = cast_today
    colin, page = browser(cast.colin), reverse("commissioner_spend")
    assert colin.get(page).status_code == 200
    post(adam, "admin_off", cast.colin.reference)
    assert colin.get(page).status_code == 302
    post(adam, "admin_on", cast.colin.reference)
    assert User.objects.get(pk=cast.colin.pk).is_active
    assert colin.get(page).status_code == 302


def test_who_works_elsewhere_too_is_not_shut_out_of_everything(cast_today: Cast, adam: Client):
    cast = cast_today
    Membership.objects.create(
        user=cast.colin, organisation=cast.beacon, role=Role.ADVOCATE, starts_on=cast.day
    )
    post(adam, "admin_off", cast.colin.reference)
    assert User.objects.get(pk=cast.colin.pk).is_active


def test_nobody_gives_herself_a_role_nor_is_the_last_to_go(cast_today: Cast, adam: Client):
    cast = cast_today
    before, events = roles(cast.adam), Event.objects.count()
    given: dict[str, Any] = {"organisation": str(cast.county.reference), "role": Role.COMMISSIONER}
    answer = post(adam, "admin_give", cast.adam.reference, **given)
    assert answer.status_code == 422
    assert "cannot give yourself" in answer.content.decode()
    held = cast.adam.memberships.get().reference
    post(adam, "admin_change", held, role=Role.COMMISSIONER)
    post(adam, "admin_end", held)
    post(adam, "admin_suspend", cast.adam.reference, cast.county.reference)
    post(adam, "admin_off", cast.adam.reference)
    assert (roles(cast.adam), Event.objects.count()) == (before, events)
    assert User.objects.get(pk=cast.adam.pk).is_active
    factories.worker(cast, cast.county, Role.ADMINISTRATOR)
    post(adam, "admin_end", held)
    assert roles(cast.adam) == set()


def test_she_acts_in_no_other_organisation(cast_today: Cast, adam: Client):
    cast = cast_today
    given: dict[str, Any] = {"organisation": str(cast.beacon.reference), "role": Role.ADVOCATE}
    assert post(adam, "admin_give", cast.ingrid.reference, **given).status_code == 422
    invite = {"email": "x@alongside.example", **given}
    assert post(adam, "admin_invitations", **invite).status_code == 422
    assert not Invitation.objects.exists()


def test_who_looks_after_the_whole_site_acts_everywhere(cast_today: Cast, root: Client):
    cast = cast_today
    assert root.get(reverse("front_door"))["Location"] == "/admin/"
    added = {"name": "Oak School", "kind": OrganisationKind.SCHOOL, "phone": "01632 960200"}
    post(root, "admin_organisation_new", **added)
    school = Organisation.objects.get(name="Oak School")
    assert [event.verb for event in history.of(school.reference)] == ["added"]
    given: dict[str, Any] = {"organisation": str(school.reference), "role": Role.ADMINISTRATOR}
    post(root, "admin_give", cast.ingrid.reference, **given)
    assert Role.ADMINISTRATOR in roles(cast.ingrid)


def test_an_organisations_own_administrator_changes_its_telephone_and_not_what_it_is(
    cast_today: Cast, adam: Client
):
    """Its kind says how much its workers see."""
    cast = cast_today
    sent: dict[str, Any] = {
        "phone": "0116 000 0000",
        "kind": OrganisationKind.CHARITY,
        "name": "Ours",
    }
    post(adam, "admin_organisation", cast.county.reference, **sent)
    county = Organisation.objects.get(pk=cast.county.pk)
    assert county.phone == "0116 000 0000"
    assert (county.kind, county.name) == (cast.county.kind, cast.county.name)
    assert [event.verb for event in history.of(county.reference)] == ["changed"]


def test_a_qualification_is_checked_by_another_and_says_who(cast_today: Cast, adam: Client):
    cast = cast_today
    sent: dict[str, Any] = {
        "code": "social_worker",
        "checked_by": "Register, 1234",
        "starts_on": str(cast.day),
    }
    post(adam, "admin_check", cast.ingrid.reference, **sent)
    held = Competence.objects.get(user=cast.ingrid)
    assert (held.checker, held.checked_by) == (cast.adam, "Register, 1234")
    assert post(adam, "admin_check", cast.adam.reference, **sent).status_code == 422
    assert not Competence.objects.filter(user=cast.adam).exists()
    wrong = {**sent, "code": "no such thing!"}
    answer = post(adam, "admin_check", cast.ingrid.reference, **wrong)
    assert answer.status_code == 422
    assert "Register, 1234" in answer.content.decode(), "what was typed is kept"
    mine = read(browser(cast.ingrid), "me")
    assert "Register, 1234" in mine
    assert "by Adam Novak" in mine
    post(adam, "admin_uncheck", held.reference)
    assert not Competence.objects.on(cast.day).filter(user=cast.ingrid).exists()


def test_she_invites_and_takes_back(cast_today: Cast, adam: Client):
    cast = cast_today
    sent: dict[str, Any] = {
        "email": "new@alongside.example",
        "organisation": str(cast.county.reference),
        "role": Role.FINANCE,
    }
    assert post(adam, "admin_invitations", **sent).status_code == 302
    made = Invitation.objects.get()
    assert "new@alongside.example" in read(adam, "admin_invitations")
    post(adam, "admin_withdraw", made.reference)
    assert not Invitation.objects.open().exists()


def test_a_form_that_is_sent_twice_acts_once(cast_today: Cast, adam: Client):
    cast = cast_today
    given: dict[str, Any] = {
        "organisation": str(cast.county.reference),
        "role": Role.FINANCE,
        "form_key": "7d6bb0a9-2a3e-4a55-92a6-6dbb2b9f1c11",
    }
    for _twice in range(2):
        assert post(adam, "admin_give", cast.ingrid.reference, **given).status_code == 302
    held = Membership.objects.get(user=cast.ingrid, role=Role.FINANCE)
    assert history.of(held.reference).count() == 1


# Her own page.


def test_a_worker_says_herself_where_she_gains_and_ends_it(cast_today: Cast):
    cast = cast_today
    colin, ingrid = browser(cast.colin), browser(cast.ingrid)
    sent: dict[str, Any] = {"organisation": str(cast.mentors.reference)}
    for _twice in range(2):
        assert post(colin, "me_declare", **sent).status_code == 302
    interest = Interest.objects.get(user=cast.colin)
    assert cast.mentors.name in read(colin, "me")
    assert post(ingrid, "me_end_interest", interest.reference).status_code == 404
    post(colin, "me_end_interest", interest.reference)
    assert not Interest.objects.on(cast.day).exists()
    verbs = [event.verb for event in history.of(interest.reference)]
    assert verbs == ["declared", "ended"]
    assert post(colin, "me_declare").status_code == 422


def test_every_staff_role_has_a_page_of_her_own(cast_today: Cast):
    cast = cast_today
    workers = [user for user in cast.users.values() if user.person_id is None]
    assert {held.role for user in workers for held in user.memberships.all()} >= {
        role for role in Role if role != Role.FAMILY
    }
    for user in workers:
        text = read(browser(user), "me")
        assert cast.workplaces[user.pk].name in text


def test_the_approver_reads_that_who_asked_gains(cast_today: Cast):
    cast = cast_today
    asked = climbing.ready(cast)
    approval = factories.approval(cast, asked, asked_by=str(cast.amira.reference))
    factories.reason(
        cast,
        asked.person,
        organisation=cast.county,
        role=Role.COMMISSIONER,
        subject=asked.reference,
    )
    said = f"gains from {asked.service.provider.name}"
    helena, here = browser(cast.helena), approval.reference
    assert said not in read(helena, "commissioner_approval", here)
    interest = competences.declare_interest(
        user=cast.amira,
        organisation=asked.service.provider,
        on=cast.day,
        by=cast.by(cast.amira),
        at=cast.at,
    )
    assert said in read(helena, "commissioner_approval", here)
    competences.end_interest(interest=interest, on=cast.day, by=cast.by(cast.amira), at=cast.at)
    assert said not in read(helena, "commissioner_approval", here)


def test_its_pages_obey_the_policy_for_scripts(cast_today: Cast, adam: Client):
    answer = adam.get(reverse("admin_people"))
    assert "script-src 'self'" in answer["Content-Security-Policy"]


# The twin.


def test_without_its_own_scope_the_door_would_show_everybody(
    cast_today: Cast, adam: Client, monkeypatch: pytest.MonkeyPatch
):
    User.objects.filter(pk=cast_today.adam.pk).update(is_superuser=True)
    with pytest.raises(AssertionError):
        test_what_somebody_does_elsewhere_is_not_hers_to_know(cast_today, adam)
    User.objects.filter(pk=cast_today.adam.pk).update(is_superuser=False)
    monkeypatch.setattr(memberships, "_must_leave_one", lambda user, **asked: None)
    with pytest.raises(AssertionError):
        test_nobody_gives_herself_a_role_nor_is_the_last_to_go(cast_today, adam)
