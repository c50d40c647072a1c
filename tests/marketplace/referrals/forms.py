"""Forms that are not sent yet, and answers that were put right, written past the verbs."""

from datetime import datetime
from typing import Any

from budgets.models import Person
from marketplace.referrals.models import Amendment, Application, Draft
from tests.cast import NOW, Cast


def draft(cast: Cast, person: Person, **fields: Any) -> Draft:
    """Add a form of Amira's that is not sent yet."""
    begun = {
        "author": cast.amira,
        "organisation": cast.beacon,
        "family": cast.family,
        "answers": {"answer_likes": "bikes"},
        "started_at": cast.at,
        "saved_at": cast.at,
        **fields,
    }
    return Draft.objects.create(person=person, **begun)


def amendment(application: Application, at: datetime = NOW, **fields: Any) -> Amendment:
    """Add an answer that was put right."""
    said = {
        "question": "likes",
        "asked": "What do you like doing?",
        "before": "cars",
        "after": "bikes",
        "why": "He was misheard.",
        "actor_reference": "test",
        "at": at,
        **fields,
    }
    return Amendment.objects.create(application=application, **said)
