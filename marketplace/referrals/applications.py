"""One form for many services: each question once; each service gets only what it asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from budgets import history
from cms.models import Question, Step
from marketplace.referrals import acts, referrals
from marketplace.referrals.models import Referral
from marketplace.sharing.models import Basis


@dataclass(frozen=True)
class AskedQuestion:
    """One question of the form, and the names of the services that get its answer."""

    question: Question
    is_required: bool
    services: tuple[str, ...]


def union(chosen: Iterable[Referral]) -> list[AskedQuestion]:
    """Return what the services ask between them, each question once, in the order met."""
    found: dict[str, AskedQuestion] = {}
    for referral in chosen:
        for question in referral.service.questions.all():
            known = found.get(question.key)
            found[question.key] = AskedQuestion(
                question=known.question if known else question,
                is_required=question.is_required or (known.is_required if known else False),
                services=(*(known.services if known else ()), referral.service.name),
            )
    return list(found.values())


def basis_for(referral: Referral) -> Basis:
    """Return the ground on which a service's owner is told: public bodies act on public task."""
    return Basis.PUBLIC_TASK if referral.service.owner.is_public_body else Basis.CONSENT


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
