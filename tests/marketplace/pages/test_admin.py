"""Django's admin: workers and their roles, and of families nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.people.models import User
from tests.cast import Cast


@pytest.fixture
def root(cast_today: Cast, client: Client) -> Client:
    """An administrator's browser."""
    User.objects.filter(pk=cast_today.adam.pk).update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get(pk=cast_today.adam.pk))
    return client


@pytest.mark.parametrize("model", ["competence", "interest"])
def test_workers_can_be_chosen_and_families_cannot(
    cast_today: Cast, root: Client, model: str
) -> None:
    field = {"app_label": "people", "model_name": model, "field_name": "user"}
    answer = root.get(reverse("admin:autocomplete"), field).json()
    chosen = {row["id"] for row in answer["results"]}
    assert str(cast_today.amira.pk) in chosen
    assert str(cast_today.stacey_user.pk) not in chosen


def test_families_are_in_no_list_and_at_no_address(cast_today: Cast, root: Client) -> None:
    page = root.get(reverse("admin:people_user_changelist")).content.decode()
    assert cast_today.amira.email in page
    assert cast_today.stacey_user.email not in page
    address = reverse("admin:people_user_change", args=[cast_today.stacey_user.pk])
    assert root.get(address).status_code == 302
