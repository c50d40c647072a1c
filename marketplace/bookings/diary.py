"""How a booking is kept: locked with its referral, its times held, its history written, told."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Transfer
from marketplace.bookings import slots
from marketplace.bookings.models import Booking, BookingState, Session, SessionState, Slot
from marketplace.notices import notices
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import commissions, ladder, parties
from marketplace.referrals.models import Referral
from marketplace.sharing.models import Basis, ReasonKind

# What a session that is used up counts as: it will not be given again.
USED = (SessionState.DELIVERED, SessionState.DID_NOT_COME)


class NotEnoughSetAside(history.Refused):
    """More sessions were asked for than money is set aside for."""


class CheckRanOut(history.Refused):
    """Nobody meets somebody alone whose check is not held on the day."""


def locked(booking: Booking) -> tuple[Booking, Referral]:
    """Lock the family, the referral and the booking, and return the last two as they are now."""
    referral = ladder.locked(Referral.objects.get(pk=booking.referral_id))
    return Booking.objects.select_for_update(no_key=True).get(pk=booking.pk), referral


def must_be_checked(*, referral: Referral, at: datetime) -> None:
    """Refuse times with somebody whose check has run out, paid or not (design §5).

    Raises CheckRanOut.
    """
    if not referral.service.is_checked(timezone.localdate(at)):
        raise CheckRanOut(
            _("A check of who you meet has run out. Times can be agreed when it is renewed.")
        )


def works_there(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether the actor gives the support: a provider worker of its provider."""
    provider = referral.service.provider
    return parties.works_at(organisation=provider, role=Role.PROVIDER_WORKER, by=by, at=at)


def count(*, referral: Referral, wanted: int | None) -> int:
    """Return how many sessions to book: what is wanted, or all that are still to come.

    Each session needs money that is set aside and not promised to another one, unless the plan
    pays nothing. Raises NotEnoughSetAside.
    """
    whole = referral.quantity or referral.service.standard_quantity
    if not referral.is_charged_to_plan:
        used = Session.objects.filter(booking__referral=referral, state__in=USED).count()
        return wanted or max(whole - used, 1)
    free = len(free_holds(referral))
    if not free or (wanted or 0) > free:
        raise NotEnoughSetAside(
            _("Money is set aside for %(free)s more sessions. Ask for that many or fewer.")
            % {"free": free}
        )
    return wanted or free


def free_holds(referral: Referral) -> list[Transfer]:
    """Return what is set aside for a referral and for none of its planned sessions yet."""
    given = set(
        Session.objects.planned()
        .filter(booking__referral=referral, hold__isnull=False)
        .values_list("hold", flat=True)
    )
    return [hold for hold in commissions.holds_of(referral) if hold.pk not in given]


def give_holds(*, booking: Booking, referral: Referral) -> None:
    """Give each session the money set aside for it, in order; no money is given twice."""
    sessions = list(booking.sessions.planned().order_by("number"))
    for session, hold in zip(sessions, free_holds(referral), strict=False):
        session.hold = hold
    Session.objects.bulk_update(sessions, ["hold"])


def add_sessions(*, booking: Booking, first: Slot, number: int) -> None:
    """Take the places of a weekly series from a first time, and plan a session in each.

    Raises slots.Taken, slots.NotEnoughTimes.
    """
    taken = slots.take(slots=slots.series(first=first, count=number))
    Session.objects.bulk_create(
        Session(
            booking=booking,
            slot=slot,
            number=place,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        for place, slot in enumerate(sorted(taken, key=lambda slot: slot.starts_at), start=1)
    )


def release(sessions: Iterable[Session]) -> None:
    """Give the places of some sessions back."""
    slots.release(slots=Slot.objects.filter(sessions__in=list(sessions)))


def answer(
    *, booking: Booking, state: BookingState, at: datetime, reason: str = "", words: str = ""
) -> None:
    """Note where the request stands now, and why."""
    booking.state, booking.decline_reason, booking.words = state, reason, words
    booking.answered_at = at
    booking.save(update_fields=["state", "decline_reason", "words", "answered_at"])


def open_to_provider(
    *, referral: Referral, by: history.Actor, at: datetime, basis: Basis | None = None
) -> None:
    """Let whoever gives the support know of this one referral."""
    ladder.open_to(
        referral=referral,
        organisation=referral.service.provider,
        role=Role.PROVIDER_WORKER,
        kind=ReasonKind.BOOKING,
        by=by,
        at=at,
        basis=basis,
    )


def tell_provider(*, booking: Booking, referral: Referral, kind: str, at: datetime) -> None:
    """Tell everybody at the provider who answers."""
    notices.tell_role(
        organisation=referral.service.provider,
        role=Role.PROVIDER_WORKER,
        kind=kind,
        subject_kind="booking",
        subject=booking.reference,
        at=at,
    )


def tell_asker(*, referral: Referral, kind: str, at: datetime) -> None:
    """Tell whoever asked for the support."""
    if referral.referrer_id is not None:
        notices.tell(
            users=User.objects.filter(pk=referral.referrer_id),
            kind=kind,
            subject_kind="referral",
            subject=referral.reference,
            at=at,
        )


def write(
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
    """Write one line of the booking's history, and tell open pages once it is committed."""
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
