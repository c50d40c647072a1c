"""Who answers for a family, as everybody involved reads it."""

from datetime import date

from marketplace.people import appointments
from marketplace.referrals.models import Referral


def of_referral(referral: Referral, *, on: date) -> appointments.LeadNamed | None:
    """Return the lead for whoever has a part in a live referral.

    Nobody for what is confidential: the lead is not told of it, so nobody is sent to ask her.
    """
    if referral.is_confidential or not referral.is_open:
        return None
    return appointments.lead_of(family=referral.family, on=on)
