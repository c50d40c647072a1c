"""Topics: listeners learn that something changed, on commit, once, and nothing about whom."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from marketplace.notices import topics
from tests.cast import Cast


class Listener:
    """Somebody whose page listens to a topic."""

    def __init__(self, topic: str) -> None:
        self.layer = get_channel_layer()
        self.channel = async_to_sync(self.layer.new_channel)()
        async_to_sync(self.layer.group_add)(topic, self.channel)

    def heard(self) -> list[dict[str, Any]]:
        """Return what has come until now."""
        return async_to_sync(self._drain)()

    async def _drain(self) -> list[dict[str, Any]]:
        found = []
        while self.channel in self.layer.channels and not self.layer.channels[self.channel].empty():
            found.append(await self.layer.receive(self.channel))
        return found


@pytest.fixture
def _in_memory(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


pytestmark = pytest.mark.usefixtures("_in_memory", "transactional_db")


def test_a_topic_is_published_on_commit_and_only_once(cast: Cast):
    topic = topics.inbox(cast.county.reference)
    listener = Listener(topic)
    with transaction.atomic():
        topics.publish(topic)
        with transaction.atomic():
            topics.publish(topic)
        assert listener.heard() == []
    assert listener.heard() == [{"type": "changed", "topic": topic}]


def test_nothing_is_published_of_an_act_that_is_undone(cast: Cast):
    topic = topics.referral(cast.family.reference)
    listener = Listener(topic)
    with transaction.atomic():
        topics.publish(topic)
        transaction.set_rollback(True)
    assert listener.heard() == []


def test_what_an_undone_part_published_is_published_by_the_rest_all_the_same(cast: Cast):
    topic = topics.plan(cast.family.reference)
    listener = Listener(topic)
    with transaction.atomic():
        with transaction.atomic():
            topics.publish(topic)
            transaction.set_rollback(True)
        topics.publish(topic)
    assert len(listener.heard()) == 1


def test_each_topic_is_heard_by_its_own_listeners(cast: Cast):
    ours, theirs = Listener(topics.plan(cast.family.reference)), Listener("plan.other")
    topics.publish(topics.plan(cast.family.reference))
    assert len(ours.heard()) == 1
    assert theirs.heard() == []


def test_a_topic_names_no_person(cast: Cast):
    for topic in (
        topics.inbox(cast.county.reference),
        topics.plan(cast.family.reference),
        topics.referral(cast.family.reference),
    ):
        assert not any(person.first_name.lower() in topic for person in cast.persons.values())


def test_a_layer_that_is_away_does_not_undo_the_act(cast: Cast, settings: Any):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"{__name__}.BrokenLayer"}}
    with transaction.atomic():
        cast.family.name = "Renamed"
        cast.family.save()
        topics.publish(topics.plan(cast.family.reference))
    cast.family.refresh_from_db()
    assert cast.family.name == "Renamed"


class BrokenLayer:
    """A channel layer whose server is away."""

    async def group_send(self, topic: str, message: Any) -> None:
        """Fail."""
        raise ConnectionRefusedError
