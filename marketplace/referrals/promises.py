"""Promises with a clock in working days: made, kept, chased; silence never closes one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Member, Person
from cms.models import Organisation, Step
from marketplace.notices import working_days
from marketplace.people import appointments, memberships
from marketplace.people.models import User
from marketplace.people.roles import Power, Role
from marketplace.referrals import owing, parties
from marketplace.referrals.models import GIVEN_KINDS, Promise, PromiseKind, Referral
from marketplace.sharing import sharing

AMBER_PERCENT = 80

KIND_OF_STEP: dict[str, PromiseKind] = {
    Step.CHECK_ELIGIBILITY: PromiseKind.ANSWER,
    Step.TAKE_APPLICATION: PromiseKind.ANSWER,
    Step.DECIDE_ELIGIBILITY: PromiseKind.DECIDE,
    Step.ASSESS: PromiseKind.ASSESS,
    Step.DIAGNOSE: PromiseKind.ASSESS,
    Step.COMMISSION: PromiseKind.ANSWER,
    Step.BOOK: PromiseKind.OFFER_TIME,
}


class NotYours(history.Refused):
    """Who has no part in it, or was not given that power, promises and chases nothing."""


class NotOwed(history.Refused):
    """What is kept or lapsed is not chased, nor kept again."""


class NotThatDay(history.Refused):
    """A promise is for a working day from today on, within a year."""


class IsPromised(history.Refused):
    """An organisation promises the same thing once at a time."""


class IsAStep(history.Refused):
    """What a step of a referral keeps is promised and kept by that step, not by hand."""


@dataclass(frozen=True)
class Clock:
    """How a promise stands on a day: light is green, amber (80 % gone) or late."""

    light: Literal["green", "amber", "late"]
    due_on: date
    working_days_left: int
    paused_until: date | None = None

    @property
    def is_late(self) -> bool:
        """Tell whether its day has passed."""
        return self.light == "late"


def make(
    *,
    referral: Referral,
    kind: PromiseKind,
    organisation: Organisation | None,
    working_days_given: int,
    at: datetime,
    worker: User | None = None,
) -> Promise:
    """Promise something by a day; an open promise of the same kind stands as it is."""
    spans = spans_of(referral)
    made_on = timezone.localdate(at)
    promise, _is_new = Promise.objects.get_or_create(
        referral=referral,
        kind=kind,
        worker=worker,
        kept_at=None,
        ended_at=None,
        defaults={
            "family": referral.family,
            "person": referral.person,
            "is_confidential": referral.is_confidential,
            "organisation": organisation,
            "working_days": working_days_given,
            "made_at": at,
            "due_on": due_by(made_on, working_days_given, spans=spans),
            "amber_on": amber_on(made_on, working_days_given, spans=spans),
        },
    )
    return promise


@transaction.atomic
def give(
    *,
    family: Family,
    person: Person,
    kind: PromiseKind,
    organisation: Organisation,
    due_on: date,
    by: history.Actor,
    at: datetime,
    worker: User | None = None,
    referral: Referral | None = None,
    words: str = "",
    is_confidential: bool = False,
) -> Promise:
    """Give one's word to a family, or note a service's own, by a working day.

    `worker` is the one who gives it, where she gives it herself and not for her organisation.
    Raises NotYours, IsAStep, NotThatDay, NotOwed, IsPromised.
    """
    if referral is not None:
        referral = _locked(referral)
        is_confidential = referral.is_confidential
    _must_be_known(family=family, person=person, referral=referral, by=by, at=at)
    _must_be_theirs_to_give(organisation=organisation, worker=worker, referral=referral, by=by)
    made_on = timezone.localdate(at)
    _must_be_fit(kind=kind, due_on=due_on, day=made_on)
    if referral is not None and worker is None:
        _must_be_new(referral=referral, kind=kind)
    spans = spans_of(referral)
    given = working_days.between(made_on, due_on)
    promise = Promise.objects.create(
        family=family,
        person=person,
        referral=referral,
        is_confidential=is_confidential,
        kind=kind,
        organisation=organisation,
        worker=worker,
        words=words,
        working_days=given,
        made_at=at,
        due_on=due_by(made_on, given, spans=spans),
        amber_on=amber_on(made_on, given, spans=spans),
    )
    _must_see(promise, by=by, at=at)
    owing.record(promise, verb="promise", by=by, at=at)
    if organisation.reference != by.organisation:
        owing.tell(promise, kind="promise_for_you", at=at)
    owing.publish(promise)
    return promise


def keep(*, referral: Referral, kinds: tuple[PromiseKind, ...], at: datetime) -> None:
    """Note that what was promised was done."""
    Promise.objects.open().filter(referral=referral, kind__in=kinds).update(kept_at=at)


@transaction.atomic
def done(*, promise: Promise, by: history.Actor, at: datetime) -> Promise:
    """Say that what somebody gave her word for was done. Raises NotOwed, IsAStep, NotYours.

    Whoever gave it says so, a colleague who may know of it, or the family's side.
    """
    promise = _owed(promise)
    if not promise.is_given:
        raise IsAStep(_("This is kept by taking the step itself."))
    if not (_is_theirs(promise, by=by, at=at) or _may_chase(promise=promise, by=by, at=at)):
        raise NotYours(_("Only who promised this, or who was promised it, can say it was done."))
    promise.kept_at = at
    promise.save(update_fields=["kept_at"])
    owing.record(promise, verb="kept", by=by, at=at)
    owing.publish(promise)
    return promise


def let_go(*, referral: Referral, at: datetime) -> None:
    """End what is no longer owed because the referral ended."""
    Promise.objects.open().filter(referral=referral).update(ended_at=at)


@transaction.atomic
def chase(*, promise: Promise, by: history.Actor, at: datetime) -> Promise:
    """Chase a promise: tell whoever made it, and write down that we did.

    Chased late, it needs no nudge of the clock's any more. Raises NotYours, NotOwed.
    """
    promise = _owed(promise)
    if not _may_chase(promise=promise, by=by, at=at):
        raise NotYours(_("You may not chase this one."))
    promise.chased_at = at
    if timezone.localdate(at) > promise.due_on and promise.late_told_at is None:
        promise.late_told_at = at
    promise.save(update_fields=["chased_at", "late_told_at"])
    owing.record(promise, verb="chased", by=by, at=at)
    owing.tell(promise, kind="promise_late", at=at)
    owing.publish(promise)
    return promise


def clock(promise: Promise, *, day: date) -> Clock:
    """Return how a promise stands on a day, by the pauses of its referral.

    Fetch `with_clocks` for a list.
    """
    return reckon(
        made_on=timezone.localdate(promise.made_at),
        due_on=promise.due_on,
        spans=spans_of(promise.referral) if promise.referral_id else [],
        day=day,
    )


def reckon(*, made_on: date, due_on: date, spans: list[working_days.Span], day: date) -> Clock:
    """Return how a clock stands on a day: amber at 80 % of its working days, late the day after.

    A day in one of the spans does not count.
    """
    until = next((end for start, end in spans if start <= day < end), None)
    if day > due_on:
        return Clock("late", due_on, 0, until)
    given = max(working_days.between(made_on, due_on, without=spans), 1)
    gone = working_days.between(made_on, day, without=spans)
    left = working_days.between(day, due_on, without=spans)
    light: Literal["green", "amber"] = "amber" if gone * 100 >= given * AMBER_PERCENT else "green"
    return Clock(light, due_on, left, until)


def due_by(made_on: date, given: int, *, spans: list[working_days.Span]) -> date:
    """Return the day so many working days after another, none of them in a span."""
    return working_days.after(made_on, given, without=spans)


def amber_on(made_on: date, given: int, *, spans: list[working_days.Span]) -> date:
    """Return the first day on which 80 % of so many working days are gone."""
    return working_days.after(made_on, -(-given * AMBER_PERCENT // 100), without=spans)


def spans_of(referral: Referral | None) -> list[working_days.Span]:
    """Return the spans in which a referral's clocks stand still."""
    if referral is None:
        return []
    return [(one.starts_on, one.ends_on) for one in referral.pauses.all()]


