"""Who can see what now, why, and the button that stops what rests on a yes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets.models import Person
from marketplace.bookings import consents
from marketplace.pages import doors
from marketplace.pages.family import (
    acting,
    household,
    sharing_forms,
    sharing_words,
    who_helps,
    words,
)
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral
from marketplace.sharing import consents as sharing_consents
from marketplace.sharing.models import Basis, ConsentHow, Purpose, Reason, ReasonKind, Scope

PER_PAGE = 10


@dataclass(frozen=True)
class Item:
    """What may be seen for one reason: what for, why, on what ground, until when, on whose yes."""

    whats: tuple[str, ...]
    why: str
    purpose: str
    basis: str
    until: str
    said: str
    stop_href: str


@dataclass(frozen=True)
class Seer:
    """One role at one place, what it may see, and who decides where that cannot be stopped."""

    who: str
    items: tuple[Item, ...]
    decides: str

    @property
    def has_a_yes(self) -> bool:
        """Tell whether some of it can be stopped."""
        return any(item.stop_href for item in self.items)


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
            "can_stop": own_reasons(visit, home).filter(basis=Basis.CONSENT).exists(),
            "can_share": bool(sharers(home)),
        },
    )


@doors.family
def form(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show the one form whole, to read, print and keep: every place, what for and until when."""
    home = household.of(visit)
    return render(
        request,
        "family/sharing_form.html",
        {
            "home": home,
            "seers": described(own_reasons(visit, home), visit=visit, home=home),
            "kinds": list(sharing_words.KIND_CHOICES.values()),
            "on": visit.today,
            "version": sharing_consents.FORM,
        },
    )


