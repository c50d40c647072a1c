"""Opening a record in an emergency, where there is no other reason (design §5, §9).

Nobody browses and nobody searches: she says exactly whom she means, and why, and how often she
may try is limited. What opens is for reading only, on its own page and nowhere else: `visible`
here is the only gate that heeds such a reason. It ends by itself, and another person says whether
it was right within a working day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Member, Person, Relation
from cms.models import Organisation
from marketplace.notices import notices, working_days
from marketplace.people import memberships
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.sharing import gate, grounds, held_back, looks, managers, sharing
from marketplace.sharing.models import (
    Attempt,
    Basis,
    Emergency,
    Finding,
    Reason,
    ReasonKind,
    Scope,
)
from marketplace.sharing.paths import paths

Row = TypeVar("Row", bound=Model)

ROLES = (Role.ADVOCATE, Role.LEAD_PROFESSIONAL, Role.INTAKE_WORKER)
LONGEST = timedelta(hours=24)
MOST_TRIES = 5
"""So often may one worker try within a day."""
TRY_HOLDS = timedelta(minutes=15)


class NotInThisRole(history.Refused):
    """Only who works with families opens a record in an emergency."""


class TooOften(history.Refused):
    """She has tried as often as one may in a day."""


class SaysNotWhy(history.Refused):
    """An emergency says what is happening."""


class TooLong(history.Refused):
    """An emergency ends within a day."""


class NotFound(history.Refused):
    """Nobody was found for her a moment ago."""


class NotTheirsToReview(history.Refused):
    """Another person says whether it was right: a manager, and never who opened it."""


class IsReviewed(history.Refused):
    """It was said already whether it was right."""


@dataclass(frozen=True)
class Details:
    """Whom she means: all of it must be right."""

    name: str
    born_on: date
    postcode: str


@dataclass(frozen=True)
class Found:
    """Somebody who was found by all of her details, and the try that found her."""

    person: Person
    attempt: Attempt


@transaction.atomic
def find(*, details: Details, by: history.Actor, at: datetime) -> Found | None:
    """Try once to find somebody by her exact details; None where anything is wrong.

    The try is counted whatever comes of it, and nothing that was typed is kept. Somebody who is
    shielded is never found. Raises NotInThisRole, TooOften.
    """
    user, organisation, _role = _worker(by=by, at=at)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    tried = Attempt.objects.filter(user=user, at__gt=at - timedelta(days=1)).count()
    if tried >= MOST_TRIES:
        raise TooOften(
            _("You have tried as often as you may in one day. Ring the numbers on this page.")
        )
    persons = _meant(details, at=at)
    person = persons[0] if len(persons) == 1 else None
    attempt = Attempt.objects.create(
        user=user, organisation=organisation, has_found=person is not None, at=at
    )
    return Found(person, attempt) if person is not None else None


@transaction.atomic
def open(
    *, found: Found, why: str, by: history.Actor, at: datetime, lasts: timedelta = LONGEST
) -> Emergency:
    """Open a person's record for reading, for a day at most; a manager is asked to review it.

    One that is open already stays as it is. Raises NotInThisRole, NotFound, SaysNotWhy, TooLong.
    """
    user, organisation, role = _worker(by=by, at=at)
    _must_have_been_found(found, user=user, at=at)
    if not why.strip():
        raise SaysNotWhy(_("Write what is happening, and why it cannot wait."))
    if not timedelta(0) < lasts <= LONGEST:
        raise TooLong(_("A record opened in an emergency closes within a day."))
    running = Emergency.objects.running(at).filter(user=user, person=found.person)
    if (before := running.first()) is not None:
        return before
    kept = held_back.kept(
        person=found.person, organisation=organisation, ground=ReasonKind.EMERGENCY, at=at
    )
    emergency = Emergency.objects.create(
        person=found.person,
        user=user,
        organisation=organisation,
        role=role,
        why=why.strip(),
        opened_at=at,
        ends_at=at + lasts,
        review_due_at=review_due(at),
        held_back_until=kept.until if kept else None,
        held_back_for=kept.code if kept else "",
    )
    reason = _open_reason(emergency, at=at)
    if kept:
        reason.held_back_until, reason.held_back_for = kept.until, kept.code
        reason.save(update_fields=["held_back_until", "held_back_for"])
    _record(emergency, verb="opened", by=by, at=at, text=emergency.why)
    _ask_for_review(emergency, at=at)
    return emergency


def visible(
    queryset: QuerySet[Row], *, emergency: Emergency, user: User, at: datetime
) -> QuerySet[Row]:
    """Narrow a queryset to what an emergency that is running opens to whoever opened it.

    What is confidential stays closed, as for any other reason.
    """
    path, day = paths(queryset.model), timezone.localdate(at)
    is_open = (
        user.pk == emergency.user_id
        and User.objects.filter(pk=user.pk, is_active=True).exists()
        and _works_there(emergency, user=user, on=day)
        and Emergency.objects.running(at).filter(pk=emergency.pk).exists()
    )
    if not is_open or path.is_private:
        return queryset.none()
    live = Reason.objects.live(at).filter(
        kind=ReasonKind.EMERGENCY, subject=emergency.reference, user=user
    )
    return queryset.filter(pk__in=gate.any_of(queryset.model, grounds.under(path, live, day=day)))


def read(*, reference: UUID, user: User, at: datetime) -> Emergency:
    """Return an emergency of a worker's own that is running, and write down that she looked.

    Raises sharing.NotFound, also once it has ended.
    """
    emergency = (
        Emergency.objects.running(at)
        .filter(reference=reference, user=user)
        .select_related("person", "organisation")
        .first()
    )
    seen = emergency and visible(
        Person.objects.filter(pk=emergency.person_id), emergency=emergency, user=user, at=at
    )
    if emergency is None or not seen:
        raise sharing.NotFound(_("There is nothing here that you can open."))
    looks.record_emergency(emergency=emergency, at=at)
    return emergency


@transaction.atomic
def review(
    *, emergency: Emergency, finding: Finding, words: str, by: history.Actor, at: datetime
) -> Emergency:
    """Say whether it was right to open a record, and why. A wrong one closes at once.

    Raises NotTheirsToReview, IsReviewed, SaysNotWhy.
    """
    emergency = (
        Emergency.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "user", "organisation")
        .get(pk=emergency.pk)
    )
    reviewer = managers.reviewer(
        organisation=emergency.organisation, by=by, at=at, but=emergency.user
    )
    if reviewer is None:
        raise NotTheirsToReview(_("A manager of whoever opened it says whether it was right."))
    if emergency.is_reviewed:
        raise IsReviewed(_("Somebody has said already whether it was right."))
    if not words.strip():
        raise SaysNotWhy(_("Write why it was right, or why it was not."))
    emergency.reviewed_by, emergency.reviewed_at = reviewer, at
    emergency.finding, emergency.words = Finding(finding), words.strip()
    emergency.save(update_fields=["reviewed_by", "reviewed_at", "finding", "words"])
    if not emergency.was_proper:
        _end(emergency, at=at)
    _record(emergency, verb="reviewed", by=by, at=at, reason=finding, text=words.strip())
    return emergency


def to_review(*, user: User, at: datetime) -> QuerySet[Emergency]:
    """Return what a manager may review or has seen reviewed, the oldest unreviewed first."""
    day = timezone.localdate(at)
    waiting = Emergency.objects.unreviewed().exclude(user=user).select_related("user")
    theirs = {
        one.pk
        for one in waiting.select_related("organisation")
        if user in managers.reviewers(organisation=one.organisation, on=day, but=one.user)
    }
    of_hers = Emergency.objects.filter(
        organisation__in=managers.organisations(user=user, on=day)
    ).exclude(user=user)
    found = Emergency.objects.filter(pk__in=theirs) | of_hers
    return found.select_related("user", "organisation", "reviewed_by").order_by(
        "reviewed_at", "review_due_at", "pk"
    )


def overdue(at: datetime) -> QuerySet[Emergency]:
    """Return what nobody reviewed within a working day."""
    return Emergency.objects.overdue(at)


def nightly(*, at: datetime) -> int:
    """Escalate once whatever nobody reviewed in time; return how many."""
    clock = history.Actor(kind=history.ActorKind.CLOCK, reference="emergencies")
    count = 0
    late = overdue(at).filter(escalated_at__isnull=True)
    for pk in list(late.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            emergency = (
                Emergency.objects.select_for_update(no_key=True, of=("self",))
                .select_related("person", "user", "organisation")
                .get(pk=pk)
            )
            if emergency.escalated_at is not None or emergency.is_reviewed:
                continue
            emergency.escalated_at = at
            emergency.save(update_fields=["escalated_at"])
            _record(emergency, verb="escalated", by=clock, at=at)
            users = managers.everybody(
                organisation=emergency.organisation,
                on=timezone.localdate(at),
                but=emergency.user,
            )
            _tell(emergency, users, kind="emergency_late", at=at)
            count += 1
    return count


def review_due(at: datetime) -> datetime:
    """Return the end of the next working day in England."""
    day = working_days.after(timezone.localdate(at), 1) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time()))


def tries_left(*, user: User, at: datetime) -> int:
    """Return how often a worker may still try today."""
    tried = Attempt.objects.filter(user=user, at__gt=at - timedelta(days=1)).count()
    return max(MOST_TRIES - tried, 0)


def _worker(*, by: history.Actor, at: datetime) -> tuple[User, Organisation, Role]:
    held = memberships.roles_at(by=by, at=at)
    role = next((role for role in ROLES if role in held), None)
    if role is None or by.organisation is None:
        raise NotInThisRole(_("Your role cannot open a record in an emergency. Ring 999."))
    return (
        User.objects.get(reference=by.reference),
        Organisation.objects.get(reference=by.organisation),
        role,
    )


def _works_there(emergency: Emergency, *, user: User, on: date) -> bool:
    """Tell whether she still works, with families, for the organisation that she opened it for."""
    held = Membership.objects.on(on).filter(user=user, role__in=ROLES)
    return held.filter(organisation=emergency.organisation_id).exists()


def _meant(details: Details, *, at: datetime) -> list[Person]:
    """Return who has this name, birthday and postcode; of two records the one that stands."""
    stays = (
        Member.objects.on(timezone.localdate(at))
        .filter(person__born_on=details.born_on, person__is_shielded=False)
        .exclude(relation=Relation.VISITOR)
        .select_related("person", "family")
        .order_by("pk")
    )
    return families.shown_once(
        dict.fromkeys(
            stay.person
            for stay in stays
            if _plain(stay.person.name) == _plain(details.name)
            and _closed_up(stay.family.postcode) == _closed_up(details.postcode) != ""
        )
    )


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _closed_up(postcode: str) -> str:
    return "".join(postcode.upper().split())


def _must_have_been_found(found: Found, *, user: User, at: datetime) -> None:
    tried = Attempt.objects.filter(
        pk=found.attempt.pk, user=user, has_found=True, at__gt=at - TRY_HOLDS, at__lte=at
    )
    if not tried.exists():
        raise NotFound(_("Say again whom you mean."))


def _open_reason(emergency: Emergency, *, at: datetime) -> Reason:
    return sharing.open_reason(
        person=emergency.person,
        user=emergency.user,
        organisation=emergency.organisation,
        kind=ReasonKind.EMERGENCY,
        scope=Scope.RECORD,
        basis=Basis.VITAL_INTERESTS,
        subject=emergency.reference,
        ends_at=emergency.ends_at,
        at=at,
    )


def _end(emergency: Emergency, *, at: datetime) -> None:
    sharing.close_reasons(subject=emergency.reference, kind=ReasonKind.EMERGENCY, at=at)
    if emergency.ends_at > at:
        emergency.ends_at = at
        emergency.save(update_fields=["ends_at"])


def _ask_for_review(emergency: Emergency, *, at: datetime) -> None:
    users = managers.reviewers(
        organisation=emergency.organisation, on=timezone.localdate(at), but=emergency.user
    )
    _tell(emergency, users, kind="emergency_for_you", at=at)


def _tell(emergency: Emergency, users: Iterable[User], *, kind: str, at: datetime) -> None:
    notices.tell(
        users=users, kind=kind, subject_kind="emergency", subject=emergency.reference, at=at
    )


def _record(
    emergency: Emergency,
    *,
    verb: str,
    by: history.Actor,
    at: datetime,
    reason: str = "",
    text: str = "",
) -> None:
    # Confidential, so that nobody else at home learns from the history that it was opened.
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="emergency",
        subject=emergency.reference,
        person=emergency.person,
        reason=reason,
        text=text,
        is_confidential=True,
    )
