"""Who may ask for a price and who may answer, and telling them: the owner's and the provider's."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Service
from marketplace.notices import notices
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import parties
from pricing import proposals
from pricing.models import Confidence, Funding, Price, PriceProposal, PriceUnit


class NotTheirs(history.Refused):
    """A price is asked for by who runs the service, and set by who owns it."""


@transaction.atomic
def propose(
    *,
    service: Service,
    amount_pence: int,
    unit: PriceUnit,
    price_year: str,
    valid_from: date,
    reason: str,
    by: history.Actor,
    at: datetime,
) -> PriceProposal:
    """Ask the owner's commissioners for a price, and tell them.

    Raises NotTheirs, prices.PriceRefused.
    """
    _must_run(service, by=by, at=at)
    proposal = proposals.propose(
        service=service,
        amount_pence=amount_pence,
        unit=unit,
        price_year=price_year,
        valid_from=valid_from,
        reason=reason,
        by=by.reference,
        at=at,
    )
    notices.tell_role(
        organisation=service.owner,
        role=Role.COMMISSIONER,
        kind="price_proposed",
        subject_kind="price",
        subject=service.reference,
        at=at,
    )
    return proposal


@transaction.atomic
def take_back(*, proposal: PriceProposal, by: history.Actor, at: datetime) -> PriceProposal:
    """Take back what was asked for. Raises NotTheirs, prices.PriceRefused."""
    _must_run(proposal.service, by=by, at=at)
    return proposals.take_back(proposal=proposal, by=by.reference, at=at)


@transaction.atomic
def accept(
    *,
    proposal: PriceProposal,
    funding: Funding,
    confidence: Confidence,
    valid_from: date,
    contract_reference: str,
    by: history.Actor,
    at: datetime,
) -> Price:
    """Set the price that was asked for, and tell who asked. Raises NotTheirs, PriceRefused."""
    _must_own(proposal.service, by=by, at=at)
    price = proposals.accept(
        proposal=proposal,
        funding=funding,
        confidence=confidence,
        valid_from=valid_from,
        contract_reference=contract_reference,
        by=by.reference,
        at=at,
    )
    _tell(proposal, at=at)
    return price


@transaction.atomic
def refuse(
    *, proposal: PriceProposal, words: str, by: history.Actor, at: datetime
) -> PriceProposal:
    """Say no with a plain sentence, and tell who asked. Raises NotTheirs, PriceRefused."""
    _must_own(proposal.service, by=by, at=at)
    answered = proposals.refuse(proposal=proposal, words=words, by=by.reference, at=at)
    _tell(proposal, at=at)
    return answered


def _must_run(service: Service, *, by: history.Actor, at: datetime) -> None:
    if not parties.works_at(organisation=service.provider, role=Role.PROVIDER_WORKER, by=by, at=at):
        raise NotTheirs(_("Only the people who run this service can ask for a price."))


def _must_own(service: Service, *, by: history.Actor, at: datetime) -> None:
    if not parties.works_at(organisation=service.owner, role=Role.COMMISSIONER, by=by, at=at):
        raise NotTheirs(_("Only the owner’s commissioners can answer this."))


def _tell(proposal: PriceProposal, *, at: datetime) -> None:
    notices.tell(
        users=User.objects.filter(reference=UUID(proposal.proposed_by)),
        kind="price_answered",
        subject_kind="price",
        subject=proposal.service.reference,
        at=at,
    )
