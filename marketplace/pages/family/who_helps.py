"""Who is helping: the lead, the advocate, and the places that do something now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from budgets.models import Person
from cms.models import Organisation
from marketplace.notices import notices
from marketplace.pages import danger, doors
from marketplace.pages.family import acting, household, stories, words
from marketplace.people import appointments, users
from marketplace.people.models import Appointment, Lead, Membership
from marketplace.people.roles import POWERS, AdvocateKind, Power
from marketplace.referrals.models import Referral, Rung

PER_PAGE = 10

# What somebody on your side may do.
CAN = {
    Power.CONFIDE: gettext_lazy("You can tell them things that nobody else is told"),
    Power.REPRESENT: gettext_lazy("Speak for you, and ask for help for you"),
    Power.SIGNPOST: gettext_lazy("Tell you what help there is"),
    Power.CHASE: gettext_lazy("Chase people who have not done what they said"),
}
KINDS = {
    AdvocateKind.PAID_ADVOCATE: gettext_lazy("An advocate: it is their job"),
    AdvocateKind.LEAD_PROFESSIONAL: gettext_lazy("A worker who helps us already"),
    AdvocateKind.FAMILY_FRIEND: gettext_lazy("A friend"),
    AdvocateKind.VOLUNTEER: gettext_lazy("A volunteer"),
}
AGREED = (Rung.COMMISSIONED, Rung.BOOKED)


class ChooseHelper(forms.Form):
    """Who should be on whose side, by the address or the code that they gave."""

    person = forms.ChoiceField(label=gettext_lazy("Who is it for?"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label=gettext_lazy("Who are they?"), choices=list(KINDS.items()), widget=forms.RadioSelect
    )
    who = forms.CharField(
        label=gettext_lazy("Their e-mail address or their code"),
        help_text=gettext_lazy("Ask them for it. Check it is right: they will see what is yours."),
        max_length=150,
    )
    name = forms.CharField(
        label=gettext_lazy("Their name"),
        help_text=gettext_lazy("We need it for a friend or a volunteer who is new here."),
        max_length=150,
        required=False,
    )

    def __init__(
        self, *args: Any, home: household.Household, people: list[Person], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            (str(one.reference), _("Me") if one.pk == home.person.pk else one.first_name)
            for one in people
        ]

    def clean_person(self) -> Person:
        """Return the person it is for."""
        chosen = self.cleaned_data["person"]
        return next(one for one in self.people if str(one.reference) == chosen)

    def clean_name(self) -> str:
        """Call somebody new by the first part of her address where no name was given."""
        said: str = self.cleaned_data["name"].strip()
        return said or self.cleaned_data.get("who", "").partition("@")[0][:150]


@dataclass(frozen=True)
class Helper:
    """One person or place that helps: what for, since when, and how to reach it."""

    name: str
    role: str
    organisation: str
    phone: str
    note: str
    email: str = ""


@dataclass(frozen=True)
class Chosen:
    """One advocate of one person: what she may and may not do, and where it can be ended."""

    helper: Helper
    may: tuple[str, ...]
    may_not: tuple[str, ...]
    end_href: str


@dataclass(frozen=True)
class Side:
    """Who is on one person's side; `is_hers` where the visitor says who."""

    person: Person
    title: str
    chosen: tuple[Chosen, ...]
    choose_href: str


def people(visit: doors.Visit, home: household.Household) -> list[Helper]:
    """Return the lead and the advocates by name: those whom the family knows."""
    return [*leads(visit), *_advocates(visit, home)]


def leads(visit: doors.Visit) -> list[Helper]:
    """Return who answers for the family: name, place, and how to reach her."""
    found = []
    held = visit.visible(Lead.objects.on(visit.today)).select_related("user", "organisation")
    for lead in held.order_by("starts_on", "pk"):
        found.append(
            Helper(
                name=lead.user.name,
                role=_("Lead worker"),
                organisation=lead.organisation.name,
                phone=lead.organisation.phone,
                email="" if lead.organisation.phone else lead.user.email,
                note=_("Pulls the help together. Since %(day)s.") % {"day": month(lead.starts_on)},
            )
        )
    return found


