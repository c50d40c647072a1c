"""History cannot be changed; what people wrote in it can be erased."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from budgets import history
from budgets.models import Event, EventText
from tests.budgets.conftest import Purse
from tests.cast import NOW


def write(purse: Purse, **fields: Any) -> Event:
    """Write an event about Fred."""
    by = history.Actor(
        kind=history.ActorKind.PERSON,
        reference="amira",
        organisation=purse.county.reference,
        on_behalf_of=purse.fred.reference,
    )
    return history.record(
        by=by,
        at=NOW,
        verb="apply",
        subject_kind="referral",
        subject=uuid.UUID(int=7),
        family=purse.family,
        person=purse.fred,
        from_state="soft_referred",
        to_state="applied",
        rule=uuid.UUID(int=8),
        transfers=[uuid.UUID(int=9)],
        **fields,
    )


def test_an_event_says_who_for_which_organisation_on_whose_behalf_and_why(purse: Purse) -> None:
    event = Event.objects.get(pk=write(purse, reason="asked").pk)
    assert event.organisation_reference == purse.county.reference
    assert event.on_behalf_of == purse.fred.reference
    assert (event.actor_kind, event.actor_reference) == ("person", "amira")
    assert (event.from_state, event.to_state, event.reason) == ("soft_referred", "applied", "asked")
    assert (event.rule, event.transfers) == (uuid.UUID(int=8), [str(uuid.UUID(int=9))])
    assert list(history.of(uuid.UUID(int=7))) == [event]


def test_an_event_is_never_changed_or_deleted(purse: Purse) -> None:
    event = write(purse)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(reason="something else")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Event.objects.filter(pk=event.pk).delete()
    assert Event.objects.get(pk=event.pk).reason == ""


def test_erasing_what_was_written_leaves_the_event_and_its_digest(purse: Purse) -> None:
    event = write(purse, text="Jamie told me about Mum.")
    kept = event.text
    digest = history.text_digest(salt=kept.salt, text="Jamie told me about Mum.")
    assert event.text_digest == digest
    history.erase_text(event)
    assert not EventText.objects.exists()
    assert Event.objects.get(pk=event.pk).text_digest == digest


def test_the_same_words_have_another_digest_each_time(purse: Purse) -> None:
    digests = {write(purse, text="the same words").text_digest for _ in range(3)}
    assert len(digests) == 3
    assert write(purse).text_digest == ""


def test_an_event_goes_with_the_transaction_it_was_written_in(purse: Purse) -> None:
    def act() -> None:
        with transaction.atomic():
            write(purse, text="never mind")
            raise history.Refused("No.")

    before = Event.objects.count()
    with pytest.raises(history.Refused, match="No"):
        act()
    assert (Event.objects.count(), EventText.objects.count()) == (before, 0)