def reckon_anew(*, referral: Referral) -> None:
    """Reckon again by when each open promise of a locked referral is due, by its pauses.

    What was late before a pause stays late.
    """
    spans = spans_of(referral)
    for promise in Promise.objects.open().filter(referral=referral):
        made_on = timezone.localdate(promise.made_at)
        promise.due_on = due_by(made_on, promise.working_days, spans=spans)
        promise.amber_on = amber_on(made_on, promise.working_days, spans=spans)
        promise.save(update_fields=["due_on", "amber_on"])


def _owed(promise: Promise) -> Promise:
    promise = (
        Promise.objects.select_for_update(no_key=True, of=("self",))
        .select_related(
            "family",
            "person",
            "organisation",
            "worker",
            "referral__service__owner",
            "referral__person",
            "referral__family",
        )
        .get(pk=promise.pk)
    )
    if not promise.is_open:
        raise NotOwed(_("This was done already, or is not owed any more."))
    return promise


def _locked(referral: Referral) -> Referral:
    referral = (
        Referral.objects.select_for_update(no_key=True, of=("self",))
        .with_names()
        .get(pk=referral.pk)
    )
    if not referral.is_open:
        raise NotOwed(_("This has ended, so nothing is promised for it."))
    return referral


def _must_be_known(
    *,
    family: Family,
    person: Person,
    referral: Referral | None,
    by: history.Actor,
    at: datetime,
) -> None:
    """Refuse who may not know of the person, or of what was asked for her."""
    user = parties.user_of(by)
    is_at_work = bool(memberships.roles_at(by=by, at=at))
    if user is None or not is_at_work:
        raise NotYours(_("Only people who work with the family promise it something."))
    seen: QuerySet[Any]
    if referral is not None:
        seen = sharing.visible(Referral.objects.filter(pk=referral.pk), user=user, at=at)
        is_theirs = (referral.family_id, referral.person_id) == (family.pk, person.pk)
    else:
        seen = sharing.visible(Person.objects.filter(pk=person.pk), user=user, at=at)
        is_theirs = Member.objects.filter(family=family, person=person).exists()
    if not (is_theirs and seen.exists()):
        raise NotYours(_("There is nobody here whom you can promise something."))


