"""Asking a provider for times, and the provider's answer (report §5.4.2, design §6)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Service
from marketplace.bookings import diary, slots
from marketplace.bookings.models import Booking, BookingState, Session, SessionState, Slot
from marketplace.referrals import acts, endings, ladder, parties, promises, referrals
from marketplace.referrals.models import EndReason, PromiseKind, Referral, Rung
from marketplace.sharing.models import Basis


class NotReady(history.Refused):
    """Times are asked for once the support is commissioned, and once at a time."""


class NotWaiting(history.Refused):
    """The request was answered already, or withdrawn."""


class NotTheProvider(history.Refused):
    """Only somebody who works for the provider answers."""


class NotTheFamily(history.Refused):
    """Only somebody who speaks for the person asks, and takes what was offered."""


class NotTheirs(history.Refused):
    """Only the two sides of a booking cancel it."""


class SaysNoReason(history.Refused):
    """A decline needs a plain sentence."""


@transaction.atomic
def ask(
    *, referral: Referral, first: Slot, by: history.Actor, at: datetime, count: int | None = None
) -> Booking:
    """Ask the provider for a weekly series from a first time; its places are held meanwhile.

    A service open to everyone is booked at once. `count` sessions: what was assessed and not had
    yet, by default.
    Raises NotTheFamily, NotReady, NotEnoughSetAside, slots.Taken, slots.NotEnoughTimes.
    """
    referral = ladder.locked(referral)
    if not parties.is_for_family(referral=referral, by=by, at=at):
        raise NotTheFamily(_("Only the family, its advocate or who asked can ask for a time."))
    _must_be_ready(referral=referral, first=first, at=at)
    number = diary.count(referral=referral, wanted=count)
    booking = Booking.objects.create(referral=referral, asked_at=at)
    diary.add_sessions(booking=booking, first=first, number=number)
    diary.write(booking=booking, referral=referral, verb="ask_time", before="", by=by, at=at)
    ladder.expect(referral=referral, at=at)
    diary.open_to_provider(referral=referral, by=by, at=at)
    diary.tell_provider(booking=booking, referral=referral, kind="booking_for_you", at=at)
    if referral.service.is_universal:
        return _agree(booking=booking, referral=referral, by=by, at=at)
    return booking


@transaction.atomic
def propose(
    *, referral: Referral, first: Slot, by: history.Actor, at: datetime, count: int | None = None
) -> Booking:
    """Offer the first time where nobody asked for one yet; the family or its advocate answers.

    Raises NotTheProvider, NotReady, NotEnoughSetAside, slots.Taken, slots.NotEnoughTimes.
    """
    referral = ladder.locked(referral)
    if not diary.works_there(referral=referral, by=by, at=at):
        raise NotTheProvider(_("Only somebody who works for the provider can offer a time."))
    _must_be_ready(referral=referral, first=first, at=at)
    number = diary.count(referral=referral, wanted=count)
    booking = Booking.objects.create(
        referral=referral, state=BookingState.OFFERED, asked_at=at, answered_at=at
    )
    diary.add_sessions(booking=booking, first=first, number=number)
    _offered(booking=booking, referral=referral, before="", by=by, at=at)
    return booking


@transaction.atomic
def accept(*, booking: Booking, by: history.Actor, at: datetime) -> Booking:
    """Accept for the provider: the referral is booked, each session has its money set aside.

    Raises NotWaiting, referrals' NotAllowed.
    """
    booking, referral = diary.locked(booking)
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
    booking, referral = diary.locked(booking)
    _must_answer(booking=booking, referral=referral, by=by, at=at)
    if not words.strip():
        raise SaysNoReason(_("Say in a sentence why, in words the family can use."))
    diary.release(booking.sessions.planned())
    booking.sessions.planned().update(state=SessionState.CANCELLED, recorded_at=at)
    diary.answer(booking=booking, state=BookingState.DECLINED, reason=reason, words=words, at=at)
    diary.write(
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
    diary.tell_asker(referral=referral, kind="booking_declined", at=at)
    return booking


@transaction.atomic
def offer(*, booking: Booking, first: Slot, by: history.Actor, at: datetime) -> Booking:
    """Offer another weekly time instead; the family or its advocate answers.

    Raises NotWaiting, NotTheProvider, NotReady, slots.Taken, slots.NotEnoughTimes.
    """
    booking, referral = diary.locked(booking)
    _must_answer(booking=booking, referral=referral, by=by, at=at)
    _must_be_its_time(referral=referral, first=first, at=at)
    number = booking.sessions.count()
    diary.release(booking.sessions.planned())
    booking.sessions.all().delete()
    diary.add_sessions(booking=booking, first=first, number=number)
    diary.answer(booking=booking, state=BookingState.OFFERED, at=at)
    _offered(booking=booking, referral=referral, before=BookingState.ASKED, by=by, at=at)
    return booking


@transaction.atomic
def take_offer(*, booking: Booking, by: history.Actor, at: datetime) -> Booking:
    """Take the other time that the provider offered: the provider agreed by offering it.

    Raises NotTheFamily, and NotWaiting also where whoever offered it works there no more.
    """
    booking, referral = diary.locked(booking)
    if not booking.is_offered:
        raise NotWaiting(_("There is no other time to answer to."))
    if not parties.is_for_family(referral=referral, by=by, at=at):
        raise NotTheFamily(_("Only the family or its advocate can take this time."))
    offered = history.of(booking.reference).filter(verb="offer_time").last()
    assert offered is not None  # written with the state
    provider = history.Actor(
        kind=history.ActorKind(offered.actor_kind),
        reference=offered.actor_reference,
        organisation=offered.organisation_reference,
        on_behalf_of=referral.person.reference,
    )
    diary.write(
        booking=booking,
        referral=referral,
        verb="take_offer",
        before=BookingState.OFFERED,
        by=by,
        at=at,
    )
    try:
        return _agree(booking=booking, referral=referral, by=provider, at=at)
    except acts.NotAllowed as refusal:
        raise NotWaiting(
            _("Whoever offered this time cannot give it any more. Say no to it, and ask again.")
        ) from refusal


@transaction.atomic
def cancel(*, booking: Booking, by: history.Actor, at: datetime, reason: str = "") -> Booking:
    """Cancel a live booking: places and sessions to come are free again, the rung steps down.

    The money stays set aside until the commission is cancelled. A session that has begun stays
    for the provider to record. Raises NotWaiting, NotTheirs.
    """
    booking, referral = diary.locked(booking)
    if not booking.is_live:
        raise NotWaiting(_("This booking has ended already."))
    is_family = parties.is_for_family(referral=referral, by=by, at=at)
    if not is_family and not diary.works_there(referral=referral, by=by, at=at):
        raise NotTheirs(_("Only the family, its advocate or the provider can cancel this."))
    return _cancel(
        booking=booking, referral=referral, is_family=is_family, by=by, at=at, reason=reason
    )


@transaction.atomic
def withdraw(*, referral: Referral, by: history.Actor, at: datetime, words: str = "") -> Referral:
    """Stop a referral wherever it is: booking, commission and all; the money goes back."""
    referral = ladder.locked(referral)
    _let_go(referral=referral, is_family=True, by=by, at=at, reason=EndReason.CHANGED_MIND)
    begun = _begun(referral)
    referral = endings.withdraw(referral=referral, by=by, at=at, words=words, but=_holds(begun))
    return _left_to_record(referral=referral, begun=begun, by=by, at=at)


@transaction.atomic
def complete(
    *,
    referral: Referral,
    reason: EndReason,
    words: str,
    by: history.Actor,
    at: datetime,
    told: endings.Told | None = None,
) -> Referral:
    """Finish a booked support, in the family's words; times to come are free, their money back.

    Raises what `endings.complete` raises.
    """
    referral = ladder.locked(referral)
    to_come = Session.objects.planned().filter(booking__referral=referral, starts_at__gt=at)
    diary.release(to_come)
    to_come.update(state=SessionState.CANCELLED, recorded_at=at, hold=None)
    begun = _begun(referral)
    if not begun:
        Booking.objects.live().filter(referral=referral).update(state=BookingState.FINISHED)
    referral = endings.complete(
        referral=referral, reason=reason, words=words, by=by, at=at, but=_holds(begun), told=told
    )
    return _left_to_record(referral=referral, begun=begun, by=by, at=at)


@transaction.atomic
def decline_support(
    *,
    referral: Referral,
    reason: EndReason,
    words: str,
    by: history.Actor,
    at: datetime,
    alternatives: Iterable[Service] = (),
    unmet: str = "",
    answers: Mapping[str, Any] | None = None,
) -> Referral:
    """Say no to the whole support and not only to a time: what was held is free, the money back.

    Raises what `endings.decline` raises.
    """
    referral = ladder.locked(referral)
    _let_go(referral=referral, is_family=False, by=by, at=at, reason=reason)
    begun = _begun(referral)
    referral = endings.decline(
        referral=referral,
        reason=reason,
        words=words,
        by=by,
        at=at,
        alternatives=alternatives,
        unmet=unmet,
        answers=answers,
        but=_holds(begun),
    )
    return _left_to_record(referral=referral, begun=begun, by=by, at=at)


def _must_be_ready(*, referral: Referral, first: Slot, at: datetime) -> None:
    is_open_to_all = referral.service.is_universal and referral.rung == Rung.SIGNPOSTED
    if not referral.is_commissioned and not is_open_to_all:
        raise NotReady(_("A time can be asked for once the support is agreed."))
    if Booking.objects.live().filter(referral=referral).exists():
        raise NotReady(_("A time was asked for already."))
    diary.must_be_checked(referral=referral, at=at)
    _must_be_its_time(referral=referral, first=first, at=at)


def _must_be_its_time(*, referral: Referral, first: Slot, at: datetime) -> None:
    if first.service_id != referral.service_id or first.starts_at <= at:
        raise slots.Taken(_("That time is not offered any more. Choose another one."))


def _must_answer(*, booking: Booking, referral: Referral, by: history.Actor, at: datetime) -> None:
    if not booking.is_waiting:
        raise NotWaiting(_("This request was answered already."))
    if not diary.works_there(referral=referral, by=by, at=at):
        raise NotTheProvider(_("Only somebody who works for the provider can answer this."))


def _agree(*, booking: Booking, referral: Referral, by: history.Actor, at: datetime) -> Booking:
    diary.must_be_checked(referral=referral, at=at)
    before = booking.state
    promises.keep(referral=referral, kinds=(PromiseKind.SAY_YES,), at=at)
    referrals.book(referral=referral, by=by, at=at)
    diary.give_holds(booking=booking, referral=referral)
    diary.answer(booking=booking, state=BookingState.ACCEPTED, at=at)
    diary.write(booking=booking, referral=referral, verb="accept", before=before, by=by, at=at)
    diary.tell_asker(referral=referral, kind="booking_accepted", at=at)
    return booking


def _offered(
    *, booking: Booking, referral: Referral, before: str, by: history.Actor, at: datetime
) -> None:
    """Write and tell of an offer: the provider kept its promise, and it is the family's turn."""
    promises.keep(referral=referral, kinds=(PromiseKind.OFFER_TIME,), at=at)
    promises.make(
        referral=referral,
        kind=PromiseKind.SAY_YES,
        organisation=None,
        working_days_given=ladder.DAYS_TO_SAY_YES,
        at=at,
    )
    diary.write(booking=booking, referral=referral, verb="offer_time", before=before, by=by, at=at)
    diary.tell_asker(referral=referral, kind="booking_offered", at=at)


