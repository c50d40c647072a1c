"""How a referral ends: completed, declined, withdrawn, expired (design §4)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Service, Step
from marketplace.notices import notices
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import acts, commissions, ladder, parties, referrals
from marketplace.referrals.models import EndReason, Referral, Rung
from marketplace.sharing import safeguards

MOST_ALTERNATIVES = 3


class NotTheirsToEnd(history.Refused):
    """The actor has no part in this referral."""


class SaysNoReason(history.Refused):
    """A decline needs a plain sentence for the person."""


class NotTheirTurn(history.Refused):
    """Only a choice that is the family's to make runs out."""


@transaction.atomic
def complete(
    *,
    referral: Referral,
    reason: EndReason,
    words: str,
    by: history.Actor,
    at: datetime,
    but: Collection[int] = (),
) -> Referral:
    """Finish what was booked, in the family's words; money not used goes back to what is left.

    Pages call `bookings.complete`, which frees the times too; `but` names holds that stay.
    Raises NotTheirsToEnd, Ended, ladder.WrongRung.
    """
    referral = _open(ladder.locked(referral))
    provider = referral.service.provider
    if not (
        parties.works_at(organisation=provider, role=Role.PROVIDER_WORKER, by=by, at=at)
        or parties.is_for_family(referral=referral, by=by, at=at)
    ):
        raise NotTheirsToEnd(_("Only the family, its advocate or the provider can finish this."))
    returned = commissions.give_back(referral=referral, by=by, at=at, but=but)
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
    but: Collection[int] = (),
) -> Referral:
    """Say no for the service: a coded reason, a plain sentence, up to three alternatives.

    Asking again is never blocked; `but` names holds that stay. Raises NotTheirsToEnd,
    SaysNoReason, ladder.WrongRung.
    """
    referral = _open(ladder.locked(referral))
    service = referral.service
    if not (
        parties.works_at(organisation=service.owner, role=Role.INTAKE_WORKER, by=by, at=at)
        or parties.works_at(organisation=service.provider, role=Role.PROVIDER_WORKER, by=by, at=at)
    ):
        raise NotTheirsToEnd(_("Only the service can say no to this."))
    if not words.strip():
        raise SaysNoReason(_("Say in a sentence why, in words the family can use."))
    returned = commissions.give_back(referral=referral, by=by, at=at, but=but)
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
    but: Collection[int] = (),
) -> Referral:
    """Stop it for the family or the referrer; what was set aside goes back to what is left.

    Pages call `bookings.withdraw`, which frees the times too; `but` names holds that stay.
    Raises NotTheirsToEnd, Ended.
    """
    referral = _open(ladder.locked(referral))
    if not parties.is_for_family(referral=referral, by=by, at=at):
        raise NotTheirsToEnd(_("Only the family, its advocate or who asked can stop this."))
    returned = commissions.give_back(referral=referral, by=by, at=at, but=but)
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
    """End a choice that the family left unanswered.

    A service's silence never ends anything, nor anything while a safeguard is open.
    Raises NotTheirTurn, safeguards.StillSafeguarded, Ended.
    """
    referral = _open(ladder.locked(referral))
    if not _is_familys_turn(referral):
        raise NotTheirTurn(_("It is not the family who has to answer, so this stays open."))
    safeguards.must_be_none([referral.person])
    return ladder.end(
        referral=referral, arrow="expire", reason=EndReason.NO_ANSWER, words="", by=by, at=at
    )


def _open(referral: Referral) -> Referral:
    if not referral.is_open:
        raise referrals.Ended(_("This has ended. You can ask for it again."))
    return referral


def _is_familys_turn(referral: Referral) -> bool:
    if referral.rung == Rung.SIGNPOSTED:
        return True
    return acts.remaining(referral)[:1] == [Step.COMMISSION] and not referral.has_yes


def is_for_family(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether somebody speaks for the person."""
    return parties.is_for_family(referral=referral, by=by, at=at)


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