def _must_be_theirs_to_give(
    *,
    organisation: Organisation,
    worker: User | None,
    referral: Referral | None,
    by: history.Actor,
) -> None:
    """Refuse to give another worker's word, or that of a place with no part in it."""
    noted = {referral.service.owner_id, referral.service.provider_id} if referral else set()
    is_own = organisation.reference == by.organisation
    if worker is not None and not (is_own and str(worker.reference) == by.reference):
        raise NotYours(_("Nobody gives another’s word: note it as the organisation’s."))
    if not is_own and organisation.pk not in noted:
        raise NotYours(_("That organisation has no part in this."))


def _must_be_fit(*, kind: PromiseKind, due_on: date, day: date) -> None:
    if kind not in GIVEN_KINDS:
        raise IsAStep(_("This is promised by the step that comes before it."))
    if not day <= due_on <= day + working_days.ENOUGH_DAYS * working_days.DAY:
        raise NotThatDay(_("Choose a day from today on, within a year."))
    if not working_days.is_working_day(due_on):
        raise NotThatDay(_("Offices are closed that day. Choose a working day."))


def _must_be_new(*, referral: Referral, kind: PromiseKind) -> None:
    same = Promise.objects.open().filter(referral=referral, kind=kind, worker__isnull=True)
    if same.exists():
        raise IsPromised(_("The same is promised already, and still open."))


def _must_see(promise: Promise, *, by: history.Actor, at: datetime) -> None:
    """Refuse a secret word from who is told no secrets: she could never say that it was done."""
    user = parties.user_of(by)
    mine = Promise.objects.filter(pk=promise.pk)
    if user is None or not sharing.visible(mine, user=user, at=at).exists():
        raise NotYours(_("They have not chosen you to keep their secrets."))


def _is_theirs(promise: Promise, *, by: history.Actor, at: datetime) -> bool:
    """Tell whether an actor is of those who promised it, and may know of it."""
    user = parties.user_of(by)
    if user is None or not memberships.roles_at(by=by, at=at):
        return False
    if promise.worker_id == user.pk:
        return True
    is_colleague = (
        promise.organisation is not None and promise.organisation.reference == by.organisation
    )
    mine = Promise.objects.filter(pk=promise.pk)
    return is_colleague and sharing.visible(mine, user=user, at=at).exists()


def _may_chase(*, promise: Promise, by: history.Actor, at: datetime) -> bool:
    """Tell whether it is somebody's to chase: the family's side, its lead, or the service's."""
    if by.kind == history.ActorKind.CLOCK:
        return True
    user = parties.user_of(by)
    if user is None:
        return False
    day, referral = timezone.localdate(at), promise.referral
    chases = appointments.of(user=user, on=day, power=Power.CHASE)
    return (
        chases.filter(person=promise.person).exists()
        or appointments.leads_of(user=user, on=day).filter(family=promise.family).exists()
        or user.person_id in [one.pk for one in owing.deciders(promise, day=day)]
        or (
            referral is not None
            and (
                parties.is_for_family(referral=referral, by=by, at=at)
                or any(
                    parties.works_at(organisation=referral.service.owner, role=role, by=by, at=at)
                    for role in (Role.INTAKE_WORKER, Role.COMMISSIONER)
                )
            )
        )
    )
