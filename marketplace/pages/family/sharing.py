"""Who can see what now, why, and the button that stops what rests on a yes."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.pages import doors
from marketplace.pages.family import acting, household, who_helps, words
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis, Reason, Scope

PER_PAGE = 10


@dataclass(frozen=True)
class Seer:
    """One organisation's people who may see something about one person."""

    reason: Reason
    who: str
    what: str
    why: str
    basis: str
    can_stop: bool
    stop_href: str
    decides: str


def own_reasons(visit: doors.Visit, home: household.Household) -> QuerySet[Reason]:
    """Return the live reasons about the visitor, and of what is no secret, about her children."""
    return _own(visit, home, Reason.objects.live(visit.at)).order_by("opened_at", "pk")


def seers(visit: doors.Visit, home: household.Household) -> set[object]:
    """Return the different places and people that may see something now."""
    found = own_reasons(visit, home).order_by().values_list("organisation", "user").distinct()
    return set(found)


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List who can see what about the visitor and her children, and what she can stop."""
    home = household.of(visit)
    page_obj = Paginator(own_reasons(visit, home), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "family/sharing.html",
        {
            "home": home,
            "seers": described(page_obj, visit=visit, home=home),
            "page_obj": page_obj,
            "people": who_helps.people(visit, home),
        },
    )


@doors.family
@require_POST
def stop(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Stop one sharing that rests on the visitor's yes."""
    home = household.of(visit)
    reason = get_object_or_404(_own(visit, home, Reason.objects.all()), reference=reference)
    back = reverse("family_sharing")

    def act() -> str:
        sharing.stop(reason=reason, at=visit.at)
        return back

    return acting.perform(
        request, visit, act, back=back, done=_("It has stopped. They cannot see it any more.")
    )


def described(
    reasons: Iterable[Reason], *, visit: doors.Visit, home: household.Household
) -> list[Seer]:
    """Return reasons in words: who, what, why, and who decides where she does not."""
    wanted = list(reasons)
    about = visit.visible(
        Referral.objects.filter(reference__in=[reason.subject for reason in wanted])
    ).select_related("service__owner", "person")
    subjects = {referral.reference: referral for referral in about}
    return [_seer(reason, subjects.get(reason.subject), home) for reason in wanted]


def _own(
    visit: doors.Visit, home: household.Household, found: QuerySet[Reason]
) -> QuerySet[Reason]:
    mine = Q(person=visit.person)
    children = Q(person__in=[child.pk for child in home.children], is_confidential=False)
    return (
        visit.visible(found)
        .filter(mine | children)
        .select_related("person", "organisation", "user")
    )


def _seer(reason: Reason, referral: Referral | None, home: household.Household) -> Seer:
    place = reason.organisation
    owner = referral.service.owner if referral else place
    return Seer(
        reason=reason,
        who=_who(reason),
        what=_what(reason, referral, home),
        why=str(words.GROUNDS.get(reason.kind, "")),
        basis=str(words.BASES[Basis(reason.basis)]),
        can_stop=reason.can_be_stopped,
        stop_href=reverse("family_stop_sharing", kwargs={"reference": reason.reference}),
        decides="" if owner is None else _contact(owner.name, owner.phone),
    )


def _contact(name: str, phone: str) -> str:
    if not phone:
        return name
    return _("%(name)s. Ring %(phone)s") % {"name": name, "phone": phone}


def _who(reason: Reason) -> str:
    role = str(words.ROLES[Role(reason.role)]) if reason.role else _("One worker")
    if reason.organisation is None:
        return role
    return _("%(role)s at %(place)s") % {"role": role, "place": reason.organisation.name}


def _what(reason: Reason, referral: Referral | None, home: household.Household) -> str:
    name = home.called(reason.person)
    if reason.scope == Scope.RECORD:
        return _("The plan and what is in it, for %(name)s.") % {"name": name}
    if referral is None:
        return _("One thing only, for %(name)s.") % {"name": name}
    return _("Only this: %(service)s, for %(name)s.") % {
        "service": referral.service.name,
        "name": name,
    }
