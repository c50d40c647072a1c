"""Facts about a person: entered once, checked by somebody else, corrected, offered with a reason.

A correction keeps the row that it replaces, and whoever was offered the old one has the new one
too (UK GDPR Art. 19). A fact is offered to the holder of a reason, so on its basis and for as long
as it is live; as its value, or as the answer to one yes-or-no question: the insight is shared and
not the data (report §4.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Person
from cms.models import Organisation
from marketplace.people import appointments
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.sharing import criteria, grounds, looks, sharing
from marketplace.sharing.models import (
    Fact,
    FactForm,
    FactOffer,
    Information,
    Reason,
    Scope,
    Source,
    Verification,
)


class NotTheirs(history.Refused):
    """Somebody who may not know of the person, or of the fact, writes none down."""


class NothingSaid(history.Refused):
    """A fact has a value; one that an agency told names the agency."""


class OwnWord(history.Refused):
    """Who wrote a fact down does not check it."""


class IsReplaced(history.Refused):
    """Another fact stands in its place."""


class NoReason(history.Refused):
    """A fact is offered only to whoever holds a live reason about the same person."""


class NotOffered(history.Refused):
    """Nobody offered this to the reader, or it was stopped."""


@dataclass(frozen=True)
class Question:
    """A yes-or-no question about one fact, in the words that people read."""

    operator: str
    value: Any
    sentence: str


@dataclass(frozen=True)
class Told:
    """What a recipient is told: the value, or the answer to one question and never the value.

    `answer` is None where a value was offered, or where the fact does not answer the question.
    """

    key: str
    form: FactForm
    value: Any
    question: str
    answer: bool | None
    is_verified: bool


@dataclass(frozen=True)
class Hand:
    """Who writes something down: the user, where she works, and the role she does it in."""

    user: User
    organisation: Organisation | None
    role: str


@transaction.atomic
def enter(
    *,
    person: Person,
    key: str,
    value: Any,
    came_from: Source,
    by: history.Actor,
    at: datetime,
    source_organisation: Organisation | None = None,
    is_confidential: bool = False,
    told_for: UUID | None = None,
) -> Fact:
    """Write a fact down, once: said again it is the same, said otherwise it is a correction.

    `told_for` keeps a confidential one with what it was told for. Raises NotTheirs, NothingSaid.
    """
    hand = _hand(by=by, person=person, at=at)
    rows = Person.objects.filter(pk=person.pk)
    if hand is None or not sharing.visible(rows, user=hand.user, at=at).exists():
        raise NotTheirs(_("There is nobody here whom you can write something down about."))
    if value is None or value == "" or (came_from == Source.AGENCY and not source_organisation):
        raise NothingSaid(_("Write down what is true, and who said so."))
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    is_confidential = is_confidential or told_for is not None
    before = Fact.objects.standing().filter(
        person=person, key=key, is_confidential=is_confidential, told_for=told_for
    )
    standing = before.first()
    if standing is not None and standing.value == value:
        return standing
    return _write(
        Fact(
            person=person,
            key=key,
            value=value,
            came_from=came_from,
            source_organisation=source_organisation,
            is_confidential=is_confidential,
            told_for=told_for,
        ),
        replaces=standing,
        hand=hand,
        by=by,
        at=at,
    )


@transaction.atomic
def correct(
    *,
    fact: Fact,
    value: Any,
    came_from: Source,
    by: history.Actor,
    at: datetime,
    source_organisation: Organisation | None = None,
) -> Fact:
    """Put another value in a fact's place; the old row stays, and who had it has the new one.

    By whoever may see it. Raises NotTheirs, IsReplaced, NothingSaid.
    """
    fact = _seen(fact, by=by, at=at)
    return enter(
        person=fact.person,
        key=fact.key,
        value=value,
        came_from=came_from,
        source_organisation=source_organisation,
        is_confidential=fact.is_confidential,
        told_for=fact.told_for,
        by=by,
        at=at,
    )


@transaction.atomic
def verify(*, fact: Fact, how: Verification, by: history.Actor, at: datetime) -> Fact:
    """Note that a worker checked a fact, and how; the one who wrote it down does not.

    Raises NotTheirs, IsReplaced, OwnWord.
    """
    fact = _seen(fact, by=by, at=at, offered=True)
    hand = _hand(by=by, person=fact.person, at=at)
    if hand is None or hand.organisation is None:
        raise NotTheirs(_("Only somebody at work checks a fact, for where she works."))
    if hand.user.pk == fact.entered_by_id:
        raise OwnWord(_("You wrote this down, so somebody else checks it."))
    fact.verified_by, fact.verified_organisation = hand.user, hand.organisation
    fact.verified_role, fact.verified_how, fact.verified_at = hand.role, how, at
    fact.save(
        update_fields=[
            "verified_by",
            "verified_organisation",
            "verified_role",
            "verified_how",
            "verified_at",
        ]
    )
    _record(fact, verb="verified", before="entered", after="verified", by=by, at=at, reason=how)
    return fact


def known(*, person: Person, day: date) -> QuerySet[Fact]:
    """Return what was held to be true of a person at the end of a day, and is no secret."""
    over = timezone.make_aware(
        datetime.combine(day + timedelta(days=1), datetime.min.time()),
        timezone.get_default_timezone(),
    )
    return Fact.objects.open().filter(
        Q(replaced_at__isnull=True) | Q(replaced_at__gte=over), person=person, entered_at__lt=over
    )


@transaction.atomic
def offer(
    *,
    fact: Fact,
    reason: Reason,
    form: FactForm,
    by: history.Actor,
    at: datetime,
    question: Question | None = None,
) -> FactOffer:
    """Let the holder of a reason know a fact, as its value or as a yes or no to a question.

    By the person, who decides for her, or an advocate who acts for her. Raises NotTheirs,
    IsReplaced, NoReason, NothingSaid.
    """
    person = fact.person
    if not sharing.decides(person=person, is_confidential=fact.is_confidential, by=by, at=at):
        raise NotTheirs(_("Only the person it is about, or who decides for her, can share this."))
    return note_offer(fact=fact, reason=reason, form=form, question=question, by=by, at=at)


def note_offer(
    *,
    fact: Fact,
    reason: Reason,
    form: FactForm,
    by: history.Actor,
    at: datetime,
    question: Question | None = None,
) -> FactOffer:
    """Note what a referral's own rules allowed to be told (`referrals.facts`).

    Raises IsReplaced, NoReason, NothingSaid.
    """
    if not fact.is_standing:
        raise IsReplaced(_("This was corrected. Open the page again to see what is true now."))
    is_kept = fact.told_for is not None and fact.told_for != reason.subject
    if reason.person_id != fact.person_id or not reason.is_live(at) or is_kept:
        raise NoReason(_("They have no reason to know this now."))
    if (form == FactForm.YES_NO) != (question is not None):
        raise NothingSaid(_("Say which question they may have a yes or no to."))
    offered, is_new = FactOffer.objects.get_or_create(
        fact=fact,
        reason=reason,
        form=form,
        question=question.sentence if question else "",
        defaults={
            "operator": question.operator if question else "",
            "operand": question.value if question else None,
            "offered_by": by.reference,
            "offered_at": at,
        },
    )
    if is_new:
        _record(fact, verb="offered", before="", after=form, by=by, at=at)
    return offered


@transaction.atomic
def read(*, offered: FactOffer, user: User, at: datetime) -> Told:
    """Tell the holder of the reason what she was offered, and write down that she looked.

    Raises NotOffered where the reason is not hers, or is over.
    """
    offered = FactOffer.objects.select_related("fact__person", "reason").get(pk=offered.pk)
    if not offers_to(user=user, at=at).filter(pk=offered.pk).exists():
        raise NotOffered(_("There is nothing here that you can open."))
    if offered.read_at is None:
        offered.read_at = at
        offered.save(update_fields=["read_at"])
    fact = offered.fact
    looks.record(row=fact, reference=fact.reference, user=user, at=at, kind="fact")
    if offered.form == FactForm.VALUE:
        return Told(fact.key, FactForm.VALUE, fact.value, "", None, fact.is_verified)
    answer = criteria.meets(operator=offered.operator, fact=fact.value, value=offered.operand)
    return Told(fact.key, FactForm.YES_NO, None, offered.question, answer, fact.is_verified)


def offers_to(*, user: User, at: datetime) -> QuerySet[FactOffer]:
    """Return what a user was offered and may read now: of facts that stand, by her live reasons."""
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        return FactOffer.objects.none()
    of_role, own = grounds.reasons(user, at)
    return FactOffer.objects.filter(
        Q(reason__in=of_role) | Q(reason__in=own), fact__replaced_at__isnull=True
    )


def offers_of(*, facts: Iterable[Fact]) -> QuerySet[FactOffer]:
    """Return who was told what of some facts, with the reasons for it, oldest first."""
    found = FactOffer.objects.filter(fact__in=list(facts))
    return found.select_related("reason__organisation", "fact").order_by("offered_at", "pk")


def opened_to(*, facts: Iterable[Fact], at: datetime) -> QuerySet[Reason]:
    """Return the live reasons for the whole record that open these persons' facts."""
    persons = {fact.person_id for fact in facts}
    live = Reason.objects.live(at).filter(person__in=persons, scope=Scope.RECORD)
    found = live.filter(**{f"opens_{Information.FACTS}": True})
    return found.select_related("organisation").order_by("opened_at", "pk")


