"""Sign-ins: one address, one person, let go and let in again, all on record."""

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from budgets import history
from marketplace.people import users
from marketplace.people.models import User
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db

WORDS = "correct horse battery"


def add(cast: Cast, **fields: Any) -> User:
    """Add Josh's aunt."""
    said = {"email": "aunt@alongside.example", "name": "Aunt May", "by": CLOCK, "at": cast.at}
    return users.add(**{**said, **fields})


def test_somebody_is_added_and_it_is_on_record(cast: Cast):
    user = add(cast, email="  Aunt@Alongside.Example ")
    assert user.email == "aunt@alongside.example"
    assert not user.has_usable_password()
    assert [event.verb for event in history.of(user.reference)] == ["added"]


def test_with_a_password_she_signs_in(cast: Cast):
    user = add(cast, password=WORDS)
    assert authenticate(username="aunt@alongside.example", password=WORDS) == user


@pytest.mark.parametrize(
    ("email", "refusal"),
    [
        ("FRED@alongside.example", users.EmailTaken),
        ("not an address", users.BadEmail),
        ("", users.BadEmail),
    ],
)
def test_a_refusal_says_what_to_do_and_leaves_no_trace(
    email: str, refusal: type[history.Refused], cast: Cast
):
    before = User.objects.count()
    with pytest.raises(refusal) as raised:
        add(cast, email=email)
    assert raised.value.sentence.endswith(".")
    assert User.objects.count() == before


def test_a_person_has_one_sign_in(cast: Cast):
    with pytest.raises(users.HasSignIn):
        add(cast, person=cast.fred)
    assert add(cast, person=cast.josh).person == cast.josh


def test_the_database_keeps_addresses_apart_in_any_case(cast: Cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Fred@alongside.example", name="Another Fred")


def test_who_is_let_go_is_out_at_the_next_request(cast: Cast, client: Client):
    client.force_login(cast.amira, backend="django.contrib.auth.backends.ModelBackend")
    assert "_auth_user_id" in client.session
    users.deactivate(user=cast.amira, by=CLOCK, at=cast.at)
    response = client.get("/advocate/")
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next=/advocate/"


def test_letting_go_twice_changes_nothing_and_coming_back_is_one_act(cast: Cast):
    for _time in range(2):
        user = users.deactivate(user=cast.amira, by=CLOCK, at=cast.at)
    assert not user.is_active
    user = users.reactivate(user=user, by=CLOCK, at=cast.later(days=1))
    assert user.is_active
    verbs = [event.verb for event in history.of(user.reference)]
    assert verbs == ["deactivated", "reactivated"]


def test_a_user_is_named_by_her_reference(cast: Cast):
    assert str(cast.fred_user) == f"user {cast.fred_user.reference}"
    assert cast.fred_user.get_short_name() == "Fred"
    assert cast.fred_user.get_full_name() == "Fred Garner"
