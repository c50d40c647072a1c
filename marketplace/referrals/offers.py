"""What a service offers and what it will cost: frozen once, never looked up again."""

from datetime import datetime

from django.utils.translation import gettext as _

from budgets import history
from cms.models import Step
from marketplace.referrals import acts
from marketplace.referrals.models import Referral
from pricing import prices, quotes

MOST_UNITS = 200


class OutOfRange(history.Refused):
    """The quantity is not something that can be assessed."""


def freeze(*, referral: Referral, quantity: int | None, at: datetime) -> None:
    """Freeze what a locked referral will cost, in units of its price; the standard offer if None.

    Where there is no price yet there is no quote, and nothing can be commissioned. Raises
    OutOfRange.
    """
    units = referral.service.standard_quantity if quantity is None else quantity
    if not 1 <= units <= MOST_UNITS:
        raise OutOfRange(_("Give a whole number from 1 to %(most)s.") % {"most": MOST_UNITS})
    referral.quantity = units
    try:
        referral.quote = quotes.quote(service=referral.service, quantity=units, at=at)
    except prices.NoPrice:
        referral.quote = None
    referral.save(update_fields=["quantity", "quote"])


def freeze_standard(*, referral: Referral, at: datetime) -> None:
    """Freeze the standard offer where commissioning is next and nobody has to assess how much."""
    if referral.quote is None and acts.remaining(referral)[:1] == [Step.COMMISSION]:
        freeze(referral=referral, quantity=referral.quantity, at=at)
