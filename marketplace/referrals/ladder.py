"""How a rung moves: the only file that calls the arrows, always on a locked referral.

The verbs of this room (`referrals`, `commissions`, `endings`) decide; this file climbs, writes
the event in the same transaction, opens and closes who may know, and says whose turn it is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django_fsm import can_proceed

from budgets import history
from budgets.models import Family
from cms.models import Organisation, Step
from marketplace.authority.models import Rule
from marketplace.notices import notices, topics
from marketplace.people.roles import Role
from marketplace.referrals import acts, offers, promises
from marketplace.referrals.models import (
    Approval,
    ApprovalState,
    EndReason,
    Outcome,
    PromiseKind,
    Referral,
    Rung,
    StepTaken,
)
from marketplace.sharing import consents, sharing
from marketplace.sharing.models import Basis, Consent, Purpose, ReasonKind, Scope

CLIMBS: tuple[tuple[Rung, str, tuple[Step, ...]], ...] = (
    (Rung.SIGNPOSTED, "soft_refer", (Step.CHECK_ELIGIBILITY,)),
    (Rung.SOFT_REFERRED, "apply", (Step.TAKE_APPLICATION,)),
    (Rung.APPLIED, "hard_refer", (Step.DECIDE_ELIGIBILITY,)),
    (Rung.HARD_REFERRED, "commission", (Step.ASSESS, Step.COMMISSION)),
    (Rung.COMMISSIONED, "book", (Step.BOOK,)),
)
DAYS_TO_SAY_YES = 10


class WrongRung(history.Refused):
    """No arrow leads there from where the referral is."""


def locked(referral: Referral) -> Referral:
    """Lock the family, then the referral, and return it as it is now (design §6, lock order)."""
    Family.objects.select_for_update(no_key=True).get(pk=referral.family_id)
    return (
        Referral.objects.select_for_update(no_key=True, of=("self",))
        .with_names()
        .get(pk=referral.pk)
    )


def climb(
    *,
    referral: Referral,
    act: acts.Act,
    by: history.Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    transfers: Iterable[UUID] = (),
) -> Referral:
    """Record a step and climb every rung that is now earned, one event each.

    A step the service does not need is passed, with that as its reason. Whoever takes a step
    for another organisation than the referrer's ends the referrer's sitting first.
    """
    if is_taken_over(referral=referral, by=by):
        freeze_handover(referral=referral, at=at)
    start = referral.rung
    _note(
        referral=referral, step=act.step, outcome=Outcome.DONE, act=act, by=by, at=at, facts=facts
    )
    for source, arrow, steps in CLIMBS:
        if referral.rung != source or not _earned(referral=referral, steps=steps, by=by, at=at):
            continue
        _move(referral=referral, arrow=arrow)
        is_money = referral.rung == Rung.COMMISSIONED
        write(
            referral=referral,
            verb=act.step,
            before=source,
            by=by,
            at=at,
            rule=act.rule,
            transfers=transfers if is_money else (),
        )
    if referral.rung == start:
        write(
            referral=referral,
            verb=act.step,
            before=start,
            by=by,
            at=at,
            rule=act.rule,
            transfers=transfers,
        )
    offers.freeze_standard(referral=referral, at=at)
    if start == Rung.SIGNPOSTED and referral.rung != Rung.SIGNPOSTED:
        open_to_owner(referral=referral, by=by, at=at)
    promises.keep(referral=referral, kinds=(promises.KIND_OF_STEP[act.step],), at=at)
    if referral.handed_over_rung:
        expect(referral=referral, at=at)
    publish(referral)
    return referral


def step_down(
    *,
    referral: Referral,
    arrow: str,
    undone: tuple[Step, ...],
    by: history.Actor,
    at: datetime,
    reason: str = "",
    transfers: Iterable[UUID] = (),
) -> Referral:
    """Go one rung down: the steps named have to be taken again; history keeps what was.

    What was promised on the rung that is left lapses. Raises WrongRung.
    """
    before = referral.rung
    _move(referral=referral, arrow=arrow)
    promises.let_go(referral=referral, at=at)
    StepTaken.objects.filter(referral=referral, step__in=undone).delete()
    write(
        referral=referral,
        verb=arrow,
        before=before,
        by=by,
        at=at,
        reason=reason,
        transfers=transfers,
    )
    expect(referral=referral, at=at)
    publish(referral)
    return referral


def end(
    *,
    referral: Referral,
    arrow: str,
    reason: EndReason,
    words: str,
    by: history.Actor,
    at: datetime,
    transfers: Iterable[UUID] = (),
) -> Referral:
    """End by one of the last arrows: what it opened closes, what was promised lapses.

    Raises WrongRung.
    """
    before = referral.rung
    freeze_handover(referral=referral, at=at)
    referral.end_reason, referral.end_words, referral.ended_at = reason, words, at
    _move(referral=referral, arrow=arrow, also=("end_reason", "end_words", "ended_at"))
    write(
        referral=referral,
        verb=arrow,
        before=before,
        by=by,
        at=at,
        reason=reason,
        text=words,
        transfers=transfers,
    )
    Approval.objects.waiting().filter(referral=referral).update(state=ApprovalState.CLOSED)
    promises.let_go(referral=referral, at=at)
    publish(referral)
    sharing.close_reasons(subject=referral.reference, at=at)
    return referral


def freeze_handover(*, referral: Referral, at: datetime) -> None:
    """Write once how far the referrer's own sitting came; never changed afterwards."""
    if referral.handed_over_rung:
        return
    referral.handed_over_rung, referral.handed_over_at = referral.rung, at
    referral.save(update_fields=["handed_over_rung", "handed_over_at"])


