"""Taking a yes back ends what rests on it: the sharing, and the support that needs it."""

from datetime import datetime

from django.db import transaction

from budgets import history
from marketplace.bookings import bookings
from marketplace.referrals import ladder
from marketplace.referrals.models import Referral
from marketplace.sharing import sharing
from marketplace.sharing.models import Reason


@transaction.atomic
def stop(*, reason: Reason, by: history.Actor, at: datetime) -> Reason:
    """Stop a sharing that rests on a person's yes, and the support that cannot go on without it.

    Nobody could record sessions that they may not know of, so money would stay set aside for
    ever: what is to come is free, its money back. Raises what `sharing.stop` raises.
    """
    referral = Referral.objects.filter(reference=reason.subject).first()
    if referral is None:
        return sharing.stop(reason=reason, by=by, at=at)
    referral = ladder.locked(referral)
    stopped = sharing.stop(reason=reason, by=by, at=at)
    if referral.is_open:
        bookings.withdraw(referral=referral, by=by, at=at)
    return stopped
