"""What is over somebody's limit waits for one named next level, and for nobody else (design §5)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Step
from marketplace.authority import authority
from marketplace.notices import notices, topics
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import acts, commissions, ladder, parties, promises
from marketplace.referrals.models import Approval, ApprovalState, PromiseKind, Referral
from marketplace.sharing.models import ReasonKind

WORKING_DAYS = 5


class NotWaiting(history.Refused):
    """The request was answered already, or is no longer needed."""


class NotYours(history.Refused):
    """The asker never answers, nor anybody without enough limit."""


@transaction.atomic
def ask(*, referral: Referral, by: history.Actor, at: datetime) -> Approval:
    """Ask the owner's next level for what only a limit or an interest stands against.

    Raises NotAllowed where anything else stands against it too.
    """
    referral = ladder.locked(referral)
    act = acts.act_for(referral=referral, step=Step.COMMISSION, by=by, at=at)
    if not act.needs_approval:
        raise acts.NotAllowed(act)
    owner = referral.service.owner
    approval, is_new = Approval.objects.get_or_create(
        referral=referral,
        state=ApprovalState.WAITING,
        defaults={
            "organisation": owner,
            "role": Role.COMMISSIONER,
            "amount_pence": acts.amount_pence(referral),
            "asked_by": by.reference,
            "asked_at": at,
        },
    )
    if not is_new:
        return approval
    ladder.write(
        referral=referral, verb="ask_approval", before=referral.rung, by=by, at=at, rule=act.rule
    )
    ladder.open_to(
        referral=referral,
        organisation=owner,
        role=Role.COMMISSIONER,
        kind=ReasonKind.APPROVAL,
        by=by,
        at=at,
    )
    promises.make(
        referral=referral,
        kind=PromiseKind.APPROVE,
        organisation=owner,
        working_days_given=WORKING_DAYS,
        at=at,
    )
    notices.tell_role(
        organisation=owner,
        role=Role.COMMISSIONER,
        kind="approval_for_you",
        subject_kind="approval",
        subject=approval.reference,
        at=at,
    )
    topics.publish(topics.inbox(owner.reference))
    return approval


@transaction.atomic
def approve(*, approval: Approval, by: history.Actor, at: datetime) -> Referral:
    """Say yes above the asker's limit, and commission under one's own authority.

    Raises NotWaiting, NotYours, and what commissioning raises.
    """
    referral = ladder.locked(Referral.objects.get(pk=approval.referral_id))
    approval = _waiting(approval)
    _must_be_theirs(approval=approval, referral=referral, by=by, at=at)
    _answer(approval=approval, state=ApprovalState.APPROVED, words="", by=by, at=at)
    ladder.write(referral=referral, verb="approve", before=referral.rung, by=by, at=at)
    _close(approval=approval, referral=referral, at=at)
    return commissions.commission(referral=referral, by=by, at=at)


@transaction.atomic
def refuse(*, approval: Approval, words: str, by: history.Actor, at: datetime) -> Referral:
    """Say no with a plain sentence; the referral stays where it is. Raises NotWaiting, NotYours."""
    referral = ladder.locked(Referral.objects.get(pk=approval.referral_id))
    approval = _waiting(approval)
    _must_be_the_next_level(approval=approval, by=by, at=at)
    _answer(approval=approval, state=ApprovalState.REFUSED, words=words, by=by, at=at)
    ladder.write(
        referral=referral, verb="refuse_approval", before=referral.rung, by=by, at=at, text=words
    )
    _close(approval=approval, referral=referral, at=at)
    return referral


def _waiting(approval: Approval) -> Approval:
    approval = Approval.objects.select_for_update(no_key=True).get(pk=approval.pk)
    if not approval.is_waiting:
        raise NotWaiting(_("This was answered already."))
    return approval


def _must_be_the_next_level(*, approval: Approval, by: history.Actor, at: datetime) -> None:
    if by.reference == approval.asked_by:
        raise NotYours(_("You asked for this, so somebody else has to answer."))
    role = Role(approval.role)
    if not parties.works_at(organisation=approval.organisation, role=role, by=by, at=at):
        raise NotYours(_("Only the people who were asked can answer this."))


def _must_be_theirs(
    *, approval: Approval, referral: Referral, by: history.Actor, at: datetime
) -> None:
    _must_be_the_next_level(approval=approval, by=by, at=at)
    decision = authority.decide(
        by=by,
        step=Step.COMMISSION,
        service=referral.service,
        family=referral.family,
        amount_pence=acts.amount_pence(referral),
        at=at,
    )
    if not decision.allowed:
        raise NotYours(" ".join(reason.sentence for reason in decision.reasons))


def _answer(
    *, approval: Approval, state: ApprovalState, words: str, by: history.Actor, at: datetime
) -> None:
    approval.state, approval.words = state, words
    approval.answered_by, approval.answered_at = by.reference, at
    approval.save(update_fields=["state", "words", "answered_by", "answered_at"])


def _close(*, approval: Approval, referral: Referral, at: datetime) -> None:
    ladder.close_approval(referral=referral, at=at)
    notices.tell(
        users=User.objects.filter(reference=approval.asked_by),
        kind="approval_answered",
        subject_kind="referral",
        subject=referral.reference,
        at=at,
    )
    ladder.publish(referral)