def places(told: Iterable[stories.Story]) -> list[Helper]:
    """Return each place that gives support, or was asked for it, and what for."""
    by_place: dict[Organisation, list[stories.Story]] = defaultdict(list)
    for story in told:
        if story.referral.rung == Rung.SIGNPOSTED:
            continue  # nobody was told yet
        service = story.referral.service
        by_place[service.provider if story.referral.rung in AGREED else service.owner].append(story)
    return [_place(place, group) for place, group in by_place.items()]


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List who helps, how many, and whom to ring at any hour."""
    home = household.of(visit)
    told = stories.tell(
        stories.fetched(visit.visible(Referral.objects.open())), visit=visit, home=home
    )
    led, asked, on_side = leads(visit), places(told), sides(visit, home)
    known = {one.helper.name for side in on_side for one in side.chosen}
    page_obj = Paginator(asked, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "family/helpers.html",
        {
            "people": led,
            "sides": on_side,
            "page_obj": page_obj,
            "count": len(led) + len(known) + len(asked),
            "stands_beside": appointments.of(user=visit.user, on=visit.today).exists(),
            "any_hour": [danger.emergency(), *danger.contacts()],
        },
    )


@doors.family
def choose(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Choose somebody to be on a person's side, by what she gave: her address, or her code."""
    home = household.of(visit)
    mine = [one for one in home.own if _chooses(home, one)]
    if not mine:
        raise PermissionDenied(_("Somebody at home says yes for you, and chooses this too."))
    form = ChooseHelper(
        request.POST if request.method == "POST" else None,
        home=home,
        people=mine,
        initial={"person": request.GET.get("for", str(mine[0].reference))},
    )

    def act() -> str:
        _appoint(visit, form)
        return reverse("family_helpers")

    if request.method == "POST" and form.is_valid():
        try:
            answer = doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
        else:
            messages.success(request, _("That is done. They are on your list below."))
            return answer
    return render(
        request,
        "family/choose_helper.html",
        {"form": form, "form_key": request.POST.get("form_key", ""), "kinds": _kinds()},
        status=422 if form.errors else 200,
    )


