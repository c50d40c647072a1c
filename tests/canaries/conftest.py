"""Cages around a test: all that is logged, and all that processes tell one another."""

from collections.abc import Iterator
from typing import Any

import pytest
from channels.layers import get_channel_layer

from tests.canaries.cages import Cages


@pytest.fixture
def caged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cages]:
    """Everything that is written down during a run."""
    found, layer = Cages(), get_channel_layer()
    real = layer.group_send

    async def group_send(group: str, message: dict[str, Any]) -> None:
        found.messages.append((group, message))
        await real(group, message)

    monkeypatch.setattr(layer, "group_send", group_send)
    found.listen()
    yield found
    found.stop()
