"""Where each request is, whose turn it is and by when: what a family reads of a referral."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets.models import Person
from cms.models import Step
from marketplace.bookings.models import Booking, BookingState, Session
from marketplace.pages import doors
from marketplace.pages.advocate import promises_shown
from marketplace.pages.family import household, words
from marketplace.referrals import acts, promises
from marketplace.referrals.models import PauseReason, Promise, PromiseKind, Referral, Rung

YES, OFFER, TIME, HOW, BEGIN, WAIT, COMING = (
    "yes",
    "offer",
    "time",
    "how",
    "begin",
    "wait",
    "coming",
)
"""Whose turn it is, those that wait for the family first."""

ORDER = (YES, OFFER, TIME, HOW, BEGIN, COMING, WAIT)
THEIRS = (YES, OFFER, TIME, HOW)


@dataclass(frozen=True)
class Due:
    """Who has the ball, what for and by when."""

    who: str
    what: str
    on: date
    is_late: bool
    is_soon: bool
    is_chased: bool
    is_escalated: bool = False
    paused_until: date | None = None
    paused_why: str = ""
    kept_href: str = ""
    """Where it is said in one tap that it was done; empty where that is not the reader's to say."""
    missed_href: str = ""
    """And where, that it was not, once its day has come."""


@dataclass(frozen=True)
class Button:
    """The one thing to do next."""

    label: str
    href: str


@dataclass(frozen=True)
class Story:
    """One request, as its family reads it."""

    referral: Referral
    title: str
    whom: str
    href: str
    turn: str
    says: str
    button: Button | None
    due: Due | None
    given: tuple[Due, ...]
    """What people gave their word for besides: to ring, to write, to come."""
    booking: Booking | None
    upcoming: tuple[Session, ...]
    """What is still to come, at agreed times."""

    @property
    def is_theirs(self) -> bool:
        """Tell whether it waits for the family."""
        return self.turn in THEIRS

    @property
    def next_session(self) -> Session | None:
        """Return the next agreed time."""
        return self.upcoming[0] if self.upcoming else None

    @property
    def shows_rung(self) -> bool:
        """Tell whether the ladder's words fit: no money is set aside for what is free."""
        return self.referral.rung != Rung.COMMISSIONED or self.referral.is_charged_to_plan


def fetched(found: QuerySet[Referral]) -> QuerySet[Referral]:
    """Fetch what a story needs, in a constant number of queries."""
    owed = Promise.objects.open().select_related("organisation", "worker")
    open_promises = owed.order_by("due_on", "pk")
    sessions = Session.objects.order_by("starts_at", "pk")
    bookings = Booking.objects.order_by("pk").prefetch_related(Prefetch("sessions", sessions))
    return found.select_related(
        "service__owner", "service__provider", "person", "family", "quote", "barrier"
    ).prefetch_related(
        "steps",
        "service__processes",
        Prefetch("promises", open_promises),
        "pauses",
        Prefetch("bookings", bookings),
    )


def tell(
    found: Iterable[Referral], *, visit: doors.Visit, home: household.Household
) -> list[Story]:
    """Tell each request's story, what waits for the family first, then the newest."""
    told = [one(referral, visit=visit, home=home) for referral in found]
    told.sort(key=lambda story: story.referral.asked_at, reverse=True)
    return sorted(told, key=lambda story: ORDER.index(story.turn))


def one(referral: Referral, *, visit: doors.Visit, home: household.Household) -> Story:
    """Tell one request's story."""
    booking = live_booking(referral)
    upcoming = _upcoming(booking, visit.at)
    turn = whose_turn(referral, booking=booking, visit=visit, home=home)
    whom = home.called(referral.person)
    return Story(
        referral=referral,
        title=_("%(service)s, for %(name)s") % {"service": referral.service.name, "name": whom},
        whom=whom,
        href=reverse("family_referral", kwargs={"reference": referral.reference}),
        turn=turn,
        says=_says(turn, referral=referral),
        button=_button(turn, referral=referral),
        due=None if turn in THEIRS else due(referral, booking=booking, home=home, day=visit.today),
        given=_given(referral, turn=turn, home=home, day=visit.today),
        booking=booking,
        upcoming=upcoming,
    )


def whose_turn(
    referral: Referral,
    *,
    booking: Booking | None,
    visit: doors.Visit,
    home: household.Household,
) -> str:
    """Return whose turn it is; only who decides for the person is asked to act."""
    decides = home.is_own(referral.person_id)
    is_herself = referral.person_id == home.person.pk
    # What she keeps to herself is hers to say yes to, however young she is.
    says_yes = decides and (home.says_yes or referral.is_confidential or not is_herself)
    if not referral.is_open:
        return WAIT
    if booking is not None and booking.is_offered and decides:
        return OFFER
    if referral.is_booked:
        is_over = booking is None or not any(s.is_planned for s in booking.sessions.all())
        return HOW if is_over and decides else COMING
    following = acts.remaining(referral)[:1]
    if following == [Step.COMMISSION] and not referral.has_yes and says_yes:
        return YES
    is_ready = referral.is_commissioned or referral.service.is_universal
    if following == [Step.BOOK] and is_ready and booking is None and decides:
        return TIME
    is_only_told = referral.rung == Rung.SIGNPOSTED and not referral.promises.all()
    return BEGIN if is_only_told and decides else WAIT


