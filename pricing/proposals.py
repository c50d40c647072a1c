"""A price that a provider asks for, and the answer of the owner's commissioner."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.models import Service
from pricing import money, prices
from pricing.models import Confidence, Funding, Price, PriceProposal, PriceUnit, ProposalState


@transaction.atomic
def propose(
    *,
    service: Service,
    amount_pence: int,
    unit: PriceUnit,
    price_year: str,
    valid_from: date,
    reason: str,
    by: str,
    at: datetime,
) -> PriceProposal:
    """Ask for a price from a day on; what waited for the same unit is taken back.

    `by` is the actor's reference. Raises prices.PriceRefused.
    """
    if not 0 <= amount_pence <= money.LARGEST_PENCE:
        raise prices.PriceRefused(_("This price is not accepted. Check the amount."))
    if valid_from < timezone.localdate(at):
        raise prices.PriceRefused(_("A price is asked for from today on. Choose a later day."))
    Service.objects.select_for_update(no_key=True).get(pk=service.pk)
    waiting = PriceProposal.objects.waiting().filter(service=service, unit=unit)
    waiting.update(state=ProposalState.TAKEN_BACK, answered_by=by, answered_at=at)
    return PriceProposal.objects.create(
        service=service,
        amount_pence=amount_pence,
        unit=unit,
        price_year=price_year,
        valid_from=valid_from,
        reason=reason,
        proposed_by=by,
        proposed_at=at,
    )


@transaction.atomic
def accept(
    *,
    proposal: PriceProposal,
    funding: Funding,
    confidence: Confidence,
    by: str,
    at: datetime,
    valid_from: date | None = None,
    contract_reference: str = "",
) -> Price:
    """Set the price that was asked for, from its day on or a later one; its shares stay.

    Nobody can be asked more for days that are over: a day that has passed by now is today. Raises
    prices.PriceRefused.
    """
    Service.objects.select_for_update(no_key=True).get(pk=proposal.service_id)
    found = _waiting(proposal)
    _answer(found, ProposalState.ACCEPTED, words="", by=by, at=at)
    begins = max(valid_from or found.valid_from, timezone.localdate(at))
    unit = PriceUnit(found.unit)
    standing = Price.objects.on(begins).filter(service=found.service, unit=unit).first()
    return prices.set_price(
        service=found.service,
        amount_pence=found.amount_pence,
        unit=unit,
        funding=funding,
        confidence=confidence,
        price_year=found.price_year,
        source=_("Proposed by the provider: %(reason)s") % {"reason": found.reason[:250]},
        valid_from=begins,
        cost_pence=standing.cost_pence if standing else None,
        contract_reference=contract_reference,
        by=by,
        at=at,
    )


@transaction.atomic
def refuse(*, proposal: PriceProposal, words: str, by: str, at: datetime) -> PriceProposal:
    """Say no with a plain sentence; the price stays as it is. Raises prices.PriceRefused."""
    Service.objects.select_for_update(no_key=True).get(pk=proposal.service_id)
    return _answer(_waiting(proposal), ProposalState.REFUSED, words=words, by=by, at=at)


@transaction.atomic
def take_back(*, proposal: PriceProposal, by: str, at: datetime) -> PriceProposal:
    """Take back what was asked for. Raises prices.PriceRefused."""
    Service.objects.select_for_update(no_key=True).get(pk=proposal.service_id)
    return _answer(_waiting(proposal), ProposalState.TAKEN_BACK, words="", by=by, at=at)


def _waiting(proposal: PriceProposal) -> PriceProposal:
    found = PriceProposal.objects.select_related("service").get(pk=proposal.pk)
    if not found.is_waiting:
        raise prices.PriceRefused(_("This was answered already."))
    return found


def _answer(
    proposal: PriceProposal, state: ProposalState, *, words: str, by: str, at: datetime
) -> PriceProposal:
    proposal.state, proposal.words = state, words
    proposal.answered_by, proposal.answered_at = by, at
    proposal.save(update_fields=["state", "words", "answered_by", "answered_at"])
    return proposal
