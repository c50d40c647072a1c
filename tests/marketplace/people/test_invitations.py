"""Invitations: one link to one address, good once; in a wrong hand it opens and tells nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail, signing
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from budgets import history
from budgets.models import Event
from marketplace.notices import letters, notices
from marketplace.people import invitations, memberships, users
from marketplace.people.models import Invitation, Membership, User
from marketplace.people.roles import Role
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.notices.test_outbox import REFUSING

pytestmark = pytest.mark.django_db

NEW = "newcomer@alongside.example"


def invite(cast: Cast, *, by: User | None = None, **fields: Any) -> Invitation:
    """Invite somebody to the county's finance, as its administrator."""
    said: dict[str, Any] = {
        "email": NEW,
        "organisation": cast.county,
        "role": Role.FINANCE,
        "at": cast.at,
    }
    return invitations.invite(**{**said, "by": cast.by(by or cast.adam), **fields})


def accept(invitation: Invitation, *, at: Any, email: str = NEW) -> User:
    """Take an invitation up."""
    token = invitations.token(invitation)
    return invitations.accept(token=token, email=email, name="New Comer", at=at)


def counts() -> tuple[int, ...]:
    """Count what an invitation could change."""
    return (
        User.objects.count(),
        Membership.objects.count(),
        Invitation.objects.filter(accepted_at__isnull=False).count(),
        Event.objects.count(),
    )


def refused(act: Callable[[], object], refusal: type[history.Refused]) -> str:
    """Return the sentence of a refusal that leaves no trace."""
    before = counts()
    with pytest.raises(refusal) as raised:
        act()
    assert counts() == before
    return raised.value.sentence


def test_who_takes_it_up_signs_in_and_has_the_role_from_that_day(cast: Cast):
    invitation = invite(cast)
    user = accept(invitation, at=cast.later(hours=2), email=" Newcomer@Alongside.example ")
    assert (user.email, user.name) == (NEW, "New Comer")
    assert not user.has_usable_password()
    held = memberships.roles(
        user_reference=str(user.reference), organisation=cast.county.reference, on=cast.day
    )
    assert held == {Role.FINANCE}
    verbs = [event.verb for event in history.of(invitation.reference)]
    assert verbs == ["invited", "accepted"]


def test_who_works_elsewhere_gets_the_role_beside_and_keeps_her_name(cast: Cast):
    invitation = invite(cast, email=cast.amira.email)
    assert accept(invitation, at=cast.at, email=cast.amira.email) == cast.amira
    assert User.objects.get(pk=cast.amira.pk).name == "Amira Shah"
    assert cast.amira.memberships.count() == 2


INVITERS = {
    "adam": True,
    "ingrid": False,
    "colin": False,
    "amira": False,
    "fred_user": False,
}


@pytest.mark.parametrize("who", INVITERS)
def test_only_its_own_administrator_invites(who: str, cast: Cast):
    if INVITERS[who]:
        assert invite(cast, by=cast.users[who]).invited_by == cast.users[who]
        refused(
            lambda: invite(cast, by=cast.users[who], organisation=cast.beacon),
            invitations.NotYours,
        )
    else:
        refused(lambda: invite(cast, by=cast.users[who]), invitations.NotYours)


def test_nobody_invites_herself_nor_who_is_there_nor_a_family(cast: Cast):
    refused(lambda: invite(cast, email=cast.adam.email.upper()), invitations.NotYourself)
    refused(
        lambda: invite(cast, email=cast.colin.email, role=Role.COMMISSIONER), invitations.WorksHere
    )
    refused(lambda: invite(cast, role=Role.FAMILY), invitations.NotForWork)
    refused(lambda: invite(cast, email="nobody"), users.BadEmail)


def test_a_familys_address_is_invited_like_any_other_and_opens_nothing(cast: Cast):
    """Whether an address is a family's is not an administrator's to find out."""
    invitation = invite(cast, email=cast.stacey_user.email)
    refused(
        lambda: accept(invitation, at=cast.at, email=cast.stacey_user.email),
        invitations.NoLongerGood,
    )


def _used(cast: Cast, invitation: Invitation) -> None:
    accept(invitation, at=cast.at)


def _taken_back(cast: Cast, invitation: Invitation) -> None:
    invitations.withdraw(invitation=invitation, by=cast.by(cast.adam), at=cast.at)


def _left_too_long(cast: Cast, invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=cast.later(seconds=1))


def _replaced(cast: Cast, invitation: Invitation) -> None:
    invite(cast)


def _inviter_left(cast: Cast, invitation: Invitation) -> None:
    Membership.objects.filter(user=cast.adam).update(ends_on=cast.day)


def _inviter_shut_out(cast: Cast, invitation: Invitation) -> None:
    users.deactivate(user=cast.adam, by=CLOCK, at=cast.at)


SPENT = [_used, _taken_back, _left_too_long, _replaced, _inviter_left, _inviter_shut_out]


