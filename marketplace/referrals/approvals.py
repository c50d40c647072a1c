"""What is over somebody's limit waits for one named next level, and for nobody else (design §5).

The level is chosen from the owner's rules. Silence takes it one level up, and never ends it.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Step
from marketplace.authority import authority, levels
from marketplace.notices import notices, topics
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import acts, commissions, ladder, parties, promises
from marketplace.referrals.models import (
    Approval,
    ApprovalState,
    Pause,
    PromiseKind,
    Referral,
)
from marketplace.sharing.models import ReasonKind

WORKING_DAYS = 5


class NotWaiting(history.Refused):
    """The request was answered already, or is no longer needed."""


class NotLate(history.Refused):
    """The level that was asked has still time, or there is none above it."""


class NotYours(history.Refused):
    """The asker never answers, nor anybody without enough limit."""


@transaction.atomic
def ask(*, referral: Referral, by: history.Actor, at: datetime) -> Approval:
    """Ask the owner's next level for what only a limit or an interest stands against.

    That is the lowest limit that is enough, with anybody there but the asker. Raises NotAllowed
    where anything else stands against it too.
    """
    referral = ladder.locked(referral)
    act = acts.act_for(referral=referral, step=Step.COMMISSION, by=by, at=at)
    if not act.needs_approval:
        raise acts.NotAllowed(act)
    known = Approval.objects.waiting().filter(referral=referral).first()
    if known is not None:
        return known
    level = next_level(referral=referral, by=by, at=at)
    approval = Approval.objects.create(
        referral=referral,
        organisation=referral.service.owner,
        role=level.role,
        amount_pence=acts.amount_pence(referral),
        rule=level.rule.reference if level.rule else None,
        limit_pence=level.limit_pence,
        due_on=_due_on(referral, at),
        asked_by=by.reference,
        asked_at=at,
    )
    ladder.write(
        referral=referral, verb="ask_approval", before=referral.rung, by=by, at=at, rule=act.rule
    )
    promises.make(
        referral=referral,
        kind=PromiseKind.APPROVE,
        organisation=approval.organisation,
        working_days_given=WORKING_DAYS,
        at=at,
    )
    _tell_level(approval=approval, referral=referral, level=level, by=by, at=at)
    return approval


@transaction.atomic
def escalate(*, approval: Approval, by: history.Actor, at: datetime) -> Approval:
    """Ask one level up where nobody answered in time; at the top, tell the administrators.

    Once each level, recorded; it never lapses, and whoever was asked before may still answer.
    Raises NotWaiting, NotLate.
    """
    referral = ladder.locked(Referral.objects.get(pk=approval.referral_id))
    approval = _waiting(approval)
    day = timezone.localdate(at)
    is_paused = Pause.objects.on(day).filter(referral=referral).exists()
    if approval.due_on >= day or approval.overdue_at is not None or is_paused:
        raise NotLate(_("There is still time to answer this."))
    above = _above(approval=approval, referral=referral, at=at)
    if above is None:
        _overdue(approval=approval, referral=referral, by=by, at=at)
        return approval
    approval.level += 1
    approval.role, approval.limit_pence = above.role, above.limit_pence
    approval.rule = above.rule.reference if above.rule else None
    approval.due_on, approval.raised_at = _due_on(referral, at), at
    approval.save(update_fields=["level", "role", "limit_pence", "rule", "due_on", "raised_at"])
    ladder.write(
        referral=referral,
        verb="raise_approval",
        before=referral.rung,
        by=by,
        at=at,
        rule=above.rule,
    )
    _tell_level(approval=approval, referral=referral, level=above, by=by, at=at)
    return approval


def reckon_anew(*, referral: Referral) -> None:
    """Reckon again by when a waiting approval of a locked referral is due, by its pauses.

    A pause stops every clock of a referral, this one too (design §4).
    """
    for approval in Approval.objects.waiting().filter(referral=referral):
        approval.due_on = _due_on(referral, approval.raised_at or approval.asked_at)
        approval.save(update_fields=["due_on"])


def sweep(*, at: datetime) -> int:
    """Take every approval that waited too long one level up; return how many."""
    late = Approval.objects.late(timezone.localdate(at)).filter(overdue_at=None)
    clockwork = history.Actor(kind=history.ActorKind.CLOCK, reference="approvals")
    raised = 0
    for approval in late.order_by("pk"):
        try:
            escalate(approval=approval, by=clockwork, at=at)
        except (NotWaiting, NotLate):  # answered, or raised by another sweep, meanwhile
            continue
        raised += 1
    return raised


def next_level(*, referral: Referral, by: history.Actor, at: datetime) -> levels.Level:
    """Return the level that a request of this actor's would go to."""
    return _levels(referral=referral, asked_by=by.reference, at=at)[0]


