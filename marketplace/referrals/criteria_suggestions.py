"""What a provider suggests of who can have its service; the owner's commissioner answers.

A suggestion changes nothing: criteria are set where demand and money are seen (ADR 18).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms import catalogue
from cms.models import CriteriaSuggestion, Service, SuggestionState
from marketplace.notices import notices
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import assessment, eligibility
from marketplace.referrals import criteria as published

SUBJECT = "criteria"


class NotTheirs(history.Refused):
    """Only who provides a service suggests, and only the owner's commissioner answers."""


class SaysNoReason(history.Refused):
    """A suggestion, and a no to one, say why."""


class NothingWaits(history.Refused):
    """There is no suggestion to answer."""


@transaction.atomic
def suggest(
    *,
    service: Service,
    criteria: Iterable[eligibility.Criterion],
    bands: Iterable[assessment.Band],
    standard_quantity: int,
    reason: str,
    was: int,
    by: history.Actor,
    at: datetime,
) -> CriteriaSuggestion:
    """Suggest other criteria and bands, made to version `was`, in place of any that waits.

    Raises NotTheirs, SaysNoReason, catalogue.IsWithdrawn.
    """
    service = _locked(service)
    catalogue.must_stand(service)
    if Role.PROVIDER_WORKER not in _roles(by, service.provider.reference, at):
        raise NotTheirs(_("Only who provides this service can suggest this."))
    if not reason.strip():
        raise SaysNoReason(_("Say why, so that the commissioner understands."))
    CriteriaSuggestion.objects.waiting().filter(service=service).update(
        state=SuggestionState.REPLACED, answered_at=at, answered_by=by.reference
    )
    made = CriteriaSuggestion.objects.create(
        service=service,
        content={
            "criteria": [_rule(rule) for rule in criteria],
            "bands": [{**_rule(band.criterion), "units": band.units} for band in bands],
            "standard_quantity": standard_quantity,
        },
        reason=reason.strip(),
        made_to=was,
        suggested_by=by.reference,
        suggested_at=at,
    )
    notices.tell_role(
        organisation=service.owner,
        role=Role.COMMISSIONER,
        kind="criteria_suggested",
        subject_kind=SUBJECT,
        subject=service.reference,
        at=at,
    )
    return made


@transaction.atomic
def take(
    *,
    service: Service,
    criteria: Iterable[eligibility.Criterion],
    bands: Iterable[assessment.Band],
    standard_quantity: int,
    reason: str,
    was: int,
    by: history.Actor,
    at: datetime,
) -> None:
    """Set criteria that began as a suggestion, and say to who made it that it was taken.

    Raises what `criteria.change` raises, and NothingWaits.
    """
    waiting = _waiting(service)
    published.change(
        service=service,
        criteria=criteria,
        bands=bands,
        standard_quantity=standard_quantity,
        reason=reason,
        was=was,
        by=by,
        at=at,
    )
    _answer(waiting, SuggestionState.TAKEN, reason, by, at)


@transaction.atomic
def decline(*, service: Service, answer: str, by: history.Actor, at: datetime) -> None:
    """Leave the criteria as they are, and tell the provider why.

    Raises NotTheirs, SaysNoReason, NothingWaits.
    """
    service = _locked(service)
    if Role.COMMISSIONER not in _roles(by, service.owner.reference, at):
        raise NotTheirs(_("Only a commissioner of the owner can answer this."))
    if not answer.strip():
        raise SaysNoReason(_("Say why not: the provider reads it."))
    _answer(_waiting(service), SuggestionState.DECLINED, answer, by, at)


def rules(suggestion: CriteriaSuggestion) -> list[eligibility.Criterion]:
    """Return the criteria of a suggestion."""
    return [_criterion(row) for row in suggestion.content["criteria"]]


def bands(suggestion: CriteriaSuggestion) -> list[assessment.Band]:
    """Return the bands of a suggestion."""
    return [assessment.Band(_criterion(row), row["units"]) for row in suggestion.content["bands"]]


def _locked(service: Service) -> Service:
    return (
        Service.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "provider")
        .get(pk=service.pk)
    )


def _roles(by: history.Actor, organisation: Any, at: datetime) -> frozenset[str]:
    if by.organisation != organisation:
        return frozenset()
    return memberships.roles(
        user_reference=by.reference, organisation=by.organisation, on=timezone.localdate(at)
    )


def _waiting(service: Service) -> CriteriaSuggestion:
    found = CriteriaSuggestion.objects.select_for_update(no_key=True).waiting()
    waiting = found.filter(service=service).first()
    if waiting is None:
        raise NothingWaits(_("There is nothing to answer: somebody answered before you."))
    return waiting


def _answer(
    waiting: CriteriaSuggestion, state: str, answer: str, by: history.Actor, at: datetime
) -> None:
    waiting.state, waiting.answer = state, answer.strip()
    waiting.answered_by, waiting.answered_at = by.reference, at
    waiting.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    notices.tell(
        users=User.objects.filter(reference=waiting.suggested_by),
        kind="criteria_answered",
        subject_kind=SUBJECT,
        subject=waiting.service.reference,
        at=at,
    )


def _rule(rule: eligibility.Criterion) -> dict[str, Any]:
    return {
        "fact": rule.fact,
        "operator": rule.operator,
        "value": rule.value,
        "sentence": rule.sentence,
    }


def _criterion(row: dict[str, Any]) -> eligibility.Criterion:
    return eligibility.Criterion(
        fact=row["fact"], operator=row["operator"], value=row["value"], sentence=row["sentence"]
    )
