"""Counting whom a service's criteria turn away, and holding a no to the published criteria.

Criteria are set by commissioners from demand and budget, never per case by whoever says no
(report §5.4.2).
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Person
from cms.models import Service
from marketplace.referrals import eligibility, facts
from marketplace.referrals.models import AgeBand, Referral, TurnedAway, TurningPoint

# The oldest of each age band, in years.
OLDEST: tuple[tuple[int, AgeBand], ...] = (
    (4, AgeBand.UNDER_5),
    (10, AgeBand.TO_10),
    (15, AgeBand.TO_15),
    (17, AgeBand.TO_17),
    (24, AgeBand.TO_24),
    (64, AgeBand.TO_64),
)


class NotPublished(history.Refused):
    """A no names a published criterion that is not met; nobody makes one up."""


@dataclass(frozen=True)
class Turned:
    """Who was turned away from what, where on the way, and by which criteria."""

    person: Person
    family: Family
    service: Service
    criteria: tuple[eligibility.Criterion, ...]
    point: TurningPoint
    referral: uuid.UUID | None = None
    is_confidential: bool = False

    @classmethod
    def of(
        cls,
        referral: Referral,
        *,
        criteria: Iterable[eligibility.Criterion],
        point: TurningPoint,
    ) -> "Turned":
        """Return what a referral was turned away by."""
        return cls(
            person=referral.person,
            family=referral.family,
            service=referral.service,
            criteria=tuple(criteria),
            point=point,
            referral=referral.reference,
            is_confidential=referral.is_confidential,
        )


def count(*, turned: Turned, key: uuid.UUID, by: history.Actor, at: datetime) -> None:
    """Count each criterion that turned somebody away, once for one form.

    The caller's transaction is not the refused act's: that one left nothing.
    """
    asked = turned.referral
    stands = asked is not None and Referral.objects.filter(reference=asked).exists()
    day = timezone.localdate(at)
    TurnedAway.objects.bulk_create(
        [
            TurnedAway(
                service=turned.service,
                referral=asked if stands else None,
                family=turned.family,
                person=turned.person,
                is_confidential=turned.is_confidential or turned.service.is_confidential,
                fact=rule.fact,
                operator=rule.operator,
                sentence=rule.sentence,
                point=turned.point,
                age_band=age_band(turned.person, at=at),
                district=turned.family.district,
                organisation=by.organisation,
                key=_key(turned, day.isoformat()) if turned.point == TurningPoint.TOLD else key,
                at=at,
            )
            for rule in turned.criteria
        ],
        ignore_conflicts=True,
    )


def told(
    *,
    person: Person,
    family: Family,
    service: Service,
    result: eligibility.Result,
    by: history.Actor,
    at: datetime,
    is_confidential: bool = False,
) -> None:
    """Count who is told that a service is for others before asking: once a day and criterion.

    `is_confidential` where nobody at home may know that it was looked at.
    """
    failed = tuple(one.criterion for one in result.answers if one.met is False)
    turned = Turned(
        person=person,
        family=family,
        service=service,
        criteria=failed,
        point=TurningPoint.TOLD,
        is_confidential=is_confidential,
    )
    count(turned=turned, key=uuid.uuid4(), by=by, at=at)


def unmet(
    *, referral: Referral, at: datetime, answers: Mapping[str, Any] | None = None
) -> eligibility.Result:
    """Return what the published criteria say of what the service's owner was told, and answers."""
    known = facts.of(
        referral=referral,
        day=timezone.localdate(at),
        told_to=referral.service.owner,
        answers=answers,
    )
    return eligibility.evaluate(facts.criteria(referral.service), known)


def must_be_published(
    *, referral: Referral, sentence: str, at: datetime, answers: Mapping[str, Any] | None = None
) -> eligibility.Criterion:
    """Return the published criterion of this sentence, where it is not met. Raises NotPublished."""
    said = unmet(referral=referral, at=at, answers=answers)
    for one in said.answers:
        if one.criterion.sentence == sentence and one.met is False:
            return one.criterion
    raise NotPublished(
        _("Name a published rule that is not met. Nobody is turned away by any other.")
    )


def age_band(person: Person, *, at: datetime) -> AgeBand:
    """Return how old somebody is, coarsely."""
    age = person.age_on(timezone.localdate(at))
    if age is None:
        return AgeBand.UNKNOWN
    for oldest, band in OLDEST:
        if age <= oldest:
            return band
    return AgeBand.OVER


def _key(turned: Turned, day: str) -> uuid.UUID:
    return uuid.uuid5(turned.person.reference, f"{turned.service.reference} {day}")
