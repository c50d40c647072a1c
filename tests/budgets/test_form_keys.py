"""A form that is sent twice acts once."""

import threading
import uuid

import pytest
from django.db import IntegrityError, connection

from budgets import families, form_keys, history
from budgets.models import Family, FormKey
from tests.cast import NOW

AMIRA = history.Actor(kind=history.ActorKind.PERSON, reference="amira")
NADIA = history.Actor(kind=history.ActorKind.PERSON, reference="nadia")
KEY = uuid.UUID(int=1)


def add() -> str:
    """Add a family, and lead to its page."""
    family = families.add_family(name="Fred’s household", by=AMIRA, at=NOW)
    return f"/family/{family.reference}/"


def answer(by: history.Actor = AMIRA, **request: str) -> str:
    """Send the form."""
    return form_keys.answer(key=KEY, by=by, at=NOW, request=request, act=add)


@pytest.mark.django_db
def test_a_form_sent_twice_acts_once_and_is_answered_the_same() -> None:
    first = answer(name="Fred")
    assert answer(name="Fred") == first
    assert Family.objects.count() == 1
    assert FormKey.objects.get().answer == first


@pytest.mark.django_db
def test_the_order_of_fields_is_no_difference() -> None:
    answer(name="Fred", town="Hinckley")
    answer(town="Hinckley", name="Fred")
    assert Family.objects.count() == 1


@pytest.mark.django_db
def test_a_key_that_comes_with_other_answers_is_refused() -> None:
    answer(name="Fred")
    with pytest.raises(form_keys.KeyReused):
        answer(name="Anne")
    assert Family.objects.count() == 1


@pytest.mark.django_db
def test_another_persons_key_tells_her_nothing() -> None:
    answer(name="Fred")
    with pytest.raises(form_keys.KeyReused):
        answer(by=NADIA, name="Fred")


@pytest.mark.django_db
def test_a_refused_act_leaves_no_key_and_can_be_sent_again() -> None:
    def refuse() -> str:
        add()
        raise history.Refused("Not today.")

    with pytest.raises(history.Refused, match="Not today"):
        form_keys.answer(key=KEY, by=AMIRA, at=NOW, request={}, act=refuse)
    assert not FormKey.objects.exists()
    assert not Family.objects.exists()
    assert answer()


@pytest.mark.django_db
def test_an_integrity_error_of_the_act_is_not_taken_for_a_repeat() -> None:
    def fail() -> str:
        Family.objects.create(name="x", arm="pilot", created_at=NOW)
        return ""

    with pytest.raises(IntegrityError):
        form_keys.answer(key=KEY, by=AMIRA, at=NOW, request={}, act=fail)
    assert not FormKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_with_one_key_one_acts_and_all_get_its_answer() -> None:
    answers: list[str] = []
    barrier = threading.Barrier(8)

    def send() -> None:
        barrier.wait()
        try:
            answers.append(answer(name="Fred"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert Family.objects.count() == 1
