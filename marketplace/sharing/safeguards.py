"""Concerns for somebody's safety: opened with evidence, owned, reviewed, stepped up, closed.

A concern is about the person who may come to harm. It has one owner, who reviews it by a day at
most half a year away; no score is kept (design §9). While it is open, no support of the person's
is tapered, closed or left to expire: every verb that does so asks `must_be_none`.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Family, Person
from cms.models import Organisation
from marketplace.notices import notices
from marketplace.people import memberships
from marketplace.people.models import Membership, User
from marketplace.sharing import held_back, sharing
from marketplace.sharing.models import (
    Basis,
    Reason,
    ReasonKind,
    Safeguard,
    SafeguardEnd,
    SafeguardKind,
    Scope,
)

REVIEW_WITHIN = timedelta(days=183)


class NoEvidence(history.Refused):
    """A concern says what was seen or said."""


class WrongReviewDay(history.Refused):
    """A concern is looked at again on a day to come, within half a year."""


class NotAtWork(history.Refused):
    """The owner of a concern works for the organisation that answers for it."""


class NotTheirs(history.Refused):
    """Somebody else answers for the concern."""


class IsClosed(history.Refused):
    """The concern is closed: open a new one."""


class NothingToMove(history.Refused):
    """The concern is with a social worker already, or is not."""


class StillSafeguarded(history.Refused):
    """A concern for somebody's safety is open, so nothing of hers tapers, closes or expires."""


@transaction.atomic
def open(
    *,
    person: Person,
    kind: SafeguardKind,
    evidence: str,
    owner: User,
    organisation: Organisation,
    review_on: date,
    by: history.Actor,
    at: datetime,
    is_confidential: bool = True,
    is_with_social_worker: bool = False,
    is_agreed: bool = False,
) -> Safeguard:
    """Open a concern for a person's safety, with one owner who has to know of it.

    `is_confidential`: only she, whom she confides in, and its owner see it; `is_agreed`: it was
    talked over with her. Raises NoEvidence, WrongReviewDay, NotAtWork.
    """
    _must_say_why(evidence)
    _must_be_to_come(review_on, at=at)
    _must_work_there(owner=owner, organisation=organisation, at=at)
    _lock([person])
    safeguard = Safeguard.objects.create(
        person=person,
        kind=SafeguardKind(kind),
        evidence=evidence.strip(),
        owner=owner,
        owner_organisation=organisation,
        is_confidential=is_confidential,
        is_with_social_worker=is_with_social_worker,
        is_agreed=is_agreed,
        opened_at=at,
        review_on=review_on,
    )
    _record(safeguard, verb="opened", before="", by=by, at=at, text=evidence.strip())
    _let_owner_know(safeguard, at=at)
    _tell_owner(safeguard, by=by, at=at)
    return safeguard


@transaction.atomic
def review(
    *, safeguard: Safeguard, words: str, review_on: date, by: history.Actor, at: datetime
) -> Safeguard:
    """Look at a concern again: what was found, and when it is looked at next.

    Raises NoEvidence, WrongReviewDay, NotTheirs, IsClosed.
    """
    safeguard = _locked(safeguard)
    _must_be_owners(safeguard, by=by, at=at)
    _must_say_why(words)
    _must_be_to_come(review_on, at=at)
    before = safeguard.state
    safeguard.review_on, safeguard.nudged_at, safeguard.escalated_at = review_on, None, None
    safeguard.save(update_fields=["review_on", "nudged_at", "escalated_at"])
    _record(safeguard, verb="reviewed", before=before, by=by, at=at, text=words.strip())
    _let_managers_go(safeguard, at=at)
    return safeguard


@transaction.atomic
def agree(*, safeguard: Safeguard, words: str, by: history.Actor, at: datetime) -> Safeguard:
    """Note that a concern was talked over with the person, and what she agreed.

    Raises NoEvidence, NotTheirs, IsClosed.
    """
    safeguard = _locked(safeguard)
    _must_be_owners(safeguard, by=by, at=at)
    _must_say_why(words)
    safeguard.is_agreed = True
    safeguard.save(update_fields=["is_agreed"])
    _record(safeguard, verb="agreed", before=safeguard.state, by=by, at=at, text=words.strip())
    return safeguard