def close_approval(*, referral: Referral, at: datetime) -> None:
    """Close a request for approval that is no longer needed, and what was opened for it."""
    Approval.objects.waiting().filter(referral=referral).update(state=ApprovalState.CLOSED)
    promises.keep(referral=referral, kinds=(PromiseKind.APPROVE,), at=at)
    sharing.close_reasons(subject=referral.reference, kind=ReasonKind.APPROVAL, at=at)


def is_taken_over(*, referral: Referral, by: history.Actor) -> bool:
    """Tell whether the actor is of another organisation than the referrer."""
    ours = referral.referrer_organisation
    return by.organisation != (ours.reference if ours else None)


def open_to_owner(*, referral: Referral, by: history.Actor, at: datetime) -> None:
    """Let the owner's intake know of what it is asked for, and of nothing else."""
    open_to(
        referral=referral,
        organisation=referral.service.owner,
        role=Role.INTAKE_WORKER,
        kind=ReasonKind.REFERRAL,
        by=by,
        at=at,
    )


def open_to(
    *,
    referral: Referral,
    organisation: Organisation,
    role: Role,
    kind: ReasonKind,
    by: history.Actor,
    at: datetime,
    basis: Basis | None = None,
) -> None:
    """Let one role at an organisation know of one referral.

    Unless a basis is given, public bodies act on public task and others on consent: the yes that
    was said when it was asked for. Raises sharing.NoYes where that was taken back.
    """
    usual = Basis.PUBLIC_TASK if referral.service.owner.is_public_body else Basis.CONSENT
    rests_on = basis or usual
    sharing.open_reason(
        person=referral.person,
        organisation=organisation,
        role=role,
        kind=kind,
        scope=Scope.SUBJECT,
        basis=rests_on,
        consent=_yes(referral, by=by, at=at) if rests_on == Basis.CONSENT else None,
        subject=referral.reference,
        is_confidential=referral.is_confidential,
        at=at,
    )


def _yes(referral: Referral, *, by: history.Actor, at: datetime) -> Consent:
    return consents.asked(
        person=referral.person,
        subject=referral.reference,
        purpose=Purpose.ASK,
        words=_("Those who give “%(service)s” may know what I ask them for, so that they can help.")
        % {"service": referral.service.name},
        is_confidential=referral.is_confidential,
        by=by,
        at=at,
    )


def expect(*, referral: Referral, at: datetime) -> None:
    """Say whose turn it is, and by when, for the next step that is needed."""
    steps = acts.remaining(referral)
    if not steps or referral.rung == Rung.SIGNPOSTED:
        return
    service, step = referral.service, steps[0]
    if step == Step.COMMISSION and Approval.objects.waiting().filter(referral=referral).exists():
        return  # whoever was asked to approve has promised already
    kind, organisation = promises.KIND_OF_STEP[step], service.owner
    if step == Step.COMMISSION and not referral.has_yes:
        promises.make(
            referral=referral,
            kind=PromiseKind.SAY_YES,
            organisation=None,
            working_days_given=DAYS_TO_SAY_YES,
            at=at,
        )
        return
    if step in (Step.BOOK, Step.DIAGNOSE):
        organisation = service.provider
    promises.make(
        referral=referral,
        kind=kind,
        organisation=organisation,
        working_days_given=service.answer_days,
        at=at,
    )


def tell_owner(*, referral: Referral, at: datetime) -> None:
    """Tell the owner's intake that something waits in its inbox."""
    notices.tell_role(
        organisation=referral.service.owner,
        role=Role.INTAKE_WORKER,
        kind="referral_for_you",
        subject_kind="referral",
        subject=referral.reference,
        at=at,
    )


def write(
    *,
    referral: Referral,
    verb: str,
    before: str,
    by: history.Actor,
    at: datetime,
    reason: str = "",
    text: str = "",
    rule: Rule | None = None,
    transfers: Iterable[UUID] = (),
) -> None:
    """Write one line of the referral's history, in the act's own transaction."""
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="referral",
        subject=referral.reference,
        family=referral.family,
        person=referral.person,
        from_state=before,
        to_state=referral.rung,
        reason=reason,
        rule=rule.reference if rule else None,
        transfers=transfers,
        text=text,
        is_confidential=referral.is_confidential,
    )


def publish(referral: Referral) -> None:
    """Tell open pages that something changed, once the transaction is committed.

    The household is not told that something confidential changed, not even that something did.
    """
    shared = [] if referral.is_confidential else [topics.plan(referral.family.reference)]
    topics.publish(
        topics.referral(referral.reference),
        *shared,
        topics.inbox(referral.service.owner.reference),
        topics.inbox(referral.service.provider.reference),
    )


def _move(*, referral: Referral, arrow: str, also: tuple[str, ...] = ()) -> None:
    move = getattr(referral, arrow)
    if not can_proceed(move):
        raise WrongRung(
            _("That can’t be done now: it stands at “%(rung)s”.") % {"rung": referral.rung_words}
        )
    move()
    referral.save(update_fields=["rung", *also])


def _earned(
    *, referral: Referral, steps: tuple[Step, ...], by: history.Actor, at: datetime
) -> bool:
    done, needed = acts.taken(referral), acts.needed(referral.service)
    if any(step in needed and step not in done for step in steps):
        return False
    for step in steps:
        if step not in done:
            _note(referral=referral, step=step, outcome=Outcome.PASSED, act=None, by=by, at=at)
    return True


def _note(
    *,
    referral: Referral,
    step: Step,
    outcome: Outcome,
    act: acts.Act | None,
    by: history.Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    StepTaken.objects.create(
        referral=referral,
        step=step,
        outcome=outcome,
        facts=dict(facts or {}),
        rule=act.rule.reference if act and act.rule else None,
        actor_kind=by.kind,
        actor_reference=by.reference,
        organisation=by.organisation,
        at=at,
    )
