"""How a referral ends: completed, declined, withdrawn, expired (design §4)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Person
from cms.models import Service
from marketplace.notices import notices
from marketplace.people import memberships
from marketplace.people.models import Appointment, User
from marketplace.people.roles import Role
from marketplace.referrals import commissions, ladder, referrals
from marketplace.referrals.models import EndReason, Referral, Rung
from marketplace.sharing.models import Safeguard

MOST_ALTERNATIVES = 3


class NotTheirsToEnd(history.Refused):
    """The actor has no part in this referral."""


class SaysNoReason(history.Refused):
    """A decline needs a plain sentence for the person."""


class StillSafeguarded(history.Refused):
    """A concern for somebody's safety is open, so nothing expires."""


@transaction.atomic
def complete(
    *, referral: Referral, reason: EndReason, words: str, by: history.Actor, at: datetime
) -> Referral:
    """Finish what was booked, in the family's words; money not used goes back to what is left."""
    referral = _open(ladder.locked(referral))
    provider = referral.service.provider.reference
    if not (
        _works(by, provider, Role.PROVIDER_WORKER, at)
        or is_for_family(referral=referral, by=by, at=at)
    ):
        raise NotTheirsToEnd(_("Only the family, its advocate or the provider can finish this."))
    returned = commissions.give_back(referral=referral, by=by, at=at)
    return ladder.end(
        referral=referral,
        arrow="complete",
        reason=reason,
        words=words,
        by=by,
        at=at,
        transfers=[transfer.reference for transfer in returned],
    )


@transaction.atomic
def decline(
    *,
    referral: Referral,
    reason: EndReason,
    words: str,
    by: history.Actor,
    at: datetime,
    alternatives: Iterable[Service] = (),
) -> Referral:
    """Say no for the service: a coded reason, a plain sentence, up to three alternatives.

    Asking again is never blocked. Raises NotTheirsToEnd, SaysNoReason.
    """
    referral = _open(ladder.locked(referral))
    service = referral.service
    if not (
        _works(by, service.owner.reference, Role.INTAKE_WORKER, at)
        or _works(by, service.provider.reference, Role.PROVIDER_WORKER, at)
    ):
        raise NotTheirsToEnd(_("Only the service can say no to this."))
    if not words.strip():
        raise SaysNoReason(_("Say in a sentence why, in words the family can use."))
    returned = commissions.give_back(referral=referral, by=by, at=at)
    referral.alternatives.set(list(alternatives)[:MOST_ALTERNATIVES])
    _tell_referrer(referral=referral, at=at)
    return ladder.end(
        referral=referral,
        arrow="decline",
        reason=reason,
        words=words,
        by=by,
        at=at,
        transfers=[transfer.reference for transfer in returned],
    )


@transaction.atomic
def withdraw(
    *,
    referral: Referral,
    by: history.Actor,
    at: datetime,
    reason: EndReason = EndReason.CHANGED_MIND,
    words: str = "",
) -> Referral:
    """Stop it for the family or the referrer; what was set aside goes back to what is left.

    Raises NotTheirsToEnd, Ended.
    """
    referral = _open(ladder.locked(referral))
    if not is_for_family(referral=referral, by=by, at=at):
        raise NotTheirsToEnd(_("Only the family, its advocate or who asked can stop this."))
    returned = commissions.give_back(referral=referral, by=by, at=at)
    return ladder.end(
        referral=referral,
        arrow="withdraw",
        reason=reason,
        words=words,
        by=by,
        at=at,
        transfers=[transfer.reference for transfer in returned],
    )


@transaction.atomic
def expire(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """End a choice that the family left unanswered. Raises StillSafeguarded, Ended.

    A service's silence never ends anything, nor anything while a safeguard is open.
    """
    referral = _open(ladder.locked(referral))
    if Safeguard.objects.open().filter(person=referral.person).exists():
        raise StillSafeguarded(_("Somebody's safety is a concern, so this stays open."))
    return ladder.end(
        referral=referral, arrow="expire", reason=EndReason.NO_ANSWER, words="", by=by, at=at
    )


def _open(referral: Referral) -> Referral:
    if not referral.is_open:
        raise referrals.Ended(_("This has ended. You can ask for it again."))
    return referral


def _works(by: history.Actor, organisation: object, role: Role, at: datetime) -> bool:
    if by.organisation != organisation:
        return False
    return role in memberships.roles_at(by=by, at=at)


def is_for_family(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether somebody speaks for the person: herself, who decides, an advocate, who asked."""
    user = User.objects.filter(reference=by.reference, is_active=True).first()
    if user is None:
        return False
    day = timezone.localdate(at)
    return (
        user.pk == referral.referrer_id
        or user.person_id == referral.person_id
        or any(person.pk == user.person_id for person in _deciders(referral, day))
        or Appointment.objects.on(day).filter(user=user, person=referral.person).exists()
    )


def _deciders(referral: Referral, day: date) -> list[Person]:
    if referral.is_confidential:
        return []  # who decides for a child still does not see what the child keeps to herself
    return families.deciders(person=referral.person, on=day)


def _tell_referrer(*, referral: Referral, at: datetime) -> None:
    if referral.referrer_id is None or referral.rung == Rung.SIGNPOSTED:
        return
    notices.tell(
        users=User.objects.filter(pk=referral.referrer_id),
        kind="booking_declined",
        subject_kind="referral",
        subject=referral.reference,
        at=at,
    )
