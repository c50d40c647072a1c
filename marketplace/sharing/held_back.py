"""Keeping a concern's traces from the person's own pages for a while (design §5, §9).

Only the owner of a concern that a social worker has, for a coded reason, for ninety days at most,
and only until the end of the next working day unless a second person agrees. What is held back
comes out by itself on its day, and until then leaves no trace, not even in a count.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from cms.models import Organisation
from marketplace.notices import notices, working_days
from marketplace.people.models import User
from marketplace.sharing import managers
from marketplace.sharing.models import (
    Emergency,
    HeldBack,
    HeldBackReason,
    Look,
    Reason,
    ReasonKind,
    Safeguard,
)

LONGEST = timedelta(days=90)
GROUNDS = (ReasonKind.SAFEGUARD, ReasonKind.EMERGENCY)
"""Whose looks are held back: those that keep somebody safe, of the organisation that answers."""


class NotTheirsToHoldBack(history.Refused):
    """Only the owner of a concern that a social worker has holds anything back."""


class SaysNotWhy(history.Refused):
    """What is held back has its reason in words."""


class WrongDay(history.Refused):
    """It ends on a day to come, within ninety days."""


class IsHeldBack(history.Refused):
    """It is held back already, or was looked at already."""


class NotTheirsToReview(history.Refused):
    """A second person reviews it, and never who asked."""


@dataclass(frozen=True)
class Kept:
    """Until which day something is held back, and the code of the reason."""

    until: date
    code: str


@transaction.atomic
def hold_back(
    *,
    safeguard: Safeguard,
    reason: HeldBackReason,
    words: str,
    until: date,
    by: history.Actor,
    at: datetime,
) -> HeldBack:
    """Hold back a concern, who knows of it and who looked because of it; it is reviewed at once.

    Raises NotTheirsToHoldBack, SaysNotWhy, WrongDay, IsHeldBack.
    """
    safeguard = _locked(safeguard)
    if not _may(safeguard, by=by):
        raise NotTheirsToHoldBack(
            _("Only whoever answers for a concern that a social worker has can hold it back.")
        )
    if not words.strip():
        raise SaysNotWhy(_("Write what could happen if it were known now."))
    today = timezone.localdate(at)
    if not today < until <= today + LONGEST:
        raise WrongDay(_("Choose a day to come, at most ninety days away."))
    if safeguard.held_back.open().exists():
        raise IsHeldBack(_("This is held back already."))
    held = HeldBack.objects.create(
        safeguard=safeguard,
        reason=HeldBackReason(reason),
        words=words.strip(),
        until=until,
        asked_by=safeguard.owner,
        asked_at=at,
        review_due_at=_review_due(at),
    )
    _stamp(safeguard, until=_shown_on(held), code=held.reason)
    _record(held, verb="held_back", by=by, at=at, reason=held.reason, text=held.words)
    _tell(held, kind="held_back_for_you", at=at)
    return held


@transaction.atomic
def review(
    *, held: HeldBack, is_upheld: bool, words: str, by: history.Actor, at: datetime
) -> HeldBack:
    """Say as a second person whether something stays held back; if not, it comes out at once.

    Raises NotTheirsToReview, IsHeldBack, SaysNotWhy.
    """
    safeguard = _locked(held.safeguard)
    held = HeldBack.objects.select_related("asked_by").get(pk=held.pk)
    reviewer = managers.reviewer(
        organisation=safeguard.owner_organisation, by=by, at=at, but=held.asked_by
    )
    if reviewer is None:
        raise NotTheirsToReview(_("A manager who did not ask for it has to look at this."))
    if held.is_reviewed or held.released_at is not None:
        raise IsHeldBack(_("This was settled already."))
    if not words.strip():
        raise SaysNotWhy(_("Write why it stays held back, or why it does not."))
    held.reviewed_by, held.reviewed_at, held.is_upheld = reviewer, at, is_upheld
    held.save(update_fields=["reviewed_by", "reviewed_at", "is_upheld"])
    verb = "upheld" if is_upheld else "not_upheld"
    _record(held, verb=verb, by=by, at=at, text=words.strip())
    if is_upheld:
        _stamp(safeguard, until=held.until, code=held.reason)
    else:
        _release(held, by=by, at=at)
    return held


@transaction.atomic
def release(*, safeguard: Safeguard, by: history.Actor, at: datetime) -> None:
    """Let out what a concern held back: it was stepped down or closed."""
    for held in safeguard.held_back.open().select_related("safeguard"):
        _release(held, by=by, at=at)


def follow(*, safeguard: Safeguard) -> None:
    """Hold back for a new owner what was held back for the one before."""
    for held in safeguard.held_back.open().select_related("safeguard"):
        _stamp(safeguard, until=_shown_on(held), code=held.reason)


def kept(
    *,
    person: Person,
    organisation: Organisation | None,
    ground: str,
    at: datetime,
    concern: UUID | None = None,
) -> Kept | None:
    """Return until when a new trace is held back, or None.

    A trace on one of the grounds, of the organisation that answers; or of `concern` itself, whoever
    looked at it and why.
    """
    if concern is None and (organisation is None or ground not in GROUNDS):
        return None
    which = Q(safeguard__reference=concern)
    if organisation is not None and ground in GROUNDS:
        which |= Q(safeguard__owner_organisation=organisation)
    found = [
        Kept(until=_shown_on(held), code=held.reason)
        for held in HeldBack.objects.open().filter(which, safeguard__person=person)
    ]
    longest = max(found, key=lambda one: one.until, default=None)
    return longest if longest and longest.until > timezone.localdate(at) else None


def nightly(*, at: datetime) -> int:
    """Let out what nobody reviewed in time, and whatever has come to its day."""
    clock = history.Actor(kind=history.ActorKind.CLOCK, reference="held_back")
    count = 0
    for held in HeldBack.objects.open().select_related("safeguard").order_by("pk"):
        if _shown_on(held) <= timezone.localdate(at):
            with transaction.atomic():
                _locked(held.safeguard)
                _release(held, by=clock, at=at)
            count += 1
    return count


def _may(safeguard: Safeguard, *, by: history.Actor) -> bool:
    is_owner = (by.reference, by.organisation) == (
        str(safeguard.owner.reference),
        safeguard.owner_organisation.reference,
    )
    is_person = by.kind == history.ActorKind.PERSON and safeguard.owner.is_active
    return is_person and is_owner and safeguard.is_open and safeguard.is_with_social_worker


def _locked(safeguard: Safeguard) -> Safeguard:
    return (
        Safeguard.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "owner", "owner_organisation")
        .get(pk=safeguard.pk)
    )


def _review_due(at: datetime) -> datetime:
    day = working_days.after(timezone.localdate(at), 1) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time()))


def _shown_on(held: HeldBack) -> date:
    """Return the day it comes out: its own once a second person agreed, else the review's."""
    if held.is_upheld:
        return held.until
    return min(held.until, timezone.localdate(held.review_due_at))


