"""What is known about a person already, so that nobody is asked twice."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from budgets.models import Family, Person
from cms.models import Service
from marketplace.referrals import eligibility
from marketplace.referrals.models import Application


def known(*, person: Person, family: Family, day: date) -> dict[str, Any]:
    """Return the facts that follow from the record: age in years, district, and past answers."""
    facts: dict[str, Any] = {}
    for application in Application.objects.filter(referral__person=person).order_by("sent_at"):
        facts.update(application.answers)
    if person.born_on is not None:
        facts["age"] = person.age_on(day)
    if family.district:
        facts["district"] = family.district
    return facts


def criteria(service: Service) -> list[eligibility.Criterion]:
    """Return a service's rules in the pure form that eligibility reads, its ages among them."""
    rules = [
        eligibility.Criterion(rule.fact, rule.operator, rule.value, rule.sentence)
        for rule in service.criteria.all()
    ]
    return rules


def missing(*, services: Iterable[Service], facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the facts that any of these services needs and nobody gave yet, each once."""
    found: dict[str, None] = {}
    for service in services:
        for fact in eligibility.evaluate(criteria(service), facts).missing:
            found[fact] = None
    return tuple(found)
