"""Asking a provider for times, and the provider's answer (report §5.4.2, design §6)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from marketplace.bookings import slots
from marketplace.bookings.models import Booking, BookingState, Session, SessionState, Slot
from marketplace.notices import notices, topics
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import commissions, endings, ladder, referrals
from marketplace.referrals.models import EndReason, Referral, Rung
from marketplace.sharing.models import ReasonKind


class NotReady(history.Refused):
    """Times are asked for once the support is commissioned, and once at a time."""


class NotWaiting(history.Refused):
    """The request was answered already, or withdrawn."""


class NotTheProvider(history.Refused):
    """Only somebody who works for the provider answers."""


class SaysNoReason(history.Refused):
    """A decline needs a plain sentence."""


@transaction.atomic
def ask(
    *, referral: Referral, first: Slot, by: history.Actor, at: datetime, count: int | None = None
) -> Booking:
    """Ask the provider for a weekly series from a first time; its places are held meanwhile.

    A service open to everyone is booked at once. `count` sessions: what was assessed, by default.
    Raises NotReady, slots.Taken, slots.NotEnoughTimes.
    """
    referral = ladder.locked(referral)
    _must_be_ready(referral)
    number = count or referral.quantity or referral.service.standard_quantity
    taken = slots.take(slots=slots.series(first=first, count=number))
    booking = Booking.objects.create(referral=referral, asked_at=at)
    _add_sessions(booking=booking, times=taken)
    _open_and_tell(booking=booking, referral=referral, at=at)
    _write(booking=booking, referral=referral, verb="ask_time", before="", by=by, at=at)
    if referral.service.is_universal:
        return _agree(booking=booking, referral=referral, by=by, at=at)
    return booking


@transaction.atomic
def accept(*, booking: Booking, by: history.Actor, at: datetime) -> Booking:
    """Accept for the provider: the referral is booked, each session has its money set aside.

    Raises NotWaiting, referrals' NotAllowed.
    """
    booking, referral = _locked(booking)
    if not booking.is_waiting:
        raise NotWaiting(_("This request was answered already."))
    return _agree(booking=booking, referral=referral, by=by, at=at)


@transaction.atomic
def decline(
    *, booking: Booking, reason: EndReason, words: str, by: history.Actor, at: datetime
) -> Booking:
    """Decline the times, with a coded reason and a plain sentence; the money stays set aside.

    Raises NotWaiting, NotTheProvider, SaysNoReason.
    """
    booking, referral = _locked(booking)
    _must_answer(booking=booking, referral=referral, by=by, at=at)
    if not words.strip():
        raise SaysNoReason(_("Say in a sentence why, in words the family can use."))
    _release(booking)
    _answer(booking=booking, state=BookingState.DECLINED, reason=reason, words=words, at=at)
    _write(
        booking=booking,
        referral=referral,
        verb="decline_time",
        before=BookingState.ASKED,
        by=by,
        at=at,
        reason=reason,
        text=words,
    )
    ladder.expect(referral=referral, at=at)
    _tell_asker(referral=referral, kind="booking_declined", at=at)
    return booking


@transaction.atomic
def offer(*, booking: Booking, first: Slot, by: history.Actor, at: datetime) -> Booking:
    """Offer another weekly time instead; the family or its advocate answers.

    Raises NotWaiting, NotTheProvider, slots.Taken, slots.NotEnoughTimes.
    """
    booking, referral = _locked(booking)
    _must_answer(booking=booking, referral=referral, by=by, at=at)
    count = booking.sessions.count()
    _release(booking)
    booking.sessions.all().delete()
    _add_sessions(booking=booking, times=slots.take(slots=slots.series(first=first, count=count)))
    _answer(booking=booking, state=BookingState.OFFERED, reason="", words="", at=at)
    _write(
        booking=booking,
        referral=referral,
        verb="offer_time",
        before=BookingState.ASKED,
        by=by,
        at=at,
    )
    _tell_asker(referral=referral, kind="booking_offered", at=at)
    return booking


@transaction.atomic
def take_offer(*, booking: Booking, by: history.Actor, at: datetime) -> Booking:
    """Take the other time that the provider offered: the provider agreed by offering it."""
    booking, referral = _locked(booking)
    if not booking.is_offered:
        raise NotWaiting(_("There is no other time to answer to."))
    if not endings.is_for_family(referral=referral, by=by, at=at):
        raise endings.NotTheirsToEnd(_("Only the family or its advocate can take this time."))
    offered = history.of(booking.reference).filter(verb="offer_time").last()
    assert offered is not None  # written with the state
    provider = history.Actor(
        kind=history.ActorKind(offered.actor_kind),
        reference=offered.actor_reference,
        organisation=offered.organisation_reference,
        on_behalf_of=referral.person.reference,
    )
    _write(booking=booking, referral=referral, verb="take_offer", before="", by=by, at=at)
    return _agree(booking=booking, referral=referral, by=provider, at=at)


@transaction.atomic
def cancel(*, booking: Booking, by: history.Actor, at: datetime, reason: str = "") -> Booking:
    """Cancel a live booking: places and sessions to come are free again, the rung steps down.

    The money stays set aside until the commission is cancelled. Raises NotWaiting.
    """
    booking, referral = _locked(booking)
    if booking.state not in (BookingState.ASKED, BookingState.OFFERED, BookingState.ACCEPTED):
        raise NotWaiting(_("This booking has ended already."))
    before = booking.state
    _release(booking)
    booking.sessions.planned().update(state=SessionState.CANCELLED, recorded_at=at, hold=None)
    _answer(booking=booking, state=BookingState.CANCELLED, reason=reason, words="", at=at)
    _write(
        booking=booking,
        referral=referral,
        verb="cancel_time",
        before=before,
        by=by,
        at=at,
        reason=reason,
    )
    if referral.is_booked:
        referrals.fall_through(referral=referral, by=by, at=at, reason=reason)
    return booking


@transaction.atomic
def withdraw(*, referral: Referral, by: history.Actor, at: datetime, words: str = "") -> Referral:
    """Stop a referral wherever it is: booking, commission and all; the money goes back."""
    referral = ladder.locked(referral)
    for booking in Booking.objects.live().filter(referral=referral):
        cancel(booking=booking, by=by, at=at, reason=EndReason.CHANGED_MIND)
    return endings.withdraw(referral=referral, by=by, at=at, words=words)


def _locked(booking: Booking) -> tuple[Booking, Referral]:
    referral = ladder.locked(Referral.objects.get(pk=booking.referral_id))
    return Booking.objects.select_for_update(no_key=True).get(pk=booking.pk), referral


def _must_be_ready(referral: Referral) -> None:
    is_open_to_all = referral.service.is_universal and referral.rung == Rung.SIGNPOSTED
    if not referral.is_commissioned and not is_open_to_all:
        raise NotReady(_("A time can be asked for once the support is agreed."))
    if Booking.objects.live().filter(referral=referral).exists():
        raise NotReady(_("A time was asked for already."))


def _must_answer(*, booking: Booking, referral: Referral, by: history.Actor, at: datetime) -> None:
    if not booking.is_waiting:
        raise NotWaiting(_("This request was answered already."))
    works_there = by.organisation == referral.service.provider.reference
    if not works_there or Role.PROVIDER_WORKER not in memberships.roles_at(by=by, at=at):
        raise NotTheProvider(_("Only somebody who works for the provider can answer this."))


def _add_sessions(*, booking: Booking, times: Iterable[Slot]) -> None:
    Session.objects.bulk_create(
        Session(
            booking=booking,
            slot=slot,
            number=number,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        for number, slot in enumerate(sorted(times, key=lambda slot: slot.starts_at), start=1)
    )


def _agree(*, booking: Booking, referral: Referral, by: history.Actor, at: datetime) -> Booking:
    before = booking.state
    referrals.book(referral=referral, by=by, at=at)
    _give_holds(booking=booking, referral=referral)
    _answer(booking=booking, state=BookingState.ACCEPTED, reason="", words="", at=at)
    _write(booking=booking, referral=referral, verb="accept", before=before, by=by, at=at)
    _tell_asker(referral=referral, kind="booking_accepted", at=at)
    return booking


def _give_holds(*, booking: Booking, referral: Referral) -> None:
    """Give each session the money set aside for it, in order."""
    sessions = list(booking.sessions.planned().order_by("number"))
    for session, hold in zip(sessions, commissions.holds_of(referral), strict=False):
        session.hold = hold
    Session.objects.bulk_update(sessions, ["hold"])


def _release(booking: Booking) -> None:
    slots.release(slots=Slot.objects.filter(sessions__in=booking.sessions.planned()))


def _answer(
    *, booking: Booking, state: BookingState, reason: str, words: str, at: datetime
) -> None:
    booking.state, booking.decline_reason, booking.words = state, reason, words
    booking.answered_at = at
    booking.save(update_fields=["state", "decline_reason", "words", "answered_at"])


def _open_and_tell(*, booking: Booking, referral: Referral, at: datetime) -> None:
    provider = referral.service.provider
    ladder.open_to(
        referral=referral,
        organisation=provider,
        role=Role.PROVIDER_WORKER,
        kind=ReasonKind.BOOKING,
        at=at,
    )
    notices.tell_role(
        organisation=provider,
        role=Role.PROVIDER_WORKER,
        kind="booking_for_you",
        subject_kind="booking",
        subject=booking.reference,
        at=at,
    )


def _tell_asker(*, referral: Referral, kind: str, at: datetime) -> None:
    if referral.referrer_id is not None:
        notices.tell(
            users=User.objects.filter(pk=referral.referrer_id),
            kind=kind,
            subject_kind="referral",
            subject=referral.reference,
            at=at,
        )


def _write(
    *,
    booking: Booking,
    referral: Referral,
    verb: str,
    before: str,
    by: history.Actor,
    at: datetime,
    reason: str = "",
    text: str = "",
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="booking",
        subject=booking.reference,
        family=referral.family,
        person=referral.person,
        from_state=before,
        to_state=booking.state,
        reason=reason,
        text=text,
        is_confidential=referral.is_confidential,
    )
    ladder.publish(referral)
    topics.publish(topics.inbox(referral.service.provider.reference))
