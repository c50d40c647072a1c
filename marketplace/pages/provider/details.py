"""What a provider reads about one request: who, what, what was agreed, and what was answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.models import Service
from marketplace.bookings.models import Session
from marketplace.pages import doors
from marketplace.pages.provider import waiting
from marketplace.referrals import promises
from marketplace.referrals.models import Application, Promise, PromiseKind, Referral
from pricing import money
from pricing.models import Funding


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts."""

    key: str
    value: str


@dataclass(frozen=True)
class Owed:
    """Who will answer, and by when."""

    who: str
    due: date
    is_late: bool
    is_soon: bool
    is_chased: bool


def facts(referral: Referral, *, today: date) -> list[Fact]:
    """Return who comes, for what, how much was agreed and how it is paid."""
    rows = [
        Fact(_("For"), waiting.who(referral.person, on=today)),
        Fact(_("Support"), referral.service.name),
        Fact(_("Agreed"), agreed(referral)),
    ]
    if referral.quote is not None:
        rows.append(Fact(_("How it is paid"), funding_words(referral.quote.funding)))
    return rows


def agreed(referral: Referral) -> str:
    """Return what was agreed: how many, at how much, in all."""
    quote = referral.quote
    if quote is None or not quote.total_pence:
        return _("%(amount)s, free to the family’s plan") % {"amount": waiting.amount(referral)}
    words = _("%(amount)s at %(each)s: %(total)s in all") % {
        "amount": waiting.amount(referral),
        "each": money.show(quote.unit_amount_pence),
        "total": money.show(quote.total_pence),
    }
    return (
        _("%(words)s (the price is a placeholder)") % {"words": words}
        if (quote.is_placeholder)
        else words
    )


def funding_words(funding: str) -> str:
    """Return what the way a service is funded means for whoever delivers it."""
    words = {
        Funding.ALREADY_FUNDED: _("Already funded: nothing more is paid"),
        Funding.RECHARGE: _("Recharge: by journal between public bodies"),
        Funding.SPOT_PURCHASE: _("Spot purchase: you invoice for it"),
    }
    return words[Funding(funding)] if funding in Funding.values else "–"


def place_words(sessions: Iterable[Session]) -> str:
    """Return where it is, where all the times are at one place."""
    places = {session.slot.place for session in sessions if session.slot}
    place = places.pop() if len(places) == 1 else None
    return place.name if place else ""


def answers(referral: Referral, *, visit: doors.Visit) -> list[Fact]:
    """Return what the family answered to this service's own questions."""
    sent = visit.visible(Application.objects.filter(referral=referral)).first()
    if sent is None:
        return []
    asked = {question.key: question.text for question in referral.service.questions.all()}
    return [Fact(asked.get(key, key), _plain(value)) for key, value in sent.answers.items()]


def due(referral: Referral, *, today: date) -> Owed | None:
    """Return the provider's own promise that is open on a referral."""
    promise = (
        Promise.objects.open()
        .filter(referral=referral, kind=PromiseKind.OFFER_TIME)
        .select_related("organisation")
        .first()
    )
    if promise is None or promise.organisation is None:
        return None
    clock = promises.clock(promise, day=today)
    return Owed(
        who=promise.organisation.name,
        due=promise.due_on,
        is_late=clock.is_late,
        is_soon=clock.light == "amber",
        is_chased=promise.chased_at is not None,
    )


def offer_words(count: int) -> str:
    """Return what an offer of so many sessions means."""
    return ngettext(
        "The family is asked whether it suits. Its place is held for them meanwhile.",
        "%(count)s sessions, the same day and hour each week. The family is asked whether they "
        "suit; the places are held for them meanwhile.",
        count,
    ) % {"count": count}


def freshness(service: Service, *, today: date) -> str:
    """Return when an entry was last checked, in words."""
    if service.checked_on is None:
        return _("Never checked")
    months = (today - service.checked_on).days // 30
    if months < 1:
        return _("Checked this month")
    return ngettext("Checked %(count)s month ago", "Checked %(count)s months ago", months) % {
        "count": months
    }


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)
