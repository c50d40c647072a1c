"""Who asks for what: the made-up families, themselves or through somebody, in sittings."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from budgets import history
from marketplace.management.demonstration import journeys, reach, wants
from marketplace.management.demonstration.days import Days, Life
from marketplace.management.demonstration.homes import Home
from marketplace.management.demonstration.requests import Request
from marketplace.management.demonstration.stage import Stage, Worker
from marketplace.management.demonstration.wants import Offer, Want

OWN_PERCENT, LEAD_PERCENT = 20, 25
"""Who asks for a family with a plan: so often itself, so often its lead, else its advocate."""

YESTERDAY = ("mentor-kai", "debt-advice", "role-model-grace", "housing-options", "mentor-lorna")
"""Asked for on the last working day, so that those whom visitors can be have answers to give."""


@dataclass
class Town:
    """Where the made-up families live: the days that pass there, and what is offered."""

    stage: Stage
    days: Days
    offers: list[Offer]
    homes: list[Home] = field(default_factory=list)


def sit_down(town: Town, home: Home, *, count: int, at: datetime) -> None:
    """Let somebody ask for some things in one sitting, one after the other."""
    key = _asker(home)
    worker = town.stage.workers[key] if key else None
    for number in range(count):
        want = wants.choose(town.stage, town.offers, home, worker, day=timezone.localdate(at))
        if want is not None:
            by = worker.by if worker else _family_itself(home)
            _begin(town, home, want, by, at=at + timedelta(minutes=30 * number))


def yesterday(town: Town, at: datetime) -> Life:
    """Let families ask for some chosen services, those first whose advocate can take them far."""
    day = timezone.localdate(at)
    for number, slug in enumerate(YESTERDAY):
        for home, advocate in _led_furthest(town, slug, day):
            if want := wants.find(town.offers, home, slug, day=day):
                _begin(town, home, want, advocate.by, at=at + timedelta(minutes=20 * number))
                break
    yield at


def _led_furthest(town: Town, slug: str, day: date) -> list[tuple[Home, Worker]]:
    """Return the families whose advocate may take a service somewhere, the furthest first."""
    workers = town.stage.workers
    led = [(home, workers[home.advocate]) for home in town.homes if home.advocate is not None]
    steps = {worker.key: reach.steps(town.stage, slug, worker, day=day) for _home, worker in led}
    return sorted(
        (pair for pair in led if steps[pair[1].key]), key=lambda pair: -steps[pair[1].key]
    )


def _begin(town: Town, home: Home, want: Want, by: history.Actor, *, at: datetime) -> None:
    request = Request(stage=town.stage, home=home, want=want, by=by)
    town.days.begin(journeys.live(request, at=at), at=at)


def _asker(home: Home) -> str | None:
    """Return the worker who asks; nobody where the family asks itself."""
    fate = home.dice.randrange(100)
    if home.advocate is None:
        return home.lead
    if home.sign_in is not None and fate < OWN_PERCENT:
        return None
    return home.lead if fate < OWN_PERCENT + LEAD_PERCENT else home.advocate


def _family_itself(home: Home) -> history.Actor:
    assert home.sign_in is not None
    return history.Actor(kind=history.ActorKind.PERSON, reference=str(home.sign_in.reference))
