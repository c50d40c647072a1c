"""What somebody asks for: what helps with their need, is for them, and can be paid for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from budgets import funds, ledger
from budgets.models import Person
from cms.models import Service, ServiceKind
from marketplace.management.demonstration import answers, reach
from marketplace.management.demonstration.homes import Home, data
from marketplace.management.demonstration.stage import Stage, Worker
from marketplace.referrals import eligibility
from pricing import prices

YOUNGEST_TO_KEEP_SECRETS = 16
WEIGHT_A_STEP = 25
LARGEST_SHARE_PERCENT = 60
"""Of what is left, so much at most is asked for at once."""


@dataclass(frozen=True)
class Want:
    """One person's wish for one service."""

    person: Person
    slug: str
    service: Service


@dataclass(frozen=True)
class Offer:
    """What the choice needs to know of a service, looked up once."""

    slug: str
    service: Service
    terms: frozenset[str]
    criteria: tuple[eligibility.Criterion, ...]
    cost_pence: int


def offers(stage: Stage) -> list[Offer]:
    """Return what can be asked for in the two years: not an entry whose check ran out."""
    found = []
    for slug, service in stage.services.items():
        row, valid = stage.data[slug], service.check_valid_until
        if valid is not None and valid < stage.on:
            continue
        unit = prices.price_on(service=service, day=stage.on).amount_pence
        found.append(
            Offer(
                slug=slug,
                service=service,
                terms=frozenset(row["terms"]),
                criteria=tuple(eligibility.Criterion(**each) for each in row["criteria"]),
                cost_pence=unit * service.standard_quantity,
            )
        )
    return found


def choose(
    stage: Stage, catalogue: list[Offer], home: Home, asker: Worker | None, *, day: date
) -> Want | None:
    """Return the next thing a family asks for; nothing where all that fits was asked for.

    What the asker's rules let her take further she offers rather. `asker` None is the family: its
    first adult, for herself and those she decides for.
    """
    led = {offer.slug: reach.steps(stage, offer.slug, asker, day=day) for offer in catalogue}
    fitting = [
        (weight * (WEIGHT_A_STEP * led[offer.slug] + 1), person, offer)
        for person in home.everybody
        if asker is not None or home.decider(person, day) == home.adults[0]
        for weight, offer in _fitting(catalogue, home, person, day)
    ]
    if not fitting:
        return None
    weights = [weight for weight, _person, _offer in fitting]
    _weight, person, offer = home.dice.choices(fitting, weights)[0]
    home.asked.add((person.pk, offer.slug))
    return Want(person=person, slug=offer.slug, service=offer.service)


def find(catalogue: list[Offer], home: Home, slug: str, *, day: date) -> Want | None:
    """Return a family's wish for one service, for the first at home whom it suits."""
    for person in home.everybody:
        for _weight, offer in _fitting(catalogue, home, person, day):
            if offer.slug == slug:
                home.asked.add((person.pk, slug))
                return Want(person=person, slug=slug, service=offer.service)
    return None


def _fitting(
    catalogue: list[Offer], home: Home, person: Person, day: date
) -> Iterator[tuple[int, Offer]]:
    wanted = {term for row in data()["needs"] if row["code"] in home.needs for term in row["terms"]}
    known = answers.facts(home, person, day)
    most = _most_pence(home, day)
    for offer in catalogue:
        overlap = len(offer.terms & wanted)
        is_new = (person.pk, offer.slug) not in home.asked
        if not (overlap and is_new and _suits(offer, person, day)) or offer.cost_pence > most:
            continue
        if eligibility.evaluate(offer.criteria, known).met:
            yield overlap * overlap, offer


def _suits(offer: Offer, person: Person, day: date) -> bool:
    """Tell whether somebody's age is among those the entry is for."""
    age, service = person.age_on(day), offer.service
    if age is None or age < 0 or service.kind == ServiceKind.ADVOCATE:
        return False
    if service.is_confidential and age < YOUNGEST_TO_KEEP_SECRETS:
        return False
    return (service.minimum_age or 0) <= age <= (service.maximum_age or age)


def _most_pence(home: Home, day: date) -> int:
    if home.plan is None:
        return 10**9  # nothing is bought from a plan: asked for as the system stands
    left = ledger.plan_balance(plan=home.plan, year=funds.year_of(day)).left_pence
    return left * LARGEST_SHARE_PERCENT // 100
