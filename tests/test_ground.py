"""The tests' own ground holds: the template is restored, and the network is off."""

import socket

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from wagtail.models import Locale, Page, Site

from tests import databases


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_committed_row_is_gone_afterwards_and_the_root_page_is_not(time: str) -> None:
    assert not Group.objects.filter(name__startswith="ground").exists()
    assert Page.objects.exists()
    assert Site.objects.exists()
    assert Locale.objects.exists()
    assert Permission.objects.exists()
    Group.objects.create(name=f"ground {time}")
    Page.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_restoring_leaves_sequences_free_for_the_next_row() -> None:
    databases.restore()
    permission = Permission.objects.order_by("-pk")[0]
    permission.pk, permission.codename = None, "a_new_one"
    permission.save()
    assert Permission.objects.filter(codename="a_new_one").count() == 1


@pytest.mark.django_db
def test_a_rolled_back_test_sees_the_template_too() -> None:
    assert Page.objects.exists()
    assert connection.in_atomic_block


def test_nothing_leaves_this_machine() -> None:
    with socket.socket() as outgoing, pytest.raises(AssertionError, match="network is off"):
        outgoing.connect(("192.0.2.1", 80))
