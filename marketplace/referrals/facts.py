"""What is known about a person already, so that nobody is asked twice."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from budgets.models import Family, Person
from cms.models import Organisation, Service, Step
from marketplace.referrals import eligibility
from marketplace.referrals.models import Application, Referral, StepTaken


def known(
    *, person: Person, family: Family, day: date, told_to: Organisation | None = None
) -> dict[str, Any]:
    """Return the facts that follow from the record: age in years, district, and past answers.

    What was answered for something confidential stays there. `told_to` leaves out what only other
    owners were told: so that none learns what it was not.
    """
    return {
        **answered(person=person, told_to=told_to),
        **recorded(person=person, family=family, day=day),
    }


def answered(*, person: Person, told_to: Organisation | None = None) -> dict[str, Any]:
    """Return what was answered for a person before, the latest answer to each question."""
    asked = Referral.objects.filter(person=person, is_confidential=False)
    if told_to is not None:
        asked = asked.filter(service__owner=told_to)
    checks = StepTaken.objects.filter(referral__in=asked, step=Step.CHECK_ELIGIBILITY)
    forms = Application.objects.filter(referral__in=asked)
    rows = [*checks.values_list("at", "facts"), *forms.values_list("sent_at", "answers")]
    facts: dict[str, Any] = {}
    for _moment, answers in sorted(rows, key=lambda pair: pair[0]):
        facts.update(answers)
    return facts


def recorded(*, person: Person, family: Family, day: date) -> dict[str, Any]:
    """Return what the record itself says; no answer to a form can say otherwise."""
    facts: dict[str, Any] = {}
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
    return rules + _ages(service, rules)


def _ages(service: Service, rules: list[eligibility.Criterion]) -> list[eligibility.Criterion]:
    low, high = service.minimum_age, service.maximum_age
    if (low is None and high is None) or any(rule.fact == "age" for rule in rules):
        return []
    if low is None:
        words = _("For people aged up to %(high)s.") % {"high": high}
        return [eligibility.Criterion("age", "at_most", high, words)]
    if high is None:
        words = _("For people aged %(low)s or over.") % {"low": low}
        return [eligibility.Criterion("age", "at_least", low, words)]
    words = _("For people aged %(low)s to %(high)s.") % {"low": low, "high": high}
    return [eligibility.Criterion("age", "between", [low, high], words)]


def missing(*, services: Iterable[Service], facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the facts that any of these services needs and nobody gave yet, each once."""
    found: dict[str, None] = {}
    for service in services:
        for fact in eligibility.evaluate(criteria(service), facts).missing:
            found[fact] = None
    return tuple(found)
