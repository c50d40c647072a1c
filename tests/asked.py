"""Single rows of what was asked for, promised and answered: a part of `factories`."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from budgets.models import Person
from cms.models import Step
from marketplace.people.roles import Role
from marketplace.referrals.models import (
    Application,
    Approval,
    Assessment,
    Ending,
    Enquiry,
    GoalMet,
    Outcome,
    Pause,
    PauseReason,
    Promise,
    PromiseKind,
    Referral,
    Route,
    StepTaken,
    Take,
    TurnedAway,
    WhatNext,
    WhyEnds,
    YesHow,
)
from marketplace.sharing.models import (
    Basis,
)
from tests.cast import NOW, Cast


def application(referral: Referral, at: datetime = NOW, **fields: Any) -> Application:
    """Add what a service was told."""
    said = {"answers": {"likes": "bikes"}, "basis": Basis.CONSENT, **fields}
    return Application.objects.create(referral=referral, verified_at=at, sent_at=at, **said)


def approval(cast: Cast, referral: Referral, **fields: Any) -> Approval:
    """Add a request for approval that waits."""
    asked = {
        "organisation": cast.county,
        "role": Role.COMMISSIONER,
        "amount_pence": 60_000,
        "asked_by": str(cast.amira.reference),
        "asked_at": cast.at,
        "due_on": cast.day + timedelta(days=7),
    }
    return Approval.objects.create(referral=referral, **{**asked, **fields})


def promise(cast: Cast, referral: Referral, **fields: Any) -> Promise:
    """Add a promise that is open."""
    made: dict[str, Any] = {
        "kind": PromiseKind.ANSWER,
        "organisation": cast.county,
        "made_at": cast.at,
        "working_days": 3,
        "amber_on": cast.day,
        "due_on": cast.day + timedelta(days=5),
        "family": referral.family,
        "person": referral.person,
        "is_confidential": referral.is_confidential,
    }
    made |= fields
    made["amber_on"] = min(made["amber_on"], made["due_on"])
    return Promise.objects.create(referral=referral, **made)


def pause(cast: Cast, referral: Referral, **fields: Any) -> Pause:
    """Add a pause of a week that holds today."""
    made = {
        "reason": PauseReason.FAMILY_AWAY,
        "starts_on": cast.day,
        "ends_on": cast.day + timedelta(days=7),
        "paused_by": str(cast.amira.reference),
        "paused_at": cast.at,
    }
    return Pause.objects.create(referral=referral, **{**made, **fields})


def take(cast: Cast, referral: Referral, **fields: Any) -> Take:
    """Add that the county's intake has taken it on."""
    made = {
        "organisation": cast.county,
        "role": Role.INTAKE_WORKER,
        "user": cast.ingrid,
        "taken_at": cast.at,
    }
    return Take.objects.create(referral=referral, **{**made, **fields})


def ending(cast: Cast, referral: Referral, **fields: Any) -> Ending:
    """Add what the family said at the end."""
    said = {
        "goal_met": GoalMet.PARTLY,
        "why": WhyEnds.AS_PLANNED,
        "next": WhatNext.TALK,
        "words": "It helped a bit.",
        "told_by": referral.person,
        "how": YesHow.SIGNED_IN,
        "told_at": cast.at,
    }
    return Ending.objects.create(referral=referral, **{**said, **fields})


def assessment(cast: Cast, referral: Referral, **fields: Any) -> Assessment:
    """Write down how much somebody got, by which rule."""
    said: dict[str, Any] = {
        "units": 12,
        "units_by_facts": 6,
        "sentence": "Twelve where nobody works.",
        "bands": [{"sentence": "Twelve where nobody works.", "units": 12, "met": True}],
        "reason": "A letter came.",
        "assessed_at": cast.at,
    }
    return Assessment.objects.create(referral=referral, **{**said, **fields})


def turned_away(cast: Cast, referral: Referral, **fields: Any) -> TurnedAway:
    """Count that a rule of its service turned somebody away."""
    said: dict[str, Any] = {
        "service": referral.service,
        "referral": referral.reference,
        "family": referral.family,
        "person": referral.person,
        "is_confidential": referral.is_confidential,
        "fact": "age",
        "operator": "at_most",
        "sentence": "For people aged up to 5.",
        "point": "check",
        "age_band": "25_to_64",
        "district": "Blaby",
        "key": uuid.uuid4(),
        "at": cast.at,
    }
    return TurnedAway.objects.create(**{**said, **fields})


def enquiry(cast: Cast, person: Person | None = None, **fields: Any) -> Enquiry:
    """Add somebody's asking at the county's door, linked to a person where one is given."""
    said = {
        "route": Route.SELF,
        "organisation": cast.county,
        "first_name": person.first_name if person else "Rosa",
        "phone": "0116 496 0999",
        "words": "It is hard at home.",
        "consent_how": "here",
        "consented_at": cast.at,
        "asked_at": cast.at,
        "due_on": cast.day + timedelta(days=5),
        "person": person,
    }
    return Enquiry.objects.create(**{**said, **fields})


def step(cast: Cast, referral: Referral, **fields: Any) -> StepTaken:
    """Add a step that was taken."""
    taken = {
        "step": Step.CHECK_ELIGIBILITY,
        "outcome": Outcome.DONE,
        "actor_kind": "person",
        "actor_reference": str(cast.amira.reference),
        "at": cast.at,
    }
    return StepTaken.objects.create(referral=referral, **{**taken, **fields})