def levels_above(*, approval: Approval, at: datetime) -> tuple[levels.Level, ...]:
    """Return the levels to which a waiting approval would still go, the next one first."""
    referral = approval.referral
    found = levels.of(service=referral.service, on=timezone.localdate(at))
    return tuple(level for level in found if _is_above(level, approval))


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
    _must_have_enough(approval=approval, referral=referral, by=by, at=at)
    _answer(approval=approval, state=ApprovalState.REFUSED, words=words, by=by, at=at)
    ladder.write(
        referral=referral, verb="refuse_approval", before=referral.rung, by=by, at=at, text=words
    )
    _close(approval=approval, referral=referral, at=at)
    return referral


def _levels(*, referral: Referral, asked_by: str, at: datetime) -> list[levels.Level]:
    """Return the levels with enough limit at which somebody can answer, the lowest first.

    Where there is none, the highest there is: it is asked, and the administrators soon after.
    """
    day, amount = timezone.localdate(at), acts.amount_pence(referral)
    found = levels.of(service=referral.service, on=day)
    enough = [
        level
        for level in found
        if levels.is_enough(level=level, family=referral.family, amount_pence=amount, on=day)
        and levels.people(level=level, service=referral.service, on=day, but=asked_by)
    ]
    return enough or [found[-1]]


def _above(*, approval: Approval, referral: Referral, at: datetime) -> levels.Level | None:
    found = _levels(referral=referral, asked_by=approval.asked_by, at=at)
    return next((level for level in found if _is_above(level, approval)), None)


def _is_above(level: levels.Level, approval: Approval) -> bool:
    limit = approval.limit_pence
    return limit is not None and level.room > limit


def _due_on(referral: Referral, at: datetime) -> date:
    spans = promises.spans_of(referral)
    return promises.due_by(timezone.localdate(at), WORKING_DAYS, spans=spans)


def _tell_level(
    *,
    approval: Approval,
    referral: Referral,
    level: levels.Level,
    by: history.Actor,
    at: datetime,
) -> None:
    """Let the level's role know of the referral, and tell everybody there with enough limit.

    Intake sets the money aside itself, as the next step of the referral.
    """
    is_intake = level.role == Role.INTAKE_WORKER
    ladder.open_to(
        referral=referral,
        organisation=approval.organisation,
        role=level.role,
        kind=ReasonKind.APPROVAL,
        by=by,
        at=at,
    )
    notices.tell(
        users=levels.people(
            level=level,
            service=referral.service,
            on=timezone.localdate(at),
            but=approval.asked_by,
        ),
        kind="referral_for_you" if is_intake else "approval_for_you",
        subject_kind="referral" if is_intake else "approval",
        subject=referral.reference if is_intake else approval.reference,
        at=at,
    )
    topics.publish(topics.inbox(approval.organisation.reference))


def _overdue(*, approval: Approval, referral: Referral, by: history.Actor, at: datetime) -> None:
    approval.overdue_at = at
    approval.save(update_fields=["overdue_at"])
    ladder.write(referral=referral, verb="approval_overdue", before=referral.rung, by=by, at=at)
    notices.tell_role(
        organisation=approval.organisation,
        role=Role.ADMINISTRATOR,
        kind="approval_overdue",
        subject_kind="approval",
        subject=approval.reference,
        at=at,
    )
    topics.publish(topics.inbox(approval.organisation.reference))


def _waiting(approval: Approval) -> Approval:
    approval = Approval.objects.select_for_update(no_key=True).get(pk=approval.pk)
    if not approval.is_waiting:
        raise NotWaiting(_("This was answered already."))
    return approval


def _must_be_the_next_level(*, approval: Approval, by: history.Actor, at: datetime) -> None:
    if by.reference == approval.asked_by:
        raise NotYours(_("You asked for this, so somebody else has to answer."))
    found = levels.of(service=approval.referral.service, on=timezone.localdate(at))
    asked = {Role(approval.role), *(one.role for one in found if one.rule is not None)}
    owner = approval.organisation
    if not any(parties.works_at(organisation=owner, role=role, by=by, at=at) for role in asked):
        raise NotYours(_("Only the people who were asked can answer this."))


def _must_have_enough(
    *, approval: Approval, referral: Referral, by: history.Actor, at: datetime
) -> None:
    """Let nobody say no who could not say yes. Raises NotYours."""
    day = timezone.localdate(at)
    able = (
        levels.people(level=level, service=referral.service, on=day, but=approval.asked_by)
        for level in _levels(referral=referral, asked_by=approval.asked_by, at=at)
    )
    if by.reference not in {str(user.reference) for level in able for user in level}:
        raise NotYours(_("Only somebody whose limit is enough can answer this."))


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
