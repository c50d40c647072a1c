"""What a page can listen to; a message says only *that* something changed.

Names carry references, never a person's name; the page then fetches what it may see.
"""

import logging
from dataclasses import dataclass
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction

logger = logging.getLogger(__name__)


def inbox(organisation: UUID) -> str:
    """Name the topic of an organisation's inbox."""
    return f"inbox.{organisation}"


def plan(family: UUID) -> str:
    """Name the topic of a family's plan and money."""
    return f"plan.{family}"


def referral(reference: UUID) -> str:
    """Name the topic of one referral."""
    return f"referral.{reference}"


@dataclass(frozen=True)
class Publication:
    """One topic to be told of once the transaction is committed."""

    topic: str

    def __call__(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        try:
            async_to_sync(layer.group_send)(self.topic, {"type": "changed", "topic": self.topic})
        except Exception:  # whatever the layer's server says: pages ask again by themselves
            logger.warning("a change was not published: the channel layer is away")


def publish(*topics: str) -> None:
    """Tell listeners on commit that something under these topics changed, once a transaction."""
    for topic in topics:
        publication = Publication(topic)
        if all(entry[1] != publication for entry in connection.run_on_commit):
            transaction.on_commit(publication)