@transaction.atomic
def step_up(*, safeguard: Safeguard, words: str, by: history.Actor, at: datetime) -> Safeguard:
    """Take a concern to a social worker; whoever knows of it may.

    Raises NoEvidence, NotTheirs, IsClosed, NothingToMove.
    """
    safeguard = _locked(safeguard)
    _must_know(safeguard, by=by, at=at)
    moved = _move(safeguard, to_social_worker=True, verb="stepped_up", words=words, by=by, at=at)
    _tell_owner(moved, by=by, at=at)
    return moved


@transaction.atomic
def step_down(*, safeguard: Safeguard, words: str, by: history.Actor, at: datetime) -> Safeguard:
    """Take a concern back from the social worker; it stays open, and nothing is held back.

    Raises NoEvidence, NotTheirs, IsClosed, NothingToMove.
    """
    safeguard = _locked(safeguard)
    _must_be_owners(safeguard, by=by, at=at)
    moved = _move(safeguard, to_social_worker=False, verb="stepped_down", words=words, by=by, at=at)
    held_back.release(safeguard=moved, by=by, at=at)
    return moved


@transaction.atomic
def hand_over(
    *,
    safeguard: Safeguard,
    owner: User,
    organisation: Organisation,
    words: str,
    by: history.Actor,
    at: datetime,
) -> Safeguard:
    """Give a concern to another owner; the one before has no reason any more to know of it.

    Raises NoEvidence, NotTheirs, NotAtWork, IsClosed.
    """
    safeguard = _locked(safeguard)
    _must_be_owners(safeguard, by=by, at=at)
    _must_say_why(words)
    _must_work_there(owner=owner, organisation=organisation, at=at)
    sharing.close_reasons(subject=safeguard.reference, kind=ReasonKind.SAFEGUARD, at=at)
    safeguard.owner, safeguard.owner_organisation = owner, organisation
    safeguard.nudged_at, safeguard.escalated_at = None, None
    safeguard.save(update_fields=["owner", "owner_organisation", "nudged_at", "escalated_at"])
    _record(safeguard, verb="handed_over", before=safeguard.state, by=by, at=at, text=words.strip())
    _let_owner_know(safeguard, at=at)
    held_back.follow(safeguard=safeguard)
    _tell_owner(safeguard, by=by, at=at)
    return safeguard


@transaction.atomic
def close(
    *, safeguard: Safeguard, reason: SafeguardEnd, words: str, by: history.Actor, at: datetime
) -> Safeguard:
    """Close a concern, with why; whoever knew only because of it knows no more.

    Raises NoEvidence, NotTheirs, IsClosed.
    """
    safeguard = _locked(safeguard)
    _must_be_owners(safeguard, by=by, at=at)
    _must_say_why(words)
    before = safeguard.state
    safeguard.closed_at, safeguard.closed_for = at, SafeguardEnd(reason)
    safeguard.save(update_fields=["closed_at", "closed_for"])
    _record(
        safeguard, verb="closed", before=before, by=by, at=at, text=words.strip(), reason=reason
    )
    held_back.release(safeguard=safeguard, by=by, at=at)
    sharing.close_reasons(subject=safeguard.reference, kind=ReasonKind.SAFEGUARD, at=at)
    return safeguard


def must_be_none(persons: Iterable[Person]) -> None:
    """Refuse while a concern for the safety of one of these persons is open.

    In the caller's transaction: until it ends, no concern is opened for any of them either. A
    concern under another record of the same person counts. The
    sentence says nothing of what the concern is, nor whose: it may be kept from who reads it.
    Raises StillSafeguarded.
    """
    locked = _lock(persons)
    if Safeguard.objects.open().filter(person__in=locked).exists():
        raise StillSafeguarded(
            _("This has to stay as it is for now. Ask the worker who leads, or an advocate.")
        )


def _lock(persons: Iterable[Person]) -> list[Person]:
    """Lock these persons, under each of their records."""
    wanted = Person.objects.every_record_of([person.pk for person in persons]).values("pk")
    rows = Person.objects.select_for_update(no_key=True, of=("self",))
    return list(rows.filter(pk__in=list(wanted.values_list("pk", flat=True))).order_by("pk"))


def must_be_none_at_home(family: Family, at: datetime) -> None:
    """Refuse while a concern is open for the safety of anybody at home. Raises StillSafeguarded."""
    must_be_none(Person.objects.at_home(family=family, on=timezone.localdate(at)))


