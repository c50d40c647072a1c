"""Concerns, emergencies and what is held back, as tests open them: through the verbs."""

from datetime import datetime, timedelta
from typing import Any

from budgets.models import Family, Person
from marketplace.people.models import User
from marketplace.sharing import emergencies, held_back, safeguards
from marketplace.sharing.models import Emergency, HeldBack, HeldBackReason, Safeguard, SafeguardKind
from tests.cast import Cast

WHY = "He rang, crying, and the line went dead."


def concern(cast: Cast, **fields: Any) -> Safeguard:
    """Open a concern for Josh that Ruth answers for."""
    return safeguards.open(
        **{
            "person": cast.josh,
            "kind": SafeguardKind.DRUGS_IN_THE_HOME,
            "evidence": "His grandmother found a needle.",
            "owner": cast.ruth,
            "organisation": cast.trust,
            "review_on": cast.day + timedelta(days=28),
            "by": cast.by(cast.ruth),
            "at": cast.at,
            **fields,
        }
    )


def details(person: Person, family: Family, **wrong: Any) -> emergencies.Details:
    """Return what somebody has to know of a person, with a mistake in it where one is given."""
    assert person.born_on is not None
    right = {"name": person.name, "born_on": person.born_on, "postcode": family.postcode}
    return emergencies.Details(**{**right, **wrong})


def emergency(
    cast: Cast, *, user: User | None = None, person: Person | None = None, **fields: Any
) -> Emergency:
    """Open Josh's record in an emergency, by the police unless said otherwise."""
    by, at = cast.by(user or cast.sam), fields.pop("at", cast.at)
    found = find(cast, user=user, person=person, at=at)
    assert found is not None
    return emergencies.open(found=found, **{"why": WHY, "by": by, "at": at, **fields})


def find(
    cast: Cast,
    *,
    user: User | None = None,
    person: Person | None = None,
    at: datetime | None = None,
    **wrong: Any,
) -> emergencies.Found | None:
    """Try to find somebody, Josh unless said otherwise."""
    return emergencies.find(
        details=details(person or cast.josh, cast.family, **wrong),
        by=cast.by(user or cast.sam),
        at=at or cast.at,
    )


def hold_back(cast: Cast, safeguard: Safeguard, **fields: Any) -> HeldBack:
    """Hold back a concern that Ruth answers for, for four weeks."""
    return held_back.hold_back(
        safeguard=safeguard,
        **{
            "reason": HeldBackReason.HARM,
            "words": "He would be hit for telling.",
            "until": cast.day + timedelta(days=28),
            "by": cast.by(cast.ruth),
            "at": cast.at,
            **fields,
        },
    )