def _stamp(safeguard: Safeguard, *, until: date | None, code: str) -> None:
    said = {"held_back_until": until, "held_back_for": code}
    person, organisation = safeguard.person_id, safeguard.owner_organisation_id
    theirs = {"person": person, "organisation": organisation}
    Safeguard.objects.filter(pk=safeguard.pk).update(**said)
    Reason.objects.filter(subject=safeguard.reference).update(**said)
    Reason.objects.filter(**theirs, kind=ReasonKind.EMERGENCY).update(**said)
    Emergency.objects.filter(**theirs).update(**said)
    Look.objects.filter(**theirs, ground__in=GROUNDS).update(**said)
    Look.objects.filter(subject=safeguard.reference).update(**said)


def _release(held: HeldBack, *, by: history.Actor, at: datetime) -> None:
    safeguard = held.safeguard
    held.released_at = at
    held.save(update_fields=["released_at"])
    _stamp(safeguard, until=None, code="")
    # What another concern of the same person holds back stays so.
    for other in HeldBack.objects.open().filter(safeguard__person=safeguard.person_id):
        _stamp(other.safeguard, until=_shown_on(other), code=other.reason)
    _record(held, verb="released", by=by, at=at)


def _tell(held: HeldBack, *, kind: str, at: datetime) -> None:
    organisation = held.safeguard.owner_organisation
    notices.tell(
        users=managers.reviewers(
            organisation=organisation, on=timezone.localdate(at), but=held.asked_by
        ),
        kind=kind,
        subject_kind="held-back",
        subject=held.reference,
        at=at,
    )


def to_review(*, user: User, at: datetime) -> list[HeldBack]:
    """Return what waits for this second person, the most urgent first."""
    day = timezone.localdate(at)
    waiting = HeldBack.objects.unreviewed().select_related(
        "asked_by", "safeguard__owner_organisation"
    )
    return [
        held
        for held in waiting.order_by("review_due_at", "pk")
        if user
        in managers.reviewers(
            organisation=held.safeguard.owner_organisation, on=day, but=held.asked_by
        )
    ]


def _record(
    held: HeldBack,
    *,
    verb: str,
    by: history.Actor,
    at: datetime,
    reason: str = "",
    text: str = "",
) -> None:
    # Of nobody named, so that nobody reads in the history that something is held back.
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="held_back",
        subject=held.reference,
        reason=reason,
        text=text,
    )
