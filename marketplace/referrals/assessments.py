"""What an assessment gave, kept with the bands as they were shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Organisation
from marketplace.referrals import assessment, facts
from marketplace.referrals.models import Assessment, Referral


class NotABand(history.Refused):
    """An amount that the service does not publish."""


class NeedsReason(history.Refused):
    """Another amount than the facts give needs a reason."""


def weigh(
    *,
    referral: Referral,
    at: datetime,
    answers: Mapping[str, Any] | None = None,
    told_to: Organisation | None = None,
) -> assessment.Result:
    """Return how much the published bands give for what is known and these answers."""
    service = referral.service
    known = facts.of(
        referral=referral, day=timezone.localdate(at), told_to=told_to, answers=answers
    )
    return assessment.assess(facts.bands(service), known, standard=service.standard_quantity)


def settle(
    *,
    referral: Referral,
    result: assessment.Result,
    quantity: int | None,
    reason: str,
    at: datetime,
) -> int:
    """Keep what was given and by which band; return the units. Nothing may be missing any more.

    Without bands any amount may be given; with them, one of the published. Raises NotABand,
    NeedsReason.
    """
    by_facts = result.units
    assert by_facts is not None  # the caller refused what is missing
    units = by_facts if quantity is None else quantity
    if result.weighed and units not in result.amounts:
        raise NotABand(_("Choose one of the amounts that this service publishes."))
    if result.weighed and units != by_facts and not reason.strip():
        raise NeedsReason(
            _("What is known gives %(units)s. Say why another amount is right.")
            % {"units": by_facts}
        )
    if units >= 1:  # anything else is refused when the quote is frozen
        _keep(referral, result, units=units, by_facts=by_facts, reason=reason, at=at)
    return units


def _keep(
    referral: Referral,
    result: assessment.Result,
    *,
    units: int,
    by_facts: int,
    reason: str,
    at: datetime,
) -> None:
    Assessment.objects.update_or_create(
        referral=referral,
        defaults={
            "units": units,
            "units_by_facts": by_facts,
            "sentence": result.band.sentence if result.band else "",
            "bands": [
                {"sentence": one.band.sentence, "units": one.band.units, "met": one.met}
                for one in result.weighed
            ],
            "reason": reason.strip() if units != by_facts else "",
            "assessed_at": at,
        },
    )