@doors.family
def add(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Say yes to a new sharing: who may see what about whom, what for, and until when."""
    home = household.of(visit)
    people = sharers(home)
    if not people:
        raise Http404
    choices = [(str(one.reference), _me_or(home, one)) for one in people]
    form = sharing_forms.ShareForm(request.POST or None, people=choices, on=visit.today)
    if request.method == "POST" and form.is_valid():
        person = next(one for one in people if str(one.reference) == form.cleaned_data["person"])

        def act() -> str:
            form.share(
                person=person,
                given_by=visit.person,
                how=ConsentHow.SIGNED_IN,
                by=acting.by(visit, person),
                at=visit.at,
            )
            return reverse("family_sharing")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    context = {"home": home, "form": form, "form_key": request.POST.get("form_key", "")}
    return render(request, "family/sharing_add.html", context)


@doors.family
def stop_all(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Ask once more, then stop everything that rests on a yes."""
    home = household.of(visit)
    back = reverse("family_sharing")
    if request.method != "POST":
        resting = own_reasons(visit, home).filter(basis=Basis.CONSENT)
        seers = described(resting, visit=visit, home=home)
        return render(request, "family/sharing_stop.html", {"home": home, "seers": seers})

    def act() -> str:
        for person in home.own:
            consents.withdraw_all(
                person=person,
                with_secrets=person == visit.person,
                by=acting.by(visit, person),
                at=visit.at,
            )
        return back

    done = _("It has all stopped. They cannot see it any more.")
    return acting.perform(request, visit, act, back=back, done=done)


def _me_or(home: household.Household, person: Person) -> str:
    return _("Me") if person.pk == home.person.pk else person.first_name


def sharers(home: household.Household) -> tuple[Person, ...]:
    """Return about whom the visitor may say yes."""
    return home.own if home.says_yes else home.children


@doors.family
@require_POST
def stop(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Stop one sharing that rests on the visitor's yes."""
    home = household.of(visit)
    reason = get_object_or_404(_own(visit, home, Reason.objects.all()), reference=reference)
    back = reverse("family_sharing")

    def act() -> str:
        consents.stop(reason=reason, by=visit.by, at=visit.at)
        return back

    return acting.perform(
        request, visit, act, back=back, done=_("It has stopped. They cannot see it any more.")
    )


def described(
    reasons: Iterable[Reason], *, visit: doors.Visit, home: household.Household
) -> list[Seer]:
    """Return reasons in words, by who may see: what, why, and who decides where she does not."""
    wanted = list(reasons)
    about = visit.visible(
        Referral.objects.filter(reference__in=[reason.subject for reason in wanted])
    ).select_related("service__owner")
    subjects = {referral.reference: referral for referral in about}
    places = _places(wanted, visit)
    by_who: dict[str, list[Reason]] = defaultdict(list)
    for reason in wanted:
        by_who[_who(reason, places)].append(reason)
    return [
        Seer(
            who=who,
            items=_items(group, subjects, home),
            decides=_decides(group, subjects, places),
        )
        for who, group in by_who.items()
    ]


def _own(
    visit: doors.Visit, home: household.Household, found: QuerySet[Reason]
) -> QuerySet[Reason]:
    mine = Q(person=visit.person)
    children = Q(person__in=[child.pk for child in home.children], is_confidential=False)
    return (
        visit.visible(found)
        .filter(mine | children)
        .select_related("person", "organisation", "user", "consent__given_by")
    )


def _places(reasons: list[Reason], visit: doors.Visit) -> dict[int, Membership]:
    """Return where the single workers among the holders work, by user."""
    users = [reason.user_id for reason in reasons if reason.user_id]
    held = Membership.objects.on(visit.today).filter(user__in=users).select_related("organisation")
    return {one.user_id: one for one in held.order_by("-starts_on", "-pk")}


def _items(
    group: list[Reason], subjects: dict[UUID, Referral], home: household.Household
) -> tuple[Item, ...]:
    """Return what has the same ground together; what can be stopped stands by itself."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for reason in group:
        key = {"reference": reason.reference}
        stop_href = reverse("family_stop_sharing", kwargs=key) if reason.can_be_stopped else ""
        why = str(words.GROUNDS.get(reason.kind, ""))
        what = _what(reason, subjects.get(reason.subject), home)
        found[
            why,
            str(sharing_words.PURPOSES[Purpose(reason.purpose)]),
            str(words.BASES[Basis(reason.basis)]),
            sharing_words.until(reason),
            _said(reason, home),
            stop_href,
        ].append(what)
    return tuple(Item(tuple(dict.fromkeys(whats)), *key) for key, whats in found.items())


def _said(reason: Reason, home: household.Household) -> str:
    giver = reason.consent.given_by if reason.consent else None
    return sharing_words.said(reason.consent, called=home.called(giver))


def _decides(
    group: list[Reason], subjects: dict[UUID, Referral], places: dict[int, Membership]
) -> str:
    """Return who decides on what cannot be stopped here: the service's owner, or the place."""
    for reason in group:
        if not reason.can_be_stopped:
            referral, work = subjects.get(reason.subject), places.get(reason.user_id or 0)
            place = reason.organisation or (work.organisation if work else None)
            owner = referral.service.owner if referral else place
            return _contact(owner.name, owner.phone) if owner else ""
    return ""


def _contact(name: str, phone: str) -> str:
    if not phone:
        return name
    return _("%(name)s, %(phone)s") % {"name": name, "phone": phone}


def _who(reason: Reason, places: dict[int, Membership]) -> str:
    work = places.get(reason.user_id or 0)
    role = reason.role or (work.role if work else "")
    place = reason.organisation or (work.organisation if work else None)
    shown = str(words.ROLES[Role(role)]) if role else _("One worker")
    return _("%(role)s at %(place)s") % {"role": shown, "place": place.name} if place else shown


def _what(reason: Reason, referral: Referral | None, home: household.Household) -> str:
    name = home.called(reason.person)
    if reason.scope == Scope.RECORD:
        opened = sharing_words.kinds(reason.opens)
        return _("About %(name)s: %(kinds)s.") % {"name": name, "kinds": opened}
    if reason.kind == ReasonKind.SAFEGUARD:
        return _("A worry about safety, for %(name)s.") % {"name": name}
    if referral is None:
        return _("One thing only, for %(name)s.") % {"name": name}
    return _("Only this: %(service)s, for %(name)s.") % {
        "service": referral.service.name,
        "name": name,
    }
