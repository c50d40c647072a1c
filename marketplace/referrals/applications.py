"""One form for many services: each question once; each service gets only what it asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from budgets import history
from budgets.models import Person
from cms.models import Question, Service, Step
from marketplace.people.models import User
from marketplace.referrals import acts, again, eligibility, facts, reach, referrals
from marketplace.referrals.models import Referral
from marketplace.sharing.models import Basis


@dataclass(frozen=True)
class AskedQuestion:
    """One question of the form, and the names of the services that get its answer."""

    question: Question
    is_required: bool
    services: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One of the services chosen: how far its asker may take it, and what stands against it."""

    service: Service
    reach: reach.Reach
    open: Referral | None = None
    """What was asked for already and is still open; not what was only told of."""

    @property
    def may_check(self) -> bool:
        """Tell whether its rules are checked with this form."""
        return self._may(Step.CHECK_ELIGIBILITY, rungs=1)

    @property
    def may_send(self) -> bool:
        """Tell whether it gets this form."""
        return self._may(Step.TAKE_APPLICATION, rungs=2)

    @property
    def basis(self) -> Basis:
        """Return the ground on which it is told."""
        return basis_of(self.service)

    def _may(self, step: Step, *, rungs: int) -> bool:
        return self.open is None and step in acts.needed(self.service) and self.reach.share > rungs


@dataclass(frozen=True)
class Parcel:
    """Exactly what one service gets, or why it gets nothing."""

    part: Part
    answers: Mapping[str, Any] = field(default_factory=dict)
    """What it asks, by the key of its question."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What its rules go by and was told now."""
    rules: tuple[str, ...] = ()
    """The rules of which it learns that they are met."""
    result: eligibility.Result | None = None
    """What its rules say."""

    @property
    def failed(self) -> tuple[str, ...]:
        """Return the rules that are not met, so that it is not asked."""
        found = self.result
        return tuple(found.failed) if found is not None and found.met is False else ()

    @property
    def is_sent(self) -> bool:
        """Tell whether this service is asked at all."""
        return not self.failed and self.part.open is None

    @property
    def contents(self) -> list[Any]:
        """Return all that there is to it, in plain values, for telling whether it changed."""
        part = self.part
        return [
            part.service.slug,
            self.is_sent,
            part.may_check,
            part.may_send,
            str(part.basis),
            sorted(self.answers.items()),
            sorted(self.facts.items()),
            self.rules,
            self.failed,
        ]


def union(chosen: Iterable[Service]) -> list[AskedQuestion]:
    """Return what the services ask between them, each question once, in the order met."""
    found: dict[str, AskedQuestion] = {}
    for service in chosen:
        for question in service.questions.all():
            known = found.get(question.key)
            found[question.key] = AskedQuestion(
                question=known.question if known else question,
                is_required=question.is_required or (known.is_required if known else False),
                services=(*(known.services if known else ()), service.name),
            )
    return list(found.values())


def only_asked(service: Service, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return of all the answers those to a service's own questions that say something."""
    keys = [question.key for question in service.questions.all()]
    return {key: answers[key] for key in keys if answers.get(key) not in (None, "")}


def parts(
    *, person: Person, services: Iterable[Service], user: User, by: history.Actor, at: datetime
) -> list[Part]:
    """Return the services chosen with how far the actor may take each; a few queries for all.

    Prefetch processes, terms, criteria and questions.
    """
    wanted = list(services)
    reaches = reach.of(services=wanted, by=by, at=at)
    standing = again.standing_for(person=person, services=wanted, user=user, at=at)
    return [
        Part(service=each, reach=reaches[each.pk], open=standing.get(each.pk)) for each in wanted
    ]


def pack(
    part: Part,
    *,
    known: Mapping[str, Any],
    said: Mapping[str, Any],
    answers: Mapping[str, Any],
) -> Parcel:
    """Return what one service gets of a form: `known` before, `said` now to rules, `answers`."""
    if part.open is not None:
        return Parcel(part=part)
    rules = facts.criteria(part.service) if part.may_check else []
    result = eligibility.evaluate(rules, {**known, **said})
    return Parcel(
        part=part,
        answers=only_asked(part.service, answers) if part.may_send else {},
        facts={rule.fact: said[rule.fact] for rule in rules if said.get(rule.fact) is not None},
        rules=tuple(rule.sentence for rule in rules) if result.met is not False else (),
        result=result,
    )


def basis_of(service: Service) -> Basis:
    """Return the ground on which a service's owner is told: public bodies act on public task."""
    return Basis.PUBLIC_TASK if service.owner.is_public_body else Basis.CONSENT


def basis_for(referral: Referral) -> Basis:
    """Return the ground on which the owner of a referral's service is told."""
    return basis_of(referral.service)


@transaction.atomic
def send(
    *, chosen: Iterable[Referral], answers: Mapping[str, Any], by: history.Actor, at: datetime
) -> list[Referral]:
    """Apply to every chosen service that takes applications from this actor, all or none.

    Raises what `referrals.apply` raises.
    """
    sent = []
    for referral in sorted(chosen, key=lambda each: each.pk):
        act = acts.act_for(referral=referral, step=Step.TAKE_APPLICATION, by=by, at=at)
        if not act.allowed:
            continue
        sent.append(
            referrals.apply(
                referral=referral, answers=answers, basis=basis_for(referral), by=by, at=at
            )
        )
    return sent