def _move(
    safeguard: Safeguard,
    *,
    to_social_worker: bool,
    verb: str,
    words: str,
    by: history.Actor,
    at: datetime,
) -> Safeguard:
    _must_say_why(words)
    if safeguard.is_with_social_worker == to_social_worker:
        raise NothingToMove(_("This is so already. Open the page again to see what is true now."))
    before = safeguard.state
    safeguard.is_with_social_worker = to_social_worker
    safeguard.save(update_fields=["is_with_social_worker"])
    _record(safeguard, verb=verb, before=before, by=by, at=at, text=words.strip())
    return safeguard


def _locked(safeguard: Safeguard) -> Safeguard:
    safeguard = (
        Safeguard.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "owner", "owner_organisation")
        .get(pk=safeguard.pk)
    )
    if not safeguard.is_open:
        raise IsClosed(_("This concern is closed. If there is a new one, open it."))
    return safeguard


def _must_say_why(words: str) -> None:
    if not words.strip():
        raise NoEvidence(_("Write what was seen or said, and by whom."))


def _must_be_to_come(review_on: date, *, at: datetime) -> None:
    today = timezone.localdate(at)
    if not today < review_on <= today + REVIEW_WITHIN:
        raise WrongReviewDay(_("Choose a day to come, at most half a year away."))


def _must_work_there(*, owner: User, organisation: Organisation, at: datetime) -> None:
    works = Membership.objects.on(timezone.localdate(at)).filter(
        user=owner, organisation=organisation, user__is_active=True
    )
    if not works.exists():
        raise NotAtWork(_("Choose somebody who works for the organisation that answers for it."))


def _must_be_owners(safeguard: Safeguard, *, by: history.Actor, at: datetime) -> None:
    """Let in the owner, and a colleague where she works: concerns do not wait for holidays."""
    is_theirs = by.organisation == safeguard.owner_organisation.reference
    if not is_theirs or not memberships.roles_at(by=by, at=at):
        raise NotTheirs(_("Ask whoever answers for this concern."))


def _must_know(safeguard: Safeguard, *, by: history.Actor, at: datetime) -> None:
    known = Safeguard.objects.filter(pk=safeguard.pk)
    if by.kind == history.ActorKind.PERSON:
        user = User.objects.get(reference=by.reference)
        if sharing.visible(known, user=user, at=at).exists():
            return
    raise NotTheirs(_("Ask whoever answers for this concern."))


def _let_owner_know(safeguard: Safeguard, *, at: datetime) -> None:
    organisation = safeguard.owner_organisation
    sharing.open_reason(
        person=safeguard.person,
        user=safeguard.owner,
        organisation=organisation,
        kind=ReasonKind.SAFEGUARD,
        scope=Scope.SUBJECT,
        # Neither rests on consent, so that nobody is put under pressure to stop it.
        basis=Basis.PUBLIC_TASK if organisation.is_public_body else Basis.VITAL_INTERESTS,
        subject=safeguard.reference,
        is_confidential=safeguard.is_confidential,
        at=at,
    )


def _let_managers_go(safeguard: Safeguard, *, at: datetime) -> None:
    """Close what a late review opened to the managers: the owner has looked at it now."""
    live = Reason.objects.live(at).filter(subject=safeguard.reference, kind=ReasonKind.SAFEGUARD)
    live.exclude(user=safeguard.owner_id).update(closed_at=at)


def _tell_owner(safeguard: Safeguard, *, by: history.Actor, at: datetime) -> None:
    if by.reference == str(safeguard.owner.reference):
        return
    notices.tell(
        users=[safeguard.owner],
        kind="safeguard_for_you",
        subject_kind="safeguard",
        subject=safeguard.reference,
        at=at,
    )


def _record(
    safeguard: Safeguard,
    *,
    verb: str,
    before: str,
    by: history.Actor,
    at: datetime,
    text: str = "",
    reason: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="safeguard",
        subject=safeguard.reference,
        family=families.home(person=safeguard.person, on=timezone.localdate(at)),
        person=safeguard.person,
        from_state=before,
        to_state=safeguard.state,
        reason=reason,
        text=text,
        is_confidential=safeguard.is_confidential,
    )