@pytest.mark.parametrize("spend", SPENT)
def test_a_link_that_is_spent_opens_nothing_and_does_not_say_why(
    spend: Callable[[Cast, Invitation], None], cast: Cast
):
    invitation = invite(cast)
    spend(cast, invitation)
    said = refused(lambda: accept(invitation, at=cast.later(hours=1)), invitations.NoLongerGood)
    with pytest.raises(invitations.NoLongerGood) as unknown:
        invitations.find(token="nonsense", at=cast.at)
    assert said == unknown.value.sentence


def test_a_link_cannot_be_made_without_our_key(cast: Cast, settings: Any):
    token = invitations.token(invite(cast))
    settings.SECRET_KEY = "another key of another place, long enough"
    with pytest.raises(invitations.NoLongerGood):
        invitations.find(token=token, at=cast.at)


def test_in_a_wrong_hand_it_opens_nothing(cast: Cast):
    invitation = invite(cast)
    refused(
        lambda: accept(invitation, at=cast.at, email="thief@alongside.example"),
        invitations.NotThatAddress,
    )


def test_the_database_keeps_one_open_invitation_for_an_address_and_role(cast: Cast):
    invite(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            email=NEW.upper(),
            organisation=cast.county,
            role=Role.FINANCE,
            created_at=cast.at,
            expires_at=cast.later(days=1),
        )


# The letter.


def test_the_letter_goes_out_once_and_names_nobody_and_no_role(cast: Cast):
    invitation = invite(cast)
    assert notices.sweep(at=cast.at) == 1
    assert notices.sweep(at=cast.later(minutes=1)) == 0
    (letter,) = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    assert letter.to == [NEW]
    assert invitations.token(invitation).split(":")[0] in letter.body
    read = f"{letter.subject}{letter.body}{letter.alternatives}"
    for word in ("Adam", "County", "inance", NEW, "{{"):
        assert word not in read


def test_a_letter_that_did_not_go_out_is_tried_again(cast: Cast, settings: Any):
    invite(cast)
    settings.EMAIL_BACKEND = REFUSING
    assert letters.sweep(at=cast.at) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert letters.sweep(at=cast.later(minutes=1)) == 0, "the lease holds"
    assert letters.sweep(at=cast.later(minutes=6)) == 1


# The page.


def test_looking_changes_nothing_and_shows_no_name_place_or_role(cast_today: Cast, client: Client):
    address = reverse("invitation", args=[invitations.token(invite(cast_today))])
    before = counts()
    answers = [client.get(address), client.get(address), client.head(address)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert counts() == before
    page = answers[0].content.decode()
    for word in ("Adam", cast_today.county.name, "Finance", NEW):
        assert word not in page


def test_the_page_takes_it_up_once_and_then_is_gone(cast_today: Cast, client: Client):
    address = reverse("invitation", args=[invitations.token(invite(cast_today))])
    wrong = client.post(address, {"email": "thief@alongside.example", "name": "Thief"})
    assert wrong.status_code == 422
    assert "thief@alongside.example" in wrong.content.decode()
    said: dict[str, Any] = {
        "email": NEW,
        "name": "New Comer",
        "form_key": "0b6cd2f6-3f0c-4ab3-8f7b-0d5e7c1f3b11",
    }
    for _twice in range(2):
        answer = client.post(address, said)
        assert answer.status_code == 302
        assert answer["Location"] == reverse("account_request_login_code")
    assert Membership.objects.filter(user__email=NEW).count() == 1
    assert "_auth_user_id" not in client.session, "the address is proved by the code"
    for answer in (client.get(address), client.post(address, {**said, "form_key": ""})):
        assert answer.status_code == 410
        assert NEW not in answer.content.decode()


TWINS: dict[str, tuple[object, str, object, Callable[[Cast], None]]] = {
    "any word is a link": (
        signing,
        "loads",
        lambda token, salt: str(Invitation.objects.get().reference),
        lambda cast: test_a_link_that_is_spent_opens_nothing_and_does_not_say_why(
            _left_too_long, cast
        ),
    ),
    "who invited is not asked again": (
        invitations,
        "_still_stands",
        lambda invitation, at: True,
        lambda cast: test_a_link_that_is_spent_opens_nothing_and_does_not_say_why(
            _inviter_left, cast
        ),
    ),
    "any address will do": (
        invitations,
        "constant_time_compare",
        lambda one, other: True,
        test_in_a_wrong_hand_it_opens_nothing,
    ),
    "anybody invites anywhere": (
        memberships,
        "runs",
        lambda **asked: True,
        lambda cast: test_only_its_own_administrator_invites("colin", cast),
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_check_that_is_switched_off_is_noticed(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    owner, attribute, instead, test = TWINS[name]
    monkeypatch.setattr(owner, attribute, instead)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(cast)


def test_an_invitation_runs_out_after_a_week(cast: Cast):
    invitation = invite(cast)
    assert invitation.expires_at - cast.at == timedelta(days=7)
    assert not Invitation.objects.live(cast.later(days=7)).exists()
