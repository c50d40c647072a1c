"""Somebody at the table of agreements, for the tests of its pages."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from cms.models import Organisation, Service, Step
from marketplace.authority import pathways
from marketplace.authority.models import (
    Pathway,
)
from marketplace.people.models import User
from tests.cast import Cast
from tests.marketplace.authority import dealing

YES = {"all_answer": "yes", "all_risk": "low", "cover_kind": "owner"}


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def words(answer: Any) -> str:
    """Return an answer's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@dataclass
class Sitting:
    """Somebody at a desk, at one cell of the table."""

    client: Client
    service: Service
    holder: Organisation
    door: str = "commissioner"

    def page(self, **query: str) -> Any:
        """Open the cell's page."""
        return self.client.get(self._address("agreement"), query)

    def read(self, **query: str) -> str:
        """Return what the cell's page says."""
        return words(self.page(**query))

    def send(self, act: str, key: str = "", **fields: Any) -> Any:
        """Send one of the page's forms."""
        sent = {"form_key": key or str(uuid.uuid4()), **fields}
        return self.client.post(self._address("agreement_act", act=act), sent)

    def _address(self, name: str, **kwargs: str) -> str:
        where = {"slug": self.service.slug, "holder": self.holder.reference, **kwargs}
        return reverse(f"{self.door}_{name}", kwargs=where)


def at_cell(cast: Cast, user: User, service: Service | None = None) -> Sitting:
    """Sit somebody down where the trust meets a service: the family support unless told."""
    return Sitting(browser(user), service or cast.family_support, cast.trust)


def offered(cast: Cast, **fields: Any) -> Pathway:
    """Have the trust offer two steps on the family support."""
    steps = (Step.CHECK_ELIGIBILITY, Step.COMMISSION)
    return dealing.offer(cast, **{"service": cast.family_support, "steps": steps, **fields})


def answers(pathway: Pathway, **said: str) -> dict[str, str]:
    """Return the fields of an answer: every line open unless told, by the name of its step."""
    version = pathways.on_the_table(pathway=pathway)
    assert version is not None
    lines = {line.step: line.reference.hex for line in version.offers.all()}
    fields = {f"answer_{key}": "" for key in lines.values()}
    for name, value in said.items():
        field, _, step = name.partition("__")
        fields[f"{field}_{lines[step]}"] = value
    return fields