@doors.family
@require_POST
def end(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """End it: from now on she sees nothing and can do nothing."""
    home = household.of(visit)
    mine = visit.visible(Appointment.objects.on(visit.today)).filter(
        person__in=[person.pk for person in home.own]
    )
    found = get_object_or_404(mine.select_related("person"), reference=reference)
    back = reverse("family_helpers")

    def act() -> str:
        by = acting.by(visit, found.person)
        appointments.end(appointment=found, on=visit.today, by=by, at=visit.at)
        return back

    return acting.perform(
        request, visit, act, back=back, done=_("It has ended. They can see nothing more.")
    )


def sides(visit: doors.Visit, home: household.Household) -> list[Side]:
    """Return, for the visitor and each child she decides for, who is on that person's side.

    Somebody else's at home is hers to tell, and is not here.
    """
    held: dict[int, list[Appointment]] = defaultdict(list)
    for appointment in _appointed(visit, [person.pk for person in home.own]):
        held[appointment.person_id].append(appointment)
    found = []
    for person in home.own:
        chooses = _chooses(home, person)
        is_self = person.pk == home.person.pk
        found.append(
            Side(
                person=person,
                title=_("On your side")
                if is_self
                else _("On the side of %(name)s") % {"name": person.first_name},
                chosen=tuple(_chosen(one, home, chooses) for one in held[person.pk]),
                choose_href=f"{reverse('family_choose_helper')}?for={person.reference}"
                if chooses
                else "",
            )
        )
    return found


def month(day: date | datetime) -> str:
    """Return a month and its year, in words."""
    shown = timezone.localdate(day) if isinstance(day, datetime) else day
    return f"{_MONTHS[shown.month - 1]} {shown.year}"


_MONTHS = (
    gettext_lazy("January"),
    gettext_lazy("February"),
    gettext_lazy("March"),
    gettext_lazy("April"),
    gettext_lazy("May"),
    gettext_lazy("June"),
    gettext_lazy("July"),
    gettext_lazy("August"),
    gettext_lazy("September"),
    gettext_lazy("October"),
    gettext_lazy("November"),
    gettext_lazy("December"),
)


def _appointed(visit: doors.Visit, persons: Iterable[int]) -> list[Appointment]:
    works = Membership.objects.on(visit.today).select_related("organisation").order_by("pk")
    held = visit.visible(Appointment.objects.on(visit.today)).filter(person__in=list(persons))
    return list(
        held.select_related("user", "person")
        .prefetch_related(Prefetch("user__memberships", works, to_attr="works"))
        .order_by("starts_on", "pk")
    )


def _advocates(visit: doors.Visit, home: household.Household) -> list[Helper]:
    persons = [person.pk for person in (*home.at_home, *home.own)]
    by_user: dict[tuple[int, str], list[Appointment]] = defaultdict(list)
    for appointment in _appointed(visit, persons):
        by_user[appointment.user_id, appointment.kind].append(appointment)
    return [_advocate(group, home) for group in by_user.values()]


def _chooses(home: household.Household, person: Person) -> bool:
    """Tell whether it is the visitor's to say: a child's of hers, or her own where she decides."""
    return person.pk != home.person.pk or home.says_yes


def _chosen(one: Appointment, home: household.Household, chooses: bool) -> Chosen:
    shown = _advocate([one], home)
    return Chosen(
        helper=replace(shown, note=_("Since %(day)s.") % {"day": month(one.starts_on)}),
        may=_can(one.kind, held=True),
        may_not=_can(one.kind, held=False),
        end_href=reverse("family_end_helper", args=[one.reference]) if chooses else "",
    )


def _can(kind: str, *, held: bool) -> tuple[str, ...]:
    powers = POWERS[kind]
    return tuple(str(said) for power, said in CAN.items() if (power in powers) is held)


def _kinds() -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [
        (str(said), _can(kind, held=True), _can(kind, held=False)) for kind, said in KINDS.items()
    ]


def _appoint(visit: doors.Visit, form: "ChooseHelper") -> None:
    """Appoint whom the form names, and tell her that somebody chose her."""
    given = form.cleaned_data
    person, kind = given["person"], AdvocateKind(given["kind"])
    said: dict[str, Any] = {
        "person": person,
        "kind": kind,
        "on": visit.today,
        "by": acting.by(visit, person),
        "at": visit.at,
    }
    user = users.known_as(given["who"])
    if user is None and kind not in appointments.EMPLOYED and "@" in given["who"]:
        made = appointments.bring(email=given["who"], name=given["name"], **said)
    elif user is None:
        raise appointments.NotAvailable(
            _("We do not know anybody like that. Check what they gave you.")
        )
    else:
        made = appointments.appoint(user=user, **said)
    notices.tell(
        users=[made.user],
        kind="chosen_for_you",
        subject_kind="appointment",
        subject=made.reference,
        at=visit.at,
    )


def _advocate(group: list[Appointment], home: household.Household) -> Helper:
    first = group[0]
    works: list[Membership] = getattr(first.user, "works", [])
    place = works[0].organisation if works else None
    names = dict.fromkeys(home.called(appointment.person) for appointment in group)
    return Helper(
        name=first.user.name,
        role=str(words.ADVOCATES[AdvocateKind(first.kind)]),
        organisation=place.name if place else "",
        phone=place.phone if place else "",
        note=_("For %(names)s. Since %(day)s.")
        % {"names": listed(names), "day": month(first.starts_on)},
    )


def _place(place: Organisation, group: list[stories.Story]) -> Helper:
    since = min(story.referral.asked_at for story in group)
    titles = dict.fromkeys(story.title for story in group)
    return Helper(
        name=place.name,
        role="; ".join(titles),
        organisation="",
        phone=place.phone,
        note=_("Since %(day)s.") % {"day": month(since)},
    )


def listed(names: Iterable[str]) -> str:
    """Return names as people say them: "you, Jamie and Josh"."""
    known = list(names)
    if len(known) < 2:
        return "".join(known)
    return _("%(first)s and %(last)s") % {"first": ", ".join(known[:-1]), "last": known[-1]}