def _now_to_offer(*, referral: Referral, at: datetime) -> None:
    """Note that the family answered, and whose turn it is where the support still stands."""
    promises.keep(referral=referral, kinds=(PromiseKind.SAY_YES,), at=at)
    if referral.is_commissioned:
        ladder.expect(referral=referral, at=at)


def _cancel(
    *,
    booking: Booking,
    referral: Referral,
    is_family: bool,
    by: history.Actor,
    at: datetime,
    reason: str,
) -> Booking:
    before, sessions = booking.state, booking.sessions.planned()
    if booking.is_accepted:
        sessions = sessions.filter(starts_at__gt=at)
    diary.release(sessions)
    sessions.update(state=SessionState.CANCELLED, recorded_at=at, hold=None)
    diary.answer(booking=booking, state=BookingState.CANCELLED, reason=reason, at=at)
    diary.write(
        booking=booking,
        referral=referral,
        verb="cancel_time",
        before=before,
        by=by,
        at=at,
        reason=reason,
    )
    _now_to_offer(referral=referral, at=at)
    if not is_family:
        diary.tell_asker(referral=referral, kind="booking_cancelled", at=at)
    elif before != BookingState.OFFERED:
        diary.tell_provider(booking=booking, referral=referral, kind="booking_cancelled", at=at)
    if referral.is_booked:
        referrals.fall_through(referral=referral, by=by, at=at, reason=reason)
    return booking


def _let_go(
    *, referral: Referral, is_family: bool, by: history.Actor, at: datetime, reason: EndReason
) -> None:
    for booking in Booking.objects.live().select_for_update(no_key=True).filter(referral=referral):
        _cancel(
            booking=booking,
            referral=ladder.locked(referral),
            is_family=is_family,
            by=by,
            at=at,
            reason=reason,
        )


def _begun(referral: Referral) -> list[Session]:
    """Return the sessions that took place or should have, and wait for the provider's word."""
    return list(
        Session.objects.planned()
        .filter(booking__referral=referral)
        .exclude(booking__state__in=[BookingState.ASKED, BookingState.OFFERED])
    )


def _holds(begun: list[Session]) -> frozenset[int]:
    return frozenset(session.hold_id for session in begun if session.hold_id is not None)


def _left_to_record(
    *, referral: Referral, begun: list[Session], by: history.Actor, at: datetime
) -> Referral:
    """Let the provider still say what became of sessions that had begun when it ended.

    What was delivered has to be accounted for, whatever the person now says yes to.
    """
    if begun:
        diary.open_to_provider(referral=referral, by=by, at=at, basis=Basis.LEGAL_OBLIGATION)
    return referral
