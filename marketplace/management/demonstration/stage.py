"""What stands so far: everything made, by the key that the data files give it."""

import json
import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from budgets import history
from budgets.models import Fund, Person
from cms.models import Organisation, Place, Service, Term
from marketplace.notices import working_days
from marketplace.people.models import User

BEGINNING = 850
"""Days before today on which the organisations and their workers were there already."""

SEED = history.Actor(kind=history.ActorKind.IMPORT, reference="the demonstration")


def read(path: str) -> dict[str, Any]:
    """Return a committed data file, by its path from the top."""
    found: dict[str, Any] = json.loads((Path(settings.BASE_DIR) / path).read_text(encoding="utf-8"))
    return found


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """Return a local time on a day."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def next_working_day(day: date) -> date:
    """Return the day, or the first working day after it."""
    return day if working_days.is_working_day(day) else working_days.after(day, 1)


@dataclass(frozen=True)
class Worker:
    """Somebody who works somewhere: the sign-in, the workplace and the role there."""

    key: str
    user: User
    organisation: str
    role: str
    by: history.Actor


@dataclass
class Stage:
    """The demonstration place as of the first minute of one day, while it is being built."""

    on: date
    families: int
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    funds: dict[tuple[str, int], Fund] = field(default_factory=dict)

    @cached_property
    def now(self) -> datetime:
        """Return the moment everything is as of: nothing is said to have happened after it."""
        return moment(self.on, 0)

    def day(self, ago: int) -> date:
        """Return the day so many days ago."""
        return self.on - timedelta(days=ago)

    def working_day(self, ago: int) -> date:
        """Return the working day so many days ago, or the last one before it."""
        day = self.day(ago)
        while not working_days.is_working_day(day):
            day -= timedelta(days=1)
        return day

    def working_days_ago(self, count: int) -> date:
        """Return the working day that lies so many working days before today."""
        day = self.on
        while count > 0:
            day -= timedelta(days=1)
            count -= working_days.is_working_day(day)
        return day

    def dice(self, subject: object) -> random.Random:
        """Return the chance of one subject: the same for the same day, whatever else is made."""
        return random.Random(f"{self.on}/{subject}")

    def by(self, key: str) -> history.Actor:
        """Return the actor that somebody is: a worker for her workplace, a family member alone."""
        worker = self.workers.get(key)
        if worker is not None:
            return worker.by
        reference = str(self.users[key].reference)
        return history.Actor(kind=history.ActorKind.PERSON, reference=reference)

    def at(self, organisation: str, role: str) -> list[Worker]:
        """Return who holds a role at an organisation."""
        return [
            worker
            for worker in self.workers.values()
            if (worker.organisation, worker.role) == (organisation, role)
        ]

    def terms_of(self, keys: list[str]) -> list[Term]:
        """Return terms by their keys."""
        return [self.terms[key] for key in keys]
