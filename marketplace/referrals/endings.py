"""How a referral ends: completed, declined, withdrawn, expired (design §4)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from cms.models import Service, Step
from marketplace.notices import notices
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import (
    acts,
    commissions,
    facts,
    ladder,
    parties,
    referrals,
    turned_away,
)
from marketplace.referrals.models import (
    Ending,
    EndReason,
    GoalMet,
    Referral,
    Rung,
    TurningPoint,
    WhatNext,
    WhyEnds,
    YesHow,
)
from marketplace.sharing import safeguards

MOST_ALTERNATIVES = 3

REASON_OF: dict[GoalMet, EndReason] = {
    GoalMet.MET: EndReason.GOAL_MET,
    GoalMet.PARTLY: EndReason.GOAL_PARTLY_MET,
    GoalMet.NOT_MET: EndReason.GOAL_NOT_MET,
}


@dataclass(frozen=True)
class Told:
    """What a family says at the end: was the goal met, why it ends, what comes next."""

    by: Person
    how: YesHow
    goal_met: GoalMet
    why: WhyEnds
    next: WhatNext
    words: str = ""
    next_words: str = ""


class NotTheirsToEnd(history.Refused):
    """The actor has no part in this referral."""


class SaysNoReason(history.Refused):
    """A decline needs a plain sentence for the person."""


class NotTheirWord(history.Refused):
    """The family's word is said by her, by who decides for her, or told to who acts for her."""


class NothingToTell(history.Refused):
    """How it went is told once, of what was finished."""


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
    told: Told | None = None,
) -> Referral:
    """Finish what was booked, in the family's words; money not used goes back to what is left.

    Where the provider finishes it, the family is asked afterwards how it went (`tell`), and its
    word stands beside the provider's (report §3.2.3). Pages call `bookings.complete`, which frees
    the times too; `but` names holds that stay.
    Raises NotTheirsToEnd, NotTheirWord, Ended, ladder.WrongRung.
    """
    referral = _open(ladder.locked(referral))
    provider = referral.service.provider
    if not (
        parties.works_at(organisation=provider, role=Role.PROVIDER_WORKER, by=by, at=at)
        or parties.tells_for(referral=referral, by=by, at=at)
    ):
        raise NotTheirsToEnd(_("Only the family, its advocate or the provider can finish this."))
    if told is not None:
        _must_speak_for_them(referral=referral, by=by, at=at)
    returned = commissions.give_back(referral=referral, by=by, at=at, but=but)
    if told is not None:
        _write_down(referral, told, by=by, at=at)
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
def tell(*, referral: Referral, told: Told, by: history.Actor, at: datetime) -> Ending:
    """Tell afterwards how a finished support went, where the family was not there when it ended.

    Raises NothingToTell, NotTheirsToEnd, NotTheirWord.
    """
    referral = ladder.locked(referral)
    if referral.rung != Rung.COMPLETED or Ending.objects.filter(referral=referral).exists():
        raise NothingToTell(_("How it went was told already, or it is not over yet."))
    _must_speak_for_them(referral=referral, by=by, at=at)
    ending = _write_down(referral, told, by=by, at=at)
    ladder.write(
        referral=referral,
        verb="tell_ending",
        before=referral.rung,
        by=by,
        at=at,
        reason=REASON_OF[told.goal_met],
        text=told.words,
    )
    ladder.publish(referral)
    return ending


@transaction.atomic
def decline(
    *,
    referral: Referral,
    reason: EndReason,
    words: str,
    by: history.Actor,
    at: datetime,
    alternatives: Iterable[Service] = (),
    unmet: str = "",
    answers: Mapping[str, Any] | None = None,
    but: Collection[int] = (),
) -> Referral:
    """Say no for the service: a coded reason, a plain sentence, up to three alternatives.

    That it is for somebody else needs `unmet`, the sentence of a published rule that is not met
    by what is known and these answers. Asking again is never blocked; `but` names holds that
    stay. Raises NotTheirsToEnd, SaysNoReason, turned_away.NotPublished, ladder.WrongRung.
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
    if reason == EndReason.NOT_ELIGIBLE:
        _turn_away(referral=referral, unmet=unmet, answers=answers or {}, by=by, at=at)
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


def _must_speak_for_them(*, referral: Referral, by: history.Actor, at: datetime) -> None:
    """Refuse the family's word from anybody else: a provider says nothing of itself in its name."""
    if not parties.tells_for(referral=referral, by=by, at=at):
        raise NotTheirsToEnd(_("Only the family, its advocate or its lead can tell how it went."))


def _write_down(referral: Referral, told: Told, *, by: history.Actor, at: datetime) -> Ending:
    day = timezone.localdate(at)
    user = parties.user_of(by)
    theirs = [referral.person, *parties.deciders(referral=referral, on=day)]
    is_herself = user is not None and user.person_id == told.by.pk
    is_worker = user is not None and user.person_id is None
    is_told = is_worker if told.how == YesHow.TOLD_ADVOCATE else is_herself
    if told.by not in theirs or not is_told:
        raise NotTheirWord(_("Say who told you how it went: the person, or who decides."))
    return Ending.objects.create(
        referral=referral,
        goal_met=told.goal_met,
        words=told.words,
        why=told.why,
        next=told.next,
        next_words=told.next_words,
        told_by=told.by,
        how=told.how,
        told_at=at,
    )


def _turn_away(
    *, referral: Referral, unmet: str, answers: Mapping[str, Any], by: history.Actor, at: datetime
) -> None:
    rule = turned_away.must_be_published(referral=referral, sentence=unmet, answers=answers, at=at)
    turned = turned_away.Turned.of(referral, criteria=[rule], point=TurningPoint.DECLINE)
    turned_away.count(turned=turned, key=referral.reference, by=by, at=at)
    given = {fact: answer for fact, answer in answers.items() if fact == rule.fact}
    if given:
        facts.land(referral=referral, answers=given, asked=[rule], by=by, at=at)


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