def live_booking(referral: Referral) -> Booking | None:
    """Return the booking that stands, or the one that was carried out."""
    kept = (*_LIVE, BookingState.FINISHED)
    return next((b for b in reversed(list(referral.bookings.all())) if b.state in kept), None)


def due(
    referral: Referral, *, booking: Booking | None, home: household.Household, day: date
) -> Due | None:
    """Return what is due first, who has promised it, and how its clock stands."""
    promise = next(iter(referral.promises.all()), None)
    if promise is None:
        return None
    found = one_due(promise, home=home, person=referral.person, day=day)
    if promise.kind == PromiseKind.OFFER_TIME and booking is not None:
        return replace(found, what=_("answer about the time you asked for"))
    return found


def one_due(promise: Promise, *, home: household.Household, person: Person, day: date) -> Due:
    """Return one promise to a person as a family reads it."""
    whom, says = home.called(person), home.is_own(person.pk)
    about = {"reference": promise.reference}
    is_others = promise.organisation is not None or promise.worker is not None
    light = promises.clock(promise, day=day)
    what = str(words.TURNS[PromiseKind(promise.kind)])
    who = promises_shown.who(promise) if promise.organisation or promise.worker else whom
    why = ""
    if light.paused_until is not None and promise.referral is not None:
        held = next(
            one for one in promise.referral.pauses.all() if one.starts_on <= day < one.ends_on
        )
        why = str(words.PAUSES[PauseReason(held.reason)])
    return Due(
        who=who[:1].upper() + who[1:],
        what=f"{what}: {promise.words}" if promise.words else what,
        on=promise.due_on,
        is_late=light.is_late,
        is_soon=light.light == "amber",
        is_chased=promise.chased_at is not None,
        is_escalated=promise.escalated_at is not None,
        paused_until=light.paused_until,
        paused_why=why,
        kept_href=reverse("family_promise_kept", kwargs=about) if says and promise.is_given else "",
        missed_href=reverse("family_promise_missed", kwargs=about)
        if says and is_others and day >= promise.due_on and not is_chased_today(promise, day)
        else "",
    )


def is_chased_today(promise: Promise, day: date) -> bool:
    """Tell whether whoever promised it was told today already that it was not done."""
    return promise.chased_at is not None and timezone.localdate(promise.chased_at) == day


def given_to(found: QuerySet[Promise], *, home: household.Household, day: date) -> list[Due]:
    """Return what people promised apart from anything that was asked for, the soonest first."""
    rows = found.filter(referral__isnull=True).select_related("organisation", "worker", "person")
    return [
        one_due(promise, home=home, person=promise.person, day=day)
        for promise in rows.order_by("due_on", "pk")
    ]


def _given(
    referral: Referral, *, turn: str, home: household.Household, day: date
) -> tuple[Due, ...]:
    """Return what was promised besides what is due first."""
    first = [] if turn in THEIRS else list(referral.promises.all())[:1]
    shown = [one.pk for one in first]
    return tuple(
        one_due(promise, home=home, person=referral.person, day=day)
        for promise in referral.promises.all()
        if promise.is_given and promise.pk not in shown
    )


_LIVE = (BookingState.ASKED, BookingState.OFFERED, BookingState.ACCEPTED)


def _upcoming(booking: Booking | None, at: datetime) -> tuple[Session, ...]:
    if booking is None or not booking.is_accepted:
        return ()
    return tuple(s for s in booking.sessions.all() if s.is_planned and s.starts_at >= at)


def _says(turn: str, *, referral: Referral) -> str:
    return {
        YES: _("They said you can have it. Now it needs your yes."),
        OFFER: _("They can do this time. Does it suit you?"),
        TIME: _("It is agreed. Choose a time."),
        HOW: _("It has finished. How did it go?"),
        BEGIN: _("You were told about this. Ask for it if you want it."),
    }.get(turn, "")


def _button(turn: str, *, referral: Referral) -> Button | None:
    reference = {"reference": referral.reference}
    ask = reverse("family_ask", kwargs={"slug": referral.service.slug})
    addresses = {
        YES: (_("Say yes or no"), reverse("family_yes", kwargs=reference)),
        OFFER: (_("See the time"), reverse("family_referral", kwargs=reference)),
        TIME: (_("Choose a time"), reverse("family_times", kwargs=reference)),
        HOW: (_("Say how it went"), reverse("family_how", kwargs=reference)),
        BEGIN: (_("Ask for this"), f"{ask}?for={referral.person.reference}"),
    }
    found = addresses.get(turn)
    return Button(*found) if found else None
