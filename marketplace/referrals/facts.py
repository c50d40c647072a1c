"""What is known about a person already, so that nobody is asked twice."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Person
from cms import criteria_versions
from cms.models import Organisation, Service, Step
from marketplace.referrals import assessment, eligibility
from marketplace.referrals.models import Application, Referral, StepTaken
from marketplace.sharing import facts as sharing_facts
from marketplace.sharing.models import Fact, FactForm, FactOffer, Reason, Source


def known(
    *, person: Person, family: Family, day: date, told_to: Organisation | None = None
) -> dict[str, Any]:
    """Return what is known: age in years and district, then what was written down, then answers.

    What was answered for something confidential stays there. `told_to` leaves out what only other
    owners were told: so that none learns what it was not.
    """
    return {
        **answered(person=person, told_to=told_to),
        **held(person=person, day=day, told_to=told_to),
        **recorded(person=person, family=family, day=day),
    }


def held(*, person: Person, day: date, told_to: Organisation | None = None) -> dict[str, Any]:
    """Return what was written down about a person and stood on a day: what was checked first."""
    found = sharing_facts.known(person=person, day=day)
    if told_to is not None:
        told = FactOffer.objects.filter(form=FactForm.VALUE, reason__organisation=told_to)
        found = found.filter(pk__in=told.values("fact"))
    return dict(found.values_list("key", "value"))


def land(
    *,
    referral: Referral,
    answers: Mapping[str, Any],
    by: history.Actor,
    at: datetime,
    asked: Iterable[eligibility.Criterion] | None = None,
) -> None:
    """Write the answers to a service's rules down as facts that were said, and who was told.

    `asked` are the rules that the answers are to; without it, who can have the service.

    What somebody checked is not said otherwise by an answer to a form: it stands until it is
    corrected. The owner has the answers; of what was known before, it learns yes or no.
    """
    rules = {rule.fact: rule for rule in asked or criteria(referral.service)}
    own = set(recorded(person=referral.person, family=referral.family, day=localdate(at)))
    told_for = referral.reference if referral.is_confidential else None
    checked = _standing(referral, is_confidential=False).exclude(verified_at=None)
    kept = own | set(checked.values_list("key", flat=True))
    said = {key: answers.get(key) for key in rules if key not in kept}
    for key, value in said.items():
        if value not in (None, ""):
            sharing_facts.enter(
                person=referral.person,
                key=key,
                value=value,
                came_from=Source.SAID,
                told_for=told_for,
                by=by,
                at=at,
            )
    _tell_owner(referral, rules, said=said, by=by, at=at)


def _tell_owner(
    referral: Referral,
    rules: Mapping[str, eligibility.Criterion],
    *,
    said: Mapping[str, Any],
    by: history.Actor,
    at: datetime,
) -> None:
    reason = Reason.objects.live(at).filter(subject=referral.reference).order_by("pk").first()
    if reason is None:  # nothing was shared yet
        return
    for fact in _standing(referral, is_confidential=referral.is_confidential):
        if fact.key not in rules:
            continue
        if said.get(fact.key) not in (None, ""):
            question, form = None, FactForm.VALUE
        else:
            rule, form = rules[fact.key], FactForm.YES_NO
            question = sharing_facts.Question(rule.operator, rule.value, rule.sentence)
        sharing_facts.note_offer(
            fact=fact, reason=reason, form=form, question=question, by=by, at=at
        )


def _standing(referral: Referral, *, is_confidential: bool) -> QuerySet[Fact]:
    """Return a person's facts: those of this one secret, or those that are none."""
    told_for = referral.reference if is_confidential else None
    return Fact.objects.standing().filter(
        person=referral.person, is_confidential=is_confidential, told_for=told_for
    )


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


def of(
    *,
    referral: Referral,
    day: date,
    told_to: Organisation | None = None,
    answers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what is known for one referral: of its person, what it was itself told, and answers.

    What the record says has the last word. `told_to` leaves out what only other owners were told.
    """
    person = referral.person
    secret = _standing(referral, is_confidential=True) if referral.is_confidential else None
    return {
        **answered(person=person, told_to=told_to),
        **told(referral),
        **held(person=person, day=day, told_to=told_to),
        **(dict(secret.values_list("key", "value")) if secret is not None else {}),
        **(answers or {}),
        **recorded(person=person, family=referral.family, day=day),
    }


def told(referral: Referral) -> dict[str, Any]:
    """Return what one referral's own steps and form were told, a secret one's too."""
    rows = StepTaken.objects.filter(referral=referral).order_by("at", "pk")
    found: dict[str, Any] = {}
    for (answers,) in rows.values_list("facts"):
        found |= answers
    for (answers,) in Application.objects.filter(referral=referral).values_list("answers"):
        found |= answers
    return found


def bands(service: Service) -> list[assessment.Band]:
    """Return how much a service gives by need, in the pure form that assessment reads."""
    return [
        assessment.Band(
            eligibility.Criterion(row.fact, row.operator, row.value, row.sentence), row.units
        )
        for row in service.bands.all()
    ]


def criteria_on(*, service: Service, day: date) -> list[eligibility.Criterion]:
    """Return a service's rules as they were at the end of a day, in the pure form."""
    then = criteria_versions.on(service=service, day=day).content
    rules = [eligibility.Criterion(**rule) for rule in then["criteria"]]
    return rules + _ages(then["minimum_age"], then["maximum_age"], rules)


def criteria(service: Service) -> list[eligibility.Criterion]:
    """Return a service's rules in the pure form that eligibility reads, its ages among them."""
    rules = [
        eligibility.Criterion(rule.fact, rule.operator, rule.value, rule.sentence)
        for rule in service.criteria.all()
    ]
    return rules + _ages(service.minimum_age, service.maximum_age, rules)


def _ages(
    low: int | None, high: int | None, rules: list[eligibility.Criterion]
) -> list[eligibility.Criterion]:
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