def _write(
    fact: Fact, *, replaces: Fact | None, hand: Hand, by: history.Actor, at: datetime
) -> Fact:
    if replaces is not None:
        replaces.replaced_at = max(at, replaces.entered_at)
        replaces.save(update_fields=["replaced_at"])
    fact.replaces = replaces
    fact.entered_by, fact.entered_organisation = hand.user, hand.organisation
    fact.entered_role, fact.entered_at = hand.role, at
    fact.save()
    verb = "corrected" if replaces else "entered"
    before = str(replaces.reference) if replaces else ""
    _record(fact, verb=verb, before=before, after="entered", by=by, at=at, reason=fact.came_from)
    if replaces is not None:
        _offer_anew(fact, replaces, by=by, at=at)
    return fact


def _offer_anew(fact: Fact, replaced: Fact, *, by: history.Actor, at: datetime) -> None:
    for old in offers_of(facts=[replaced]):
        if old.reason.is_live(at):
            question = None
            if old.form == FactForm.YES_NO:
                question = Question(old.operator, old.operand, old.question)
            form = FactForm(old.form)
            note_offer(fact=fact, reason=old.reason, form=form, question=question, by=by, at=at)


def _seen(fact: Fact, *, by: history.Actor, at: datetime, offered: bool = False) -> Fact:
    """Return a fact locked, where the actor may see it (or was offered it) and it stands."""
    fact = (
        Fact.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .get(pk=fact.pk)
    )
    user = sharing.user_of(by)
    rows = Fact.objects.filter(pk=fact.pk)
    may = user is not None and sharing.visible(rows, user=user, at=at).exists()
    if user is not None and offered and not may:
        values = offers_to(user=user, at=at).filter(fact=fact, form=FactForm.VALUE)
        may = values.exists()
    if not may:
        raise NotTheirs(_("There is nothing here that you can open."))
    if not fact.is_standing:
        raise IsReplaced(_("This was corrected. Open the page again to see what is true now."))
    return fact


def _hand(*, by: history.Actor, person: Person, at: datetime) -> Hand | None:
    """Return whose hand an actor's is, or None where she is nobody who signs in."""
    user = sharing.user_of(by)
    if user is None:
        return None
    day = timezone.localdate(at)
    works = Membership.objects.on(day).filter(user=user).select_related("organisation")
    if by.organisation is not None:
        works = works.filter(organisation__reference=by.organisation)
    held = works.order_by("-starts_on", "-pk").first()
    if held is not None and by.organisation is not None:
        return Hand(user, held.organisation, held.role)
    stands_beside = appointments.of(user=user, on=day).filter(person=person).exists()
    return Hand(user, None, Role.ADVOCATE if stands_beside else Role.FAMILY)


def _record(
    fact: Fact,
    *,
    verb: str,
    before: str,
    after: str,
    by: history.Actor,
    at: datetime,
    reason: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="fact",
        subject=fact.reference,
        person=fact.person,
        from_state=before,
        to_state=after,
        reason=reason,
        is_confidential=fact.is_confidential,
    )
