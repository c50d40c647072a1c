"""Taking a yes back ends what rests on it: the sharing, and the support that needs it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from budgets import history
from budgets.models import Person
from marketplace.bookings import bookings
from marketplace.referrals import ladder
from marketplace.referrals.models import Referral
from marketplace.sharing import consents, sharing
from marketplace.sharing.models import Consent, Reason


@transaction.atomic
def stop(*, reason: Reason, by: history.Actor, at: datetime) -> Reason:
    """Stop a sharing that rests on a person's yes, and the support that cannot go on without it.

    Nobody could record sessions that they may not know of, so money would stay set aside for
    ever: what is to come is free, its money back. Raises what `sharing.stop` raises.
    """
    referral = _locked(reason.subject)
    stopped = sharing.stop(reason=reason, by=by, at=at)
    _let_go(referral, by=by, at=at)
    return stopped


@transaction.atomic
def withdraw(*, consent: Consent, by: history.Actor, at: datetime) -> Consent:
    """Take a yes back, with all that rests on it; twice changes nothing.

    Raises what `sharing.consents.withdraw` raises.
    """
    referral = _locked(consent.subject)
    if Consent.objects.get(pk=consent.pk).is_withdrawn:
        return consent  # what was asked for again since then rests on another yes
    withdrawn = consents.withdraw(consent=consent, by=by, at=at)
    _let_go(referral, by=by, at=at)
    return withdrawn


@transaction.atomic
def withdraw_all(
    *, person: Person, with_secrets: bool, by: history.Actor, at: datetime
) -> list[Consent]:
    """Take back every yes about a person on which something rests now, all or none.

    Without her secrets, for whoever decides for her and does not know of them. Raises what
    `consents.withdraw` raises.
    """
    found = Consent.objects.standing(at).filter(
        person=person, pk__in=Reason.objects.live(at).values("consent")
    )
    if not with_secrets:
        found = found.filter(is_confidential=False)
    return [withdraw(consent=each, by=by, at=at) for each in found.order_by("pk")]


def _locked(subject: UUID) -> Referral | None:
    referral = Referral.objects.filter(reference=subject).first()
    return ladder.locked(referral) if referral else None


def _let_go(referral: Referral | None, *, by: history.Actor, at: datetime) -> None:
    if referral is not None and referral.is_open:
        bookings.withdraw(referral=referral, by=by, at=at)
