"""Sharings as an advocate reads them: one row a recipient, with ground, end and who decides."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import text, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.pages import doors
from marketplace.pages.family import sharing_words
from marketplace.pages.templatetags import alongside
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral
from marketplace.sharing.models import Basis, Purpose, Reason, Scope

# What the person reads as "you" is about them here.
GROUNDS = {Basis.CONSENT: gettext_lazy("They said yes")}


@dataclass(frozen=True)
class Shared:
    """Who may see what about whom, what for, on what ground, until when; and how to stop it."""

    whose: str
    who: str
    what: str
    purpose: str
    basis: str
    until: str
    stop_href: str


def shared(reasons: Iterable[Reason], *, visit: doors.Visit) -> list[Shared]:
    """Return reasons in words, in a constant number of queries."""
    wanted = list(reasons)
    about = visit.visible(
        Referral.objects.filter(reference__in=[reason.subject for reason in wanted])
    ).select_related("service")
    services = {referral.reference: referral.service.name for referral in about}
    users = [reason.user_id for reason in wanted if reason.user_id]
    held = Membership.objects.on(visit.today).filter(user__in=users).select_related("organisation")
    places = {one.user_id: one for one in held.order_by("-starts_on", "-pk")}
    return [
        Shared(
            whose=reason.person.first_name,
            who=_who(reason, places),
            what=_what(reason, services.get(reason.subject, "")),
            purpose=str(sharing_words.PURPOSE_CHOICES[Purpose(reason.purpose)]),
            basis=str(GROUNDS.get(Basis(reason.basis)) or Basis(reason.basis).label),
            until=_until(reason),
            stop_href=reverse("advocate_stop_sharing", args=[reason.reference])
            if reason.can_be_stopped
            else "",
        )
        for reason in wanted
    ]


def _who(reason: Reason, places: dict[int, Membership]) -> str:
    work = places.get(reason.user_id or 0)
    place = reason.organisation or (work.organisation if work else None)
    role = reason.role or (work.role if work else "")
    shown = str(Role(role).label) if role else _("One worker")
    return f"{place.name}: {shown}" if place else shown


def _what(reason: Reason, service: str) -> str:
    if reason.scope != Scope.RECORD:
        if reason.purpose == Purpose.SAFETY:
            return _("A worry about safety")
        return service or _("One thing only")
    return text.capfirst(sharing_words.kinds(reason.opens))


def _until(reason: Reason) -> str:
    if reason.ends_at is not None:
        return str(alongside.day(timezone.localdate(reason.ends_at)))
    return _("Until it is done")
